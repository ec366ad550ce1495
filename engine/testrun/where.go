package testrun

import (
	"fmt"
	"slices"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
)

// placeOf is where a state stands, in the flow or one that it runs.
func placeOf(c *engine.Closure, state string) diag.Pos {
	if st := c.Flow.States[state]; st != nil {
		return st.Pos
	}
	for _, f := range c.Subs {
		if st := f.States[state]; st != nil {
			return st.Pos
		}
	}
	return diag.Pos{}
}

// where says in which state the flow is: that of the party or leg, else of the first leg
// that lives.
func (p *play) where(who string) string {
	s, err := p.Session(p.id)
	if err != nil {
		return ""
	}
	var leg *engine.Leg
	if c := p.at(who); c != nil {
		for _, l := range slices.Backward(s.Legs) {
			if l.SID == c.SID() {
				leg = l
				break
			}
		}
	}
	for _, l := range s.Legs {
		if leg == nil && l.State != "" && !l.Gone() {
			leg = l
		}
	}
	if leg == nil && len(s.Legs) > 0 {
		leg = s.Legs[0]
	}
	if leg == nil || leg.State == "" {
		return ""
	}
	is := "is"
	if leg.Gone() {
		is = "was"
	}
	place := placeOf(p.folder.Set.Closures[p.file.Flow.Name], leg.State)
	return fmt.Sprintf("%s %s in the state %s, %s", leg.Name, is, leg.State, p.folder.located(place))
}
