package engine

import (
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/expr"
)

// Env is what expressions read now: the session, the current leg and the event of the
// running list.
func (x *Exec) Env() *expr.Env {
	if x.env == nil {
		x.room = expr.Env{Now: x.eventTime(), Root: x.root, Visits: x.visits, Open: x.isOpen, NextOpen: x.nextOpen}
		x.env = &x.room
	}
	return x.env
}

func (x *Exec) eventTime() time.Time {
	if x.raised != nil && !x.raised.Time.IsZero() {
		return x.raised.Time
	}
	return x.now
}

func (x *Exec) visits(state string) int {
	if x.leg == nil {
		return 0
	}
	return x.leg.entries(x.frame, state)
}

// Changed tells that vars or legs have changed, so that the next expression sees it.
func (x *Exec) Changed() { x.env = nil }

// root gives the value of a root of an expression.
func (x *Exec) root(name string) any {
	switch name {
	case "input":
		if x.frame != nil {
			return map[string]any(x.frame.Input)
		}
		return map[string]any(x.s.Input)
	case "vars":
		return map[string]any(x.Vars())
	case "env":
		return x.named(x.Flow().Env, func(n string) any { return x.c.Env[n] })
	case "secrets":
		return x.named(x.Flow().Secrets, func(n string) any { return Seal(x.s.ID, n, x.c.Env[n]) })
	case "switches":
		return x.switches()
	case "session":
		return map[string]any{"id": x.s.ID, "flow": x.s.Flow, "started": x.s.Started}
	case "queue":
		return x.queueValue()
	case "leg":
		return x.legValue(x.leg, "")
	case "legs":
		return x.legValues()
	case "event":
		return x.eventValue()
	}
	return nil
}

func (x *Exec) named(names []Name, value func(string) any) map[string]any {
	m := make(map[string]any, len(names))
	for _, n := range names {
		m[n.Name] = value(n.Name)
	}
	return m
}

func (x *Exec) eventValue() map[string]any {
	m := map[string]any{"name": "", "time": x.eventTime()}
	if x.raised != nil {
		for k, v := range x.raised.Data {
			m[k] = v
		}
		m["name"] = x.raised.Name
	}
	return m
}

func (x *Exec) legValues() map[string]any {
	names := x.Flow().Legs
	m := make(map[string]any, len(names))
	for _, name := range names {
		m[name] = x.legValue(x.LegNamed(name), name)
	}
	return m
}

// legFields are the names of a leg's own parameters that expressions know as text.
var legFields = []string{"caller_name", "city", "region", "country", "zip", "forwarded_from"}

func (x *Exec) legValue(l *Leg, name string) map[string]any {
	m := map[string]any{
		"name": name, "sid": "", "from": "", "to": "", "direction": "", "status": "", "live": false, "state": "",
		"language": "", "answered_by": "", "duration": float64(0), "return_url": "", "params": map[string]any{},
	}
	for _, f := range legFields {
		m[f] = ""
	}
	if l == nil {
		return m
	}
	m["name"], m["sid"], m["from"], m["to"], m["direction"] = l.Name, l.SID, l.From, l.To, l.Direction
	m["status"], m["live"], m["state"], m["language"] = l.Status, l.Live(), x.seenState(l), x.languageName(l)
	m["return_url"] = x.returnURL(l)
	m["answered_by"], m["duration"] = l.AnsweredBy, float64(l.Duration)
	for k, v := range l.Fields {
		m[k] = v
	}
	return m
}

// geoFields are the request parameters behind the fields of a leg.
var geoFields = map[string]string{
	"CallerName": "caller_name", "FromCity": "city", "FromState": "region", "FromCountry": "country", "FromZip": "zip", "ForwardedFrom": "forwarded_from",
}

// standardFields are Twilio's own parameters: what else comes with a call is in `params`.
var standardFields = map[string]bool{
	"CallSid": true, "AccountSid": true, "From": true, "To": true, "CallStatus": true, "ApiVersion": true, "Direction": true,
	"ParentCallSid": true, "CallToken": true, "ApplicationSid": true,
}

// callFields keeps what the first request of an inbound call says of it.
func callFields(fields map[string]string) Values {
	v := Values{}
	params := map[string]any{}
	for k, text := range fields {
		switch {
		case geoFields[k] != "":
			v[geoFields[k]] = text
		case standardFields[k], strings.HasPrefix(k, "To") && len(k) > 2, strings.HasPrefix(k, "From") && len(k) > 4,
			strings.HasPrefix(k, "Called"), strings.HasPrefix(k, "Caller"), strings.HasPrefix(k, "Stir"):
		case strings.HasPrefix(k, "SipHeader_"):
			params[sipName(k)] = text
		default:
			params[k] = text
		}
	}
	v["params"] = params
	return v
}

// sipName is the input that a SIP header X-Name brings: name.
func sipName(key string) string {
	name := strings.ToLower(strings.TrimPrefix(key, "SipHeader_"))
	return strings.ReplaceAll(strings.TrimPrefix(name, "x-"), "-", "_")
}
