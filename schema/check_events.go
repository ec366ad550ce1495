package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// callEvents are events of a leg's own call, whatever its verb is.
var callEvents = []string{"hung-up", "human", "machine", "fax", "unknown", "recording", "transcribed", "error"}

// partyEvents are the only events that a dialled party raises as a leg.
var partyEvents = []string{"human", "machine", "fax", "unknown", "hung-up", "recording", "transcribed"}

// inboundEvents are the only events that the leg of an inbound call raises.
var inboundEvents = []string{"human", "machine", "fax", "unknown", "hung-up", "canceled", "unreached", "recording", "transcribed"}

// checkEvents finds handlers of events that never come there.
func (f *draft) checkEvents() {
	for _, name := range f.flow.Order {
		s := f.states[name]
		on := s.get("on")
		if on == nil || s.broken {
			continue
		}
		for _, e := range on.Entries {
			f.checkEvent(e.Key, s)
			f.checkGoto(e.Key, f.flow.States[name].On[e.Key.Text])
		}
	}
	if f.onNode == nil {
		return
	}
	for _, e := range f.onNode.Entries {
		f.checkEvent(e.Key, nil)
		f.checkSessionGoto(e.Key, f.flow.On[e.Key.Text])
	}
}

// checkEvent checks the name of an event in a state, or with nil in the session's `on`.
func (f *draft) checkEvent(key *spec.Node, s *sketch) {
	prefix, name := engine.SplitEvent(key.Text)
	switch {
	case prefix == "":
		f.checkBare(key, s)
	case prefix == "timer":
		f.checkKnown(key, spec.TimerName, name)
	case prefix == "signal":
		f.checkKnown(key, spec.SignalName, name)
	case prefix == "meter" || prefix == "message":
		if _, ok := engine.FindEvent(key.Text); !ok {
			f.unknownEvent(key, eventNames(func(e engine.EventSpec) bool { return strings.Contains(e.Name, ".") }))
		} else if prefix == "meter" && !f.hasMeter() {
			f.dec.Diags.Errorf(key.Pos, "no-meter", "%s never comes: no state of the flow has a meter", key.Text).WithHint("add meter to the state that talks")
		} else if prefix == "message" && !f.hasStep("message") {
			f.dec.Diags.Errorf(key.Pos, "event-never", "%s never comes: no step of the flow sends a message", key.Text).WithHint("remove it")
		}
	case f.declared(spec.LegName, prefix):
		f.checkLegEvent(key, prefix, name)
	case f.declared(spec.RoomName, prefix):
		if e, ok := engine.FindEvent(name); !ok || !e.Room {
			f.neverRaised(key, "the room "+prefix, eventNames(func(e engine.EventSpec) bool { return e.Room }), name)
		}
	default:
		known := slices.Concat(f.dec.Names(spec.LegName), f.dec.Names(spec.RoomName), []string{"timer", "signal", "meter", "message"})
		f.dec.Diags.Errorf(key.Pos, "unknown-leg", "there is no leg and no room %q", prefix).WithHint("%s", diag.DidYouMean(prefix, known))
	}
}

func (f *draft) checkKnown(key *spec.Node, kind spec.SymbolKind, name string) {
	if f.declared(kind, name) {
		return
	}
	hint := diag.DidYouMean(name, f.dec.Names(kind))
	switch {
	case hint != "":
	case kind == spec.TimerName:
		hint = fmt.Sprintf("a step sets it: timer: {name: %s, after: 30s}", name)
	case kind == spec.SignalName:
		hint = fmt.Sprintf("declare it: signals: {%s: {label: For people}}", name)
	}
	f.dec.Diags.Errorf(key.Pos, "unknown-"+string(kind), "there is no %s %q", kind, name).WithHint("%s", hint)
}

// checkBare checks an event without a prefix: one of the leg's own verb or call.
func (f *draft) checkBare(key *spec.Node, s *sketch) {
	if s == nil {
		if key.Text != "error" {
			f.dec.Diags.Errorf(key.Pos, "event-prefix", "in the on of the session %s needs the name of a leg before it", key.Text).
				WithHint("write LEG.%s; only error stands alone", key.Text)
		}
		return
	}
	events := slices.Clone(callEvents)
	who := "a state without a verb"
	if s.verb != nil {
		who = "the verb " + s.verb.Name
		events = slices.Concat(s.verb.Ending, s.verb.Other, events)
		if slices.ContainsFunc(engine.Unreached, func(e string) bool { return slices.Contains(s.verb.Ending, e) }) {
			events = append(events, "unreached")
		}
	}
	if !slices.Contains(events, key.Text) {
		f.neverRaised(key, who, events, key.Text)
		return
	}
	if why := s.never()[key.Text]; why != "" {
		f.dec.Diags.Errorf(key.Pos, "event-never", "%s never raises %s here", who, key.Text).WithHint("%s", why)
	}
}

// never gives the events that the state's verb, as it is written, never raises, and why.
func (s *sketch) never() map[string]string {
	if s.verb == nil || s.verb.Never == nil || s.verbNode == nil {
		return nil
	}
	return s.verb.Never(s.verbNode)
}

func (f *draft) checkLegEvent(key *spec.Node, leg, name string) {
	e, ok := engine.FindEvent(name)
	if !ok || !e.Leg {
		f.neverRaised(key, "a leg", eventNames(func(e engine.EventSpec) bool { return e.Leg }), name)
		return
	}
	dialled, placed, inbound := f.originOf(leg)
	switch {
	case placed:
	case dialled && !slices.Contains(partyEvents, name) && !(inbound && slices.Contains(inboundEvents, name)):
		f.dec.Diags.Errorf(key.Pos, "event-never", "%s never comes: what happens to a dialled party is an event of the dial", key.Text).
			WithHint("write %s in the on of the state that dials %s", name, leg)
	case inbound && !dialled && !slices.Contains(inboundEvents, name):
		f.dec.Diags.Errorf(key.Pos, "event-never", "%s never comes: %s is an inbound call", key.Text, leg).
			WithHint("an inbound call raises %s", strings.Join(inboundEvents[4:6], ", "))
	}
}

// originOf tells how calls of that name come about: dialled by a verb, placed by a step,
// inbound.
func (f *draft) originOf(leg string) (dialled, placed, inbound bool) {
	for _, u := range f.dec.Defined {
		if u.Kind != spec.LegName || u.Name != leg {
			continue
		}
		switch {
		case u.Path == "answer" || strings.HasPrefix(u.Path, "answer."):
			inbound = true
		case f.definedByStep(u.Path):
			placed = true
		default:
			dialled = true
		}
	}
	return dialled, placed, inbound
}

// definedByStep reports whether a path leads through a list of steps.
func (f *draft) definedByStep(path string) bool {
	for i := range path {
		if path[i] == '.' && f.flow.Lists[path[:i]] != nil {
			return true
		}
	}
	return false
}

func (f *draft) unknownEvent(key *spec.Node, known []string) {
	f.dec.Diags.Errorf(key.Pos, "unknown-event", "there is no event %q", key.Text).WithHint("%s", diag.DidYouMean(key.Text, known))
}

// neverRaised reports an event that does not exist, or that who never raises.
func (f *draft) neverRaised(key *spec.Node, who string, events []string, name string) {
	if slices.Contains(engine.LaterEvents, name) {
		f.dec.Diags.Errorf(key.Pos, "not-yet", "the event %s is not available yet in this version", name).WithHint("leave it out")
		return
	}
	if _, exists := engine.FindEvent(name); !exists {
		hint := diag.DidYouMean(name, events)
		if hint == "" {
			hint = "events here: " + strings.Join(events, ", ")
		}
		f.dec.Diags.Errorf(key.Pos, "unknown-event", "there is no event %q", key.Text).WithHint("%s", hint)
		return
	}
	f.dec.Diags.Errorf(key.Pos, "event-never", "%s never raises %s", who, name).WithHint("events here: %s", strings.Join(events, ", "))
}

func eventNames(want func(engine.EventSpec) bool) []string {
	var names []string
	for _, e := range engine.EventSpecs {
		if want(e) {
			names = append(names, e.Name)
		}
	}
	return names
}

// checkGoto reports targets where no state is entered: the call is over, or the event
// comes long after.
func (f *draft) checkGoto(key *spec.Node, t *engine.Target) {
	why := map[string]string{
		"hung-up":     "the call is over, so no state is entered",
		"recording":   "the recording comes later, wherever the leg is by then",
		"transcribed": "the text comes later, wherever the leg is by then",
	}[key.Text]
	if why == "" {
		return
	}
	if pos, goes := f.firstGoto(t); goes {
		f.dec.Diags.Errorf(pos, "goto-ignored", "%s leads nowhere: %s", key.Text, why).WithHint("write a list of steps without goto: %s: [ ... ]", key.Text)
	}
}

// checkSessionGoto allows goto in the session's `on` only where the leg is about to enter
// a state anyway.
func (f *draft) checkSessionGoto(key *spec.Node, t *engine.Target) {
	prefix, name := engine.SplitEvent(key.Text)
	if slices.Contains([]string{"human", "machine", "fax", "unknown", "error"}, name) {
		return
	}
	if t != nil && t.Kind == engine.ToList && !f.declared(spec.LegName, prefix) {
		return // the step itself tells that there is no leg
	}
	if pos, goes := f.firstGoto(t); goes {
		f.dec.Diags.Errorf(pos, "session-goto", "in the on of the session %s can send no leg anywhere", key.Text).
			WithHint("write a list with move: {leg: LEG, state: STATE}, or end")
	}
}

// firstGoto finds where a target sends the current leg.
func (f *draft) firstGoto(t *engine.Target) (pos diag.Pos, goes bool) {
	if t == nil {
		return pos, false
	}
	if t.Kind != engine.ToList {
		return t.Pos, true
	}
	if t.List != nil {
		for _, s := range t.List.Steps {
			if s.Name == "goto" {
				return s.Pos, true
			}
		}
	}
	return pos, false
}
