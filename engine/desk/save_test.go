package desk_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/desk"
	"github.com/ringdown/ringdown/engine/testrun"
)

// TestSave plays calls by hand and saves them: each is a case that holds, in a file that
// is formatted and keeps what it had.
func TestSave(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	d, err := desk.Open(t.Context(), desk.Options{Flows: dir, Listen: "127.0.0.1:0", Pace: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	await := func(what string, cond func() bool) {
		t.Helper()
		if !d.Await(t.Context(), 10*time.Second, cond) {
			t.Fatalf("never: %s; phones %+v", what, d.Phones())
		}
	}
	over := func(n int) {
		t.Helper()
		await("the end", func() bool {
			s := d.Sessions(t.Context(), false)
			return len(s) == n && s[n-1].Over
		})
	}
	if _, err := d.Save(t.Context(), "", "nothing", ""); err == nil || !strings.Contains(err.Error(), "no session is over yet") {
		t.Errorf("without a session: %v", err)
	}
	if _, err := d.Call("talk", "", nil); err != nil {
		t.Fatal(err)
	}
	await("the friend rings", func() bool { return len(d.Ring()) == 1 })
	if err := d.Answer(d.Ring()[0].Number); err != nil {
		t.Fatal(err)
	}
	await("they talk", func() bool { p, _ := d.Phone(1); return len(p.With) > 0 })
	if err := d.Hangup(1); err != nil {
		t.Fatal(err)
	}
	over(1)
	saved, err := d.Save(t.Context(), "", "the friend answers", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"- friend answers", "- caller hangs up", "- caller hears: Hello.", "reach-1: completed", "caller: [ask, reach]", "get: /play/billing/accounts/*"} {
		if !strings.Contains(saved.Text, want) {
			t.Errorf("no %q in\n%s", want, saved.Text)
		}
	}
	if _, err := d.Call("talk", "", nil); err != nil {
		t.Fatal(err)
	}
	await("the friend rings", func() bool { return len(d.Ring()) == 1 })
	if err := d.Decline(d.Ring()[0].Number); err != nil {
		t.Fatal(err)
	}
	over(2)
	if _, err := d.Save(t.Context(), "", "the friend declines: a bad day", ""); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "talk.test.yaml")
	text, err := os.ReadFile(file)
	if err != nil || saved.File != file || strings.Count(string(text), "- name:") != 2 || !strings.Contains(string(text), "- friend declines") {
		t.Errorf("%v\n%s", err, text)
	}
	f, diags, err := testrun.Open(dir, nil)
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	results, _ := testrun.Run(t.Context(), []*testrun.Folder{f}, testrun.Options{})
	if report := (testrun.Report{Results: results}); len(results) != 2 || report.Failed() > 0 {
		var b strings.Builder
		_ = report.WriteText(&b, false)
		t.Error(b.String())
	}
	if _, err := d.Save(t.Context(), "", "the friend answers", ""); err == nil || !strings.Contains(err.Error(), "duplicate-name") {
		t.Errorf("a name twice: %v", err)
	}
	if _, err := d.Save(t.Context(), "", "x", filepath.Join(dir, "x.yaml")); err == nil {
		t.Error("a flow file is written over")
	}
}

// TestSaveSignals: signals that come by the control API, as those of a page do, are in the
// case as well.
func TestSaveSignals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const flow = "flow: wait\nanswers: [\"+15005550006\"]\nsignals: {go: {data: {n: {type: number}}}}\nanswer: on\nstates:\n" +
		"  on: {hold: {music: {play: \"https://example.com/a.mp3\"}}, on: {signal.go: bye}, after: {10m: bye}}\n  bye: {prompt: Bye., next: hangup}\n"
	if err := os.WriteFile(filepath.Join(dir, "wait.yaml"), []byte(flow), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := desk.Open(t.Context(), desk.Options{Flows: dir, Listen: "127.0.0.1:0", Pace: 100, Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Call("wait", "", nil); err != nil {
		t.Fatal(err)
	}
	var id string
	if !d.Await(t.Context(), 10*time.Second, func() bool {
		for _, s := range d.Sessions(t.Context(), true) {
			id = s.ID
			return len(s.Signals) == 1
		}
		return false
	}) {
		t.Fatal("the signal is not offered")
	}
	send := func(body string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.URL()+"/api/sessions/"+id+"/signals/go", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer secret")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		return res.StatusCode
	}
	if status := send(`{"data":{"n":"x"}}`); status != http.StatusUnprocessableEntity {
		t.Errorf("bad data: %d", status)
	}
	if status := send(`{"data":{"n":5}}`); status != http.StatusAccepted {
		t.Fatalf("the signal: %d", status)
	}
	if !d.Await(t.Context(), 10*time.Second, func() bool { return len(d.Sessions(t.Context(), true)) == 0 }) {
		t.Fatal("the session does not end")
	}
	saved, err := d.Save(t.Context(), id, "somebody lets the caller go", "")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(saved.Text, "signal") != 1 || !strings.Contains(saved.Text, "go") || !strings.Contains(saved.Text, "n: 5") {
		t.Errorf("the case:\n%s", saved.Text)
	}
}
