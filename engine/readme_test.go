package engine_test

import (
	"os"
	"strings"
	"testing"
)

// TestReadme runs the README's flow and compares what comes out with what it shows.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string) string {
		_, rest, ok := strings.Cut(string(text), "```"+kind+"\n")
		if !ok {
			t.Fatalf("the README has no %s block", kind)
		}
		body, _, _ := strings.Cut(rest, "```")
		return body
	}
	d := drive(t, compile(t, "menu.yaml", block("yaml"))).inbound()
	if got, want := d.doc(1), strings.TrimSuffix(block("xml"), "\n"); got != want {
		t.Errorf("the README shows\n%s\nbut the caller gets\n%s", want, got)
	}
}
