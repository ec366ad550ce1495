package sim

import "strings"

// statisticsRoutes are the statistics of TaskRouter. They stand before the routes
// whose {Sid} would take their names.
var statisticsRoutes = []route{
	{path: spacePath2 + "Statistics", get: bothStatistics("", "", spaceFields, liveSpaceFields), filters: statisticsFilters},
	{path: spacePath2 + "CumulativeStatistics", get: someStatistics("", "", spaceFields, ""), filters: statisticsFilters},
	{path: spacePath2 + "RealTimeStatistics", get: someStatistics("", "", "", liveSpaceFields), filters: plain("TaskChannel")},
	{path: spacePath2 + "TaskQueues/Statistics", get: on(spaceAt, (*workspace).listQueueStatistics),
		filters: filters("EndDate FriendlyName Minutes StartDate TaskChannel SplitByWaitTime")},
	{path: spacePath2 + "TaskQueues/RealTimeStatistics", post: on(spaceAt, (*workspace).allQueueStatistics)},
	{path: spacePath2 + "TaskQueues/{TaskQueueSid}/Statistics", get: bothStatistics("TaskQueueSid", "task_queue_sid", queueFields, liveQueueFields), filters: statisticsFilters},
	{path: spacePath2 + "TaskQueues/{TaskQueueSid}/CumulativeStatistics", get: someStatistics("TaskQueueSid", "task_queue_sid", queueFields, ""), filters: statisticsFilters},
	{path: spacePath2 + "TaskQueues/{TaskQueueSid}/RealTimeStatistics", get: someStatistics("TaskQueueSid", "task_queue_sid", "", liveQueueFields), filters: plain("TaskChannel")},
	{path: spacePath2 + "Workflows/{WorkflowSid}/Statistics", get: bothStatistics("WorkflowSid", "workflow_sid", flowFields, liveFields), filters: statisticsFilters},
	{path: spacePath2 + "Workflows/{WorkflowSid}/CumulativeStatistics", get: someStatistics("WorkflowSid", "workflow_sid", flowFields, ""), filters: statisticsFilters},
	{path: spacePath2 + "Workflows/{WorkflowSid}/RealTimeStatistics", get: someStatistics("WorkflowSid", "workflow_sid", "", liveFields), filters: plain("TaskChannel")},
	{path: spacePath2 + "Workers/Statistics", get: bothStatistics("", "", countFields+" activity_durations", "activity_statistics total_workers"),
		filters: plain("Minutes StartDate EndDate TaskQueueSid TaskQueueName FriendlyName TaskChannel")},
	{path: spacePath2 + "Workers/CumulativeStatistics", get: someStatistics("", "", countFields+" activity_durations", ""),
		filters: plain("Minutes StartDate EndDate TaskChannel")},
	{path: spacePath2 + "Workers/RealTimeStatistics", get: someStatistics("", "", "", "activity_statistics total_workers"), filters: plain("TaskChannel")},
	{path: spacePath2 + "Workers/{WorkerSid}/Statistics", get: workerStatistics, filters: plain("Minutes StartDate EndDate TaskChannel")},
}

// scoped finds what statistics are about; scope is the name in the path, "" for the
// workspace.
func scoped(s *Sim, q *restRequest, scope string) (statistics, *restError) {
	ws, e := spaceAt(s, q)
	if e != nil {
		return statistics{}, e
	}
	sid := q.vars[scope]
	if scope == "TaskQueueSid" && ws.queueAt(sid) == nil || scope == "WorkflowSid" && bySID(ws.workflows, sid) == nil ||
		scope == "WorkerSid" && bySID(ws.workers(), sid) == nil {
		return statistics{}, notFound(q.path)
	}
	return ws.statisticsOf(q, scope, sid), nil
}

// frame has the fields of every answer with statistics; key is that of the scope.
func (st statistics) frame(q *restRequest, key string) object {
	ws := st.space
	o := object{"account_sid": ws.sim.o.AccountSID, "workspace_sid": ws.sid, "url": ws.url(strings.Split(q.path, "/")[4:]...)}
	if key != "" {
		o[key] = st.sid
	}
	return o
}

// someStatistics answers with either kind; the fields of the other are "".
func someStatistics(scope, key, counts, live string) handler {
	return func(s *Sim, q *restRequest) (restAnswer, *restError) {
		st, e := scoped(s, q, scope)
		if e != nil {
			return restAnswer{}, e
		}
		o := st.cumulative(q, counts)
		if live != "" {
			o = st.realTime(live)
		}
		for name, v := range st.frame(q, key) {
			o[name] = v
		}
		return restAnswer{status: 200, body: o}, nil
	}
}

// bothStatistics answers with both kinds.
func bothStatistics(scope, key, counts, live string) handler {
	return func(s *Sim, q *restRequest) (restAnswer, *restError) {
		st, e := scoped(s, q, scope)
		if e != nil {
			return restAnswer{}, e
		}
		o := st.frame(q, key)
		o["cumulative"], o["realtime"] = st.cumulative(q, counts), st.realTime(live)
		return restAnswer{status: 200, body: o}, nil
	}
}

// workerStatistics are those of one worker.
func workerStatistics(s *Sim, q *restRequest) (restAnswer, *restError) {
	st, e := scoped(s, q, "WorkerSid")
	if e != nil {
		return restAnswer{}, e
	}
	o := st.frame(q, "worker_sid")
	o["cumulative"] = st.cumulative(q, countFields+" activity_durations")
	return restAnswer{status: 200, body: o}, nil
}

// queueStatistics are both kinds of one queue, in a list.
type queueStatistics struct {
	st statistics
	q  *restRequest
}

func (qs queueStatistics) json() any {
	o := qs.st.frame(qs.q, "task_queue_sid")
	delete(o, "url")
	o["cumulative"], o["realtime"] = qs.st.cumulative(qs.q, queueFields), qs.st.realTime(liveQueueFields)
	return o
}

func (ws *workspace) listQueueStatistics(q *restRequest) (restAnswer, *restError) {
	var found []queueStatistics
	for _, line := range ws.queues {
		if q.matches("FriendlyName", line.name) {
			found = append(found, queueStatistics{ws.statisticsOf(q, "TaskQueueSid", line.sid), q})
		}
	}
	return page(ws.sim, q, "task_queues_statistics", found)
}

// allQueueStatistics tells how it stands in all queues.
func (ws *workspace) allQueueStatistics(q *restRequest) (restAnswer, *restError) {
	list := []object{}
	for _, line := range ws.queues {
		o := ws.statisticsOf(q, "TaskQueueSid", line.sid).realTime(liveQueueFields)
		o["task_queue_sid"] = line.sid
		list = append(list, o)
	}
	o := ws.statisticsOf(q, "", "").frame(q, "")
	o["task_queue_data"], o["task_queue_response_count"] = list, len(list)
	return restAnswer{status: 200, body: o}, nil
}
