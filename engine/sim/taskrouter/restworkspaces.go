package taskrouter

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// Routes are the resources of TaskRouter's REST API.
func Routes() []rest.Route[*Router] {
	return append(slices.Clone(statisticsRoutes), resourceRoutes...)
}

type (
	route   = rest.Route[*Router]
	handler = rest.Handler[*Router]
)

// object is the JSON of a resource.
type object = map[string]any

// resourceRoutes are the resources of TaskRouter.
var resourceRoutes = []route{
	{Path: "/v1/Workspaces", Get: (*Router).listWorkspaces, Filters: rest.Filters("FriendlyName"), Post: (*Router).createWorkspace, Takes: createWorkspaceParams},
	{Path: spacePath, Get: rest.On(spaceAt, rest.Show), Post: rest.On(spaceAt, (*workspace).update), Takes: updateWorkspaceParams, Delete: rest.On(spaceAt, (*workspace).remove)},
	{Path: inSpace + "Activities", Get: rest.On(spaceAt, (*workspace).listActivities), Filters: rest.Filters("FriendlyName Available"),
		Post: rest.On(spaceAt, (*workspace).createActivity), Takes: rest.Plain("FriendlyName Available")},
	{Path: inSpace + "Activities/{Sid}", Get: rest.On(activityAt, rest.Show), Post: rest.On(activityAt, (*activity).update), Takes: rest.Plain("FriendlyName"),
		Delete: rest.On(activityAt, (*activity).remove)},
	{Path: inSpace + "TaskChannels", Get: rest.On(spaceAt, (*workspace).listChannels), Filters: rest.Filters(""),
		Post: rest.On(spaceAt, (*workspace).createChannel), Takes: rest.Plain("FriendlyName UniqueName ChannelOptimizedRouting")},
	{Path: inSpace + "TaskChannels/{Sid}", Get: rest.On(channelAt, rest.Show), Post: rest.On(channelAt, (*taskChannel).update),
		Takes: rest.Plain("FriendlyName ChannelOptimizedRouting"), Delete: rest.On(channelAt, (*taskChannel).remove)},
	{Path: inSpace + "TaskQueues", Get: rest.On(spaceAt, (*workspace).listQueues), Filters: rest.Filters("FriendlyName EvaluateWorkerAttributes WorkerSid Ordering"),
		Post: rest.On(spaceAt, (*workspace).createQueue), Takes: taskQueueParams},
	{Path: inSpace + "TaskQueues/{Sid}", Get: rest.On(taskQueueAt, rest.Show), Post: rest.On(taskQueueAt, (*taskQueue).update), Takes: taskQueueParams,
		Delete: rest.On(taskQueueAt, (*taskQueue).remove)},
	{Path: inSpace + "Workflows", Get: rest.On(spaceAt, (*workspace).listWorkflows), Filters: rest.Filters("FriendlyName"),
		Post: rest.On(spaceAt, (*workspace).createWorkflow), Takes: createWorkflowParams},
	{Path: inSpace + "Workflows/{Sid}", Get: rest.On(workflowAt, rest.Show), Post: rest.On(workflowAt, (*workflow).update), Takes: updateWorkflowParams,
		Delete: rest.On(workflowAt, (*workflow).remove)},
	{Path: inSpace + "Tasks", Get: rest.On(spaceAt, (*workspace).listTasks), Filters: taskFilters,
		Post: rest.On(spaceAt, (*workspace).createTask), Takes: createTaskParams},
	{Path: inSpace + "Tasks/{Sid}", Get: rest.On(taskAt, rest.Show), Post: rest.On(taskAt, (*Task).update), Takes: updateTaskParams, Delete: rest.On(taskAt, (*Task).remove)},
	{Path: inSpace + "Tasks/{TaskSid}/Reservations", Get: rest.On(taskAt, (*Task).listReservations), Filters: rest.Filters("ReservationStatus WorkerSid")},
	{Path: inSpace + "Tasks/{TaskSid}/Reservations/{Sid}", Get: rest.On(reservationAt, rest.Show), Post: rest.On(reservationAt, (*Reservation).update),
		Takes: rest.Join(reservationParams, superviseParams)},
	{Path: inSpace + "Workers", Get: rest.On(spaceAt, (*workspace).listWorkers), Filters: workerFilters,
		Post: rest.On(spaceAt, (*workspace).createWorker), Takes: createWorkerParams},
	{Path: inSpace + "Workers/{Sid}", Get: rest.On(workerAt, rest.Show), Post: rest.On(workerAt, (*worker).update), Takes: updateWorkerParams,
		Delete: rest.On(workerAt, (*worker).remove)},
	{Path: inSpace + "Workers/{WorkerSid}/Channels", Get: rest.On(workerAt, (*worker).listChannels), Filters: rest.Filters("")},
	{Path: inSpace + "Workers/{WorkerSid}/Channels/{Sid}", Get: rest.On(workerChannelAt, rest.Show), Post: rest.On(workerChannelAt, (*workerChannel).update),
		Takes: rest.Join(rest.Plain("Available"), rest.Wholes(rest.CodeParameter, 0, 1000, "Capacity"))},
	{Path: inSpace + "Workers/{WorkerSid}/Reservations", Get: rest.On(workerAt, (*worker).listReservations), Filters: rest.Filters("ReservationStatus")},
	{Path: inSpace + "Workers/{WorkerSid}/Reservations/{Sid}", Get: rest.On(reservationOfWorker, rest.Show), Post: rest.On(reservationOfWorker, (*Reservation).update),
		Takes: reservationParams},
	{Path: inSpace + "Events", Get: rest.On(spaceAt, (*workspace).listEvents), Filters: eventFilters},
	{Path: inSpace + "Events/{Sid}", Get: rest.On(eventAt, rest.Show)},
}

const (
	spacePath = "/v1/Workspaces/{Sid}"
	inSpace   = "/v1/Workspaces/{WorkspaceSid}/"
)

var workspaceParams = rest.Join(
	rest.Plain("FriendlyName EventsFilter MultiTaskEnabled"),
	rest.WebURLs(rest.CodeParameter, "EventCallbackUrl"),
	rest.Words(rest.CodeParameter, "FIFO LIFO", "PrioritizeQueueOrder"),
)

var (
	createWorkspaceParams = rest.Join(workspaceParams, rest.Words(rest.CodeParameter, "NONE FIFO", "Template"))
	updateWorkspaceParams = rest.Join(workspaceParams, rest.Plain("DefaultActivitySid TimeoutActivitySid"))
)

// url is the address of a resource of TaskRouter.
func (ws *workspace) url(parts ...string) string {
	return "https://taskrouter.twilio.com/v1/Workspaces/" + strings.Join(append([]string{ws.sid}, parts...), "/")
}

// json has the fields of every resource of a workspace.
func (t *thing) common() object {
	return object{"sid": t.sid, "account_sid": t.router.o.AccountSID, "workspace_sid": t.space.sid, "friendly_name": t.name,
		"date_created": isoDate(t.created), "date_updated": isoDate(t.updated)}
}

func isoDate(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (ws *workspace) JSON() any {
	o := ws.common()
	delete(o, "workspace_sid")
	links := object{}
	for key, path := range map[string]string{"activities": "Activities", "events": "Events", "task_channels": "TaskChannels", "task_queues": "TaskQueues",
		"tasks": "Tasks", "workers": "Workers", "workflows": "Workflows"} {
		links[key] = ws.url(path)
	}
	o["default_activity_sid"], o["default_activity_name"] = rest.Text(ws.starts), ws.activityName(ws.starts)
	o["timeout_activity_sid"], o["timeout_activity_name"] = rest.Text(ws.timesOut), ws.activityName(ws.timesOut)
	o["event_callback_url"], o["events_filter"], o["multi_task_enabled"] = rest.Text(ws.eventURL), rest.Text(ws.events), ws.multiTask
	o["prioritize_queue_order"], o["url"], o["links"] = ws.order, ws.url(), links
	return o
}

// activityName is null for no activity.
func (ws *workspace) activityName(sid string) *string {
	if a := ws.activityAt(sid); a != nil {
		return &a.name
	}
	return nil
}

func spaceAt(s *Router, q *rest.Request) (*workspace, *rest.Error) {
	sid := cmp.Or(q.Vars["WorkspaceSid"], q.Vars["Sid"])
	return rest.Among(s.workspaces, q, func(ws *workspace) bool { return ws.sid == sid })
}

// within finds a resource of the workspace in a list of it.
func within[P interface {
	*T
	identified
}, T any](list func(*workspace) []P, vars ...string) func(*Router, *rest.Request) (P, *rest.Error) {
	return func(s *Router, q *rest.Request) (P, *rest.Error) {
		ws, e := spaceAt(s, q)
		if e != nil {
			return nil, e
		}
		sid := q.Vars["Sid"]
		for _, name := range vars {
			sid = cmp.Or(q.Vars[name], sid)
		}
		return rest.Among(list(ws), q, func(one P) bool { return one.id() == sid })
	}
}

var (
	activityAt  = within(func(ws *workspace) []*activity { return ws.activities })
	taskQueueAt = within(func(ws *workspace) []*taskQueue { return ws.queues })
	workflowAt  = within(func(ws *workspace) []*workflow { return ws.workflows })
	taskAt      = within((*workspace).tasks, "TaskSid")
	workerAt    = within((*workspace).workers, "WorkerSid")
	eventAt     = within((*workspace).taskEvents)
)

// channelAt finds a task channel by SID or unique name.
func channelAt(s *Router, q *rest.Request) (*taskChannel, *rest.Error) {
	ws, e := spaceAt(s, q)
	if e != nil {
		return nil, e
	}
	return rest.Among(ws.channels, q, func(c *taskChannel) bool { return c.sid == q.Vars["Sid"] || c.unique == q.Vars["Sid"] })
}

// named lists what has the name that FriendlyName asks for.
func named[P interface {
	*T
	rest.Resource
	identified
}, T any](ws *workspace, q *rest.Request, key string, all []P, name func(P) string) (rest.Answer, *rest.Error) {
	found := slices.DeleteFunc(slices.Clone(all), func(one P) bool { return !q.Matches("FriendlyName", name(one)) })
	return rest.Page(q, key, found)
}

func (s *Router) listWorkspaces(q *rest.Request) (rest.Answer, *rest.Error) {
	found := slices.DeleteFunc(slices.Clone(s.workspaces), func(ws *workspace) bool { return !q.Matches("FriendlyName", ws.name) })
	return rest.Page(q, "workspaces", found)
}

func (s *Router) createWorkspace(q *rest.Request) (rest.Answer, *rest.Error) {
	if e := q.Needs("FriendlyName"); e != nil {
		return rest.Answer{}, e
	}
	ws := s.newWorkspace(s.o.Account.SID("WS"), q.Get("FriendlyName"))
	ws.set(q)
	if strings.EqualFold(q.Get("Template"), "FIFO") {
		everyone := ws.addQueue("FIFO queue", "1==1")
		f := &workflow{thing: ws.newThing("WW", "FIFO workflow"), Workflow: Workflow{ReservationTimeout: 2 * time.Minute, Configuration: defaultConfiguration(everyone.sid)}}
		f.routing, _ = ws.readRouting(f.Configuration)
		ws.workflows = append(ws.workflows, f)
	}
	return rest.Created(ws)
}

func (ws *workspace) update(q *rest.Request) (rest.Answer, *rest.Error) {
	for _, name := range []string{"DefaultActivitySid", "TimeoutActivitySid"} {
		if e := ws.checkActivity(q, name); e != nil {
			return rest.Answer{}, e
		}
	}
	ws.set(q)
	return rest.Show(ws, q)
}

func (ws *workspace) set(q *rest.Request) {
	ws.name = cmp.Or(q.Get("FriendlyName"), ws.name)
	ws.starts = cmp.Or(q.Get("DefaultActivitySid"), ws.starts)
	ws.timesOut = cmp.Or(q.Get("TimeoutActivitySid"), ws.timesOut)
	ws.order = strings.ToUpper(cmp.Or(q.Get("PrioritizeQueueOrder"), ws.order))
	q.SetText("EventCallbackUrl", &ws.eventURL)
	q.SetText("EventsFilter", &ws.events)
	q.SetFlag("MultiTaskEnabled", &ws.multiTask)
	ws.updated = ws.router.now()
}

// checkActivity refuses an activity that the workspace does not have.
func (ws *workspace) checkActivity(q *rest.Request, name string) *rest.Error {
	if a := q.Get(name); a != "" && ws.activityAt(a) == nil {
		return rest.BadRequest(rest.CodeParameter, name+" is no activity of this workspace: "+a)
	}
	return nil
}

// remove deletes a workspace with all that is in it. The account's own stays.
func (ws *workspace) remove(*rest.Request) (rest.Answer, *rest.Error) {
	s := ws.router
	if ws.sid == WorkspaceSID {
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "The workspace that every simulated account has cannot be deleted")
	}
	for _, t := range ws.tasks() {
		t.Finish("canceled", "Workspace deleted")
	}
	s.tasks = slices.DeleteFunc(s.tasks, func(t *Task) bool { return t.space == ws })
	s.workers = slices.DeleteFunc(s.workers, func(w *worker) bool { return w.space == ws })
	s.workspaces = slices.DeleteFunc(s.workspaces, func(o *workspace) bool { return o == ws })
	return rest.Deleted()
}

func (a *activity) JSON() any {
	o := a.common()
	o["available"], o["url"], o["links"] = a.available, a.space.url("Activities", a.sid), object{"workspace": a.space.url()}
	return o
}

func (ws *workspace) listActivities(q *rest.Request) (rest.Answer, *rest.Error) {
	var found []*activity
	for _, a := range ws.activities {
		if q.Matches("FriendlyName", a.name) && q.Matches("Available", strconv.FormatBool(a.available)) {
			found = append(found, a)
		}
	}
	return rest.Page(q, "activities", found)
}

func (ws *workspace) createActivity(q *rest.Request) (rest.Answer, *rest.Error) {
	if e := q.Needs("FriendlyName"); e != nil {
		return rest.Answer{}, e
	}
	a := &activity{thing: ws.newThing("WA", q.Get("FriendlyName")), available: q.Flag("Available")}
	ws.activities = append(ws.activities, a)
	return rest.Created(a)
}

func (a *activity) update(q *rest.Request) (rest.Answer, *rest.Error) {
	a.name, a.updated = cmp.Or(q.Get("FriendlyName"), a.name), a.router.now()
	return rest.Show(a, q)
}

// remove deletes an activity that nobody is in and that the workspace can do without.
func (a *activity) remove(*rest.Request) (rest.Answer, *rest.Error) {
	ws := a.space
	inUse := slices.ContainsFunc(ws.workers(), func(w *worker) bool { return w.activity == a.sid })
	if inUse || a.sid == ws.starts || a.sid == ws.timesOut {
		return rest.Answer{}, rest.BadRequest(rest.CodeParameter, "Activity "+a.name+" is in use")
	}
	ws.activities = slices.DeleteFunc(ws.activities, func(o *activity) bool { return o == a })
	return rest.Deleted()
}
