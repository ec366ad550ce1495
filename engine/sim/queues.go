package sim

import (
	"slices"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/sim/taskrouter"
	"github.com/ringdown/ringdown/engine/twiml"
)

// queue holds calls in the order of their arrival.
type queue struct {
	sim     *Sim
	sid     string
	name    string
	most    int
	created time.Time
	updated time.Time
	entries []*waiting
	dialers []*queueDial
}

// waiting is a call in a queue, or bridged out of it.
type waiting struct {
	queue  *queue
	call   *Call
	run    *run // whose Enqueue it is
	verb   *twiml.Element
	joined time.Time
	left   time.Time        // when it was taken out of the queue
	task   *taskrouter.Task // of an Enqueue with a workflow
	music  *run
	bridge *Call      // who has dialled it out of the queue
	by     *queueDial // that one's Dial
}

// ForWorkers reports whether a queue, as the log names it, is the one in which calls wait
// for a worker of TaskRouter.
func ForWorkers(queue string) bool { return queue == taskrouter.QueueSID }

// The names of queues that LimitQueue takes beside those of the application.
const (
	AnyQueue  = "*"     // all that have no limit of their own
	TaskQueue = "tasks" // the one in which calls wait for a worker of TaskRouter
)

// LimitQueue lets a queue hold so many calls at most; 0 has it full from the beginning.
// It counts for calls that come later.
func (s *Sim) LimitQueue(name string, most int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if name == TaskQueue {
		name = taskrouter.QueueSID
	}
	s.queueLimits[name] = most
	for _, q := range s.queues {
		q.most = s.queueLimit(q.name)
	}
}

func (s *Sim) queueLimit(name string) int {
	for _, n := range []string{name, AnyQueue} {
		if most, ok := s.queueLimits[n]; ok {
			return most
		}
	}
	return 1000
}

func (s *Sim) queueNamed(name string, create bool) *queue {
	for _, q := range s.queues {
		if q.name == name {
			return q
		}
	}
	if !create {
		return nil
	}
	q := &queue{sim: s, sid: s.sid("QU"), name: name, most: s.queueLimit(name), created: s.now(), updated: s.now()}
	s.queues = append(s.queues, q)
	return q
}

func (r *run) enqueue(verb *twiml.Element) {
	name := verb.Body()
	workflow, forTask := verb.Attr("workflowSid")
	if forTask {
		name = taskrouter.QueueSID
	}
	q := r.sim.queueNamed(name, true)
	if len(q.entries) >= min(q.most, intAttr(verb, "maxQueueSize", q.most)) {
		r.call.warn(14207, "queue "+q.name+" is full")
		r.goOn(verb, false, form{{"QueueResult", "queue-full"}})
		return
	}
	w := &waiting{queue: q, call: r.call, run: r, verb: verb, joined: r.sim.now()}
	if forTask {
		t, code := r.enqueueTask(verb, workflow)
		if code != 0 {
			r.call.warn(code, "no task can be made for workflow "+workflow)
			r.goOn(verb, false, form{{"QueueResult", "error"}})
			return
		}
		w.task, r.sim.taskWaits[t] = t, w
	}
	q.entries = append(q.entries, w)
	r.call.waiting = w
	r.leave = w.cut
	r.sim.note(Entry{Kind: EntryQueue, Call: r.call.sid, Room: q.name, Text: "enter"})
	r.call.meets(Joins, q.name, nil)
	w.play()
	if len(q.dialers) > 0 {
		d := q.dialers[0]
		q.dialers = q.dialers[1:]
		d.take(w)
	}
}

// waitRound is how often a wait document that plays nothing is asked for at most;
// Twilio's own bound is not known.
const waitRound = time.Second

// play runs the wait document, again and again.
func (w *waiting) play() {
	r := w.run
	url, ok := w.verb.Attr("waitUrl")
	if !ok {
		r.hears("play hold music")
		return
	}
	if url == "" {
		return
	}
	abs, _ := r.resolve(url)
	w.music = &run{sim: r.sim, call: w.call, ctx: twiml.QueueWait, extra: w.position}
	asked := r.sim.now()
	w.music.ended = func() {
		r.sim.after(asked.Add(waitRound).Sub(r.sim.now()), func() {
			if w.call.waiting == w && w.by == nil {
				w.play()
			}
		})
	}
	w.music.broken = func(int) { w.out("error") }
	w.music.fetch("wait", endpoint{abs, w.verb.AttrOr("waitUrlMethod", "POST")}, nil)
}

// position are the parameters of requests from the queue.
func (w *waiting) position() form {
	now := w.run.sim.now()
	var total time.Duration
	for _, other := range w.queue.entries {
		total += now.Sub(other.joined)
	}
	size := len(w.queue.entries)
	average := total / time.Duration(max(size, 1))
	return form{
		{"QueuePosition", strconv.Itoa(slices.Index(w.queue.entries, w) + 1)}, {"QueueSid", w.queue.sid},
		{"QueueTime", w.seconds()}, {"AvgQueueTime", strconv.Itoa(int(average / time.Second))},
		{"CurrentQueueSize", strconv.Itoa(size)}, {"MaxQueueSize", strconv.Itoa(w.queue.most)},
	}
}

func (w *waiting) seconds() string {
	until := w.left
	if until.IsZero() {
		until = w.run.sim.now()
	}
	return strconv.Itoa(int(until.Sub(w.joined) / time.Second))
}

// leaveVerb runs Leave, which only means something in a wait document.
func (r *run) leaveVerb() {
	if w := r.call.waiting; r.ctx == twiml.QueueWait && w != nil {
		w.out("leave")
		return
	}
	r.next()
}

// remove takes the call out of the queue and returns the action's parameters.
func (w *waiting) remove(result string) form {
	w.queue.entries = slices.DeleteFunc(w.queue.entries, func(o *waiting) bool { return o == w })
	w.call.waiting = nil
	w.music.stop()
	w.run.sim.note(Entry{Kind: EntryQueue, Call: w.call.sid, Room: w.queue.name, Text: result})
	if w.task != nil {
		w.run.sim.taskLeft(w.task, result)
	}
	return form{{"QueueResult", result}, {"QueueSid", w.queue.sid}, {"QueueTime", w.seconds()}}
}

// out ends the Enqueue; the call goes on.
func (w *waiting) out(result string) {
	if w.call.waiting != w {
		return
	}
	w.run.leave = nil
	w.run.goOn(w.verb, false, w.remove(result))
}

// cut ends the Enqueue because the call has ended or was redirected.
func (w *waiting) cut(why leaving) *act {
	result, by := "hangup", w.by
	switch {
	case by != nil && why == leaveRedirect:
		result = "redirected-from-bridged"
	case by != nil:
		result = "bridged"
	case why == leaveRedirect:
		result = "redirected"
	}
	params := w.remove(result)
	if by != nil {
		by.done("completed")
	}
	last := w.run.actOf(w.verb, params)
	if last != nil {
		last.always = why == leaveRedirect // documentation: requested at once
	}
	return last
}
