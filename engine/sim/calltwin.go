package sim

import (
	"cmp"
	"net/url"
	"strings"
	"time"
)

// A call of the account to a number of the account that nobody was put at with
// AddParty is two calls, joined by the telephone network: the one that was
// placed, and an inbound one at the number. Each is the other's party: what one
// hears is said on the other, keys included, and both end together.

// inbound starts a call of from to a number of the account.
func (s *Sim) inbound(from, to string, n Number, extra form) *Call {
	c := s.newCall(nil, "inbound", from, to)
	c.extra = append(applicationFields(to), extra...)
	c.answeredAs(n)
	return c
}

// ownAt are the webhooks of an address of the account's own: a number, or an
// application as app:SID.
func (s *Sim) ownAt(address string) (Number, bool) {
	if p := s.numbers[address]; p != nil {
		return p.voice(), true
	}
	if sid, _ := applicationOf(address); sid != "" {
		if app := s.applicationAt(sid); app != nil {
			return app.voice, true
		}
	}
	return Number{}, false
}

// applicationOf takes the address of a TwiML application apart: app:SID, with
// parameters of the caller's own as a query behind it. Of another address the SID
// is "".
func applicationOf(address string) (sid, query string) {
	rest, ok := strings.CutPrefix(address, "app:")
	if !ok {
		return "", ""
	}
	sid, query, _ = strings.Cut(rest, "?")
	return sid, query
}

// applicationFields are the parameters of requests about a call to an
// application: its SID and what the caller has added.
func applicationFields(address string) form {
	sid, query := applicationOf(address)
	if sid == "" {
		return nil
	}
	values, _ := url.ParseQuery(query) // what can be read counts
	return append(form{{"ApplicationSid", sid}}, extraForm(values)...)
}

// joinOwn rings the account's own number for a placed call, and reports whether
// the called address is one.
func (c *Call) joinOwn() bool {
	s := c.sim
	n, own := s.ownAt(c.to)
	if _, somebody := s.parties[c.to]; !own || somebody {
		return false
	}
	far := s.inbound(cmp.Or(c.shownAs, c.from), c.to, n, nil)
	far.setParty(Party{})
	far.twin = c
	c.setParty(Party{Outcome: Manual})
	c.twin = far
	far.setStatus("ringing")
	far.runMain()
	return true
}

// twinEnded takes the end of the other call, which had been answered or not.
func (c *Call) twinEnded(status string) {
	switch {
	case c.over():
	case c.direction == "inbound" || !c.answered.IsZero():
		c.partyHangsUp()
	case status == "busy":
		c.sip = 486
		c.end("busy")
	default:
		c.sip = 480
		c.end("no-answer")
	}
}

// key is one key that the party presses. What waits for keys takes it; whoever
// is connected hears it too, which counts where a peer is a joined call.
func (c *Call) key(key rune) {
	if c.over() {
		return
	}
	if c.openPayment().press(key) {
		return
	}
	c.streamKey(key)
	peers := c.peers()
	if c.keys != nil {
		c.keys(key)
	}
	if c.member != nil && c.member.muted {
		return
	}
	for _, peer := range peers {
		peer.hearsKey(key)
	}
}

// hearsKey passes a tone on to a joined call. It stops where sound comes round
// in a circle.
func (c *Call) hearsKey(key rune) {
	if c.twin == nil || c.relaying || c.over() || c.twin.over() {
		return
	}
	c.relaying = true
	defer func() { c.relaying = false }()
	c.twin.note(EntryKeys, string(key))
	c.twin.key(key)
}

// relay passes on to the joined call what this one hears: tones as keys, in
// their time, and the rest as words.
func (c *Call) relay(text string) {
	if c.twin == nil || c.relaying || c.twin.over() {
		return
	}
	if digits, ok := strings.CutPrefix(text, "digits "); ok {
		c.sendTones(digits)
		return
	}
	c.relaying = true
	defer func() { c.relaying = false }()
	far := c.twin
	if far.voice != nil {
		far.voice(text)
		return
	}
	if far.member != nil && far.member.muted {
		return
	}
	for _, peer := range far.peers() {
		peer.hears(text)
	}
}

// sendTones plays DTMF digits to the joined call.
func (c *Call) sendTones(digits string) {
	var at time.Duration
	for _, key := range digits {
		at += digitsLength(string(key))
		if key != 'w' && key != 'W' {
			c.sim.after(at, func() { c.hearsKey(key) })
		}
	}
}
