package engine

import (
	"maps"
	"slices"
)

// Frame is one flow that a leg runs for another one, by the verb `run`: the flow with
// its own input and variables, and the place from where it was called. A leg has one
// for each flow that it is in beneath the session's own, the innermost last.
type Frame struct {
	Flow  string `json:",omitzero"`
	Input Values `json:",omitzero"`
	Vars  Values `json:",omitzero"`

	// The state of the flow around that runs this one. It stays entered meanwhile. Visit
	// names the frame, as no other entry of the leg has that number.
	State  string         `json:",omitzero"`
	Visit  int            `json:",omitzero"`
	Visits map[string]int `json:",omitzero"` // entries per state of the flow around
}

// Home says in which flow and frame something began that may outlive the frame: a list
// that waits, a late result. Own is the frame after the leg has left it.
type Home struct {
	Flow  string `json:",omitzero"` // "" is the session's flow
	Frame int    `json:",omitzero"`
	Own   *Frame `json:",omitzero"`
}

// place is a state that a leg is in: the current one of the innermost flow, or one of
// the states around that run it. frame is nil in the session's flow.
type place struct {
	frame *Frame
	state string
	visit int
}

// depth is how many flows the leg runs within the session's own.
func (l *Leg) depth() int {
	if l == nil {
		return 0
	}
	return len(l.Frames)
}

// Flows are the flows that the leg runs within the session's own, the innermost last.
func (l *Leg) Flows() []string {
	var names []string
	for _, f := range l.Frames {
		names = append(names, f.Flow)
	}
	return names
}

// place gives the state that the leg is in at a depth: 0 is that of the session's flow.
func (l *Leg) place(depth int) place {
	var p place
	if l == nil {
		return p
	}
	if depth > 0 {
		p.frame = l.Frames[depth-1]
	}
	if depth == len(l.Frames) {
		p.state, p.visit = l.State, l.Visit
	} else {
		p.state, p.visit = l.Frames[depth].State, l.Frames[depth].Visit
	}
	return p
}

// here is the state that the leg is in now.
func (l *Leg) here() place { return l.place(l.depth()) }

// entered reports whether the leg is still in that visit of a state, in whatever flow.
func (l *Leg) entered(visit int) bool {
	for i := l.depth(); i >= 0; i-- {
		if l.place(i).visit == visit {
			return true
		}
	}
	return false
}

// depthOf gives the depth of a frame; false when the leg has left it.
func (l *Leg) depthOf(h Home) (int, bool) {
	if h.Frame == 0 {
		return 0, true
	}
	for i := range l.depth() {
		if l.Frames[i].Visit == h.Frame {
			return i + 1, true
		}
	}
	return 0, false
}

// entries gives how often the leg has entered a state of the flow of that frame.
func (l *Leg) entries(f *Frame, state string) int {
	for i := range l.Frames {
		around := l.place(i)
		if around.frame == f {
			return l.Frames[i].Visits[state]
		}
	}
	if l.here().frame == f {
		return l.Visits[state]
	}
	return 0
}

func (f *Frame) home() Home {
	if f == nil {
		return Home{}
	}
	return Home{Flow: f.Flow, Frame: f.Visit}
}

func (f *Frame) clone() *Frame {
	c := *f
	c.Vars, c.Visits = cloneValues(f.Vars), maps.Clone(f.Visits)
	return &c
}

// flow gives the flow of that name; "" is the session's own.
func (c *Closure) flow(name string) *Flow {
	if f := c.Subs[name]; f != nil {
		return f
	}
	return c.Flow
}

func (c *Closure) flowIn(f *Frame) *Flow {
	if f == nil {
		return c.Flow
	}
	return c.flow(f.Flow)
}

// any reports whether something is so in the session's flow or one that it runs.
func (c *Closure) any(is func(*Flow) bool) bool {
	if is(c.Flow) {
		return true
	}
	for _, f := range c.Subs {
		if is(f) {
			return true
		}
	}
	return false
}

// Secret gives the value of a secret that the flow, or one that it runs, declares. False:
// none does, or this process does not have it.
func (c *Closure) Secret(name string) (string, bool) {
	if !c.any(func(f *Flow) bool {
		return slices.ContainsFunc(f.Secrets, func(n Name) bool { return n.Name == name })
	}) {
		return "", false
	}
	value, ok := c.Env[name]
	return value, ok
}

// named reports whether a state of the flow or its session handlers name the event.
func (f *Flow) named(event string) bool {
	if f.On[event] != nil {
		return true
	}
	for _, st := range f.States {
		if st.On[event] != nil {
			return true
		}
	}
	return false
}

func (c *Closure) stateAt(p place) *State { return c.flowIn(p.frame).States[p.state] }

// stateOf is the state that the leg is in now; nil for none.
func (c *Closure) stateOf(l *Leg) *State { return c.stateAt(l.here()) }

func (x *Exec) stateOf(l *Leg) *State { return x.c.stateOf(l) }

// flowOf is the flow that the leg is in now.
func (x *Exec) flowOf(l *Leg) *Flow { return x.c.flowIn(l.here().frame) }

// as makes a leg the current one, with the input and the variables of a frame of it;
// what it returns undoes that.
func (x *Exec) as(l *Leg, f *Frame) (undo func()) {
	leg, frame, env := x.leg, x.frame, x.env
	x.leg, x.frame, x.env = l, f, nil
	return func() { x.leg, x.frame, x.env = leg, frame, env }
}

// Vars are the variables of the flow that the running list belongs to.
func (x *Exec) Vars() Values {
	if x.frame != nil {
		return x.frame.Vars
	}
	return x.s.Vars
}

// LegNamed gives the leg of that name as the flow of the running list knows it: a flow
// that another one runs has its own name for the leg that it is about.
func (x *Exec) LegNamed(name string) *Leg {
	if x.frame != nil && x.leg != nil && name == x.Flow().Answer.Leg {
		return x.leg
	}
	return x.s.LegNamed(name)
}

// nameOf gives the session's name of a leg that the flow of the running list names.
func (x *Exec) nameOf(name string) string {
	if x.frame != nil && x.leg != nil && name == x.Flow().Answer.Leg {
		return x.leg.Name
	}
	return name
}

// seenState is the state in which a leg is for the flow of the running list: the one that
// runs another flow, where the leg is in that.
func (x *Exec) seenState(l *Leg) string {
	if x.frame != nil && l == x.leg {
		for i := l.depth(); i > 0; i-- {
			if p := l.place(i); p.frame == x.frame {
				return p.state
			}
		}
	}
	return l.place(0).state
}

// nameIn is the name of a leg for the state of another, or the same, leg in that frame.
func (x *Exec) nameIn(at *Leg, f *Frame, l *Leg) string {
	if f != nil && at == l {
		return x.c.flowIn(f).Answer.Leg
	}
	return l.Name
}

// frameOf gives the frame of a list or a late result, also when the leg has left it.
func (x *Exec) frameOf(l *Leg, h Home) *Frame {
	if h.Frame == 0 {
		return nil
	}
	if depth, ok := l.depthOf(h); ok {
		return l.Frames[depth-1]
	}
	if h.Own == nil {
		return &Frame{Flow: h.Flow, Input: Values{}, Vars: Values{}}
	}
	return h.Own
}

// varsOf are the variables that a list works on.
func (x *Exec) varsOf(l *Leg, h Home) Values {
	if f := x.frameOf(l, h); f != nil {
		return f.Vars
	}
	return x.s.Vars
}

// activation begins a list, or a way to a target, at a state that the leg is in.
func activation(l *Leg, p place) *Activation {
	h := p.frame.home()
	if _, there := l.depthOf(h); !there {
		h.Own = p.frame
	}
	return &Activation{Leg: numberOf(l), Visit: p.visit, Home: h}
}

// leaveFrames takes the leg out of the flows beyond a depth: it is in the state again
// that runs the outermost of them.
func (x *Exec) leaveFrames(l *Leg, depth int) {
	for len(l.Frames) > depth {
		last := len(l.Frames) - 1
		f := l.Frames[last]
		x.leaveVisit(l)
		x.orphan(l, f)
		l.LastVisit = max(l.LastVisit, l.Visit)
		l.State, l.Visit, l.Visits = f.State, f.Visit, f.Visits
		l.Frames = l.Frames[:last]
	}
}

// orphan gives what still waits in a frame that the leg leaves the frame as its own.
func (x *Exec) orphan(l *Leg, f *Frame) {
	for _, a := range x.s.Activations {
		if a.Leg == l.Number && a.Frame == f.Visit {
			a.Own = f.clone()
		}
	}
	for i := range x.s.Awaited {
		if a := &x.s.Awaited[i]; a.Leg == l.Number && a.Frame == f.Visit {
			a.Own = f.clone()
		}
	}
}
