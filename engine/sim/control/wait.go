package control

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// filter is what a call is asked for.
type filter struct {
	query      url.Values
	heardAfter int
	timeout    time.Duration
}

// The longest and the usual time that a request waits.
const (
	maxWait     = 10 * time.Minute
	defaultWait = 10 * time.Second
)

// filterNames are the parameters of a filter; those of flags are true or false.
var filterNames = []string{"to", "from", "direction", "status", "heard", "heard_after", "recorded", "listening", "conference", "queue", "connected", "answered_by", "timeout"}

func readFilter(w http.ResponseWriter, r *http.Request) (*filter, bool) {
	f := &filter{query: r.URL.Query(), timeout: defaultWait}
	err := error(nil)
	for name, values := range f.query {
		if name == "to" || name == "from" { // + in a query is a blank, unless it is written %2B
			values[0] = strings.Replace(values[0], " ", "+", 1)
		}
		if !slices.Contains(filterNames, name) {
			err = fmt.Errorf("there is no parameter %q; there are %s", name, strings.Join(filterNames, ", "))
		}
	}
	for _, name := range []string{"listening", "connected"} {
		if v := f.query.Get(name); err == nil && v != "" && v != "true" && v != "false" {
			err = fmt.Errorf("%s is true or false, not %q", name, v)
		}
	}
	if v := f.query.Get("heard_after"); err == nil && v != "" {
		if f.heardAfter, err = strconv.Atoi(v); err != nil || f.heardAfter < 0 {
			err = fmt.Errorf("heard_after is how many texts were heard before, not %q", v)
		}
	}
	if v := f.query.Get("timeout"); err == nil && v != "" {
		f.timeout, err = waitingTime(v)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "bad-query", err.Error())
		return nil, false
	}
	return f, true
}

func waitingTime(text string) (time.Duration, error) {
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "s"), 64)
	if err != nil || !(n >= 0 && n <= maxWait.Seconds()) {
		return 0, fmt.Errorf("one waits 0 to %v seconds, not %q", maxWait.Seconds(), text)
	}
	return time.Duration(n * float64(time.Second)), nil
}

// matches reports whether a call is as asked. Words may be anywhere in what was heard,
// whatever the case.
func (f *filter) matches(c sim.CallState) bool {
	equal := map[string]string{"to": c.To, "from": c.From, "direction": c.Direction, "status": c.Status, "conference": c.Conference, "queue": c.Queue, "answered_by": c.AnsweredBy,
		"listening": strconv.FormatBool(c.Listening), "connected": strconv.FormatBool(len(c.Peers) > 0)}
	for name, is := range equal {
		if f.query.Has(name) && !slices.Contains(strings.Split(f.query.Get(name), ","), is) {
			return false
		}
	}
	heard := c.Heard[min(f.heardAfter, len(c.Heard)):]
	return contains(heard, f.query.Get("heard")) && contains(c.Recorded, f.query.Get("recorded"))
}

func contains(texts []string, words string) bool {
	return words == "" || slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(strings.ToLower(t), strings.ToLower(words)) })
}

func (s *Server) listCalls(w http.ResponseWriter, r *http.Request) {
	f, ok := readFilter(w, r)
	if !ok {
		return
	}
	all := []callJSON{}
	for _, c := range s.Sim().States() {
		if f.matches(c) {
			all = append(all, callOut(c))
		}
	}
	reply(w, http.StatusOK, map[string]any{"calls": all})
}

// waitCalls waits for a call that matches; of several the newest is told.
func (s *Server) waitCalls(w http.ResponseWriter, r *http.Request) {
	f, ok := readFilter(w, r)
	if !ok {
		return
	}
	var found *sim.CallState
	if s.await(r.Context(), f.timeout, func() bool {
		for _, c := range s.Sim().States() {
			if f.matches(c) {
				found = &c
			}
		}
		return found != nil
	}) {
		reply(w, http.StatusOK, callOut(*found))
		return
	}
	told := []string{}
	for _, c := range s.Sim().States() {
		told = append(told, tell(c))
	}
	s.notYet(w, f, "no call matches; there are: "+strings.Join(told, "; "))
}

func (s *Server) notYet(w http.ResponseWriter, f *filter, what string) {
	refuse(w, http.StatusConflict, "not-yet", fmt.Sprintf("not within %v: %s", f.timeout, what))
}

// tell describes a call to somebody who waits for something else of it.
func tell(c sim.CallState) string {
	text := fmt.Sprintf("%s from %s to %s is %s and has heard %q", c.SID, c.From, c.To, c.Status, c.Heard)
	if c.Conference != "" {
		text += ", in conference " + c.Conference
	}
	if c.Queue != "" {
		text += ", in queue " + c.Queue
	}
	if c.Listening {
		text += ", listening"
	}
	return text
}

func (s *Server) waitCall(w http.ResponseWriter, r *http.Request) {
	c, ok := s.call(w, r)
	if !ok {
		return
	}
	f, ok := readFilter(w, r)
	if !ok {
		return
	}
	var state sim.CallState
	match := false
	s.await(r.Context(), f.timeout, func() bool {
		state = c.State()
		match = f.matches(state)
		return match || !state.Ended.IsZero() // a call that has ended changes no more
	})
	if match {
		reply(w, http.StatusOK, callOut(state))
		return
	}
	if !state.Ended.IsZero() {
		refuse(w, http.StatusConflict, "over", "the call has ended without that: "+tell(state))
		return
	}
	s.notYet(w, f, tell(state))
}
