package control

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// logNames are the parameters of the log.
var logNames = []string{"after", "kind", "call", "name", "text", "contains", "wait"}

// logFilter is what is asked of the log.
type logFilter struct {
	query url.Values
	after int
	wait  time.Duration
}

func readLogFilter(r *http.Request) (f logFilter, err error) {
	f.query = r.URL.Query()
	for name := range f.query {
		if !slices.Contains(logNames, name) {
			return f, fmt.Errorf("there is no parameter %q; there are %s", name, strings.Join(logNames, ", "))
		}
	}
	if v := f.query.Get("after"); v != "" {
		if f.after, err = strconv.Atoi(v); err != nil {
			return f, fmt.Errorf("after is the seq of an entry, not %q", v)
		}
	}
	if v := f.query.Get("wait"); v != "" {
		f.wait, err = waitingTime(v)
	}
	return f, err
}

func (f logFilter) matches(e sim.Entry) bool {
	for name, is := range map[string]string{"kind": string(e.Kind), "call": e.Call, "name": e.Name, "text": e.Text} {
		if f.query.Has(name) && !slices.Contains(strings.Split(f.query.Get(name), ","), is) {
			return false
		}
	}
	words := f.query.Get("contains")
	return words == "" || contains([]string{e.Text, e.URL, e.Body, e.Name, e.Params.Encode()}, words)
}

func (f logFilter) of(s *sim.Sim) []EntryJSON {
	found := []EntryJSON{}
	for _, e := range s.LogSince(f.after) {
		if f.matches(e) {
			found = append(found, EntryOut(e))
		}
	}
	return found
}

func (s *Server) getLog(w http.ResponseWriter, r *http.Request) {
	f, err := readLogFilter(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, "bad-query", err.Error())
		return
	}
	var found []EntryJSON
	s.await(r.Context(), f.wait, func() bool {
		found = f.of(s.Sim())
		return len(found) > 0
	})
	if len(found) == 0 && f.wait > 0 {
		refuse(w, http.StatusConflict, "not-yet", fmt.Sprintf("no such entry within %v", f.wait))
		return
	}
	reply(w, http.StatusOK, map[string]any{"entries": found})
}

// events streams the log. Each event has the entry's seq as id, its kind as event and
// itself as data; a new seq 1 says that there was a reset.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	after := 0
	if v := r.Header.Get("Last-Event-ID"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			refuse(w, http.StatusBadRequest, "bad-query", "Last-Event-ID is the seq of an entry, not "+quoted(v))
			return
		}
		after = n
	} else {
		after = len(s.Sim().LogSince(0))
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	out := http.NewResponseController(w)
	if _, err := fmt.Fprint(w, ": the log of the simulator\n\n"); err != nil || out.Flush() != nil {
		return
	}
	s.follow(r.Context(), after, func(e sim.Entry) bool {
		data, _ := json.Marshal(EntryOut(e)) // plain data
		_, err := fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", e.Seq, e.Kind, data)
		return err == nil && out.Flush() == nil
	})
}

func (s *Server) debugger(w http.ResponseWriter, _ *http.Request) {
	type alertJSON struct {
		SID      string     `json:"sid"`
		At       time.Time  `json:"at"`
		Code     int        `json:"code"`
		Level    string     `json:"level"`
		Message  string     `json:"message"`
		Text     string     `json:"text"`
		Call     string     `json:"call,omitempty"`
		Method   string     `json:"method,omitempty"`
		URL      string     `json:"url,omitempty"`
		Params   url.Values `json:"params,omitempty"`
		Status   int        `json:"status,omitempty"`
		Body     string     `json:"body,omitempty"`
		MoreInfo string     `json:"more_info"`
	}
	all := []alertJSON{}
	for _, a := range s.Sim().Alerts() {
		all = append(all, alertJSON{a.SID, a.At, a.Code, a.Level, a.Message, a.Text, a.Call, a.Method, a.URL, a.Params, a.Status, a.Body,
			fmt.Sprintf("https://www.twilio.com/docs/errors/%d", a.Code)})
	}
	reply(w, http.StatusOK, map[string]any{"alerts": all})
}

func (s *Server) conferences(w http.ResponseWriter, _ *http.Request) {
	type conferenceJSON struct {
		SID     string    `json:"sid"`
		Name    string    `json:"name"`
		Status  string    `json:"status"`
		Reason  string    `json:"reason,omitempty"`
		Calls   []string  `json:"calls"`
		Created time.Time `json:"created"`
	}
	all := []conferenceJSON{}
	for _, c := range s.Sim().Conferences() {
		all = append(all, conferenceJSON{c.SID, c.Name, c.Status, c.Reason, list(c.Calls), c.Created})
	}
	reply(w, http.StatusOK, map[string]any{"conferences": all})
}

func (s *Server) messages(w http.ResponseWriter, _ *http.Request) {
	type messageJSON struct {
		SID     string    `json:"sid"`
		From    string    `json:"from"`
		To      string    `json:"to"`
		Body    string    `json:"body"`
		Status  string    `json:"status"`
		Created time.Time `json:"created"`
	}
	all := []messageJSON{}
	for _, m := range s.Sim().Messages() {
		all = append(all, messageJSON{m.SID, m.From, m.To, m.Body, m.Status, m.Created})
	}
	reply(w, http.StatusOK, map[string]any{"messages": all})
}
