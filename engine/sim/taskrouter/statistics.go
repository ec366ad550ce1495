package taskrouter

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// statistics counts what has happened in a workspace, or to what scope names: one
// of its queues, workflows or workers by the name of an event's field.
type statistics struct {
	space    *workspace
	scope    string // WorkflowSid, TaskQueueSid, WorkerSid or "" for all
	sid      string
	from, to time.Time
}

var statisticsFilters = rest.Plain("Minutes StartDate EndDate TaskChannel SplitByWaitTime")

// statisticsOf reads the window of a request: the last Minutes, 15 unless set, or
// StartDate to EndDate.
func (ws *workspace) statisticsOf(q *rest.Request, scope, sid string) statistics {
	st := statistics{space: ws, scope: scope, sid: sid}
	st.from, st.to = ws.window(q)
	return st
}

// window is the time that a request asks about.
func (ws *workspace) window(q *rest.Request) (from, to time.Time) {
	minutes := 15
	if n, err := strconv.Atoi(q.Get("Minutes")); err == nil && n > 0 {
		minutes = min(n, 30*24*60)
	}
	to = ws.router.now()
	from = to.Add(-time.Duration(minutes) * time.Minute)
	if at, _, ok := rest.ParseDate(q.Get("StartDate")); ok {
		from = at
	}
	if at, _, ok := rest.ParseDate(q.Get("EndDate")); ok {
		to = at
	}
	return from, to
}

// count is how many events of a kind there were.
func (st statistics) count(kind string) int {
	n := 0
	for _, e := range st.space.router.events {
		if e.space == st.space && e.kind == kind && !e.at.Before(st.from) && !e.at.After(st.to) && (st.scope == "" || e.fields.value(st.scope) == st.sid) {
			n++
		}
	}
	return n
}

// tasks are those in the scope.
func (st statistics) tasks() []*Task {
	return slices.DeleteFunc(st.space.tasks(), func(t *Task) bool {
		return st.scope == "WorkflowSid" && t.workflow != st.sid || st.scope == "TaskQueueSid" && t.queue != st.sid
	})
}

// waits are how long tasks waited until they came to a status, in seconds.
func (st statistics) waits(status string) []int {
	var all []int
	for _, t := range st.tasks() {
		if status == "canceled" && t.status == "canceled" {
			all = append(all, int(t.updated.Sub(t.created)/time.Second))
		}
		for _, r := range t.reservations {
			if status == "accepted" && !r.accepted.IsZero() {
				all = append(all, int(r.accepted.Sub(t.created)/time.Second))
			}
		}
	}
	return all
}

// durations sums up waits.
func durations(all []int) object {
	total := 0
	for _, n := range all {
		total += n
	}
	o := object{"avg": total / max(1, len(all)), "min": 0, "max": 0, "total": total}
	if len(all) > 0 {
		o["min"], o["max"] = slices.Min(all), slices.Max(all)
	}
	return o
}

// split counts waits above and below each of the limits of SplitByWaitTime.
func (st statistics) split(limits string) object {
	accepted, canceled := st.waits("accepted"), st.waits("canceled")
	o := object{}
	for _, limit := range strings.Split(limits, ",") {
		seconds, err := strconv.Atoi(strings.TrimSpace(limit))
		if err != nil {
			continue
		}
		over := func(all []int) int {
			return len(slices.DeleteFunc(slices.Clone(all), func(n int) bool { return n < seconds }))
		}
		o[strings.TrimSpace(limit)] = object{
			"above": object{"reservations_accepted": over(accepted), "tasks_canceled": over(canceled)},
			"below": object{"reservations_accepted": len(accepted) - over(accepted), "tasks_canceled": len(canceled) - over(canceled)}}
	}
	return o
}

// The fields of the kinds of statistics.
const (
	countFields = "start_time end_time reservations_created reservations_accepted reservations_rejected reservations_timed_out reservations_canceled reservations_rescinded"
	waitFields  = " avg_task_acceptance_time split_by_wait_time wait_duration_until_accepted wait_duration_until_canceled tasks_canceled tasks_completed tasks_deleted tasks_moved"
	spaceFields = countFields + waitFields + " tasks_created tasks_timed_out_in_workflow"
	flowFields  = countFields + waitFields + " tasks_entered tasks_timed_out_in_workflow"
	queueFields = countFields + waitFields + " tasks_entered wait_duration_in_queue_until_accepted"

	liveFields      = "longest_task_waiting_age longest_task_waiting_sid tasks_by_priority tasks_by_status total_tasks"
	liveSpaceFields = liveFields + " activity_statistics total_workers"
	liveQueueFields = liveFields + " activity_statistics longest_relative_task_age_in_queue longest_relative_task_sid_in_queue total_available_workers total_eligible_workers"
)

// cumulative are counts of the window.
func (st statistics) cumulative(q *rest.Request, fields string) object {
	accepted := durations(st.waits("accepted"))
	return fieldsOf(fields, object{
		"start_time": isoDate(st.from), "end_time": isoDate(st.to), "avg_task_acceptance_time": accepted["avg"],
		"reservations_created": st.count("reservation.created"), "reservations_accepted": st.count("reservation.accepted"),
		"reservations_rejected": st.count("reservation.rejected"), "reservations_timed_out": st.count("reservation.timeout"),
		"reservations_canceled": st.count("reservation.canceled"), "reservations_rescinded": st.count("reservation.rescinded"),
		"tasks_canceled": st.count("task.canceled"), "tasks_completed": st.count("task.completed"), "tasks_deleted": st.count("task.deleted"),
		"tasks_created": st.count("task.created"), "tasks_entered": st.count("task-queue.entered"), "tasks_moved": 0, "tasks_timed_out_in_workflow": 0,
		"split_by_wait_time": st.split(q.Get("SplitByWaitTime")), "wait_duration_until_accepted": accepted,
		"wait_duration_in_queue_until_accepted": accepted, "wait_duration_until_canceled": durations(st.waits("canceled")),
		"activity_durations": st.activityDurations(),
	})
}

// realTime is how it stands now.
func (st statistics) realTime(fields string) object {
	byStatus, byPriority := object{}, map[string]int{}
	status := map[string]int{"pending": 0, "reserved": 0, "assigned": 0, "wrapping": 0}
	var oldest *Task
	total := 0
	for _, t := range st.tasks() {
		if t.over() {
			continue
		}
		total++
		status[t.status]++
		byPriority[strconv.Itoa(t.priority)]++
		if t.status == "pending" && (oldest == nil || t.created.Before(oldest.created)) {
			oldest = t
		}
	}
	for name, n := range status {
		byStatus[name] = n
	}
	age, sid := 0, (*string)(nil)
	if oldest != nil {
		age, sid = oldest.age(), &oldest.sid
	}
	workers, free := st.workers()
	return fieldsOf(fields, object{
		"longest_task_waiting_age": age, "longest_task_waiting_sid": sid, "longest_relative_task_age_in_queue": age, "longest_relative_task_sid_in_queue": sid,
		"tasks_by_priority": byPriority, "tasks_by_status": byStatus, "total_tasks": total, "total_workers": len(workers),
		"total_eligible_workers": len(workers), "total_available_workers": free, "activity_statistics": st.activities(workers),
	})
}

// workers are those of the scope, and how many of them could take a task.
func (st statistics) workers() (all []*worker, free int) {
	line := st.space.queueAt(st.sid)
	for _, w := range st.space.workers() {
		if st.scope == "TaskQueueSid" && line != nil && !line.matches(w.attribute) {
			continue
		}
		all = append(all, w)
		if w.available(st.space.channels[0].sid) {
			free++
		}
	}
	return all, free
}

// activities counts workers by what they do.
func (st statistics) activities(workers []*worker) []object {
	list := []object{}
	for _, a := range st.space.activities {
		n := 0
		for _, w := range workers {
			if w.activity == a.sid {
				n++
			}
		}
		list = append(list, object{"sid": a.sid, "friendly_name": a.name, "workers": n})
	}
	return list
}

// activityDurations is how long workers have been in their activities by now.
func (st statistics) activityDurations() []object {
	list := []object{}
	for _, a := range st.space.activities {
		var all []int
		for _, w := range st.space.workers() {
			if w.activity == a.sid && (st.scope != "WorkerSid" || w.sid == st.sid) {
				all = append(all, int(st.space.router.now().Sub(w.since)/time.Second))
			}
		}
		o := durations(all)
		o["sid"], o["friendly_name"] = a.sid, a.name
		list = append(list, o)
	}
	return list
}

// fieldsOf are some fields of an object.
func fieldsOf(names string, all object) object {
	o := object{}
	for _, name := range strings.Fields(names) {
		o[name] = all[name]
	}
	return o
}
