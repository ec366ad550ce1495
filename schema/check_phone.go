package schema

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/twiml"
)

// hasMeter reports whether a state of the flow has a meter.
func (f *draft) hasMeter() bool {
	for _, s := range f.states {
		if s.get("meter") != nil {
			return true
		}
	}
	return false
}

// checkMeter checks what a meter needs around it.
func (f *draft) checkMeter() {
	d := &f.dec.Diags
	handled := f.handledEvents()
	for _, name := range f.flow.Order {
		s, st := f.states[name], f.flow.States[name]
		m := s.get("meter")
		if m == nil || s.broken || st.Meter == nil {
			continue
		}
		if st.Meter.Leg == "" && (s.verb == nil || !s.verb.Dials) {
			d.Errorf(m.Pos, "missing-key", "this meter needs the key %q: whose answer starts it", "leg").WithHint("only in a state that dials it is the dialled party")
		}
		if _, room := st.Verb.(engine.Joiner); st.Meter.Strategy == engine.MeterRejoin && !room && st.Verb != nil {
			d.Errorf(s.pos("meter"), "rejoin-room", "the strategy rejoin needs a room to go back into; this state has none").WithHint("talk in a conference, or write strategy: watch")
		}
		if st.Meter.Strategy == engine.MeterRejoin && s.verbNode != nil && s.verbNode.Get("shared") != nil {
			d.Errorf(s.pos("meter"), "rejoin-room", "the strategy rejoin ends the room at its limit, which here belongs to other sessions too").WithHint("leave shared out, or write strategy: watch")
		}
		if !slices.Contains(handled, "meter.empty") {
			d.Warnf(s.pos("meter"), "meter-empty", "nothing happens when the money is used up").WithHint("add meter.empty: STATE to the on of the state")
		}
	}
	if f.hasMeter() {
		return
	}
	for _, list := range f.flow.Lists {
		for _, step := range list.Steps {
			if k := f.step(step.Name); k != nil && k.Meter {
				d.Errorf(step.Pos, "no-meter", "%s needs a meter, and no state of the flow has one", step.Name).WithHint("add meter to the state that talks")
			}
		}
	}
}

// checkTelephony checks what is legal for a call but not where it stands.
func (f *draft) checkTelephony() {
	for _, name := range f.flow.Order {
		s := f.states[name]
		if s.broken || s.verb == nil {
			continue
		}
		if s.verb.First {
			f.checkFirst(s, name)
		}
		f.checkBridge(s, name)
		f.checkAfterRecord(s, f.flow.States[name])
	}
	f.checkHTTPTime()
	f.rawInput()
}

// silentStates are the states that an inbound call can be in without having heard
// anything: it still rings there.
func (f *draft) silentStates() map[string]bool {
	silent, uses := map[string]bool{}, f.stateUses()
	todo := []string{f.flow.Answer.State}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		s := f.states[name]
		if s == nil || silent[name] {
			continue
		}
		silent[name] = true
		if s.get("prompt") != nil || s.verb != nil {
			continue
		}
		for _, u := range uses[name] {
			if under(u.Path, "states."+name+".next") || under(u.Path, "states."+name+".do") {
				todo = append(todo, u.Name)
			}
		}
	}
	return silent
}

// checkFirst checks a verb that only the first document of an inbound call may have.
func (f *draft) checkFirst(s *sketch, name string) {
	d, silent := &f.dec.Diags, f.silentStates()
	if s.get("prompt") != nil {
		d.Errorf(s.pos("prompt"), "misplaced-verb", "a prompt answers the call, so %s can refuse it no more", s.verb.Name).
			WithHint("remove the prompt, or end the call with next: hangup instead of %s", s.verb.Name)
	}
	for _, u := range f.dec.Referred {
		if u.Kind != spec.StateName || u.Name != name || u.Path == "answer" || u.Path == "answer.state" {
			continue
		}
		from := f.states[u.State]
		if from == nil || !silent[u.State] || from.get("prompt") != nil || from.verb != nil {
			d.Errorf(u.Pos, "misplaced-verb", "%s is the first thing of an inbound call only, but here the call was answered before", s.verb.Name).
				WithHint("use hangup here")
		}
	}
}

// checkBridge warns where answer_on_bridge has no effect.
func (f *draft) checkBridge(s *sketch, name string) {
	n := s.verbNode.Get("answer_on_bridge")
	if n == nil || n.Text != "true" {
		return
	}
	if s.get("prompt") != nil {
		f.dec.Diags.Warnf(n.Pos, "answer-on-bridge", "the prompt of this state answers the call before answer_on_bridge can keep it ringing").
			WithHint("remove one of them")
	}
	for _, u := range f.dec.Referred {
		if u.Kind == spec.StateName && u.Name == name && f.definedByStep(u.Path) && isCallState(u.Path) {
			f.dec.Diags.Warnf(n.Pos, "answer-on-bridge", "answer_on_bridge is for inbound calls, but a call that the flow places comes here").WithHint("remove it")
			return
		}
	}
}

func isCallState(path string) bool {
	const end = ".call.state"
	return len(path) > len(end) && path[len(path)-len(end):] == end
}

// checkAfterRecord warns about work that callers who simply hang up after a recording
// skip: they enter no further state.
func (f *draft) checkAfterRecord(s *sketch, st *engine.State) {
	if !slices.Contains(s.verb.Other, "recording") || st.Next == nil || st.Next.Kind != engine.ToState {
		return
	}
	next := f.flow.States[st.Next.State]
	if next == nil || next.Do == nil {
		return
	}
	for _, step := range next.Do.Steps {
		if step.Name == "http" || step.Name == "message" {
			f.dec.Diags.Warnf(step.Pos, "after-record", "callers who hang up after the recording never come here").
				WithHint("do it in on: {recording: [...]} of the state %s", st.Name)
			return
		}
	}
}

// maxWait is how long the answers of a `do` may take before a warning: the caller hears
// music or nothing all that time.
const maxWait = 30 * time.Second

// checkHTTPTime warns about a `do` in which a caller may wait long.
func (f *draft) checkHTTPTime() {
	for _, name := range f.flow.Order {
		do := f.states[name].get("do")
		if do == nil || do.Kind != spec.Sequence {
			continue
		}
		var sum time.Duration
		for _, item := range do.Items {
			if h := item.Get("http"); h.Get("save") != nil {
				sum += httpTime(h)
			}
		}
		if sum > maxWait {
			f.dec.Diags.Warnf(f.states[name].pos("do"), "slow-http", "the caller may wait up to %s for answers before this state begins", spec.Words(sum)).
				WithHint("write a shorter timeout, or fewer tries")
		}
	}
}

// httpTime is the longest that an http step may wait: its timeout (10 s) for each try.
func httpTime(n *spec.Node) time.Duration {
	timeout, tries := 10*time.Second, 1
	if t := n.Get("timeout"); t != nil {
		if v, err := expr.ParseDuration(t.Text); err == nil {
			timeout = v
		}
	}
	if t := n.Get("tries"); t != nil {
		if v, err := strconv.Atoi(t.Text); err == nil && v > 0 && v < 100 {
			tries = v
		}
	}
	return timeout * time.Duration(tries)
}

// maxTogether is how many states the engine enters without waiting.
const maxTogether = 200

// checkSize estimates the documents: the literal texts of the states that are given out
// together, and the tags round them.
func (f *draft) checkSize() {
	for _, name := range f.flow.Order {
		size, at := 200, name
		for range maxTogether {
			s := f.states[at]
			if s == nil || s.broken {
				break
			}
			size += textSize(s.get("prompt"))
			if s.verb != nil {
				size += textSize(s.verbNode)
				break
			}
			next, ok := f.follows(at)
			if !ok || f.states[next] == nil || f.states[next].get("do") != nil {
				break
			}
			at = next
		}
		if size > twiml.MaxDocument {
			f.dec.Diags.Errorf(f.states[name].key.Pos, "twiml-too-large", "what is given out from the state %s on has about %d bytes of TwiML; Twilio takes %d", name, size, twiml.MaxDocument).
				WithHint("play a file instead of speaking a long text, or split the state")
		}
	}
}

// textSize is about what the texts below n need in a document.
func textSize(n *spec.Node) int {
	if n == nil {
		return 0
	}
	if n.Kind == spec.Scalar {
		return len(n.Text) + 4*strings.Count(n.Text, "&") + 3*strings.Count(n.Text, "<") + 60
	}
	size := 0
	for _, e := range n.Entries {
		size += textSize(e.Value)
	}
	for _, item := range n.Items {
		size += textSize(item)
	}
	return size
}
