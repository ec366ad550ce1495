package taskrouter

import (
	"slices"
	"time"
)

// The TaskRouter workspace that every simulated account has, its task queue for
// everybody and its activities. More are made by REST.
const (
	WorkspaceSID   = "WS00000000000000000000000000000001"
	QueueSID       = "WQ00000000000000000000000000000001"
	availableSID   = "WA00000000000000000000000000000001"
	offlineSID     = "WA00000000000000000000000000000002"
	unavailableSID = "WA00000000000000000000000000000003"
)

// thing is what every resource of TaskRouter has.
type thing struct {
	router  *Router
	space   *workspace
	sid     string
	name    string
	created time.Time
	updated time.Time
}

// workspace holds what one team works with.
type workspace struct {
	thing
	eventURL   string
	events     string // EventsFilter: event types with commas between them, "" for all
	multiTask  bool
	order      string // prioritize_queue_order
	starts     string // activity of new workers
	timesOut   string // activity after a reservation that timed out
	activities []*activity
	queues     []*taskQueue
	workflows  []*workflow
	channels   []*taskChannel
}

// activity is what a worker does: it takes tasks or not.
type activity struct {
	thing
	available bool
}

// taskQueue holds tasks for the workers whom its expression names.
type taskQueue struct {
	thing
	target    string // TargetWorkers
	matches   expression
	reserved  string // activity of a worker with a reservation, "" to leave it
	assigned  string // activity of a worker with a task, "" to leave it
	maxOffers int    // MaxReservedWorkers
	order     string // FIFO or LIFO
}

// taskChannel is a kind of work: voice, chat ...
type taskChannel struct {
	thing
	unique    string
	optimized bool
}

// newThing makes what a resource of the workspace has.
func (ws *workspace) newThing(prefix, name string) thing {
	s := ws.router
	return thing{router: s, space: ws, sid: s.o.Account.SID(prefix), name: name, created: s.now(), updated: s.now()}
}

// newWorkspace makes a workspace with Twilio's activities and channels, and a queue
// for everybody.
func (s *Router) newWorkspace(sid, name string) *workspace {
	ws := &workspace{thing: thing{router: s, sid: sid, name: name, created: s.now(), updated: s.now()}, multiTask: true, order: "FIFO"}
	ws.space = ws
	for _, a := range []struct {
		sid, name string
		available bool
	}{{availableSID, "Available", true}, {offlineSID, "Offline", false}, {unavailableSID, "Unavailable", false}} {
		made := &activity{thing: ws.newThing("WA", a.name), available: a.available}
		if sid == WorkspaceSID {
			made.sid = a.sid
		}
		ws.activities = append(ws.activities, made)
	}
	ws.starts, ws.timesOut = ws.activities[1].sid, ws.activities[1].sid
	for _, c := range []string{"default", "voice", "chat", "sms", "video", "email"} {
		ws.channels = append(ws.channels, &taskChannel{thing: ws.newThing("TC", c), unique: c})
	}
	s.workspaces = append(s.workspaces, ws)
	return ws
}

// ownWorkspace is the workspace that every account has, with its queue.
func (s *Router) ownWorkspace() *workspace {
	if len(s.workspaces) == 0 {
		ws := s.newWorkspace(WorkspaceSID, "Simulated workspace")
		ws.multiTask = false
		everyone := ws.addQueue("Everyone", "1==1")
		everyone.sid = QueueSID
	}
	return s.workspaces[0]
}

// addQueue makes a task queue; target must be an expression that can be read.
func (ws *workspace) addQueue(name, target string) *taskQueue {
	q := &taskQueue{thing: ws.newThing("WQ", name), target: target, maxOffers: 1, order: "FIFO"}
	q.matches, _ = readExpression(target)
	ws.queues = append(ws.queues, q)
	return q
}

func (ws *workspace) activityAt(sid string) *activity { return bySID(ws.activities, sid) }
func (ws *workspace) queueAt(sid string) *taskQueue   { return bySID(ws.queues, sid) }

// channelAt finds a task channel by SID or unique name.
func (ws *workspace) channelAt(id string) *taskChannel {
	if i := slices.IndexFunc(ws.channels, func(c *taskChannel) bool { return c.sid == id || c.unique == id }); i >= 0 {
		return ws.channels[i]
	}
	return nil
}

// identified is a resource that has an SID.
type identified interface{ id() string }

func (t *thing) id() string { return t.sid }

// bySID finds a resource in a list, or nil.
func bySID[P interface {
	*T
	identified
}, T any](all []P, sid string) P {
	for _, one := range all {
		if one.id() == sid {
			return one
		}
	}
	return nil
}
