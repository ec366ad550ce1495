package sim_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/sim"
)

// corpus holds documents and requests of others beside the checkout; tests that
// need them are skipped where they are absent.
const corpus = "../../../shared/corpus"

// corpusFiles reads the documents of one folder of the corpus.
func corpusFiles(t *testing.T, folder string) map[string]string {
	t.Helper()
	names, _ := filepath.Glob(filepath.Join(corpus, folder, "*.xml"))
	if len(names) == 0 {
		t.Skip("no corpus beside the checkout")
	}
	files := map[string]string{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = string(data)
	}
	return files
}

func readCorpus(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(corpus, name))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("no corpus beside the checkout")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// everywhere is an Internet in which every host is one application.
type everywhere func(*http.Request) string

func (f everywhere) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/xml"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(f(r)))}
	return answer, nil
}

// callDocument runs one document for a caller who presses and speaks, and hangs
// up after ten minutes; everything else that is requested is empty.
func callDocument(t *testing.T, doc string) (*sim.Sim, *sim.Call) {
	t.Helper()
	v := clock.NewVirtual(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	first := true
	s := sim.New(sim.Options{Clock: v, HTTP: everywhere(func(r *http.Request) string {
		if first {
			first = false
			return doc
		}
		return "<Response/>"
	})})
	t.Cleanup(s.Close)
	s.AddNumber(ours, sim.Number{VoiceURL: "https://app.example.com/voice?x=1"})
	caller := sim.Party{HangupAfter: 10 * time.Minute, Script: sim.Replies(0, "1#", "say:yes please", "", "2")}
	s.AddWorkflow("WW00000000000000000000000000000001", sim.Workflow{})
	from := alice
	if strings.Contains(doc, "<Refer") {
		from = "sip:kate@example.com"
	}
	c, err := s.CallAs(caller, from, ours, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !v.RunUntil(func() bool { return s.Live() == 0 }, time.Hour) {
		c.Hangup()
		v.Advance(time.Minute)
	}
	if s.Live() != 0 {
		t.Errorf("the call does not end: %s, heard %q", c.Status(), c.Heard())
	}
	v.Advance(time.Minute)
	return s, c
}

// TestCorpusRuns calls every document that others wrote: every verb runs, and Twilio's
// own documents raise no error but that no WebSocket is here (31920).
func TestCorpusRuns(t *testing.T) {
	t.Parallel()
	for name, doc := range corpusFiles(t, "twiml") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, c := callDocument(t, doc)
			for _, a := range s.Alerts() {
				t.Logf("%s %d %s: %s", a.Level, a.Code, a.Message, a.Text)
				if strings.Contains(a.Text, "does not run") || a.Level == sim.LevelError && strings.HasPrefix(name, "docs-") && a.Code != 31920 {
					t.Errorf("%s %d %s: %s", a.Level, a.Code, a.Message, a.Text)
				}
			}
			if c.Status() == "" {
				t.Error("no status")
			}
		})
	}
}

// TestCorpusMalformed: what is no XML is error 12100 with its place.
func TestCorpusMalformed(t *testing.T) {
	t.Parallel()
	for name, doc := range corpusFiles(t, "twiml-malformed") {
		s, c := callDocument(t, doc)
		found := s.Alerts()
		if len(found) != 1 || found[0].Code != 12100 || found[0].Level != sim.LevelError || !strings.Contains(found[0].Text, ":") || found[0].Body != doc {
			t.Errorf("%s: %+v", name, found)
		}
		if !c.HeardText("application error") {
			t.Errorf("%s: heard %q", name, c.Heard())
		}
	}
}

// TestCorpusForeign: what is not voice TwiML is a schema warning or an error,
// and the call does not stay silent and open.
func TestCorpusForeign(t *testing.T) {
	t.Parallel()
	for name, doc := range corpusFiles(t, "twiml-foreign") {
		s, c := callDocument(t, doc)
		if len(s.Alerts()) == 0 || s.Alerts()[0].Code != 12200 {
			t.Errorf("%s: %+v", name, s.Alerts())
		}
		if !c.Ended() {
			t.Errorf("%s: does not end", name)
		}
	}
}
