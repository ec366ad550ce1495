package engine

import "strings"

// A leg whose document sends it to a foreign server is out: nothing is known of it but
// what its status callback says, until it asks for its return URL, or the flow moves it.

// Away says that the document sends the call to a foreign server.
func (t *Turn) Away() { t.away = true }

// isOut reports whether a return URL of that turn brings the leg back now. The flow may
// have given the URL away before the document was made, so every turn since the entry of
// the state counts.
func (l *Leg) isOut(turn int) bool { return l.Out != 0 && turn >= l.OutFrom && turn <= l.Turn }

// Returns reports whether a request for the return URL of that turn brings the leg back.
func (l *Leg) Returns(turn int) bool { return l.isOut(turn) && !l.Over() && !l.Leaving }

// returnURL is the address that brings the leg back from a foreign server, "" where the
// server does not know its own address.
func (x *Exec) returnURL(l *Leg) string {
	if x.ev.World.Base == "" || l.Over() {
		return ""
	}
	turn := l.Turn + 1 // of the document that is being made, or will be
	if l.Out != 0 {
		turn = l.Turn
	}
	path, _, _ := strings.Cut(Path(x.s.ID, l.Number, turn, URLBack), "#") // others may add a query
	return strings.TrimSuffix(x.ev.World.Base, "/") + path
}

// Params are the parameters of a request that are not Twilio's own words on the call.
func (t *Turn) Params() map[string]any {
	params, _ := callFields(t.Fields)["params"].(map[string]any)
	for _, name := range progressFields {
		delete(params, name)
	}
	return params
}

// progressFields are what every request says of a call in progress.
var progressFields = []string{"CallDuration", "Timestamp", "SequenceNumber", "CallbackSource"}
