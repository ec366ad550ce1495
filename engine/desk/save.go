package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ringdown/ringdown/engine/testrun"
	"github.com/ringdown/ringdown/schema"
)

// Saved is a test case that was made of a session.
type Saved struct {
	File string // that it was written to
	Name string
	Text string // of the case alone
}

// Save makes a test case of a session that is over, plays it, and adds it to a test file
// when it holds. word is the session, "" the newest that is over; file is the test file,
// "" that beside the flow. The error says why the session cannot be told as a case, or
// how the case that was made of it fails.
func (d *Desk) Save(ctx context.Context, word, name, file string) (Saved, error) {
	s, err := d.over(ctx, word)
	if err != nil {
		return Saved{}, err
	}
	if name = strings.TrimSpace(name); name == "" {
		return Saved{}, errors.New("a case needs a name that says what it tells")
	}
	flow := d.loadedFlow(s.Flow)
	if flow == nil {
		return Saved{}, d.noFlow(s.Flow)
	}
	if file == "" {
		file = filepath.Join(d.o.Flows, strings.TrimSuffix(filepath.FromSlash(flow.File), filepath.Ext(flow.File))+".test.yaml")
	}
	if !schema.IsTestFile(file) {
		return Saved{}, fmt.Errorf("%s: a test file is called NAME.test.yaml", file)
	}
	before, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return Saved{}, err
	}
	// What is heard may depend on how fast the desk speaks: a case that does not hold with
	// it is told without.
	var first error
	for _, heard := range []bool{true, false} {
		text := d.retold(ctx, s, name, heard)
		whole, err := appended(before, s.Flow, text)
		if err != nil {
			return Saved{}, fmt.Errorf("%s: %w", file, err)
		}
		if err = d.holds(ctx, file, whole, s.Flow+"/"+name); err == nil {
			return Saved{file, name, text}, writeWhole(file, whole)
		}
		if first == nil {
			first = err
		}
	}
	return Saved{}, first
}

// over gives a session that has ended.
func (d *Desk) over(ctx context.Context, word string) (Session, error) {
	if word != "" {
		s, err := d.FindSession(ctx, word)
		if err == nil && !s.Over {
			err = fmt.Errorf("session #%d still goes on: hang up first", s.Number)
		}
		return s, err
	}
	sessions := d.Sessions(ctx, false)
	for i := len(sessions) - 1; i >= 0; i-- {
		if sessions[i].Over {
			return sessions[i], nil
		}
	}
	return Session{}, errors.New("no session is over yet: call a flow, and hang up")
}

// appended adds a case to the text of a test file, or begins one.
func appended(before []byte, flow, text string) ([]byte, error) {
	if len(bytes.TrimSpace(before)) == 0 {
		return []byte("flow: " + flow + "\ncases:\n" + text), nil
	}
	root, diags := schema.Parse("", before)
	switch cases := root.Get("cases"); {
	case diags.HasErrors():
		return nil, diags.Err()
	case root.Get("flow") == nil || root.Get("flow").Text != flow:
		return nil, fmt.Errorf("the file has tests of another flow than %s", flow)
	case cases == nil || root.Entries[len(root.Entries)-1].Value != cases || len(cases.Items) == 0 || cases.Items[0].Pos.Line == cases.Pos.Line && cases.Pos.Column > 8:
		return nil, errors.New("the cases are not the last key of the file, or not written as a list with lines of its own: bring it into form with ringdown fmt")
	}
	return []byte(strings.TrimRight(string(before), "\n") + "\n\n" + text), nil
}

// holds plays the case in the text of a test file.
func (d *Desk) holds(ctx context.Context, file string, text []byte, name string) error {
	folder, diags, err := testrun.OpenFlows(d.o.Flows)
	if err != nil {
		return err
	}
	if diags.HasErrors() {
		return diags.Err()
	}
	if folder.Files, diags = schema.LoadTests(map[string][]byte{file: text}, folder.Set.Closures); diags.HasErrors() {
		return fmt.Errorf("the session cannot be told as a case: %w", diags.Err())
	}
	results, _ := testrun.Run(ctx, []*testrun.Folder{folder}, testrun.Options{Match: func(n string) bool { return n == name }})
	report := testrun.Report{Results: results}
	if report.Failed() == 0 && len(results) == 1 {
		return nil
	}
	var b strings.Builder
	if err := report.WriteText(&b, false); err != nil {
		return err
	}
	return fmt.Errorf("the session went another way in the test:\n%s", b.String())
}

// writeWhole replaces a file as a whole.
func writeWhole(file string, text []byte) error {
	formatted, diags := schema.Format(file, text)
	if formatted == nil {
		return diags.Err()
	}
	next, err := os.CreateTemp(filepath.Dir(file), ".ringdown-save-*")
	if err != nil {
		return err
	}
	_, err = next.Write(formatted)
	if err = errors.Join(err, next.Chmod(0o644), next.Close()); err == nil {
		err = os.Rename(next.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next.Name()))
	}
	return nil
}
