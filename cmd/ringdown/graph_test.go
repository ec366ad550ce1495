package main

import (
	"bytes"
	"context"
	"strings"
	"testing"
)

func TestGraphAndReference(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		code int
		out  string
	}{
		{[]string{"graph", "menu", "--flows", "../../flows"}, 0, "flowchart TD\n"},
		{[]string{"graph", "../../flows/menu.yaml", "--format", "dot"}, 0, "digraph \"menu\""},
		{[]string{"graph", "../../flows/menu.yaml", "--format", "svg"}, 0, "<svg "},
		{[]string{"graph", "menu", "--format", "png"}, 2, ""},
		{[]string{"graph"}, 2, ""},
		{[]string{"graph", "nothing-like-it", "--flows", "../../flows"}, 3, ""},
		{[]string{"reference"}, 0, "# Reference of the flow language"},
	} {
		var out, errs bytes.Buffer
		code := Main(context.Background(), c.args, Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
		if code != c.code || !strings.HasPrefix(out.String(), c.out) {
			t.Errorf("%v: exit code %d, want %d; %.80q %s", c.args, code, c.code, out.String(), errs.String())
		}
	}
}
