package testrun

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/testspec"
)

// What others do with the account, whom the flow does not know.

func (p *play) takesTask(l *testspec.Line) *Failure {
	if !p.wait(l, func() bool { return p.Sim.TakeTask(l.Who) }) {
		return p.never(l, "%s is never offered a task", l.Who)
	}
	return nil
}

func (p *play) cancelTask(l *testspec.Line) *Failure {
	var task sim.Task
	open := func(t sim.Task) bool { return t.Status == "pending" || t.Status == "reserved" }
	found := p.wait(l, func() bool {
		tasks := p.Sim.Tasks()
		i := slices.IndexFunc(tasks, open)
		if i >= 0 {
			task = tasks[i]
		}
		return i >= 0
	})
	if !found {
		return p.never(l, "there is no task that could be canceled")
	}
	_, err := p.asked(http.MethodPost, "/v1/Workspaces/"+sim.WorkspaceSID+"/Tasks/"+task.SID, url.Values{"AssignmentStatus": {"canceled"}})
	return failed(l, err)
}

func (p *play) dialsQueue(l *testspec.Line) *Failure {
	var queue string
	waits := func() bool {
		if c := p.at(l.Text); c != nil {
			queue = c.Queue()
		}
		return queue != ""
	}
	if !p.wait(l, waits) {
		return p.never(l, "%s never waits in a queue", l.Text)
	}
	_, err := p.asked(http.MethodPost, p.account()+"/Calls.json", url.Values{
		"To": {p.number(l.Who)}, "From": {p.own()},
		"Twiml": {"<Response><Dial><Queue>" + queue + "</Queue></Dial></Response>"},
	})
	return failed(l, err)
}

func (p *play) kicked(l *testspec.Line) *Failure {
	c, ok := p.is(l, func(c *sim.Call) bool { return c.Conference() != "" })
	if !ok {
		return p.never(l, "%s is never in a room", l.Who)
	}
	list, err := p.asked(http.MethodGet, p.account()+"/Conferences.json?"+url.Values{"FriendlyName": {c.Conference()}, "Status": {"in-progress"}}.Encode(), nil)
	if err != nil {
		return failed(l, err)
	}
	conferences, _ := list["conferences"].([]any)
	if len(conferences) == 0 {
		return failed(l, fmt.Errorf("there is no room %s", c.Conference()))
	}
	one, _ := conferences[0].(map[string]any)
	_, err = p.asked(http.MethodDelete, fmt.Sprintf("%s/Conferences/%s/Participants/%s.json", p.account(), one["sid"], c.SID()), nil)
	return failed(l, err)
}

// asked makes a request to Twilio. Faults are for the flow: this one is spared.
func (p *play) asked(method, path string, form url.Values) (map[string]any, error) {
	faults := p.Sim.Faults()
	p.Sim.SetFaults(nil)
	defer p.Sim.SetFaults(faults)
	return p.REST(method, path, form)
}

// own is a number of the account.
func (p *play) own() string {
	for _, f := range p.Flows() {
		if len(f.Numbers) > 0 {
			return f.Numbers[0]
		}
	}
	return testspec.CallerNumber
}

func (p *play) account() string { return "/2010-04-01/Accounts/" + p.Sim.AccountSID() }
