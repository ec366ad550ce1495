package sim_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// deskJSON asks the TaskRouter API of a workspace.
func (w *world) deskJSON(method, path string, f url.Values) (int, map[string]any) {
	w.t.Helper()
	status, body := w.request(method, "/v1/Workspaces"+path, f)
	answer := map[string]any{}
	_ = json.Unmarshal(body, &answer) // none with 204
	return status, answer
}

// make creates a resource and returns its SID.
func (w *world) make(path string, pairs ...string) string {
	w.t.Helper()
	status, answer := w.deskJSON(http.MethodPost, path, form(pairs...))
	if status != 201 {
		w.t.Fatalf("%s %v: %d %v", path, pairs, status, answer)
	}
	return field(answer, "sid")
}

// team is a workspace with two queues, a workflow by language and two workers.
func team(t *testing.T, w *world) (at string) {
	t.Helper()
	at = "/" + w.make("", "FriendlyName", "Team", "EventCallbackUrl", w.app.URL+"/events", "EventsFilter", "task.created,reservation.accepted,task.canceled")
	w.deskJSON(http.MethodPost, at, form("MultiTaskEnabled", "false"))
	english := w.make(at+"/TaskQueues", "FriendlyName", "English", "TargetWorkers", "languages HAS 'en'")
	all := w.make(at+"/TaskQueues", "FriendlyName", "All", "TargetWorkers", "1==1")
	config := `{"task_routing":{"filters":[{"filter_friendly_name":"English","expression":"language=='en'",
		"targets":[{"queue":"` + english + `","timeout":30,"priority":5},{"queue":"` + all + `","timeout":30,"expression":"worker.level >= task.level"}]}],
		"default_filter":{"queue":"` + all + `"}}}`
	w.make(at+"/Workflows", "FriendlyName", "Main", "Configuration", config)
	_, list := w.deskJSON(http.MethodGet, at+"/Activities?FriendlyName=Available", nil)
	free := field(list["activities"].([]any)[0].(map[string]any), "sid")
	w.make(at+"/Workers", "FriendlyName", "ann", "ActivitySid", free, "Attributes", `{"languages":["de"],"level":3}`)
	w.make(at+"/Workers", "FriendlyName", "ben", "Attributes", `{"languages":["en","de"],"level":1}`)
	return at
}

func TestRoutingByWorkflow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	at := team(t, w)
	german := w.make(at+"/Tasks", "Attributes", `{"language":"de"}`)
	english := w.make(at+"/Tasks", "Attributes", `{"language":"en","level":2}`)
	w.clock.Advance(time.Second)
	task := func(sid string) map[string]any {
		_, answer := w.deskJSON(http.MethodGet, at+"/Tasks/"+sid, nil)
		return answer
	}
	if got := task(german); got["assignment_status"] != "reserved" || got["task_queue_friendly_name"] != "All" {
		t.Errorf("german: %v", got)
	}
	if got := task(english); got["assignment_status"] != "pending" || got["task_queue_friendly_name"] != "English" || got["priority"] != 5.0 {
		t.Errorf("english waits for ben, who is offline: %v", got)
	}
	_, list := w.deskJSON(http.MethodGet, at+"/Tasks/"+german+"/Reservations", nil)
	reservation := field(list["reservations"].([]any)[0].(map[string]any), "sid")
	w.deskJSON(http.MethodPost, at+"/Tasks/"+german+"/Reservations/"+reservation, form("ReservationStatus", "accepted"))
	w.deskJSON(http.MethodPost, at+"/Tasks/"+german, form("AssignmentStatus", "completed"))
	w.clock.Advance(40 * time.Second)
	if got := task(english); got["assignment_status"] != "reserved" || got["task_queue_friendly_name"] != "All" {
		t.Errorf("after 30 s ann may have it, her level is enough: %v", got)
	}
	if got := w.events("/events", "EventType"); got != "task.created task.created reservation.accepted" {
		t.Errorf("events %s", got)
	}
	wantFields(t, w.requests("/events")[2], map[string]string{"ReservationSid": reservation, "TaskSid": german, "WorkerName": "ann", "ResourceType": "reservation"})
	_, counts := w.deskJSON(http.MethodGet, at+"/CumulativeStatistics?SplitByWaitTime=5", nil)
	if counts["reservations_created"] != 2.0 || counts["reservations_accepted"] != 1.0 || counts["tasks_created"] != 2.0 || counts["tasks_completed"] != 1.0 {
		t.Errorf("counts %v", counts)
	}
	_, live := w.deskJSON(http.MethodGet, at+"/RealTimeStatistics", nil)
	if status := live["tasks_by_status"].(map[string]any); status["reserved"] != 1.0 || status["pending"] != 0.0 || live["total_workers"] != 2.0 {
		t.Errorf("now %v", live)
	}
	for _, bad := range []string{`{"task_routing":{"default_filter":{"queue":"WQ1"}}}`, `{"task_routing":{"filters":[{"expression":"a =","targets":[]}]}}`, `nothing`} {
		if status, answer := w.deskJSON(http.MethodPost, at+"/Workflows", form("FriendlyName", "x", "Configuration", bad)); status != 400 {
			t.Errorf("%s: %d %v", bad, status, answer)
		}
	}
}

// TestSeveralWorkersAreAsked: the first to accept has the task, the others lose it.
func TestSeveralWorkersAreAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	at := "/" + sim.WorkspaceSID
	queue := w.make(at+"/TaskQueues", "FriendlyName", "Both", "MaxReservedWorkers", "2", "TaskOrder", "LIFO")
	w.worker("ann", bob)
	w.worker("cid", carol)
	sid := w.make(at+"/Tasks", "TaskQueueSid", queue, "Attributes", `{}`)
	w.clock.Advance(time.Second)
	_, list := w.deskJSON(http.MethodGet, at+"/Tasks/"+sid+"/Reservations?ReservationStatus=pending", nil)
	asked := list["reservations"].([]any)
	if len(asked) != 2 {
		t.Fatalf("%v", list)
	}
	second := asked[1].(map[string]any)
	if status, _ := w.deskJSON(http.MethodPost, at+"/Workers/"+field(second, "worker_sid")+"/Reservations/"+field(second, "sid"), form("ReservationStatus", "accepted")); status != 200 {
		t.Errorf("accept: %d", status)
	}
	w.wantTask("assigned ann:rescinded cid:accepted")
	if status, _ := w.deskJSON(http.MethodDelete, at+"/Tasks/"+sid, nil); status != 204 {
		t.Errorf("delete: %d", status)
	}
}

// TestTaskRouterPages: next_page_url leads on, on the host that was asked.
func TestTaskRouterPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, sim.Options{}, nil)
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		w.worker(name, bob)
	}
	next := w.api.URL + "/v1/Workspaces/" + sim.WorkspaceSID + "/Workers?PageSize=2"
	var names string
	for pages := 0; next != ""; pages++ {
		if !strings.HasPrefix(next, w.api.URL) || pages > 3 {
			t.Fatalf("next is %s", next)
		}
		_, answer := w.deskJSON(http.MethodGet, strings.TrimPrefix(next, w.api.URL+"/v1/Workspaces"), nil)
		for _, one := range answer["workers"].([]any) {
			names += field(one.(map[string]any), "friendly_name")
		}
		next = field(answer["meta"].(map[string]any), "next_page_url")
	}
	if names != "abcde" {
		t.Error(names)
	}
}

// TestSupervise: another worker listens in, and whispers.
func TestSupervise(t *testing.T) {
	t.Parallel()
	w := deskWorld(t, sim.Switches{}, `"instruction":"conference","from":"`+ours+`","end_conference_on_exit":"true"`)
	w.worker("ann", bob)
	boss, err := w.AddWorker("boss", `{"contact_uri":"`+carol+`"}`)
	if err != nil {
		t.Fatal(err)
	}
	w.SetAvailable("boss", false)
	caller := w.call()
	w.until("talk", func() bool { return len(caller.Peers()) == 1 })
	task := w.Tasks()[0]
	at := "/Tasks/" + task.SID + "/Reservations/" + task.Reservations[0].SID
	if status, body := w.desk(at, form("Instruction", "supervise", "Supervisor", "WK1", "SupervisorMode", "monitor")); status != 400 || !strings.Contains(body, "40147") {
		t.Errorf("nobody: %d %s", status, body)
	}
	if status, body := w.desk(at, form("Instruction", "supervise", "Supervisor", boss, "SupervisorMode", "whisper")); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	w.until("boss in", func() bool { return len(w.CallsTo(carol)) == 1 && w.CallsTo(carol)[0].Conference() != "" })
	_, body := w.rest(http.MethodGet, "/Conferences/"+task.SID+"/Participants.json?Coaching=true", nil)
	if !strings.Contains(body, `"call_sid":"`+w.CallsTo(carol)[0].SID()) || !strings.Contains(body, `"call_sid_to_coach":"`+w.CallsTo(bob)[0].SID()) {
		t.Errorf("participants %s", body)
	}
	w.CallsTo(bob)[0].Hangup()
	w.ended(caller)
	w.wantTask("completed ann:completed")
}
