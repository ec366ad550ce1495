package diag

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func ciList() List {
	var l List
	l.Errorf(Pos{"flows/a,b:c.yaml", 3, 5}, "unknown-key", "100%% wrong\nreally").WithHint("did you mean x?")
	l.Warnf(Pos{"flows/my menu.yaml", 2, 1}, "lint", "odd")
	l.Errorf(Pos{File: "/abs/x.yaml"}, "empty-file", "nothing")
	l.Errorf(Pos{}, "set", "no file")
	return l
}

func TestWriteGitHub(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteGitHub(&b, ciList()); err != nil {
		t.Fatal(err)
	}
	want := `::error title=set::no file
::error file=/abs/x.yaml,title=empty-file::nothing
::error file=flows/a%2Cb%3Ac.yaml,line=3,col=5,title=unknown-key::100%25 wrong%0Areally%0AHint: did you mean x?
::warning file=flows/my menu.yaml,line=2,col=1,title=lint::odd
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestWriteSARIF(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteSARIF(&b, ciList()); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	dec := json.NewDecoder(&b)
	dec.DisallowUnknownFields()
	if err := dec.Decode(&log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 {
		t.Fatalf("version %q with %d runs", log.Version, len(log.Runs))
	}
	run := log.Runs[0]
	if len(run.Results) != 4 || len(run.Tool.Driver.Rules) != 4 {
		t.Fatalf("%d results, %d rules", len(run.Results), len(run.Tool.Driver.Rules))
	}
	uris := []string{"", "file:///abs/x.yaml", "flows/a,b:c.yaml", "flows/my%20menu.yaml"}
	for i, r := range run.Results {
		if run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Errorf("%s has the rule index of %s", r.RuleID, run.Tool.Driver.Rules[r.RuleIndex].ID)
		}
		if r.Level != "error" && r.Level != "warning" || r.Message.Text == "" {
			t.Errorf("result %+v", r)
		}
		if uris[i] == "" {
			if len(r.Locations) != 0 {
				t.Errorf("a place without a file: %+v", r.Locations)
			}
			continue
		}
		if got := r.Locations[0].Physical.Artifact.URI; got != uris[i] {
			t.Errorf("URI %q, want %q", got, uris[i])
		}
	}
	if at := run.Results[2].Locations[0].Physical.Region; at == nil || at.StartLine != 3 || at.StartColumn != 5 {
		t.Errorf("region %+v", at)
	}
	if run.Results[1].Locations[0].Physical.Region != nil {
		t.Error("a file without a line has a region")
	}
}

func TestWriteSARIFOfNothing(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteSARIF(&b, nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"results": []`, `"rules": []`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in %s", want, b.String())
		}
	}
}
