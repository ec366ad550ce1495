// Package control serves a simulated Twilio to programs in any language: its REST
// API as the real one has it, and beside that a control API in JSON for the things
// that people and networks do: who answers which phone and how, calls from outside,
// keys and speech, waiting for what is heard, faults, switches, the log.
//
// Routes lists every request. Bodies and answers are JSON with names in snake_case;
// durations are seconds, fractions allowed; times are RFC 3339. What is refused is
// answered as application/problem+json (RFC 9457) with a stable word in "code".
//
// The control API is open where it is reached over loopback only. With
// Options.Token it wants that as a bearer token; Server refuses requests that a
// web page of somebody else's makes in either case.
package control

import "net/http"

// Prefix is the path under which the control API is.
const Prefix = "/sim/v1"

// Route is one request of the control API.
type Route struct {
	Method string
	Path   string // below Prefix; {name} is a part of the path
	Body   string // an example, "" for none
	Doc    string

	serve func(*Server, http.ResponseWriter, *http.Request)
}

// Routes lists all requests, in the order of the documentation.
func Routes() []Route {
	return []Route{
		{"GET", "", "", "what there is: account, numbers, version of the API", (*Server).index},
		{"GET", "/numbers", "", "the numbers of the account", (*Server).listNumbers},
		{"PUT", "/numbers/{number}", `{"voice_url": "http://localhost:3000/voice"}`, "adds or replaces a number; also voice_method, voice_fallback_url, voice_fallback_method, status_callback, status_callback_method", (*Server).putNumber},
		{"DELETE", "/numbers/{number}", "", "", (*Server).deleteNumber},
		{"GET", "/parties", "", "who is at which address", (*Server).listParties},
		{"PUT", "/parties/{address}", `{"outcome": "answer", "after": 2, "script": [{"when": "asked", "press": "1"}]}`, "says who answers at an address, or with the address default at all others; a list is one party for each next call", (*Server).putParty},
		{"DELETE", "/parties/{address}", "", "", (*Server).deleteParty},
		{"POST", "/calls", `{"from": "+15551110001", "to": "+15550001000"}`, "calls a number of the account from outside; also party (the caller, for this call) and fields (further parameters of its webhooks)", (*Server).postCall},
		{"GET", "/calls", "", "all calls, oldest first; filters as for wait", (*Server).listCalls},
		{"GET", "/calls/wait", "", "waits until a call matches: ?to= from= direction= status= heard= heard_after= recorded= listening= conference= queue= connected= answered_by=, and timeout= in seconds, default 10", (*Server).waitCalls},
		{"GET", "/calls/{sid}", "", "one call: status, what its party has heard, whom it can talk to", (*Server).getCall},
		{"GET", "/calls/{sid}/wait", "", "waits until this call matches, as above", (*Server).waitCall},
		{"POST", "/calls/{sid}/answer", "", "picks up a phone that rings", (*Server).answer},
		{"POST", "/calls/{sid}/decline", "", "rejects a call that rings", (*Server).decline},
		{"POST", "/calls/{sid}/press", `{"keys": "1"}`, "presses keys: 0 to 9, *, #, A to D; w waits half a second, W one", (*Server).press},
		{"POST", "/calls/{sid}/say", `{"text": "opening hours"}`, "speaks: a Gather or Record takes it, else those who are connected hear it", (*Server).say},
		{"POST", "/calls/{sid}/hangup", "", "hangs up", (*Server).hangup},
		{"GET", "/conferences", "", "all conferences with the CallSids in them", (*Server).conferences},
		{"GET", "/messages", "", "text messages that the application has sent", (*Server).messages},
		{"GET", "/log", "", "everything that happened: ?after=SEQ kind= call= text= name= contains=, and wait= in seconds until there is an entry", (*Server).getLog},
		{"GET", "/events", "", "the log as Server-Sent Events, from now on or from Last-Event-ID", (*Server).events},
		{"GET", "/debugger", "", "errors and warnings with Twilio's codes, as its debugger shows them", (*Server).debugger},
		{"GET", "/switches", "", "what Twilio's documentation leaves open, each with its meaning and value", (*Server).getSwitches},
		{"PATCH", "/switches", `{"kick-drops": "on"}`, "sets switches", (*Server).patchSwitches},
		{"GET", "/faults", "", "the faults in force, and all kinds that there are", (*Server).getFaults},
		{"POST", "/faults", `{"kind": "error-webhook", "next": 1, "for": "/voice"}`, "adds a fault; also rate, skip, by", (*Server).postFault},
		{"DELETE", "/faults", "", "ends all faults", (*Server).deleteFaults},
		{"GET", "/media", "", "lengths of the files that Play plays, in seconds by URL", (*Server).getMedia},
		{"PATCH", "/media", `{"https://example.com/hold.mp3": 30}`, "sets lengths of files", (*Server).patchMedia},
		{"PUT", "/workflows/{sid}", `{"assignment_url": "http://localhost:3000/assignment"}`, "adds a workflow of TaskRouter; also fallback_url and reservation_timeout", (*Server).putWorkflow},
		{"PUT", "/workers/{name}", `{"attributes": {"contact_uri": "+15552220001"}, "available": true}`, "adds a worker of TaskRouter, or changes whether he is available", (*Server).putWorker},
		{"GET", "/clock", "", "the time of the simulation, and how fast it runs", (*Server).getClock},
		{"POST", "/clock/advance", `{"by": 30}`, "lets virtual time pass; 409 where time is real", (*Server).advance},
		{"POST", "/reset", "", "forgets all calls, messages, recordings and the log, and goes back to the numbers, parties, faults and switches of the start", (*Server).reset},
	}
}
