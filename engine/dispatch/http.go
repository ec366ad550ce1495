package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/outbound"
)

// mayRepeatHTTP reports whether a request may be made once more. With somebody waiting
// there are Tries attempts; else as many as the deadline allows. When it may have been
// done, only methods for which twice is the same as once are repeated, and POST and
// PATCH where the flow says that repeats do no harm; without anybody waiting every
// request is, for it carries its idempotency key. An attempt of a process that ended
// does not count against Tries where a repeat does no harm: its answer may have come.
func mayRepeatHTTP(r *engine.HTTPRequest, attempts int, surelyNotDone, crashed bool) bool {
	harmless := surelyNotDone || r.Repeats || outbound.Idempotent(strings.ToUpper(r.Method))
	if !r.Save {
		return true
	}
	return harmless && (crashed || attempts < max(r.Tries, 1))
}

func httpTime(e *engine.Effect) time.Duration {
	if e.HTTP == nil || e.HTTP.Timeout <= 0 {
		return outbound.DefaultTimeout
	}
	return min(e.HTTP.Timeout, outbound.MaxTimeout)
}

func sendHTTP(j *job, ctx context.Context) answer {
	r := j.effect().HTTP
	if r == nil {
		return answer{outcome: refused, result: engine.Result{Reason: string(outbound.ErrBadURL), Message: "the effect has no request"}}
	}
	u := j.unsealer()
	req := u.request(r)
	if u.Unknown != "" {
		return u.noSecret()
	}
	got, err := j.d.cfg.HTTP.Do(ctx, req)
	a := answer{result: engine.Result{Status: got.Status, Body: u.mask(got.Body), Headers: u.headers(got.Headers)}}
	var e *outbound.Error
	switch {
	case errors.As(err, &e):
		a.result.Reason, a.result.Message = string(e.Word), u.text(e.Error())
		switch e.Outcome {
		case outbound.NotDone:
			a.outcome = notDone
		case outbound.Rejected, outbound.Answered:
			a.outcome = refused
		}
	case err != nil:
		a.result.Reason, a.result.Message = string(outbound.ErrUnknown), u.text(err.Error())
	default:
		a.seen = true
		a.outcome, a.wait = httpOutcome(got)
		a.result.OK = got.OK()
	}
	return a
}

// httpOutcome says what an answer tells: 429 was not done, 5xx may have been.
func httpOutcome(r outbound.Result) (outcome, time.Duration) {
	switch {
	case r.Status == http.StatusTooManyRequests:
		seconds, _ := strconv.Atoi(r.Headers["retry-after"])
		return notDone, time.Duration(min(max(seconds, 0), 3600)) * time.Second
	case r.Status >= 500:
		return unknown, 0
	case r.Status >= 200 && r.Status <= 299:
		return done, 0
	}
	return refused, 0
}

// unsealer opens the secrets of one request, and takes them out of what comes back: a
// service may repeat what it was sent.
type unsealer struct{ engine.Unsealer }

func (j *job) unsealer() *unsealer {
	session := j.lane.session.id
	return &unsealer{engine.Unsealer{Session: session, Secret: func(name string) (string, bool) { return j.d.cfg.Secrets(session, name) }}}
}

// noSecret is the answer when a request needs a secret that is not set.
func (u *unsealer) noSecret() answer {
	return answer{outcome: refused, result: engine.Result{Reason: ReasonNoSecret, Message: "the secret " + u.Unknown + " is not set: put it into the environment"}}
}

func (u *unsealer) request(r *engine.HTTPRequest) outbound.Request {
	req := outbound.Request{Method: r.Method, Timeout: httpTime(&engine.Effect{HTTP: r}), IdempotencyKey: r.Key, Header: map[string]string{}}
	at := strings.IndexByte(r.URL, '?')
	if at < 0 {
		at = len(r.URL)
	}
	req.URL = u.Open(r.URL[:at], plain) + u.Open(r.URL[at:], url.QueryEscape)
	escape := plain
	for name, value := range r.Headers {
		req.Header[name] = u.Open(value, plain)
		if strings.EqualFold(name, "Content-Type") {
			switch {
			case strings.Contains(value, "json"):
				escape = jsonEscape
			case strings.Contains(value, "x-www-form-urlencoded"):
				escape = url.QueryEscape
			}
		}
	}
	req.Body = []byte(u.Open(r.Body, escape))
	return req
}

func plain(s string) string { return s }

// jsonEscape writes s for the inside of a JSON text.
func jsonEscape(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return string(b[1 : len(b)-1])
}

func (u *unsealer) text(s string) string {
	if len(u.Opened) == 0 {
		return s
	}
	pairs := make([]string, 0, 2*len(u.Opened))
	for _, value := range u.Opened {
		pairs = append(pairs, value, "***")
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// mask takes the secrets out of an answer's body.
func (u *unsealer) mask(v any) any {
	if len(u.Opened) == 0 {
		return v
	}
	switch v := v.(type) {
	case string:
		return u.text(v)
	case []any:
		for i := range v {
			v[i] = u.mask(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = u.mask(v[k])
		}
	}
	return v
}

func (u *unsealer) headers(h map[string]string) engine.Values {
	if h == nil {
		return nil
	}
	out := make(engine.Values, len(h))
	for name, value := range h {
		out[name] = u.text(value)
	}
	return out
}
