package engine

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ringdown/ringdown/engine/twiml"
)

// renderInline renders the document with which the party of a call begins, so that it
// can travel with the request. Nothing of the flow happens yet: the state is entered at
// the answer. False: the call asks for its document as others do, and the history says why.
func (x *Exec) renderInline(l *Leg) bool {
	why := ""
	switch {
	case x.ev.World.Base == "":
		why = "the server does not know its public address"
	case l.Detection != nil && !l.Detection.Async:
		why = "with synchronous detection nobody would tell who answered"
	default:
		why = x.previewInline(l)
	}
	if why == "" {
		return true
	}
	x.note(Entry{What: "dropped", Leg: l.Number, Name: "inline", Why: why})
	return false
}

// previewInline enters the state in a copy of the session and keeps the document, and
// the legs of the parties that it dials. It gives a reason why that cannot be.
func (x *Exec) previewInline(l *Leg) string {
	p := newExec(x.c, x.s, &Event{Kind: "inline", At: x.now, Leg: l.Number, World: x.ev.World})
	c := p.s.Leg(l.Number)
	c.Condition, c.AnsweredAt, c.Started = LegUp, x.now, true
	if err := p.enter(c, c.State); err != nil {
		return err.Error()
	}
	if c.Turn != 1 || len(p.effects) > 0 || c.Held != "" {
		return "its state does more than to be heard"
	}
	doc, err := absolute(c.Doc, x.ev.World.Base)
	if err != nil {
		return err.Error()
	}
	if n := utf8.RuneCount(doc); n > twiml.MaxInline {
		return "the document has " + strconv.Itoa(n) + " characters, Twilio takes " + strconv.Itoa(twiml.MaxInline)
	}
	for _, party := range p.s.Legs[len(x.s.Legs):] {
		party.Reserved = true
		x.s.Legs = append(x.s.Legs, party)
	}
	l.Inline = doc
	return ""
}

// absolute writes the addresses of this server in full: a document that was not fetched
// has no address that they could be relative to.
func absolute(doc []byte, base string) ([]byte, error) {
	root, err := twiml.Parse(doc)
	if err != nil {
		return nil, err
	}
	ours := func(text string) bool { return strings.HasPrefix(text, "/t/") || strings.HasPrefix(text, "/r/") }
	base = strings.TrimSuffix(base, "/")
	var walk func(el *twiml.Element)
	walk = func(el *twiml.Element) {
		for i, a := range el.Attrs {
			if ours(a.Value) {
				el.Attrs[i].Value = base + a.Value
			}
		}
		for i, n := range el.Children {
			switch n := n.(type) {
			case *twiml.Element:
				walk(n)
			case twiml.Text:
				if el.Name == "Redirect" && ours(string(n)) {
					el.Children[i] = twiml.Text(base + string(n))
				}
			}
		}
	}
	walk(root)
	return twiml.AppendDocument(nil, root), nil
}

// startInline takes in the answer of a call whose document travelled with it: Twilio is
// at turn 1 already. A leg that was sent elsewhere before goes on to its new document.
func (x *Exec) startInline(l *Leg) error {
	if l.Inline == nil || l.Started || l.Over() {
		return nil
	}
	doc := l.Inline
	l.Inline, l.Started = nil, true
	if x.muted || l.Leaving || l.State != l.Call.State || x.s.Condition != SessionRunning {
		l.Turn, l.Handed, l.Doc, l.By = 1, 1, doc, Asked{Kind: KindStart}
		if x.muted || l.Leaving || x.s.Condition != SessionRunning {
			return nil
		}
		return x.enter(l, l.State)
	}
	asks := x.asks
	l.Asked = Asked{Kind: KindStart}
	if err := x.enter(l, l.State); err != nil {
		return err
	}
	x.asks = asks
	if l.Turn == 1 {
		l.Doc = doc
	}
	return nil
}

// given is the turn of the document that travelled with the request of a call, 0 when
// none did, or it was answered.
func (l *Leg) given() int {
	if l.Inline == nil {
		return 0
	}
	return 1
}

// dialledInline gives the leg of a party that stands in an inline document, nil if there
// is none.
func (x *Exec) dialledInline(name string, parent int) *Leg {
	for _, c := range x.s.Legs {
		if c.Reserved && c.Parent == parent && c.Name == name && parent != 0 {
			c.Reserved, c.PlacedAt, c.EvidenceAt = false, x.now, x.now
			return c
		}
	}
	return nil
}

// hangUpStray has a call hung up that is answered after its leg was given up: one with
// its document in the request asks for nothing that could tell it so.
func (x *Exec) hangUpStray(ev *Event) {
	l := x.s.Leg(ev.Leg)
	if l == nil || !l.Gone() || !l.AnsweredAt.IsZero() || l.Call == nil || l.Call.State == "" {
		return
	}
	sid := ev.Fields["CallSid"]
	if sid == "" || ev.Kind != KindStatus || ev.Fields["CallStatus"] != "in-progress" {
		return
	}
	x.Emit(Effect{Kind: HangupCall, Lane: "stray", Params: map[string]string{"Sid": sid, "Status": "completed"}})
}
