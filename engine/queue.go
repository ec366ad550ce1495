package engine

import (
	"strconv"
	"strings"
	"time"
)

// Queuer is a verb that puts the leg into a queue. What it hears there is the verb's Loop.
type Queuer interface {
	Looper
	// Key takes the keys that were pressed in the queue's wait.
	Key(t *Turn) error
}

// Queued is what is known of the waiting of a leg in a queue, into which its document
// Turn has put it.
type Queued struct {
	Turn int       `json:",omitzero"`
	Keys int       `json:",omitzero"` // how often keys were taken in the wait
	Took time.Time `json:",omitzero"` // when somebody was connected
}

// queueFields are Twilio's parameters behind the root `queue` of expressions.
// https://www.twilio.com/docs/voice/twiml/enqueue
var queueFields = map[string]string{"position": "QueuePosition", "size": "CurrentQueueSize"}

// queueTimes are those that count seconds.
var queueTimes = map[string]string{"waited": "QueueTime", "average": "AvgQueueTime"}

// queueValue is what the music of a queue can say of the waiting.
func (x *Exec) queueValue() map[string]any {
	m := make(map[string]any, len(queueFields)+len(queueTimes))
	for name, param := range queueFields {
		m[name] = number(x.ev.Fields[param])
	}
	for name, param := range queueTimes {
		m[name] = time.Duration(number(x.ev.Fields[param])) * time.Second
	}
	return m
}

// queued begins the waiting: the leg's document ends in its queue.
func (x *Exec) queued(l *Leg) { l.Queued = &Queued{Turn: l.Turn} }

// waiting is what is known of the leg's waiting in a queue; nil when its document has
// not put it into one, or it is on its way out: to a state whose steps are not over yet.
func (l *Leg) waiting() *Queued {
	if l == nil || l.Queued == nil || l.Queued.Turn != l.Turn || l.Held != "" || l.Over() || l.Leaving {
		return nil
	}
	return l.Queued
}

// AwaitsKey reports whether the next keys in the leg's queue are those of that number.
func (l *Leg) AwaitsKey(n int) bool {
	q := l.waiting()
	return q != nil && q.Keys == n
}

// WaitKey is the kind of the URL of keys number n in a queue's wait.
func WaitKey(n int) string { return URLWaitKey + "-" + strconv.Itoa(n) }

// WaitKeyNumber reads the number out of such a kind.
func WaitKeyNumber(kind string) (int, bool) {
	rest, found := strings.CutPrefix(kind, URLWaitKey+"-")
	n, err := strconv.Atoi(rest)
	return n, found && err == nil && n >= 0 && strconv.Itoa(n) == rest
}

// KeyURL is the path for the next keys in the queue's wait.
func (t *Turn) KeyURL() string {
	keys := 0
	if q := t.Caller.Queued; q != nil && q.Turn == t.Number {
		keys = q.Keys
	}
	return t.URL(WaitKey(keys))
}

// waitKey takes keys that were pressed in a queue's wait. Their answer is heard in the
// wait, so whatever sends the leg elsewhere is a move, and the answer lets it out.
func (x *Exec) waitKey(ev *Event) error {
	l := x.s.Leg(ev.Leg)
	x.handed(l.Number, ev.Turn)
	if err := x.evidence(l, ev.Fields); err != nil {
		return err
	}
	q := l.waiting()
	if q == nil || ev.Turn != l.Turn || ev.Gen != int64(q.Keys) || x.muted {
		return nil
	}
	q.Keys++
	turn := l.Turn
	if verb, ok := x.stateOf(l).Verb.(Queuer); ok {
		if err := verb.Key(&Turn{Exec: x, Caller: l, State: x.stateOf(l), Fields: ev.Fields}); err != nil {
			return err
		}
	}
	if l.Turn != turn || l.Leaving {
		l.Unqueued = Asked{Turn: ev.Turn, Kind: WaitKey(int(ev.Gen))}
	}
	return nil
}

// letsOut reports whether the answer to this event takes the leg out of its queue, so
// that Twilio asks for its new document by itself.
func (x *Exec) letsOut(l *Leg) bool { return x.ev.Kind == KindWaitKey && x.ev.Leg == l.Number }

// Press follows the target of keys that do not end the verb. What the leg hears goes on.
func (t *Turn) Press(target *Target, data Values) error {
	l := t.Caller
	return t.take(l, l.here(), target, &Raised{Name: "digits", Leg: l.Number, Time: t.now, Data: data})
}

// connected is the news that somebody has dialled the leg out of its queue, or that the
// leg has got somebody out of the queue that it dials. Turn is 0 where the news does not
// say of which waiting it is. The call that it names is not the leg's own.
func (x *Exec) connected(ev *Event) error {
	l := x.s.Leg(ev.Leg)
	q := l.waiting()
	if l.Over() || l.Leaving || ev.Turn != 0 && ev.Turn != l.Turn || ev.Turn == 0 && q == nil {
		return nil
	}
	if q != nil && q.Took.IsZero() {
		q.Took = x.now
	}
	return x.bridgedWith(l, ev.Fields["To"])
}

// bridgedWith tells the state of a leg, once, that it talks to somebody.
func (x *Exec) bridgedWith(l *Leg, to string) error {
	if l.Bridged || l.Over() || x.muted {
		return nil
	}
	l.Bridged = true
	st := x.stateOf(l)
	if st == nil {
		return nil
	}
	if t := st.On["answered"]; t != nil {
		return x.take(l, l.here(), t, &Raised{Name: "answered", Leg: l.Number, Time: x.now, Data: Values{"to": to}})
	}
	return nil
}

// Talked is how long the leg has talked to whoever took it out of its queue; 0 when
// nobody has told of that.
func (t *Turn) Talked() time.Duration {
	if q := t.Caller.Queued; q != nil && q.Turn == t.Caller.Turn && !q.Took.IsZero() {
		return t.now.Sub(q.Took)
	}
	return 0
}
