package sim

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"
)

func (q *queue) json() any {
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

func (w *waiting) json() any {
	s := w.run.sim
	return object{
		"call_sid": w.call.sid, "queue_sid": w.queue.sid, "date_enqueued": date(w.joined), "position": slices.Index(w.queue.entries, w) + 1,
		"wait_time": int(s.now().Sub(w.joined) / time.Second), "uri": s.uri("Queues", w.queue.sid, "Members", w.call.sid),
	}
}

var (
	queueParams        = params(plain("FriendlyName"), wholes(codeParameter, 1, 5000, "MaxSize"))
	updateMemberParams = params(webURLs(21205, "Url"), methods("Method"))
)

func queueAt(s *Sim, q *restRequest) (*queue, *restError) {
	sid := cmp.Or(q.vars["QueueSid"], q.vars["Sid"])
	return among(s.queues, q, func(o *queue) bool { return o.sid == sid })
}

// listQueues lists all but the queue in which calls wait for workers: that one is
// TaskRouter's.
func (s *Sim) listQueues(q *restRequest) (restAnswer, *restError) {
	return page(s, q, "queues", slices.DeleteFunc(slices.Clone(s.queues), func(o *queue) bool { return ForWorkers(o.name) }))
}

func (q *queue) update(r *restRequest) (restAnswer, *restError) {
	if e := q.configure(r); e != nil {
		return restAnswer{}, e
	}
	return show(q, r)
}

func (q *queue) remove(*restRequest) (restAnswer, *restError) {
	if len(q.entries) > 0 {
		return restAnswer{}, &restError{http.StatusConflict, 20409, "The queue is not empty"}
	}
	q.sim.queues = slices.DeleteFunc(q.sim.queues, func(o *queue) bool { return o == q })
	return gone()
}

func (s *Sim) createQueue(q *restRequest) (restAnswer, *restError) {
	one := &queue{sim: s, sid: s.sid("QU"), most: 1000, created: s.now()}
	if e := one.configure(q); e != nil {
		return restAnswer{}, e
	}
	s.queues = append(s.queues, one)
	return made(one)
}

func (q *queue) configure(r *restRequest) *restError {
	name := q.name
	if r.has("FriendlyName") {
		name = r.get("FriendlyName")
	}
	switch other := q.sim.queueNamed(name, false); {
	case name == "" || len([]rune(name)) > 64:
		return badRequest(20002, "FriendlyName must have 1 to 64 characters")
	case other != nil && other != q:
		return badRequest(22003, "A queue of that name exists: "+name)
	}
	if n, err := strconv.Atoi(r.get("MaxSize")); err == nil {
		q.most = n
	}
	q.name, q.updated = name, q.sim.now()
	return nil
}

// memberAt finds a waiting call by its SID; Front is the first.
func memberAt(s *Sim, q *restRequest) (*waiting, *restError) {
	line, e := queueAt(s, q)
	if e != nil {
		return nil, e
	}
	id := q.vars["CallSid"]
	return among(line.entries, q, func(w *waiting) bool { return id == "Front" || w.call.sid == id })
}

func (q *queue) listMembers(r *restRequest) (restAnswer, *restError) {
	return page(q.sim, r, "queue_members", q.entries)
}

// update dequeues a call: it leaves the queue and runs the document at Url.
func (w *waiting) update(q *restRequest) (restAnswer, *restError) {
	if q.get("Url") == "" {
		return restAnswer{}, badRequest(21205, "Url parameter is required")
	}
	answer, _ := show(w, q) // its place before it leaves
	w.call.redirect(source{endpoint: endpoint{q.get("Url"), q.get("Method")}})
	return answer, nil
}
