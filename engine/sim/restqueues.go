package sim

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

func (q *queue) JSON() any {
	s := q.sim
	var total time.Duration
	for _, w := range q.entries {
		total += s.now().Sub(w.joined)
	}
	return object{
		"sid": q.sid, "account_sid": s.o.AccountSID, "friendly_name": q.name, "current_size": len(q.entries),
		"average_wait_time": int(total / time.Duration(max(1, len(q.entries))) / time.Second), "max_size": q.most,
		"date_created": date(q.created), "date_updated": date(q.updated), "uri": s.uri("Queues", q.sid),
		"subresource_uris": map[string]string{"members": s.uri("Queues", q.sid, "Members")},
	}
}

func (w *waiting) JSON() any {
	s := w.run.sim
	return object{
		"call_sid": w.call.sid, "queue_sid": w.queue.sid, "date_enqueued": date(w.joined), "position": slices.Index(w.queue.entries, w) + 1,
		"wait_time": int(s.now().Sub(w.joined) / time.Second), "uri": s.uri("Queues", w.queue.sid, "Members", w.call.sid),
	}
}

var (
	queueParams        = rest.Join(rest.Plain("FriendlyName"), rest.Wholes(rest.CodeParameter, 1, 5000, "MaxSize"))
	updateMemberParams = rest.Join(rest.WebURLs(21205, "Url"), rest.Methods("Method"))
)

func queueAt(s *Sim, q *rest.Request) (*queue, *rest.Error) {
	sid := cmp.Or(q.Vars["QueueSid"], q.Vars["Sid"])
	return rest.Among(s.queues, q, func(o *queue) bool { return o.sid == sid })
}

// listQueues lists all but the queue in which calls wait for workers: that one is
// TaskRouter's.
func (s *Sim) listQueues(q *rest.Request) (rest.Answer, *rest.Error) {
	return rest.Page(q, "queues", slices.DeleteFunc(slices.Clone(s.queues), func(o *queue) bool { return ForWorkers(o.name) }))
}

func (q *queue) update(r *rest.Request) (rest.Answer, *rest.Error) {
	if e := q.configure(r); e != nil {
		return rest.Answer{}, e
	}
	return rest.Show(q, r)
}

func (q *queue) remove(*rest.Request) (rest.Answer, *rest.Error) {
	if len(q.entries) > 0 {
		return rest.Answer{}, rest.Refuse(http.StatusConflict, 20409, "The queue is not empty")
	}
	q.sim.queues = slices.DeleteFunc(q.sim.queues, func(o *queue) bool { return o == q })
	return rest.Deleted()
}

func (s *Sim) createQueue(q *rest.Request) (rest.Answer, *rest.Error) {
	one := &queue{sim: s, sid: s.sid("QU"), most: 1000, created: s.now()}
	if e := one.configure(q); e != nil {
		return rest.Answer{}, e
	}
	s.queues = append(s.queues, one)
	return rest.Created(one)
}

func (q *queue) configure(r *rest.Request) *rest.Error {
	name := q.name
	if r.Has("FriendlyName") {
		name = r.Get("FriendlyName")
	}
	switch other := q.sim.queueNamed(name, false); {
	case name == "" || len([]rune(name)) > 64:
		return rest.BadRequest(20002, "FriendlyName must have 1 to 64 characters")
	case other != nil && other != q:
		return rest.BadRequest(22003, "A queue of that name exists: "+name)
	}
	if n, err := strconv.Atoi(r.Get("MaxSize")); err == nil {
		q.most = n
	}
	q.name, q.updated = name, q.sim.now()
	return nil
}

// memberAt finds a waiting call by its SID; Front is the first.
func memberAt(s *Sim, q *rest.Request) (*waiting, *rest.Error) {
	line, e := queueAt(s, q)
	if e != nil {
		return nil, e
	}
	id := q.Vars["CallSid"]
	return rest.Among(line.entries, q, func(w *waiting) bool { return id == "Front" || w.call.sid == id })
}

func (q *queue) listMembers(r *rest.Request) (rest.Answer, *rest.Error) {
	return rest.Page(r, "queue_members", q.entries)
}

// update dequeues a call: it leaves the queue and runs the document at Url.
func (w *waiting) update(q *rest.Request) (rest.Answer, *rest.Error) {
	if q.Get("Url") == "" {
		return rest.Answer{}, rest.BadRequest(21205, "Url parameter is required")
	}
	answer, _ := rest.Show(w, q) // its place before it leaves
	w.call.redirect(source{endpoint: endpoint{q.Get("Url"), q.Get("Method")}})
	return answer, nil
}
