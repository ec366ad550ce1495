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

func (f form) get(name string) (string, bool) {
	for _, p := range f {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

// value is that of a parameter, or "".
func (f form) value(name string) string {
	v, _ := f.get(name)
	return v
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
	called := c.to
	if sid, _ := applicationOf(called); sid != "" {
		called = "" // as a client calls one
	}
	f := form{
		{"CallSid", c.sid}, {"AccountSid", c.sim.o.AccountSID}, {"From", c.from}, {"To", called},
		{"CallStatus", c.status}, {"ApiVersion", apiVersion}, {"Direction", c.direction},
	}
	for _, name := range []string{"ForwardedFrom", "CallerName"} {
		if v, ok := c.extra.get(name); ok {
			f = f.with(name, v)
		}
	}
	if c.parent != nil {
		f = f.with("ParentCallSid", c.parent.sid)
	}
	if c.token != "" {
		f = f.with("CallToken", `{"parentCallInfoToken":"`+c.token+`","identityHeaderTokens":[]}`)
	}
	from, to := c.places()
	f = append(append(f, from.fields("From", c.from)...), to.fields("To", c.to)...)
	f = f.with("Caller", c.from).with("Called", called)
	f = append(append(f, from.fields("Caller", c.from)...), to.fields("Called", c.to)...)
	if c.direction == "inbound" {
		f = append(f, c.origin()...)
	}
	for _, p := range c.extra {
		f = f.set(p.name, p.value)
	}
	return f
}

// origin tells where an inbound call comes from: SHAKEN/STIR between numbers of
// North America, or the SIP call.
func (c *Call) origin() form {
	switch {
	case strings.HasPrefix(c.from, "+1") && strings.HasPrefix(c.to, "+1"):
		return form{{"StirVerstat", "TN-Validation-Passed-A"}}
	case strings.HasPrefix(c.from, "sip:"):
		_, domain, _ := strings.Cut(pick(strings.HasPrefix(c.to, "sip:"), c.to, c.from), "@")
		return form{{"SipCallId", c.sipCallID()}, {"SipDomain", domain}, {"SipSourceIp", "127.0.0.1"}}
	}
	return nil
}

// sipCallID is the Call-ID of the SIP dialogue that carries the call.
func (c *Call) sipCallID() string { return strings.ToLower(c.sid[2:]) + "@0.0.0.0" }

// date is a JSON date, or null.
func date(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	v := rfc2822(t)
	return &v
}
