package control

import (
	"errors"
	"net/http"
	"net/url"

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
