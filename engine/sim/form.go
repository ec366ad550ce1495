package sim

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
)

// form holds the parameters of a request in Twilio's order.
type form []param

type param struct{ name, value string }

func (f form) with(name, value string) form { return append(f, param{name, value}) }

// set replaces a parameter, or adds it at the end.
func (f form) set(name, value string) form {
	for i := range f {
		if f[i].name == name {
			f[i].value = value
			return f
		}
	}
	return f.with(name, value)
}

func (f form) encode() string {
	var b strings.Builder
	for i, p := range f {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(p.name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(p.value))
	}
	return b.String()
}

func (f form) values() url.Values {
	v := make(url.Values, len(f))
	for _, p := range f {
		v.Add(p.name, p.value)
	}
	return v
}

func extraForm(v url.Values) form {
	var f form
	for _, name := range slices.Sorted(maps.Keys(v)) {
		f = f.with(name, v.Get(name))
	}
	return f
}

// rfc2822 is how the 2010 API and its webhooks write times.
func rfc2822(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 +0000") }

// standard are the parameters of every request about a call (documentation:
// TwiML for Voice, "Twilio's request to your application").
func (c *Call) standard() form {
	f := form{
		{"CallSid", c.sid}, {"AccountSid", c.sim.o.AccountSID}, {"From", c.from}, {"To", c.to},
		{"CallStatus", c.status}, {"ApiVersion", apiVersion}, {"Direction", c.direction},
	}
	if c.parent != nil {
		f = f.with("ParentCallSid", c.parent.sid)
	}
	if c.token != "" {
		f = f.with("CallToken", c.token)
	}
	f = f.with("Caller", c.from).with("Called", c.to)
	for _, p := range c.extra {
		f = f.set(p.name, p.value)
	}
	return f
}
