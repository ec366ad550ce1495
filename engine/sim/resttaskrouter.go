package sim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// taskRouterRoutes are the resources of TaskRouter.
var taskRouterRoutes = []route{
	{path: "/v1/Workspaces", get: (*Sim).listWorkspaces, filters: filters("FriendlyName"), post: (*Sim).createWorkspace, takes: createWorkspaceParams},
	{path: spacePath, get: on(spaceAt, show), post: on(spaceAt, (*workspace).update), takes: updateWorkspaceParams, del: on(spaceAt, (*workspace).remove)},
	{path: spacePath2 + "Activities", get: on(spaceAt, (*workspace).listActivities), filters: filters("FriendlyName Available"),
		post: on(spaceAt, (*workspace).createActivity), takes: plain("FriendlyName Available")},
	{path: spacePath2 + "Activities/{Sid}", get: on(activityAt, show), post: on(activityAt, (*activity).update), takes: plain("FriendlyName"),
		del: on(activityAt, (*activity).remove)},
	{path: spacePath2 + "TaskChannels", get: on(spaceAt, (*workspace).listChannels), filters: filters(""),
		post: on(spaceAt, (*workspace).createChannel), takes: plain("FriendlyName UniqueName ChannelOptimizedRouting")},
	{path: spacePath2 + "TaskChannels/{Sid}", get: on(channelAt, show), post: on(channelAt, (*taskChannel).update),
		takes: plain("FriendlyName ChannelOptimizedRouting"), del: on(channelAt, (*taskChannel).remove)},
	{path: spacePath2 + "TaskQueues", get: on(spaceAt, (*workspace).listQueues), filters: filters("FriendlyName EvaluateWorkerAttributes WorkerSid Ordering"),
		post: on(spaceAt, (*workspace).createQueue), takes: taskQueueParams},
	{path: spacePath2 + "TaskQueues/{Sid}", get: on(taskQueueAt, show), post: on(taskQueueAt, (*taskQueue).update), takes: taskQueueParams,
		del: on(taskQueueAt, (*taskQueue).remove)},
	{path: spacePath2 + "Workflows", get: on(spaceAt, (*workspace).listWorkflows), filters: filters("FriendlyName"),
		post: on(spaceAt, (*workspace).createWorkflow), takes: createWorkflowParams},
	{path: spacePath2 + "Workflows/{Sid}", get: on(workflowAt, show), post: on(workflowAt, (*workflow).update), takes: updateWorkflowParams,
		del: on(workflowAt, (*workflow).remove)},
	{path: spacePath2 + "Tasks", get: on(spaceAt, (*workspace).listTasks), filters: taskFilters,
		post: on(spaceAt, (*workspace).createTask), takes: createTaskParams},
	{path: spacePath2 + "Tasks/{Sid}", get: on(taskAt, show), post: on(taskAt, (*task).update), takes: updateTaskParams, del: on(taskAt, (*task).remove)},
	{path: spacePath2 + "Tasks/{TaskSid}/Reservations", get: on(taskAt, (*task).listReservations), filters: filters("ReservationStatus WorkerSid")},
	{path: spacePath2 + "Tasks/{TaskSid}/Reservations/{Sid}", get: on(reservationAt, show), post: on(reservationAt, (*reservation).update),
		takes: params(reservationParams, superviseParams)},
	{path: spacePath2 + "Workers", get: on(spaceAt, (*workspace).listWorkers), filters: workerFilters,
		post: on(spaceAt, (*workspace).createWorker), takes: createWorkerParams},
	{path: spacePath2 + "Workers/{Sid}", get: on(workerAt, show), post: on(workerAt, (*worker).update), takes: updateWorkerParams,
		del: on(workerAt, (*worker).remove)},
	{path: spacePath2 + "Workers/{WorkerSid}/Channels", get: on(workerAt, (*worker).listChannels), filters: filters("")},
	{path: spacePath2 + "Workers/{WorkerSid}/Channels/{Sid}", get: on(workerChannelAt, show), post: on(workerChannelAt, (*workerChannel).update),
		takes: params(plain("Available"), wholes(codeParameter, 0, 1000, "Capacity"))},
	{path: spacePath2 + "Workers/{WorkerSid}/Reservations", get: on(workerAt, (*worker).listReservations), filters: filters("ReservationStatus")},
	{path: spacePath2 + "Workers/{WorkerSid}/Reservations/{Sid}", get: on(reservationOfWorker, show), post: on(reservationOfWorker, (*reservation).update),
		takes: reservationParams},
	{path: spacePath2 + "Events", get: on(spaceAt, (*workspace).listEvents), filters: eventFilters},
	{path: spacePath2 + "Events/{Sid}", get: on(taskEventAt, show)},
}

const (
	spacePath  = "/v1/Workspaces/{Sid}"
	spacePath2 = "/v1/Workspaces/{WorkspaceSid}/"
)

var workspaceParams = params(
	plain("FriendlyName EventsFilter MultiTaskEnabled"),
	webURLs(codeParameter, "EventCallbackUrl"),
	words(codeParameter, "FIFO LIFO", "PrioritizeQueueOrder"),
)

var (
	createWorkspaceParams = params(workspaceParams, words(codeParameter, "NONE FIFO", "Template"))
	updateWorkspaceParams = params(workspaceParams, plain("DefaultActivitySid TimeoutActivitySid"))
)

// url is the address of a resource of TaskRouter.
func (ws *workspace) url(parts ...string) string {
	return "https://taskrouter.twilio.com/v1/Workspaces/" + strings.Join(append([]string{ws.sid}, parts...), "/")
}

// json has the fields of every resource of a workspace.
func (t *thing) common() object {
	return object{"sid": t.sid, "account_sid": t.sim.o.AccountSID, "workspace_sid": t.space.sid, "friendly_name": t.name,
		"date_created": isoDate(t.created), "date_updated": isoDate(t.updated)}
}

func isoDate(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (ws *workspace) json() any {
	o := ws.common()
	delete(o, "workspace_sid")
	links := object{}
	for key, path := range map[string]string{"activities": "Activities", "events": "Events", "task_channels": "TaskChannels", "task_queues": "TaskQueues",
		"tasks": "Tasks", "workers": "Workers", "workflows": "Workflows"} {
		links[key] = ws.url(path)
	}
	o["default_activity_sid"], o["default_activity_name"] = text(ws.starts), ws.activityName(ws.starts)
	o["timeout_activity_sid"], o["timeout_activity_name"] = text(ws.timesOut), ws.activityName(ws.timesOut)
	o["event_callback_url"], o["events_filter"], o["multi_task_enabled"] = text(ws.eventURL), text(ws.events), ws.multiTask
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

func spaceAt(s *Sim, q *restRequest) (*workspace, *restError) {
	sid := cmp.Or(q.vars["WorkspaceSid"], q.vars["Sid"])
	return among(s.workspaces, q, func(ws *workspace) bool { return ws.sid == sid })
}

// within finds a resource of the workspace in a list of it.
func within[P interface {
	*T
	identified
}, T any](list func(*workspace) []P, vars ...string) func(*Sim, *restRequest) (P, *restError) {
	return func(s *Sim, q *restRequest) (P, *restError) {
		ws, e := spaceAt(s, q)
		if e != nil {
			return nil, e
		}
		sid := q.vars["Sid"]
		for _, name := range vars {
			sid = cmp.Or(q.vars[name], sid)
		}
		return among(list(ws), q, func(one P) bool { return one.id() == sid })
	}
}

var (
	activityAt  = within(func(ws *workspace) []*activity { return ws.activities })
	taskQueueAt = within(func(ws *workspace) []*taskQueue { return ws.queues })
	workflowAt  = within(func(ws *workspace) []*workflow { return ws.workflows })
	taskAt      = within((*workspace).tasks, "TaskSid")
	workerAt    = within((*workspace).workers, "WorkerSid")
	taskEventAt = within((*workspace).taskEvents)
)

// channelAt finds a task channel by SID or unique name.
func channelAt(s *Sim, q *restRequest) (*taskChannel, *restError) {
	ws, e := spaceAt(s, q)
	if e != nil {
		return nil, e
	}
	return among(ws.channels, q, func(c *taskChannel) bool { return c.sid == q.vars["Sid"] || c.unique == q.vars["Sid"] })
}

// named lists what has the name that FriendlyName asks for.
func named[P interface {
	*T
	shown
	identified
}, T any](ws *workspace, q *restRequest, key string, all []P, name func(P) string) (restAnswer, *restError) {
	found := slices.DeleteFunc(slices.Clone(all), func(one P) bool { return !q.matches("FriendlyName", name(one)) })
	return page(ws.sim, q, key, found)
}

func (s *Sim) listWorkspaces(q *restRequest) (restAnswer, *restError) {
	found := slices.DeleteFunc(slices.Clone(s.workspaces), func(ws *workspace) bool { return !q.matches("FriendlyName", ws.name) })
	return page(s, q, "workspaces", found)
}

func (s *Sim) createWorkspace(q *restRequest) (restAnswer, *restError) {
	if e := q.needs("FriendlyName"); e != nil {
		return restAnswer{}, e
	}
	ws := s.newWorkspace(s.sid("WS"), q.get("FriendlyName"))
	ws.set(q)
	if strings.EqualFold(q.get("Template"), "FIFO") {
		everyone := ws.addQueue("FIFO queue", "1==1")
		f := &workflow{thing: ws.newThing("WW", "FIFO workflow"), Workflow: Workflow{ReservationTimeout: 2 * time.Minute, Configuration: defaultConfiguration(everyone.sid)}}
		f.routing, _ = ws.readRouting(f.Configuration)
		ws.workflows = append(ws.workflows, f)
	}
	return made(ws)
}

// needs refuses a request without one of these parameters.
func (q *restRequest) needs(names ...string) *restError {
	for _, name := range names {
		if q.get(name) == "" {
			return badRequest(codeParameter, "Missing required parameter "+name)
		}
	}
	return nil
}

func (ws *workspace) update(q *restRequest) (restAnswer, *restError) {
	for _, name := range []string{"DefaultActivitySid", "TimeoutActivitySid"} {
		if e := ws.checkActivity(q, name); e != nil {
			return restAnswer{}, e
		}
	}
	ws.set(q)
	return show(ws, q)
}

func (ws *workspace) set(q *restRequest) {
	ws.name = cmp.Or(q.get("FriendlyName"), ws.name)
	ws.starts = cmp.Or(q.get("DefaultActivitySid"), ws.starts)
	ws.timesOut = cmp.Or(q.get("TimeoutActivitySid"), ws.timesOut)
	ws.order = strings.ToUpper(cmp.Or(q.get("PrioritizeQueueOrder"), ws.order))
	q.setText("EventCallbackUrl", &ws.eventURL)
	q.setText("EventsFilter", &ws.events)
	q.setFlag("MultiTaskEnabled", &ws.multiTask)
	ws.updated = ws.sim.now()
}

// checkActivity refuses an activity that the workspace does not have.
func (ws *workspace) checkActivity(q *restRequest, name string) *restError {
	if a := q.get(name); a != "" && ws.activityAt(a) == nil {
		return badRequest(codeParameter, name+" is no activity of this workspace: "+a)
	}
	return nil
}

// remove deletes a workspace with all that is in it. The account's own stays.
func (ws *workspace) remove(*restRequest) (restAnswer, *restError) {
	s := ws.sim
	if ws.sid == WorkspaceSID {
		return restAnswer{}, badRequest(codeParameter, "The workspace that every simulated account has cannot be deleted")
	}
	for _, t := range ws.tasks() {
		t.finish("canceled", "Workspace deleted")
	}
	s.tasks = slices.DeleteFunc(s.tasks, func(t *task) bool { return t.space == ws })
	s.workers = slices.DeleteFunc(s.workers, func(w *worker) bool { return w.space == ws })
	s.workspaces = slices.DeleteFunc(s.workspaces, func(o *workspace) bool { return o == ws })
	return gone()
}

func (a *activity) json() any {
	o := a.common()
	o["available"], o["url"], o["links"] = a.available, a.space.url("Activities", a.sid), object{"workspace": a.space.url()}
	return o
}

func (ws *workspace) listActivities(q *restRequest) (restAnswer, *restError) {
	var found []*activity
	for _, a := range ws.activities {
		if q.matches("FriendlyName", a.name) && q.matches("Available", strconv.FormatBool(a.available)) {
			found = append(found, a)
		}
	}
	return page(ws.sim, q, "activities", found)
}

func (ws *workspace) createActivity(q *restRequest) (restAnswer, *restError) {
	if e := q.needs("FriendlyName"); e != nil {
		return restAnswer{}, e
	}
	a := &activity{thing: ws.newThing("WA", q.get("FriendlyName")), available: q.flag("Available")}
	ws.activities = append(ws.activities, a)
	return made(a)
}

func (a *activity) update(q *restRequest) (restAnswer, *restError) {
	a.name, a.updated = cmp.Or(q.get("FriendlyName"), a.name), a.sim.now()
	return show(a, q)
}

// remove deletes an activity that nobody is in and that the workspace can do without.
func (a *activity) remove(*restRequest) (restAnswer, *restError) {
	ws := a.space
	inUse := slices.ContainsFunc(ws.workers(), func(w *worker) bool { return w.activity == a.sid })
	if inUse || a.sid == ws.starts || a.sid == ws.timesOut {
		return restAnswer{}, badRequest(codeParameter, "Activity "+a.name+" is in use")
	}
	ws.activities = slices.DeleteFunc(ws.activities, func(o *activity) bool { return o == a })
	return gone()
}
