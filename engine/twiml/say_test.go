package twiml

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSplitSay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		limit int
		want  []string
	}{
		{"", 10, nil},
		{"  \n ", 10, nil},
		{" short ", 10, []string{"short"}},
		{"One two. Three four. Five.", 21, []string{"One two. Three four.", "Five."}},
		{"One two. Three four. Five.", 20, []string{"One two. Three four.", "Five."}},
		{"One two. Three four. Five.", 19, []string{"One two.", "Three four. Five."}},
		{"alpha, beta gamma delta", 15, []string{"alpha,", "beta gamma", "delta"}},
		{"alpha beta gamma", 11, []string{"alpha beta", "gamma"}},
		{"abcdefghij", 4, []string{"abcd", "efgh", "ij"}},
		{"version 1.5 is out. Get it", 21, []string{"version 1.5 is out.", "Get it"}},
		{"你好。再见。谢谢", 5, []string{"你好。", "再见。谢谢"}},
		{"é😀é", 1, []string{"é", "😀", "é"}},
	} {
		if got := SplitSay(c.text, c.limit); !slices.Equal(got, c.want) {
			t.Errorf("%q, %d: %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

// TestSplitSayLimits checks both limits, and that nothing but blanks is lost.
func TestSplitSayLimits(t *testing.T) {
	t.Parallel()
	words := func(s string) string { return strings.Join(strings.Fields(s), "") }
	for _, text := range []string{
		strings.Repeat("A sentence of some words. ", 800),
		strings.Repeat("Привет, мир. ", 800),
		strings.Repeat("長い文章です。", 800),
		strings.Repeat("x", 9000),
		strings.Repeat("😀", 900),
		strings.Repeat("a\xffb ", 3000),
	} {
		for _, limit := range []int{0, MaxSayPolly, MaxSayBasic, 100} {
			pieces := SplitSay(text, limit)
			for _, p := range pieces {
				most := limit
				if most == 0 {
					most = MaxSayPolly
				}
				if utf8.RuneCountInString(p) > most {
					t.Errorf("%.10s: %d characters", text, utf8.RuneCountInString(p))
				}
				if utf8.ValidString(p) && len(url.QueryEscape(p)) > MaxSayEncoded {
					t.Errorf("%.10s: %d encoded", text, len(url.QueryEscape(p)))
				}
				if found := Check(El("Response", El("Say", Text(p))), Main); found != nil {
					t.Errorf("%.10s: %v", text, found)
				}
			}
			if words(strings.Join(pieces, "")) != words(text) {
				t.Errorf("%.10s: text is lost", text)
			}
		}
	}
}

func TestSayLimit(t *testing.T) {
	t.Parallel()
	if SayLimit("man") != MaxSayBasic || SayLimit("Polly.Joanna") != MaxSayPolly || SayLimit("") != MaxSayPolly {
		t.Error("wrong limit of a voice")
	}
}

func TestEscape(t *testing.T) {
	t.Parallel()
	const value = "R&D <b> \"x\" 'y'\n"
	nodes, err := ParseSSML(`<sub alias="` + Escape(value) + `">` + Escape(value) + `</sub>`)
	if err != nil {
		t.Fatal(err)
	}
	sub := nodes[0].(*Element)
	if alias, _ := sub.Attr("alias"); alias != value || sub.Children[0] != Text(value) {
		t.Errorf("%q", sub)
	}
}

func TestParseSSML(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"", "<Say/>"},
		{"plain &amp; text", "<Say>plain &amp; text</Say>"},
		{`a <break time="1s"/> <emphasis level="strong">b <sub alias="c">d</sub></emphasis> `, `<Say>a <break time="1s"/> <emphasis level="strong">b <sub alias="c">d</sub></emphasis> </Say>`},
		{`<lang xml:lang="fr-FR">oui</lang><p><s>x</s> <s>y</s></p>`, `<Say><lang xml:lang="fr-FR">oui</lang><p><s>x</s> <s>y</s></p></Say>`},
	} {
		nodes, err := ParseSSML(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got := El("Say", nodes...).String(); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.in, got, c.want)
		}
	}
	for _, c := range []struct{ in, want string }{
		{"a & b", "&amp;"},
		{"<speak>x</speak>", "leave it out"},
		{"<Play>x</Play>", "not SSML"},
		{"x</Say><Hangup/><Say>", "closes nothing"},
		{"<s><p>x</p></s>", "cannot stand in <s>"},
		{`<break strength="huge"/>`, `"huge" is not known`},
		{"<say-as>1</say-as>", "needs the attribute interpret-as"},
		{"<p>x", "not closed"},
		{"a < b", "well-formed"},
		{strings.Repeat("x", MaxDocument+1), "at most 64000"},
	} {
		var pe *ParseError
		if nodes, err := ParseSSML(c.in); !errors.As(err, &pe) || !strings.Contains(pe.Message, c.want) {
			t.Errorf("%.50s: %v, %v, want %q", c.in, nodes, err, c.want)
		}
	}
}
