package control

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/sim"
)

func (s *Server) getSwitches(w http.ResponseWriter, _ *http.Request) { switches(w, s.Sim()) }

func switches(w http.ResponseWriter, current *sim.Sim) {
	type switchJSON struct {
		Name   string   `json:"name"`
		Value  string   `json:"value"`
		Values []string `json:"values"`
		Doc    string   `json:"doc"`
	}
	all := []switchJSON{}
	for _, sw := range current.Switches().List() {
		all = append(all, switchJSON{sw.Name, sw.Value, sw.Values, sw.Doc})
	}
	reply(w, http.StatusOK, map[string]any{"switches": all})
}

func (s *Server) patchSwitches(w http.ResponseWriter, r *http.Request) {
	var in map[string]any
	if !read(w, r, &in) {
		return
	}
	current := s.Sim()
	to := current.Switches()
	for name, value := range in {
		if err := to.Set(name, fmt.Sprint(value)); err != nil {
			invalid(w, err)
			return
		}
	}
	current.SetSwitches(to)
	switches(w, current)
}

func (s *Server) getFaults(w http.ResponseWriter, _ *http.Request) {
	type kindJSON struct {
		Kind sim.FaultKind `json:"kind"`
		Doc  string        `json:"doc"`
		For  string        `json:"for"`
		By   seconds       `json:"by,omitempty"`
	}
	faults, kinds := []faultJSON{}, []kindJSON{}
	for _, f := range s.Sim().Faults() {
		faults = append(faults, faultOut(f))
	}
	for _, k := range sim.FaultKinds() {
		kinds = append(kinds, kindJSON{k.Kind, k.Doc, k.For, seconds(k.By)})
	}
	reply(w, http.StatusOK, map[string]any{"faults": faults, "kinds": kinds})
}

func faultOut(f sim.Fault) faultJSON {
	return faultJSON{f.Kind, f.Rate, f.Next, f.Skip, f.For, seconds(f.By), f.Times}
}

func (s *Server) postFault(w http.ResponseWriter, r *http.Request) {
	var in faultJSON
	if !read(w, r, &in) {
		return
	}
	f := sim.Fault{Kind: in.Kind, Rate: in.Rate, Next: in.Next, Skip: in.Skip, For: in.For, By: time.Duration(in.By)}
	if err := f.Check(); err != nil {
		invalid(w, err)
		return
	}
	s.Sim().AddFault(f)
	reply(w, http.StatusCreated, faultOut(f))
}

func (s *Server) deleteFaults(w http.ResponseWriter, _ *http.Request) {
	s.Sim().SetFaults(nil)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) getMedia(w http.ResponseWriter, _ *http.Request) { media(w, s.Sim()) }

func media(w http.ResponseWriter, current *sim.Sim) {
	all := map[string]seconds{}
	for u, d := range current.Media() {
		all[u] = seconds(d)
	}
	reply(w, http.StatusOK, map[string]any{"media": all})
}

func (s *Server) patchMedia(w http.ResponseWriter, r *http.Request) {
	var in map[string]seconds
	if !read(w, r, &in) {
		return
	}
	for u := range in {
		if err := CheckURL(u); err != nil {
			invalid(w, err)
			return
		}
	}
	for u, d := range in {
		s.Sim().AddMedia(u, time.Duration(d))
	}
	media(w, s.Sim())
}

func (s *Server) putWorkflow(w http.ResponseWriter, r *http.Request) {
	var in struct {
		AssignmentURL string  `json:"assignment_url"`
		FallbackURL   string  `json:"fallback_url"`
		Timeout       seconds `json:"reservation_timeout"`
	}
	if !read(w, r, &in) {
		return
	}
	for _, u := range []string{in.AssignmentURL, in.FallbackURL} {
		if err := CheckURL(u); u != "" && err != nil {
			invalid(w, err)
			return
		}
	}
	s.Sim().AddWorkflow(r.PathValue("sid"), sim.Workflow{AssignmentURL: in.AssignmentURL, FallbackURL: in.FallbackURL, ReservationTimeout: time.Duration(in.Timeout)})
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) putWorker(w http.ResponseWriter, r *http.Request) {
	in := struct {
		Attributes json.RawMessage `json:"attributes"`
		Available  bool            `json:"available"`
	}{Available: true}
	if !read(w, r, &in) {
		return
	}
	name := r.PathValue("name")
	if len(in.Attributes) > 0 {
		sid, err := s.Sim().AddWorker(name, string(in.Attributes))
		if err != nil {
			invalid(w, err)
			return
		}
		w.Header().Set("Location", "/v1/Workspaces/"+sim.WorkspaceSID+"/Workers/"+sid)
	}
	s.Sim().SetAvailable(name, in.Available)
	w.WriteHeader(http.StatusNoContent)
}

func (s *Server) getClock(w http.ResponseWriter, _ *http.Request) {
	_, virtual := s.o.Clock.(*clock.Virtual)
	reply(w, http.StatusOK, map[string]any{"now": s.o.Clock.Now(), "virtual": virtual, "speed": s.o.Speed})
}

// advance moves virtual time. An application in another process has a clock of its
// own, which nobody can move.
func (s *Server) advance(w http.ResponseWriter, r *http.Request) {
	var in struct {
		By seconds `json:"by"`
	}
	if !read(w, r, &in) {
		return
	}
	v, ok := s.o.Clock.(*clock.Virtual)
	if !ok {
		refuse(w, http.StatusConflict, "real-time", "time is real here, because the application has a clock of its own; --speed makes the simulator's run faster")
		return
	}
	v.Advance(time.Duration(in.By))
	s.getClock(w, r)
}
