package sim

import (
	"slices"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// queueDial is a Dial that takes the first call of a queue.
type queueDial struct {
	run    *run
	verb   *twiml.Element
	noun   *twiml.Element
	queue  *queue
	got    *waiting
	since  time.Time
	bridge bool
}

// dialQueue runs Dial with a Queue: it takes the first call, or waits for one.
func (r *run) dialQueue(verb, noun *twiml.Element) {
	if sid, ok := noun.Attr("reservationSid"); ok {
		r.dialReservation(verb, noun, sid)
		return
	}
	q := r.sim.queueNamed(noun.Body(), false)
	if q == nil {
		r.goOn(verb, false, form{{"DialCallStatus", "failed"}})
		return
	}
	d := &queueDial{run: r, verb: verb, noun: noun, queue: q}
	r.leave = d.cut
	for _, w := range q.entries {
		if w.by == nil {
			d.take(w)
			return
		}
	}
	q.dialers = append(q.dialers, d)
	r.later(time.Duration(intAttr(verb, "timeout", 30))*time.Second, func() {
		if d.got == nil {
			d.done("no-answer")
		}
	})
}

// dialReservation takes the call of a TaskRouter reservation, which is accepted
// by that.
func (r *run) dialReservation(verb, noun *twiml.Element, sid string) {
	if res := r.sim.taskRouter.Reservation(sid); res != nil && res.Open() {
		if w := r.sim.taskWaits[res.Task()]; w != nil && w.by == nil {
			if a, ok := noun.Attr("postWorkActivitySid"); ok {
				res.SetPostWork(a)
			}
			res.Accept()
			d := &queueDial{run: r, verb: verb, noun: noun, queue: w.queue}
			r.leave = d.cut
			d.take(w)
			return
		}
	}
	r.call.warn(14217, "reservation "+sid+" cannot be accepted")
	r.goOn(verb, false, form{{"DialCallStatus", "failed"}})
}

// take dequeues a call, plays it the noun's document and bridges it.
func (d *queueDial) take(w *waiting) {
	d.got, w.by, w.left = w, d, d.run.sim.now()
	w.queue.entries = slices.DeleteFunc(w.queue.entries, func(o *waiting) bool { return o == w })
	w.music.stop()
	url, ok := d.noun.Attr("url")
	if !ok || url == "" {
		d.connect()
		return
	}
	abs, _ := d.run.resolve(url)
	w.music = &run{sim: d.run.sim, call: w.call, ctx: twiml.QueueNoun, ended: d.connect, broken: func(int) { d.connect() }}
	w.music.fetch("queue", endpoint{abs, d.noun.AttrOr("method", "POST")},
		form{{"QueueSid", w.queue.sid}, {"QueueTime", w.seconds()}, {"DequeingCallSid", d.run.call.sid}})
}

func (d *queueDial) connect() {
	if d.got == nil || d.got.call.waiting != d.got {
		return
	}
	d.bridge, d.since, d.got.bridge = true, d.run.sim.now(), d.run.call
	d.run.call.dequeued = d.got.call
	d.run.call.meetsPeers()
	d.got.call.meetsPeers()
	if limit := intAttr(d.verb, "timeLimit", 0); limit > 0 {
		d.run.later(time.Duration(limit)*time.Second, func() { d.done("completed") })
	}
}

// done ends the Dial; a call that it has dequeued goes on behind its Enqueue.
func (d *queueDial) done(status string) {
	params := d.release(status)
	d.run.leave = nil
	d.run.goOn(d.verb, false, params)
}

func (d *queueDial) release(status string) form {
	d.queue.dialers = slices.DeleteFunc(d.queue.dialers, func(o *queueDial) bool { return o == d })
	f := form{{"DialCallStatus", status}, {"DialBridged", strconv.FormatBool(d.bridge)}}
	if w := d.got; w != nil {
		f = f.with("DialCallSid", w.call.sid).with("QueueSid", w.queue.sid).with("QueueTime", w.seconds())
		d.got, d.run.call.dequeued = nil, nil
		if w.call.waiting == w {
			w.out("bridged")
		}
	}
	return f
}

func (d *queueDial) cut(leaving) *act { return d.run.actOf(d.verb, d.release("completed")) }
