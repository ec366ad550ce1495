package schema

import (
	"maps"
	"testing"
)

func TestParseEnv(t *testing.T) {
	t.Parallel()
	got, err := ParseEnv([]byte("\ufeffA=1\r\n\n# no\n  export B = two words \nC=\"q # x\"\nD='a\"'\nE=\nF=x=y\n"))
	want := map[string]string{"A": "1", "B": "two words", "C": "q # x", "D": `a"`, "E": "", "F": "x=y"}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	for _, bad := range []string{"A", "=1", "A B=1"} {
		if _, err := ParseEnv([]byte(bad)); err == nil {
			t.Errorf("%q has no error", bad)
		}
	}
}
