package engine

// maxHops is how often a signal may lead to another one in another session. It ends
// circles of sessions that answer each other.
const maxHops = 16

// SignalTo is a signal to another session.
type SignalTo struct {
	Session string         `json:"session"`
	Name    string         `json:"name"`
	Data    map[string]any `json:"data,omitempty"` // plain JSON values: the other flow gives them their types
	Hops    int            `json:"hops"`           // signals that led here, this one included
}

// SendSignal sends a signal to another session. What becomes of it is known later: a
// session that is over or does not offer the signal is the event `error`.
func (x *Exec) SendSignal(to SignalTo) error {
	to.Hops = x.ev.Hops + 1
	if x.raised != nil {
		to.Hops = max(to.Hops, x.raised.Hops+1)
	}
	if to.Hops > maxHops {
		return &Fault{Reason: "limit", Err: errTooManyHops}
	}
	x.Emit(Effect{Kind: SignalSession, Lane: "signals", Signal: &to})
	return nil
}
