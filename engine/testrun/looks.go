package testrun

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/testspec"
)

// callsOf are all calls of a party, oldest first, else that of a leg.
func (p *play) callsOf(who string) []*sim.Call {
	var all []*sim.Call
	number := p.number(who)
	for _, c := range p.Sim.Calls() {
		if c.To() == number && c.Direction() != "inbound" || c == p.call && who == testspec.Caller {
			all = append(all, c)
		}
	}
	if all != nil {
		return all
	}
	if s, err := p.Session(p.id); err == nil {
		for _, l := range s.Legs {
			if c := p.Sim.CallBySID(l.SID); l.Name == who && c != nil {
				all = append(all, c)
			}
		}
	}
	return all
}

func (p *play) lookMessages(n *spec.Node) []finding {
	want, got := testspec.ReadMessages(n), p.record.Messages
	holds := len(want) == len(got)
	node := &spec.Node{Kind: spec.Sequence}
	var lines []string
	for i, m := range got {
		to := p.name(m.To)
		item := mapNode("to", to, "body", m.Body)
		lines = append(lines, fmt.Sprintf("to %s: %s", to, m.Body))
		if i < len(want) && strings.Contains(m.Body, want[i].Body) && (want[i].To == "" || want[i].To == to || p.number(want[i].To) == m.To) {
			item = n.Items[i] // what holds stays as it is written
		} else {
			holds = false
		}
		node.Items = append(node.Items, item)
	}
	if holds {
		return nil
	}
	return []finding{{node: n, message: fmt.Sprintf("the messages differ: %d instead of %d", len(got), len(want)), detail: quoted("sent", lines), got: node}}
}

// asked groups requests that are alike and stand in a row.
type asked struct {
	text     string
	times    int
	answered int
}

func (p *play) lookRequests(n *spec.Node) []finding {
	want, got := testspec.ReadRequests(n), p.record.Requests
	at, holds := 0, true
	for _, w := range want {
		for range max(w.Times, 1) {
			holds = holds && at < len(got) && got[at].fits(&w.Mock) && (w.Answered == 0 || w.Answered == got[at].Status)
			at++
		}
	}
	if holds && at == len(got) {
		return nil
	}
	node := &spec.Node{Kind: spec.Sequence}
	var lines []string
	for _, a := range grouped(got) {
		item := scalarNode(a.text)
		if a.times > 1 {
			item = mapNode("request", a.text, "times", strconv.Itoa(a.times))
		}
		node.Items = append(node.Items, item)
		lines = append(lines, fmt.Sprintf("%s %d times, answered %d", a.text, a.times, a.answered))
	}
	return []finding{{node: n, message: fmt.Sprintf("the HTTP requests differ: %d instead of %d", len(got), at), detail: quoted("asked", lines), got: node}}
}

func grouped(list []request) []asked {
	var out []asked
	for _, r := range list {
		text := r.Method + " " + pathOf(r.URL)
		if last := len(out) - 1; last >= 0 && out[last].text == text && out[last].answered == r.Status {
			out[last].times++
			continue
		}
		out = append(out, asked{text, 1, r.Status})
	}
	return out
}

// pathOf is a URL without its origin and query.
func pathOf(url string) string {
	url, _, _ = strings.Cut(url, "?")
	if i := strings.Index(url, "://"); i >= 0 {
		if j := strings.IndexByte(url[i+3:], '/'); j >= 0 {
			return url[i+3+j:]
		}
		return "/"
	}
	return url
}

// twilioPath is a request to Twilio without what stands before the resource.
func twilioPath(url string) string {
	path := pathOf(url)
	if _, rest, ok := strings.Cut(path, "/Accounts/"); ok {
		if _, resource, ok := strings.Cut(rest, "/"); ok {
			path = resource
		}
	}
	return strings.TrimSuffix(strings.TrimPrefix(path, "/v1/"), ".json")
}

func (p *play) lookREST(n *spec.Node) []finding {
	var got []sim.Entry
	for _, e := range p.Sim.Log() {
		if e.Kind == sim.EntryREST {
			got = append(got, e)
		}
	}
	at := 0
	for i, w := range testspec.ReadRESTCalls(n) {
		j := slices.IndexFunc(got[at:], func(e sim.Entry) bool { return p.isREST(e, w) })
		if j < 0 {
			var lines []string
			for _, e := range got[at:] {
				if e.Method != "GET" {
					lines = append(lines, strings.TrimSpace(e.Method+" "+twilioPath(e.URL)+" "+e.Params.Encode()))
				}
			}
			return []finding{{node: n.Items[i], message: fmt.Sprintf("%s %s is not asked of Twilio in this order", w.Method, w.Path), detail: quoted("asked", lines)}}
		}
		at += j + 1
	}
	return nil
}

func (p *play) isREST(e sim.Entry, w testspec.RESTCall) bool {
	if e.Method != w.Method || !testspec.Fits(w.Path, twilioPath(e.URL)) {
		return false
	}
	for _, v := range w.Params {
		if got := e.Params.Get(v.Name); got != v.Text && (got == "" || got != p.number(v.Text)) {
			return false
		}
	}
	return true
}

func (p *play) lookTasks(n *spec.Node) []finding {
	want := testspec.ReadTasks(n)
	node := &spec.Node{Kind: spec.Sequence}
	holds := len(want) == len(p.record.Tasks)
	var lines []string
	for i, t := range p.record.Tasks {
		var reservations []string
		for _, r := range t.Reservations {
			reservations = append(reservations, r.Status)
		}
		holds = holds && i < len(want) && want[i].Status == t.Status &&
			(want[i].Reservations == nil || slices.Equal(want[i].Reservations, reservations))
		item := mapNode("status", t.Status)
		if len(reservations) > 0 {
			item.Entries = append(item.Entries, spec.Entry{Key: scalarNode("reservations"), Value: listNode(reservations)})
		}
		node.Items = append(node.Items, item)
		lines = append(lines, Written(item))
	}
	if holds {
		return nil
	}
	return []finding{{node: n, message: fmt.Sprintf("the tasks differ: %d instead of %d", len(lines), len(want)), detail: quoted("in TaskRouter", lines), got: node}}
}

func (p *play) lookMeter(n *spec.Node) []finding {
	got := map[string]any{}
	if m := p.record.session.Meter; m != nil {
		got["empty"] = m.Empty
		for name, text := range map[string]string{"balance": m.Balance, "credits": m.Credits, "rate": m.Rate} {
			got[name] = text
			if amount, err := expr.ParseMoney(text); err == nil {
				got[name] = amount // 2 and 2.00 are the same
			}
		}
		if !m.Stopped.IsZero() && !m.Since.IsZero() {
			got["ran"] = m.Stopped.Sub(m.Since).Truncate(time.Second)
		}
	}
	return parts("the meter's", n, got)
}

func (p *play) lookCost(n *spec.Node) []finding {
	known := func() bool {
		p.record.session, p.record.err = p.API.Session(p.id)
		return p.record.err == nil && p.record.session.PriceOpen == 0
	}
	p.Until(known, 48*time.Hour)
	return same("what the calls cost", n, strings.TrimSpace(strings.TrimPrefix(p.record.session.Price, "-")+" "+p.record.session.PriceUnit))
}

func (p *play) lookTook(n *spec.Node) []finding {
	least, most, err := testspec.ParseSpan(n.Text)
	if err == nil && p.took >= least && p.took <= most {
		return nil
	}
	got := testspec.Text(p.took.Truncate(time.Second))
	return []finding{{node: n, message: fmt.Sprintf("the session lasts %s, not %s", got, n.Text), got: scalarNode(got)}}
}

func (p *play) lookTroubles(n *spec.Node) []finding {
	if n.Text == "true" {
		return nil
	}
	troubles := p.Troubles()
	if len(troubles) == 0 {
		return nil
	}
	return []finding{{node: n, message: "the call was not without trouble", detail: troubles}}
}
