package control

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

func (s *Server) postCall(w http.ResponseWriter, r *http.Request) {
	in := struct {
		From   string            `json:"from"`
		To     string            `json:"to"`
		Party  *partyJSON        `json:"party"`
		Fields map[string]string `json:"fields"`
	}{From: "+15551110001"}
	if !read(w, r, &in) {
		return
	}
	current := s.Sim()
	if in.To == "" {
		if all := numbers(current); len(all) == 1 { // there is no question who is meant
			in.To = all[0].Number
		}
	}
	var p *sim.Party
	err := errors.Join(CheckAddress(in.From), CheckNumber(in.To))
	if in.Party != nil && err == nil {
		var party sim.Party
		party, err = in.Party.party()
		p = &party
	}
	if err != nil {
		invalid(w, err)
		return
	}
	if _, ours := current.Numbers()[in.To]; !ours {
		refuse(w, http.StatusNotFound, "not-found", in.To+" is no number of the account; add it with PUT "+Prefix+"/numbers/"+in.To)
		return
	}
	fields := url.Values{}
	for name, v := range in.Fields {
		fields.Set(name, v)
	}
	call, err := place(current, p, in.From, in.To, fields)
	if err != nil { // the number was taken away a moment ago
		refuse(w, http.StatusNotFound, "not-found", err.Error())
		return
	}
	w.Header().Set("Location", Prefix+"/calls/"+call.SID())
	reply(w, http.StatusCreated, callOut(call.State()))
}

func place(s *sim.Sim, p *sim.Party, from, to string, fields url.Values) (*sim.Call, error) {
	if p == nil {
		return s.CallWith(from, to, fields)
	}
	return s.CallAs(*p, from, to, fields)
}

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

// call finds the call of the path. False: it was refused.
func (s *Server) call(w http.ResponseWriter, r *http.Request) (*sim.Call, bool) {
	if c := s.Sim().CallBySID(r.PathValue("sid")); c != nil {
		return c, true
	}
	refuse(w, http.StatusNotFound, "not-found", "there is no call "+r.PathValue("sid"))
	return nil, false
}

func (s *Server) getCall(w http.ResponseWriter, r *http.Request) {
	if c, ok := s.call(w, r); ok {
		reply(w, http.StatusOK, callOut(c.State()))
	}
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

// act does something in a call that is not over.
func (s *Server) act(w http.ResponseWriter, r *http.Request, possible func(sim.CallState) string, do func(*sim.Call)) {
	c, ok := s.call(w, r)
	if !ok {
		return
	}
	state := c.State()
	why := ""
	if !state.Ended.IsZero() {
		why = "the call is over: " + state.Status
	} else if possible != nil {
		why = possible(state)
	}
	if why != "" {
		refuse(w, http.StatusConflict, "not-now", why)
		return
	}
	do(c)
	reply(w, http.StatusOK, callOut(c.State()))
}

func rings(c sim.CallState) string {
	switch {
	case c.Direction == "inbound":
		return "the party of this call is the caller; only a called phone can be answered"
	case c.Status != "ringing":
		return "the phone does not ring: the call is " + c.Status
	}
	return ""
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	s.act(w, r, rings, (*sim.Call).Answer)
}

func (s *Server) decline(w http.ResponseWriter, r *http.Request) {
	s.act(w, r, rings, (*sim.Call).Decline)
}

func (s *Server) hangup(w http.ResponseWriter, r *http.Request) {
	s.act(w, r, nil, (*sim.Call).Hangup)
}

func (s *Server) press(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Keys string `json:"keys"`
	}
	if !read(w, r, &in) {
		return
	}
	if in.Keys == "" || !sim.Keys(in.Keys) {
		invalid(w, errors.New("keys are 0 to 9, *, #, A to D, and w and W to wait, not "+quoted(in.Keys)))
		return
	}
	s.act(w, r, nil, func(c *sim.Call) { c.Press(in.Keys) })
}

func (s *Server) say(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Text string `json:"text"`
	}
	if !read(w, r, &in) {
		return
	}
	if in.Text == "" {
		invalid(w, errors.New("text is missing: what the party says"))
		return
	}
	s.act(w, r, nil, func(c *sim.Call) { c.Say(in.Text) })
}
