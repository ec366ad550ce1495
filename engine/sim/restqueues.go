package sim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

func (q *queue) json(s *Sim) map[string]any {
	var total time.Duration
	for _, w := range q.entries {
		total += s.now().Sub(w.joined)
	}
	return map[string]any{
		"sid": q.sid, "account_sid": s.o.AccountSID, "friendly_name": q.name, "current_size": len(q.entries),
		"average_wait_time": int(total / time.Duration(max(1, len(q.entries))) / time.Second), "max_size": q.most,
		"date_created": date(q.created), "date_updated": date(q.created), "uri": s.uri("Queues", q.sid),
		"subresource_uris": map[string]string{"members": s.uri("Queues", q.sid, "Members")},
	}
}

func (w *waiting) json() map[string]any {
	s := w.run.sim
	return map[string]any{
		"call_sid": w.call.sid, "queue_sid": w.queue.sid, "date_enqueued": date(w.joined), "position": slices.Index(w.queue.entries, w) + 1,
		"wait_time": int(s.now().Sub(w.joined) / time.Second), "uri": s.uri("Queues", w.queue.sid, "Members", w.call.sid),
	}
}

// restQueues serves queues and their members (documentation: Queue and Member
// resources).
func (s *Sim) restQueues(q *restRequest) (restAnswer, *restError) {
	show := func(q *queue) map[string]any { return q.json(s) }
	if len(q.parts) == 1 {
		switch q.method {
		case http.MethodGet:
			return page(s, q, "queues", s.queues, show)
		case http.MethodPost:
			return s.createQueue(q)
		}
		return restAnswer{}, q.notAllowed()
	}
	i := slices.IndexFunc(s.queues, func(o *queue) bool { return o.sid == q.parts[1] })
	if i < 0 {
		return restAnswer{}, notFound(q.path)
	}
	found := s.queues[i]
	switch {
	case len(q.parts) > 2 && q.parts[2] == "Members":
		return found.restMembers(s, q)
	case len(q.parts) > 2:
		return restAnswer{}, notFound(q.path)
	case q.method == http.MethodGet:
	case q.method == http.MethodPost:
		if e := found.configure(q); e != nil {
			return restAnswer{}, e
		}
	case q.method == http.MethodDelete:
		if len(found.entries) > 0 {
			return restAnswer{}, &restError{http.StatusConflict, 20409, "The queue is not empty"}
		}
		s.queues = slices.Delete(s.queues, i, i+1)
		return restAnswer{status: http.StatusNoContent}, nil
	default:
		return restAnswer{}, q.notAllowed()
	}
	return restAnswer{status: 200, body: found.json(s)}, nil
}

func (s *Sim) createQueue(q *restRequest) (restAnswer, *restError) {
	name := q.get("FriendlyName")
	switch {
	case name == "":
		return restAnswer{}, badRequest(20001, "FriendlyName is required")
	case s.queueNamed(name, false) != nil:
		return restAnswer{}, badRequest(22003, "A queue of that name exists: "+name)
	}
	made := &queue{sid: s.sid("QU"), most: 1000, created: s.now()}
	if e := made.configure(q); e != nil {
		return restAnswer{}, e
	}
	s.queues = append(s.queues, made)
	return restAnswer{status: http.StatusCreated, body: made.json(s)}, nil
}

func (q *queue) configure(r *restRequest) *restError {
	name, most := q.name, q.most
	if r.has("FriendlyName") {
		name = r.get("FriendlyName")
	}
	if v := r.get("MaxSize"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 5000 {
			return badRequest(20001, "MaxSize is not a number from 1 to 5000: "+v)
		}
		most = n
	}
	if name == "" || len([]rune(name)) > 64 {
		return badRequest(20001, "FriendlyName must have 1 to 64 characters")
	}
	q.name, q.most = name, most
	return nil
}

// restMembers lists and fetches waiting calls, and dequeues one: it leaves the
// queue and runs the document at Url.
func (q *queue) restMembers(s *Sim, r *restRequest) (restAnswer, *restError) {
	if len(r.parts) == 3 {
		if r.method != http.MethodGet {
			return restAnswer{}, r.notAllowed()
		}
		return page(s, r, "queue_members", q.entries, (*waiting).json)
	}
	i := slices.IndexFunc(q.entries, func(w *waiting) bool { return r.parts[3] == "Front" || w.call.sid == r.parts[3] })
	if i < 0 || len(r.parts) > 4 {
		return restAnswer{}, notFound(r.path)
	}
	w := q.entries[i]
	body := w.json()
	switch r.method {
	case http.MethodGet:
	case http.MethodPost:
		if r.get("Url") == "" {
			return restAnswer{}, badRequest(21205, "Url parameter is required")
		}
		if e := checkSource(r); e != nil {
			return restAnswer{}, e
		}
		w.call.redirect(source{endpoint: endpoint{r.get("Url"), r.get("Method")}})
	default:
		return restAnswer{}, r.notAllowed()
	}
	return restAnswer{status: 200, body: body}, nil
}
