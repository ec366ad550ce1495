package taskrouter

import (
	"strings"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// statisticsRoutes are the statistics of TaskRouter. They stand before the routes
// whose {Sid} would take their names.
var statisticsRoutes = []route{
	{Path: inSpace + "Statistics", Get: bothStatistics("", "", spaceFields, liveSpaceFields), Filters: statisticsFilters},
	{Path: inSpace + "CumulativeStatistics", Get: someStatistics("", "", spaceFields, ""), Filters: statisticsFilters},
	{Path: inSpace + "RealTimeStatistics", Get: someStatistics("", "", "", liveSpaceFields), Filters: rest.Plain("TaskChannel")},
	{Path: inSpace + "TaskQueues/Statistics", Get: rest.On(spaceAt, (*workspace).listQueueStatistics),
		Filters: rest.Filters("EndDate FriendlyName Minutes StartDate TaskChannel SplitByWaitTime")},
	{Path: inSpace + "TaskQueues/RealTimeStatistics", Post: rest.On(spaceAt, (*workspace).allQueueStatistics)},
	{Path: inSpace + "TaskQueues/{TaskQueueSid}/Statistics", Get: bothStatistics("TaskQueueSid", "task_queue_sid", queueFields, liveQueueFields), Filters: statisticsFilters},
	{Path: inSpace + "TaskQueues/{TaskQueueSid}/CumulativeStatistics", Get: someStatistics("TaskQueueSid", "task_queue_sid", queueFields, ""), Filters: statisticsFilters},
	{Path: inSpace + "TaskQueues/{TaskQueueSid}/RealTimeStatistics", Get: someStatistics("TaskQueueSid", "task_queue_sid", "", liveQueueFields), Filters: rest.Plain("TaskChannel")},
	{Path: inSpace + "Workflows/{WorkflowSid}/Statistics", Get: bothStatistics("WorkflowSid", "workflow_sid", flowFields, liveFields), Filters: statisticsFilters},
	{Path: inSpace + "Workflows/{WorkflowSid}/CumulativeStatistics", Get: someStatistics("WorkflowSid", "workflow_sid", flowFields, ""), Filters: statisticsFilters},
	{Path: inSpace + "Workflows/{WorkflowSid}/RealTimeStatistics", Get: someStatistics("WorkflowSid", "workflow_sid", "", liveFields), Filters: rest.Plain("TaskChannel")},
	{Path: inSpace + "Workers/Statistics", Get: bothStatistics("", "", countFields+" activity_durations", "activity_statistics total_workers"),
		Filters: rest.Plain("Minutes StartDate EndDate TaskQueueSid TaskQueueName FriendlyName TaskChannel")},
	{Path: inSpace + "Workers/CumulativeStatistics", Get: someStatistics("", "", countFields+" activity_durations", ""),
		Filters: rest.Plain("Minutes StartDate EndDate TaskChannel")},
	{Path: inSpace + "Workers/RealTimeStatistics", Get: someStatistics("", "", "", "activity_statistics total_workers"), Filters: rest.Plain("TaskChannel")},
	{Path: inSpace + "Workers/{WorkerSid}/Statistics", Get: workerStatistics, Filters: rest.Plain("Minutes StartDate EndDate TaskChannel")},
}

// scoped finds what statistics are about; scope is the name in the path, "" for the
// workspace.
func scoped(s *Router, q *rest.Request, scope string) (statistics, *rest.Error) {
	ws, e := spaceAt(s, q)
	if e != nil {
		return statistics{}, e
	}
	sid := q.Vars[scope]
	if scope == "TaskQueueSid" && ws.queueAt(sid) == nil || scope == "WorkflowSid" && bySID(ws.workflows, sid) == nil ||
		scope == "WorkerSid" && bySID(ws.workers(), sid) == nil {
		return statistics{}, rest.NotFound(q.Path)
	}
	return ws.statisticsOf(q, scope, sid), nil
}

// frame has the fields of every answer with statistics; key is that of the scope.
func (st statistics) frame(q *rest.Request, key string) object {
	ws := st.space
	o := object{"account_sid": ws.router.o.AccountSID, "workspace_sid": ws.sid, "url": ws.url(strings.Split(q.Path, "/")[4:]...)}
	if key != "" {
		o[key] = st.sid
	}
	return o
}

// someStatistics answers with either kind; the fields of the other are "".
func someStatistics(scope, key, counts, live string) handler {
	return func(s *Router, q *rest.Request) (rest.Answer, *rest.Error) {
		st, e := scoped(s, q, scope)
		if e != nil {
			return rest.Answer{}, e
		}
		o := st.cumulative(q, counts)
		if live != "" {
			o = st.realTime(live)
		}
		for name, v := range st.frame(q, key) {
			o[name] = v
		}
		return rest.Answer{Status: 200, Body: o}, nil
	}
}

// bothStatistics answers with both kinds.
func bothStatistics(scope, key, counts, live string) handler {
	return func(s *Router, q *rest.Request) (rest.Answer, *rest.Error) {
		st, e := scoped(s, q, scope)
		if e != nil {
			return rest.Answer{}, e
		}
		o := st.frame(q, key)
		o["cumulative"], o["realtime"] = st.cumulative(q, counts), st.realTime(live)
		return rest.Answer{Status: 200, Body: o}, nil
	}
}

// workerStatistics are those of one worker.
func workerStatistics(s *Router, q *rest.Request) (rest.Answer, *rest.Error) {
	st, e := scoped(s, q, "WorkerSid")
	if e != nil {
		return rest.Answer{}, e
	}
	o := st.frame(q, "worker_sid")
	o["cumulative"] = st.cumulative(q, countFields+" activity_durations")
	return rest.Answer{Status: 200, Body: o}, nil
}

// queueStatistics are both kinds of one queue, in a list.
type queueStatistics struct {
	st statistics
	q  *rest.Request
}

func (qs queueStatistics) JSON() any {
	o := qs.st.frame(qs.q, "task_queue_sid")
	delete(o, "url")
	o["cumulative"], o["realtime"] = qs.st.cumulative(qs.q, queueFields), qs.st.realTime(liveQueueFields)
	return o
}

func (ws *workspace) listQueueStatistics(q *rest.Request) (rest.Answer, *rest.Error) {
	var found []queueStatistics
	for _, line := range ws.queues {
		if q.Matches("FriendlyName", line.name) {
			found = append(found, queueStatistics{ws.statisticsOf(q, "TaskQueueSid", line.sid), q})
		}
	}
	return rest.Page(q, "task_queues_statistics", found)
}

// allQueueStatistics tells how it stands in all queues.
func (ws *workspace) allQueueStatistics(q *rest.Request) (rest.Answer, *rest.Error) {
	list := []object{}
	for _, line := range ws.queues {
		o := ws.statisticsOf(q, "TaskQueueSid", line.sid).realTime(liveQueueFields)
		o["task_queue_sid"] = line.sid
		list = append(list, o)
	}
	o := ws.statisticsOf(q, "", "").frame(q, "")
	o["task_queue_data"], o["task_queue_response_count"] = list, len(list)
	return rest.Answer{Status: 200, Body: o}, nil
}
