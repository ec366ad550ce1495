package engine

// raise offers an event to those that it concerns: the state of its own leg, then the
// states of all legs that name it, and if none does, the session. Several takers run
// in the order of their legs; what the first changed the second sees.
func (x *Exec) raise(r *Raised) error {
	if x.muted {
		return nil
	}
	visit := visitOf(x.s.Leg(r.Leg))
	taken, err := x.raiseOwn(r)
	if err != nil {
		return err
	}
	others, err := x.raiseToOthers(r, taken)
	if err != nil || taken {
		return err
	}
	if !others {
		if taken, err = x.raiseToSession(r); err != nil || taken {
			return err
		}
	}
	if l := x.s.Leg(r.Leg); l != nil && l.Visit == visit && x.awaits(l, r) {
		return x.followNext(l, x.stateOf(l), r)
	}
	if !others {
		x.note(Entry{What: "dropped", Leg: r.Leg, Name: r.Name, Why: "nothing handles it"})
	}
	return nil
}

// raiseOwn offers the event to the state of its leg, then to those around that run the
// flow in which the leg is.
func (x *Exec) raiseOwn(r *Raised) (bool, error) {
	l := x.s.Leg(r.Leg)
	if l == nil || !l.Started {
		return false, nil
	}
	for i := l.depth(); i >= 0; i-- {
		p := l.place(i)
		st := x.c.stateAt(p)
		if st == nil {
			continue
		}
		if i < l.depth() && x.awaits(l, r) {
			break // it ends the verb of the innermost state
		}
		if t := pick(st.On, "", r.Name); t != nil {
			return true, x.take(l, p, t, r)
		}
		if r.Name == "error" && i < l.depth() && pick(st.On, "", "failed") != nil {
			return true, x.failRun(l, i, r)
		}
	}
	return false, nil
}

// raiseToOthers offers the event to every leg, oldest first, whose state names it with
// its prefix. own: the state of its own leg has taken it already; an event of the meter
// has one name for that leg and for all others.
func (x *Exec) raiseToOthers(r *Raised, own bool) (bool, error) {
	if prefix, _ := x.prefixed(r, nil, nil); prefix == "" {
		return false, nil
	}
	taken := false
	for _, l := range x.s.Legs {
		if l.Gone() || !l.Started || l.Leaving || own && l.Number == r.Leg {
			continue
		}
		p, t := x.naming(l, r)
		if t == nil {
			continue
		}
		taken = true
		if err := x.take(l, p, t, r); err != nil {
			return true, err
		}
	}
	return taken, nil
}

// naming finds the innermost state of a leg that names an event with its prefix.
func (x *Exec) naming(l *Leg, r *Raised) (place, *Target) {
	for i := l.depth(); i >= 0; i-- {
		p := l.place(i)
		st := x.c.stateAt(p)
		if st == nil {
			continue
		}
		prefix, name := x.prefixed(r, l, p.frame)
		if t := pick(st.On, prefix, name); t != nil {
			return p, t
		}
	}
	return place{}, nil
}

// raiseToSession offers the event to the session's handlers.
func (x *Exec) raiseToSession(r *Raised) (bool, error) {
	if x.muted || x.s.Condition == SessionEnding || x.s.Condition == SessionClosed {
		return false, nil
	}
	prefix, name := x.prefixed(r, nil, nil)
	t := pick(x.c.Flow.On, prefix, name)
	if t == nil {
		return false, nil
	}
	l := x.s.Leg(r.Leg)
	return true, x.take(l, l.place(0), t, r)
}

// prefixed gives the prefix and the bare name under which a state of the leg at, in that
// frame, knows the event; at is nil for the session.
func (x *Exec) prefixed(r *Raised, at *Leg, f *Frame) (prefix, name string) {
	prefix, name = SplitEvent(r.Name)
	if prefix == "" && r.Leg != 0 && r.Name != "error" {
		if l := x.s.Leg(r.Leg); l != nil {
			return x.nameIn(at, f, l), name
		}
	}
	return prefix, name
}

// pick finds the target of an event; the exact name wins over `unreached`.
func pick(on Handlers, prefix, name string) *Target {
	if len(on) == 0 {
		return nil
	}
	written := name
	if prefix != "" {
		written = prefix + "." + name
	}
	if t := on[written]; t != nil {
		return t
	}
	if !isUnreached(name) {
		return nil
	}
	if prefix != "" {
		return on[prefix+".unreached"]
	}
	return on["unreached"]
}

// Offers reports whether a signal is named by a state of a live leg or by the session.
func Offers(c *Closure, s *Session, signal string) bool {
	if s.Condition != SessionRunning {
		return false
	}
	name := "signal." + signal
	for _, l := range s.Legs {
		if l.Over() || !l.Started || l.Leaving {
			continue
		}
		for i := l.depth(); i >= 0; i-- {
			if st := c.stateAt(l.place(i)); st != nil && st.On[name] != nil {
				return true
			}
		}
	}
	return c.Flow.On[name] != nil
}

// Signals lists the signals that are offered now, in the order of their declaration.
func Signals(c *Closure, s *Session) []string {
	var names []string
	for _, sig := range c.Flow.Signals {
		if Offers(c, s, sig.Name) {
			names = append(names, sig.Name)
		}
	}
	return names
}
