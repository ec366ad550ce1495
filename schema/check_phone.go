package schema

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
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
	f.checkCuts()
	f.checkOwnNames()
	f.rawInput()
}

// maxWait is how long the answers of a list may take before a warning: the caller hears
// music or nothing all that time.
const maxWait = 30 * time.Second

// checkHTTPTime warns about lists in which a caller may wait long: before a state begins,
// or after what ended one.
func (f *draft) checkHTTPTime() {
	for _, name := range f.flow.Order {
		s := f.states[name]
		f.tooSlow(s.get("do"), s.pos("do"), "the caller may wait up to %s for answers before this state begins")
		f.tooSlow(s.get("next"), s.pos("next"), "the caller may wait up to %s for answers before the next state begins")
		lists := s.verbNode.Get("choices")
		if s.verb != nil && lists != nil {
			for _, e := range lists.Entries {
				f.tooSlow(e.Value, e.Key.Pos, "the caller may wait up to %s for answers after this choice")
			}
		}
		for _, key := range handlerKeys(s.get("on")) {
			if s.verb != nil && slices.Contains(s.verb.Ending, key.Text) {
				f.tooSlow(s.get("on").Get(key.Text), key.Pos, "the caller may wait up to %s for answers after this event")
			}
		}
	}
}

// tooSlow warns about a list whose answers may take longer than a caller should wait.
func (f *draft) tooSlow(list *spec.Node, pos diag.Pos, format string) {
	if list == nil || list.Kind != spec.Sequence {
		return
	}
	var sum time.Duration
	for _, item := range list.Items {
		if h := item.Get("http"); h.Get("save") != nil {
			sum += httpTime(h)
		}
	}
	if sum > maxWait {
		f.dec.Diags.Warnf(pos, "slow-http", format, spec.Words(sum)).WithHint("write a shorter timeout, or fewer tries")
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
