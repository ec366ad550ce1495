package sim

import (
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

const (
	codeReferNotSIP = 13801
	codeNoReferURL  = 13802
)

// referral is a Refer in progress: the party's SIP phone has been asked to call
// somebody else.
type referral struct {
	run    *run
	verb   *twiml.Element
	notify int // the last code that the phone has reported of its call, 0 before
}

// overSIP reports whether the party's phone is one that understands SIP REFER.
func (c *Call) overSIP() bool { return strings.HasPrefix(c.address(), "sip:") }

// referVerb asks the party's SIP phone to call another address. What that one
// does is what the party there would do with a call.
func (r *run) referVerb(verb *twiml.Element) {
	noun := verb.First("Sip")
	if noun == nil {
		r.next()
		return
	}
	if !r.call.overSIP() {
		r.call.warn(codeReferNotSIP, "Refer on a call with "+r.call.address())
		r.failed("refer", codeReferNotSIP, r.base, nil)
		return
	}
	v := &referral{run: r, verb: verb}
	if r.call.party.RefusesRefer {
		r.later(r.sim.o.Timings.Latency, func() { v.done("failed", 405, 0) })
		return
	}
	r.leave = func(leaving) *act { return r.actOf(verb, v.result("canceled", 202, max(v.notify, 100))) }
	r.call.note(EntryRefer, target(noun))
	v.ring(r.sim.nextParty(target(noun)))
}

// ring lets the called party react; the phone reports it.
func (v *referral) ring(p Party) {
	t := v.run.sim.o.Timings
	v.run.later(t.PostDial, func() {
		switch p.Outcome {
		case Busy:
			v.done("busy", 202, 486)
			return
		case Unreachable:
			v.done("failed", 202, 404)
			return
		}
		v.notify = 180
		switch p.Outcome {
		case Answer:
			v.run.later(p.AnswerAfter, v.accepted)
		case Decline:
			v.run.later(p.AnswerAfter, func() { v.done("failed", 202, 603) })
		default:
			v.run.later(time.Minute, func() { v.done("failed", 202, 480) })
		}
	})
}

// accepted: the party talks to the other one now, and hangs up here.
func (v *referral) accepted() {
	c := v.run.call
	v.done("in-progress", 202, 200)
	c.sim.after(time.Second, c.partyHangsUp)
}

func (v *referral) done(status string, refer, notify int) {
	v.run.leave = nil
	v.run.goOn(v.verb, false, v.result(status, refer, notify))
}

func (v *referral) result(status string, refer, notify int) form {
	f := form{{"ReferCallStatus", status}, {"ReferSipResponseCode", strconv.Itoa(refer)}}
	if notify > 0 {
		f = f.with("NotifySipResponseCode", strconv.Itoa(notify))
	}
	return f
}

// Refer lets the called party of a Dial, at a SIP phone, transfer the call: its
// phone sends a REFER to another address. Twilio requests the Dial's referUrl,
// the document of which the caller gets, and the party's call ends. Refer reports
// whether there was a Dial that could take it.
func (c *Call) Refer(to string) bool { return locked(c, func() bool { return c.refer(to) }) }

func (c *Call) refer(to string) bool {
	if c.over() || c.dialled == nil || c.dialled.dial.bridged != c || !c.overSIP() {
		return false
	}
	d := c.dialled.dial
	url := d.verb.AttrOr("referUrl", "")
	if url == "" {
		d.run.call.warn(codeNoReferURL, "a REFER to "+to+" in a Dial without referUrl")
		return false
	}
	abs, _ := d.run.resolve(url)
	r := d.run
	r.cut(leaveRedirect)
	r.fetch("refer", endpoint{abs, d.verb.AttrOr("referMethod", "POST")}, form{{"ReferTransferTarget", to}})
	return true
}
