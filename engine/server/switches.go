package server

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine"
)

// Switches keeps what people turn on and off. SetSwitch is durable, and seen by every
// event of every session, when it returns.
type Switches interface {
	// Switches gives those that were ever set; the map is never changed.
	Switches() map[string]bool
	SetSwitch(ctx context.Context, name string, on bool) error
}

// SwitchView is a switch as the control API shows it.
type SwitchView struct {
	Name  string   `json:"name"`
	Label string   `json:"label,omitempty"`
	On    bool     `json:"on"`
	Flows []string `json:"flows"` // that declare it, sorted
}

// switches gives those that the loaded flows declare, sorted by name. One that several
// declare is one switch; it has the label of the first that gives it one.
func (s *Server) switches() []SwitchView {
	if s.cfg.Switches == nil {
		return []SwitchView{}
	}
	found := map[string]*SwitchView{}
	for _, f := range s.cfg.Flows() {
		for _, sw := range f.Closure.Flow.Switches {
			s.declared(found, f.Closure.Flow.Name, sw)
		}
	}
	views := make([]SwitchView, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		views = append(views, *found[name])
	}
	return views
}

func (s *Server) declared(found map[string]*SwitchView, flow string, sw *engine.Switch) {
	v := found[sw.Name]
	if v == nil {
		v = &SwitchView{Name: sw.Name, On: s.cfg.Switches.Switches()[sw.Name]}
		found[sw.Name] = v
	}
	if v.Label == "" {
		v.Label = sw.Label
	}
	v.Flows = append(v.Flows, flow)
}

// findSwitch gives the switch that a request names; false: it was refused.
func (s *Server) findSwitch(w http.ResponseWriter, r *http.Request) (SwitchView, bool) {
	name := r.PathValue("name")
	all := s.switches()
	names := make([]string, 0, len(all))
	for _, v := range all {
		if v.Name == name {
			return v, true
		}
		names = append(names, v.Name)
	}
	// A session that runs on an older version may still read a switch that no flow has now.
	if s.cfg.Switches != nil {
		if on, set := s.cfg.Switches.Switches()[name]; set {
			return SwitchView{Name: name, On: on, Flows: []string{}}, true
		}
	}
	have := "no flow has any"
	if len(names) > 0 {
		have = "there are: " + strings.Join(names, ", ")
	}
	refuse(w, http.StatusNotFound, "not-found", "no flow has the switch "+strconv.Quote(name)+"; "+have)
	return SwitchView{}, false
}

func (s *Server) listSwitches(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{"switches": s.switches()})
}

func (s *Server) showSwitch(w http.ResponseWriter, r *http.Request) {
	if v, ok := s.findSwitch(w, r); ok {
		reply(w, http.StatusOK, v)
	}
}

// setSwitch turns a switch on or off; to set it as it is changes nothing.
func (s *Server) setSwitch(w http.ResponseWriter, r *http.Request) {
	v, ok := s.findSwitch(w, r)
	if !ok {
		return
	}
	var body struct {
		On *bool `json:"on"`
	}
	if !readJSON(w, r, &body) {
		return
	}
	if body.On == nil {
		refuse(w, http.StatusUnprocessableEntity, "invalid-input", "say what it should be", engine.Problem{Name: "on", Message: "is required: true or false"})
		return
	}
	if err := s.cfg.Switches.SetSwitch(r.Context(), v.Name, *body.On); err != nil {
		s.refuseError(w, r, err)
		return
	}
	s.log.Info("a switch was set", "switch", v.Name, "on", *body.On)
	v.On = *body.On
	if s.cfg.Stream != nil {
		s.cfg.Stream.Publish(EventSwitch, v)
	}
	reply(w, http.StatusOK, v)
}
