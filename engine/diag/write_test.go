package diag

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestWriteText(t *testing.T) {
	t.Parallel()
	src := "flow: a\n\tstates: x\nlabel: größe naïve\n" + strings.Repeat("a", 200) + "\n"
	var list List
	list.Warnf(Pos{"b.yaml", 3, 10}, "unused", "not used")
	list.Errorf(Pos{"b.yaml", 2, 10}, "wrong", "is \x1b[31mwrong").WithHint("do %s", "better")
	list.Errorf(Pos{"a.yaml", 9, 1}, "gone", "behind the end")
	list.Errorf(Pos{"b.yaml", 4, 150}, "long", "far right")
	list.Errorf(Pos{"b.yaml", 1, 99}, "edge", "behind the line")
	list.Errorf(Pos{}, "nowhere", "no place")
	list.Errorf(Pos{"b.yaml", 2, 10}, "wrong", "is \x1b[31mwrong").WithHint("do %s", "better") // told once
	var b strings.Builder
	err := WriteText(&b, list, func(file string) []byte {
		if file == "b.yaml" {
			return []byte(src)
		}
		return nil
	}, false)
	if err != nil {
		t.Fatal(err)
	}
	want := `error: no place [nowhere]
a.yaml:9:1: error: behind the end [gone]
b.yaml:1:99: error: behind the line [edge]
    1 | flow: a
      |        ^
b.yaml:2:10: error: is ` + "\uFFFD" + `[31mwrong [wrong]
    2 | ` + "\t" + `states: x
      | ` + "\t" + `        ^
  hint: do better
b.yaml:3:10: warning: not used [unused]
    3 | label: größe naïve
      |          ^
b.yaml:4:150: error: far right [long]
    4 | ...` + strings.Repeat("a", 111) + `
      |    ` + strings.Repeat(" ", 60) + `^
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestWriteTextColor(t *testing.T) {
	t.Parallel()
	var list List
	list.Errorf(Pos{"a", 1, 1}, "c", "m")
	var b strings.Builder
	if err := WriteText(&b, list, nil, true); err != nil {
		t.Fatal(err)
	}
	if want := "\x1b[1ma:1:1\x1b[0m: \x1b[1;31merror\x1b[0m: m [c]\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestWriteJSON(t *testing.T) {
	t.Parallel()
	var list List
	list.Warnf(Pos{"b.yaml", 3, 10}, "unused", "<not> used")
	list.Errorf(Pos{"a.yaml", 1, 2}, "wrong", "is wrong").WithHint("do better")
	var b strings.Builder
	if err := WriteJSON(&b, list); err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0]["file"] != "a.yaml" || got[0]["hint"] != "do better" || got[1]["severity"] != "warning" || got[1]["column"] != 10.0 {
		t.Errorf("got %v", got)
	}
	if !strings.Contains(b.String(), "<not>") {
		t.Error("HTML is escaped")
	}
	b.Reset()
	if err := WriteJSON(&b, nil); err != nil || b.String() != "[]\n" {
		t.Errorf("an empty list gives %q, %v", b.String(), err)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	tests := []struct {
		word  string
		known []string
		want  string
	}{
		{"tlak", []string{"talk", "walk"}, "talk"},
		{"promt", []string{"prompt", "play"}, "prompt"},
		{"xyz", []string{"prompt"}, ""},
		{"Hold", []string{"hold"}, "hold"},
		{"a", nil, ""},
	}
	for _, tt := range tests {
		if got := Nearest(tt.word, tt.known); got != tt.want {
			t.Errorf("Nearest(%q, %v) = %q, want %q", tt.word, tt.known, got, tt.want)
		}
	}
	if got := DidYouMean("zzz", []string{"a", "b"}); got != "it can be a, b" {
		t.Errorf("got %q", got)
	}
}

func TestPos(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]Pos{"": {}, "f": {File: "f"}, "f:2": {File: "f", Line: 2}, "f:2:3": {"f", 2, 3}} {
		if p.String() != want {
			t.Errorf("%#v gives %q, want %q", p, p.String(), want)
		}
	}
	if (Pos{"f", 1, 2}).Right(3).Column != 5 {
		t.Error("Right moves the column")
	}
}

func TestListErr(t *testing.T) {
	t.Parallel()
	var list List
	list.Warnf(Pos{"a", 1, 1}, "w", "only a warning")
	if list.Err() != nil {
		t.Error("warnings are no error")
	}
	list.Errorf(Pos{"a", 1, 1}, "e", "bad").WithHint("fix it")
	if err := list.Err(); err == nil || !strings.Contains(err.Error(), "a:1:1: error: bad [e] (fix it)") {
		t.Errorf("got %v", err)
	}
}
