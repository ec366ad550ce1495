package taskrouter

import "testing"

func TestTaskExpressions(t *testing.T) {
	t.Parallel()
	attributes := map[string]any{"language": "en", "level": 4.0, "vip": true, "skills": []any{"billing", "sales"}, "address": map[string]any{"city": "Bonn"}}
	for text, want := range map[string]bool{
		"": true, "1==1": true, "1 = 2": false,
		`language == "en"`: true, `language = 'de'`: false, `language != 'de'`: true,
		"level > 3 AND level <= 4": true, "level<4 or vip == true": true, "NOT vip = true": false,
		`skills HAS 'sales'`: true, `skills HAS "tax"`: false, `language IN ['de', 'en']`: true, `language NOT IN ['de', 'en']`: false,
		`language in ("fr")`: false, `address.city == 'Bonn'`: true, `missing == 'x'`: false, `missing != 'x'`: true,
		`(level = 1 OR level = 4) AND language CONTAINS 'e'`: true, "vip == null": false, "missing = null": true,
	} {
		e, err := readExpression(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := e(func(name string) any { return attribute(attributes, name) }); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	for _, bad := range []string{"language", "language ==", "(1==1", "1==1 2", "a ~ b", "== 1", "a IN [1"} {
		if _, err := readExpression(bad); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
}
