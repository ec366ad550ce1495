package taskrouter

import (
	"maps"
	"time"
)

// worker is somebody who takes tasks.
type worker struct {
	thing
	attributes map[string]any
	activity   string
	since      time.Time      // of the activity
	idle       time.Time      // since when it has had nothing to do
	busy       []*Reservation // that it has been offered or has accepted
	capacity   map[string]int // of a task channel; 1 unless set
}

// available reports whether the worker can take a task of a channel now.
func (w *worker) available(channel string) bool {
	a := w.space.activityAt(w.activity)
	switch {
	case a == nil || !a.available:
		return false
	case !w.space.multiTask:
		return len(w.busy) == 0
	}
	return w.load(channel) < w.capacityOf(channel)
}

// load is how many tasks of a channel the worker has.
func (w *worker) load(channel string) int {
	n := 0
	for _, r := range w.busy {
		if r.task.channel == channel {
			n++
		}
	}
	return n
}

func (w *worker) capacityOf(channel string) int {
	if n, ok := w.capacity[channel]; ok {
		return n
	}
	return 1
}

// attribute is what an expression sees of a worker.
func (w *worker) attribute(name string) any {
	switch name {
	case "worker.sid", "sid":
		return w.sid
	case "worker.name", "friendly_name":
		return w.name
	case "activity_name":
		if a := w.space.activityAt(w.activity); a != nil {
			return a.name
		}
	}
	return attribute(w.attributes, name)
}

func (ws *workspace) addWorker(name string, attributes map[string]any, activity string) *worker {
	w := &worker{thing: ws.newThing("WK", name), attributes: attributes, activity: activity, since: ws.router.now(), idle: ws.router.now(), capacity: map[string]int{}}
	ws.router.workers = append(ws.router.workers, w)
	ws.report("worker.created", "Worker "+name+" created", w, w.eventFields())
	ws.router.routeSoon()
	return w
}

func (w *worker) become(activity string) {
	if activity != "" && w.activity != activity {
		w.activity, w.updated, w.since, w.idle = activity, w.router.now(), w.router.now(), w.router.now()
		w.space.report("worker.activity.update", "Worker "+w.name+" updated to another activity", w, w.eventFields())
	}
	w.router.routeSoon()
}

// worked is what the expression of a target sees as worker.
func worked(w *worker) map[string]any {
	all := maps.Clone(w.attributes)
	if all == nil {
		all = map[string]any{}
	}
	all["sid"], all["friendly_name"] = w.sid, w.name
	return all
}

func (w *worker) contact() string {
	to, _ := w.attributes["contact_uri"].(string)
	return to
}
