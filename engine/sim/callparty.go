package sim

import "strings"

// Press presses keys (0-9 * # A-D), one after the other; w waits half a second
// before the next, W a second. Keys that nothing waits for are lost.
func (c *Call) Press(keys string) {
	locked(c, func() any { c.press(keys); return nil })
}

// Say speaks. A Gather for speech or a Record takes it; else the peers hear it.
func (c *Call) Say(text string) {
	locked(c, func() any { c.say(text); return nil })
}

// Answer picks up a phone that rings; else it does nothing.
func (c *Call) Answer() {
	locked(c, func() any { c.pickUp(); return nil })
}

// AnswerWith picks up a phone that rings with Kind, Greeting, NoBeep and HangupAfter of
// p, such as a machine; else it does nothing.
func (c *Call) AnswerWith(p Party) {
	locked(c, func() any {
		if c.direction != "inbound" && c.status == "ringing" {
			c.party.Kind, c.party.Greeting, c.party.NoBeep, c.party.HangupAfter = p.Kind, p.Greeting, p.NoBeep, p.HangupAfter
			c.pickUp()
		}
		return nil
	})
}

// Decline rejects a call that rings, which makes it busy; else it does nothing.
func (c *Call) Decline() {
	locked(c, func() any {
		if c.direction != "inbound" && c.status == "ringing" {
			c.sip = 603
			c.end("busy")
		}
		return nil
	})
}

// Hangup puts down the party's phone. An inbound call that was not answered yet
// ends as no-answer; an outbound one that rings is declined.
func (c *Call) Hangup() {
	locked(c, func() any { c.partyHangsUp(); return nil })
}

func (c *Call) press(keys string) {
	if c.over() || c.answered.IsZero() && c.status != "ringing" {
		return
	}
	now, later := keys, ""
	i := strings.IndexAny(keys, "wW")
	if i >= 0 {
		now, later = keys[:i], keys[i+1:]
	}
	if now != "" {
		c.note(EntryKeys, now)
	}
	for _, key := range now {
		c.key(key)
	}
	if later != "" {
		c.sim.after(digitsLength(keys[i:i+1]), func() { c.press(later) })
	}
}

func (c *Call) say(text string) {
	if c.over() {
		return
	}
	c.note(EntrySpoken, text)
	c.transcribe("inbound_track", text)
	c.sound("inbound_track", c.sim.speech(text))
	if c.voice != nil {
		c.voice(text)
		return
	}
	if c.member != nil {
		if c.member.muted {
			return
		}
		c.member.speaks(text)
	}
	for _, peer := range c.peers() {
		peer.hears(c.address() + ": " + text)
	}
}

// address is the party's own: the caller's of an inbound call, else the called.
func (c *Call) address() string {
	if c.direction == "inbound" {
		return c.from
	}
	return c.to
}

func (c *Call) hears(text string) { c.hearsIn("", text) }

// hearsIn is hears for words in a language, "" where that is not said.
func (c *Call) hearsIn(language, text string) {
	c.heard = append(c.heard, text)
	c.sim.note(Entry{Kind: EntryHeard, Call: c.sid, Text: text, Language: language})
	if text == beep {
		c.meets(Beeps, "", nil)
	}
	c.meets(Hears, text, nil)
	if words := spokenPart(text); words != "" {
		c.transcribe("outbound_track", words)
	}
	c.sound("outbound_track", c.sim.speech(text))
	c.relay(text)
}

func (c *Call) peers() []*Call {
	switch {
	case c.member != nil:
		return c.member.others()
	case c.dial != nil && c.dial.bridged != nil:
		return []*Call{c.dial.bridged}
	case c.dialled != nil && c.dialled.dial.bridged == c:
		return []*Call{c.parent}
	case c.dequeued != nil:
		return []*Call{c.dequeued}
	case c.waiting != nil && c.waiting.bridge != nil:
		return []*Call{c.waiting.bridge}
	}
	return nil
}

func (c *Call) partyHangsUp() {
	switch {
	case c.over():
	case !c.answered.IsZero():
		c.end("completed")
	case c.direction == "inbound":
		c.end("no-answer")
	default:
		c.sip = 603
		c.end("busy")
	}
}
