package sim_test

import (
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

func workspaceScene(a *apiScene) {
	made := a.ask("POST", "/v1/Workspaces", form("FriendlyName", "Team", "EventCallbackUrl", a.app.URL+"/events", "Template", "FIFO"))
	at := "/v1/Workspaces/" + field(made, "sid")
	a.ask("GET", "/v1/Workspaces?FriendlyName=Team", nil)
	a.ask("GET", at, nil)
	a.ask("POST", at, form("MultiTaskEnabled", "true"))

	lunch := a.ask("POST", at+"/Activities", form("FriendlyName", "Lunch", "Available", "false"))
	a.ask("GET", at+"/Activities?Available=false", nil)
	a.ask("GET", at+"/Activities/"+field(lunch, "sid"), nil)
	a.ask("POST", at+"/Activities/"+field(lunch, "sid"), form("FriendlyName", "Break"))
	a.ask("DELETE", at+"/Activities/"+field(lunch, "sid"), nil)

	channel := a.ask("POST", at+"/TaskChannels", form("FriendlyName", "Fax", "UniqueName", "fax"))
	a.ask("GET", at+"/TaskChannels", nil)
	a.ask("GET", at+"/TaskChannels/fax", nil)
	a.ask("POST", at+"/TaskChannels/"+field(channel, "sid"), form("FriendlyName", "Faxes"))
	a.ask("DELETE", at+"/TaskChannels/fax", nil)

	queue := a.ask("POST", at+"/TaskQueues", form("FriendlyName", "English", "TargetWorkers", "languages HAS 'en'"))
	a.ask("GET", at+"/TaskQueues?FriendlyName=English", nil)
	a.ask("GET", at+"/TaskQueues/"+field(queue, "sid"), nil)
	a.ask("POST", at+"/TaskQueues/"+field(queue, "sid"), form("MaxReservedWorkers", "2", "TaskOrder", "LIFO"))

	config := `{"task_routing":{"filters":[{"expression":"language=='en'","targets":[{"queue":"` + field(queue, "sid") + `"}]}]}}`
	flow := a.ask("POST", at+"/Workflows", form("FriendlyName", "Main", "Configuration", config, "AssignmentCallbackUrl", a.app.URL+"/assign"))
	a.ask("GET", at+"/Workflows?FriendlyName=Main", nil)
	a.ask("GET", at+"/Workflows/"+field(flow, "sid"), nil)
	a.ask("POST", at+"/Workflows/"+field(flow, "sid"), form("TaskReservationTimeout", "20"))
	a.ask("DELETE", at+"/Workflows/"+field(flow, "sid"), nil)
	a.ask("DELETE", at+"/TaskQueues/"+field(queue, "sid"), nil)
	a.ask("DELETE", at, nil)
}

func taskScene(a *apiScene) {
	at := "/v1/Workspaces/" + sim.WorkspaceSID
	flow := a.ask("POST", at+"/Workflows", form("FriendlyName", "All", "Configuration", `{"task_routing":{"default_filter":{"queue":"WQ00000000000000000000000000000001"}}}`))
	ann := a.ask("POST", at+"/Workers", form("FriendlyName", "ann", "Attributes", `{"contact_uri":"`+bob+`"}`))
	worker := at + "/Workers/" + field(ann, "sid")
	a.ask("GET", at+"/Workers?FriendlyName=ann", nil)
	a.ask("GET", worker, nil)
	list := a.ask("GET", at+"/Activities?Available=true", nil)
	free := field(list["activities"].([]any)[0].(map[string]any), "sid")
	a.ask("POST", worker, form("ActivitySid", free))
	a.ask("GET", worker+"/Channels", nil)
	a.ask("GET", worker+"/Channels/voice", nil)
	a.ask("POST", worker+"/Channels/voice", form("Capacity", "2"))

	task := a.ask("POST", at+"/Tasks", form("WorkflowSid", field(flow, "sid"), "Attributes", `{"type":"call back"}`, "Priority", "3"))
	a.clock.Advance(time.Second)
	one := at + "/Tasks/" + field(task, "sid")
	a.ask("GET", at+"/Tasks?AssignmentStatus=reserved", nil)
	a.ask("GET", one, nil)
	list = a.ask("GET", one+"/Reservations", nil)
	sid := field(list["reservations"].([]any)[0].(map[string]any), "sid")
	a.ask("GET", one+"/Reservations/"+sid, nil)
	a.ask("GET", worker+"/Reservations", nil)
	a.ask("GET", worker+"/Reservations/"+sid, nil)
	a.ask("POST", one+"/Reservations/"+sid, form("ReservationStatus", "accepted"))
	a.ask("POST", one, form("AssignmentStatus", "wrapping"))
	a.ask("POST", worker+"/Reservations/"+sid, form("ReservationStatus", "completed"))
	for _, kind := range []string{"Statistics", "CumulativeStatistics", "RealTimeStatistics"} {
		for _, path := range []string{"/", "/TaskQueues/WQ00000000000000000000000000000001/", "/Workflows/" + field(flow, "sid") + "/", "/Workers/"} {
			a.ask("GET", at+path+kind+"?Minutes=60", nil)
		}
	}
	a.ask("GET", worker+"/Statistics", nil)
	a.ask("GET", at+"/TaskQueues/Statistics?SplitByWaitTime=5,60", nil)
	a.ask("POST", at+"/TaskQueues/RealTimeStatistics", nil)
	a.ask("DELETE", one, nil)
	events := a.ask("GET", at+"/Events?EventType=reservation.accepted", nil)
	got := events["events"].([]any)
	if len(got) != 1 || !strings.HasPrefix(field(got[0].(map[string]any), "resource_sid"), "WR") {
		a.t.Errorf("events %v", got)
		return
	}
	a.ask("GET", at+"/Events/"+field(got[0].(map[string]any), "sid"), nil)
	a.ask("POST", worker, form("ActivitySid", "WA00000000000000000000000000000002"))
	a.ask("DELETE", worker, nil)
}
