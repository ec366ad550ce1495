package testspec

import (
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/spec"
)

func TestFits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, url string
		want         bool
	}{
		{"/charges", "https://example.com/play/charges?x=1", true}, {"/charges", "https://example.com/charges/2", false},
		{"/accounts/*", "https://example.com/accounts/%2B1555", true}, {"https://example.com/a", "https://example.com/a", true},
		{"https://example.com/a", "https://example.com/a/b", false}, {"*/a/*/c", "https://example.com/a/b/c", true}, {"*", "https://example.com/", true},
	} {
		if got := Fits(tt.pattern, tt.url); got != tt.want {
			t.Errorf("%s fits %s: %v", tt.pattern, tt.url, got)
		}
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]time.Duration{"30s": {30 * time.Second, 31*time.Second - 1}, "1m to 1h30m": {time.Minute, 90 * time.Minute}} {
		if least, most, err := ParseSpan(text); err != nil || least != want[0] || most != want[1] {
			t.Errorf("%s: %v %v %v", text, least, most, err)
		}
	}
	for _, bad := range []string{"", "long", "1m to", "1m to 30s"} {
		if _, _, err := ParseSpan(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func scalarOf(text string) *spec.Node { return &spec.Node{Text: text} }

func TestClock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-07-01 10:00": "2026-07-01T10:00:00Z", "2026-07-01 10:00 Europe/Berlin": "2026-07-01T08:00:00Z",
		"2026-12-01 10:00:30 America/New_York": "2026-12-01T15:00:30Z", "2026-12-01T10:00:00+01:00": "2026-12-01T09:00:00Z",
	} {
		d := spec.NewDecoder(nil, nil)
		if got := decodeClock(d, scalarOf(text)).Format(time.RFC3339); got != want || d.Diags.HasErrors() {
			t.Errorf("%s: %s, %v", text, got, d.Diags)
		}
	}
}

// TestNumbers: a party is at the number that is written, in its variable, or made up.
func TestNumbers(t *testing.T) {
	t.Parallel()
	env := func(name string) (string, bool) { return "+15552220001", name == "HELP_DESK" }
	s := &Setup{Parties: []*Party{{Name: "ann"}, {Name: "bob", Number: "client:bob"}, {Name: "help-desk"}}}
	for name, want := range map[string]string{
		"ann": "+12025550100", "bob": "client:bob", "help-desk": "+15552220001", "caller": CallerNumber, "+15551234567": "+15551234567",
	} {
		if got := s.NumberOf(name, env); got != want {
			t.Errorf("%s is at %s, want %s", name, got, want)
		}
	}
}
