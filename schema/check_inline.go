package schema

import (
	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/twiml"
)

// checkInline checks the states whose document travels with the request of a call: it is
// made before anybody answers, so nothing can be done for it and nobody tells what came.
func (f *draft) checkInline() {
	d := &f.dec.Diags
	for _, in := range f.dec.Inlines {
		if in.Detects {
			d.Errorf(in.Pos, "inline", "with a document in the request nobody tells who answered").WithHint("write async_amd: true, or leave inline out")
		}
		size, at := 200, in.State
		for range maxTogether {
			s, st := f.states[at], f.flow.States[at]
			if s == nil || s.broken {
				break
			}
			size += textSize(s.get("prompt"))
			if s.get("do") != nil {
				d.Errorf(s.pos("do"), "inline", "the document of %s travels with the request of a call, before its do could run", at).
					WithHint("do it before the call, or leave inline out")
			}
			if s.verb != nil && s.verb.Runs {
				d.Errorf(s.pos(s.verb.Name), "inline", "the document of %s travels with the request of a call, before the other flow could run", at).
					WithHint("leave inline out")
			}
			if s.verb != nil {
				size += textSize(s.verbNode)
				break
			}
			if st.Next == nil || st.Next.Kind != engine.ToState {
				if s.get("prompt") == nil {
					d.Errorf(in.Pos, "inline", "there is nothing to hear in the state %s, so there is no document for the request", at).WithHint("give it a prompt or a verb")
				}
				break
			}
			at = st.Next.State
			if next := f.flow.States[at]; next == nil || len(st.On) > 0 || len(st.After) > 0 || next.Do != nil {
				break // a document of its own
			}
		}
		if size > twiml.MaxInline {
			d.Warnf(in.Pos, "inline", "the document of %s has about %d characters; a request takes %d, so it will be fetched after all", in.State, size, twiml.MaxInline).
				WithHint("shorten what is said, or leave inline out")
		}
	}
}
