package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestWrongCallsSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"graph", 2, "FLOW is missing: ringdown graph FLOW"},
		{"graph a b", 2, `"b" is too much: ringdown graph FLOW`},
		{"show", 2, "ID is missing"},
		{"end", 2, "ID is missing"},
		{"start", 2, "FLOW is missing"},
		{"signal s1", 2, "NAME is missing: ringdown signal ID NAME"},
		{"validate testdata/nowhere", 3, "testdata/nowhere: there is no such file or folder"},
		{"fmt testdata/nowhere", 3, "give the path of a flow file"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			code := Main(t.Context(), strings.Fields(c.args), Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
			if code != c.code || !strings.Contains(errs.String(), c.want) {
				t.Errorf("exit code %d, want %d; stderr %q, want %q in it", code, c.code, errs.String(), c.want)
			}
		})
	}
}
