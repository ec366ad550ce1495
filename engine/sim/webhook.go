package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/twiml"
)

// Error codes of webhooks (Twilio's error dictionary).
const (
	codeURL         = 11100
	codeRetrieval   = 11200
	codeRefused     = 11202
	codeConnection  = 11205
	codeProtocol    = 11206
	codeRedirects   = 11215
	codeContentType = 12300
)

// endpoint is a URL with its method; an empty method is POST.
type endpoint struct{ url, method string }

// hook is one request to the application, with its repeats.
type hook struct {
	kind   EntryKind // EntryWebhook or EntryCallback
	name   string
	sid    string // CallSid for the log
	room   string
	call   *Call // whose cookies are sent; may be nil
	to     endpoint
	params form
	token  string
	limits overrides

	begun   time.Time
	attempt int
	cancel  context.CancelFunc // of the running attempt; nil in virtual time
	limit   clock.Timer
	done    func(reply) // called once, with mu held
}

// reply is what came of a hook; code is 0 for an answer below 400.
type reply struct {
	code   int
	why    string
	retry  string // the retry policy that the failure falls under
	status int
	ctype  string
	body   []byte
}

// send starts a hook after d; mu must be held.
func (s *Sim) send(d time.Duration, h *hook) {
	h.token = s.sid("")
	h.limits = connectionOverrides(h.to.url, !s.o.Switches.FragmentsIgnored)
	s.schedule(d, h)
}

func (s *Sim) schedule(d time.Duration, h *hook) {
	s.clock.AfterFunc(d, func() {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			return
		}
		if h.begun.IsZero() {
			h.begun = s.now()
		}
		h.attempt++
		attempt := h.attempt
		ctx := s.base
		if _, virtual := s.clock.(*clock.Virtual); !virtual {
			ctx, h.cancel = context.WithCancel(s.base)
		}
		left := min(h.limits.read, h.begun.Add(h.limits.total).Sub(s.now()))
		h.limit = s.after(left, func() { s.timedOut(h, attempt) })
		answer, late := s.disturbed(h)
		s.mu.Unlock()

		if answer.code == 0 {
			answer = s.exchange(ctx, h)
		}

		s.mu.Lock()
		defer s.mu.Unlock()
		if late > 0 {
			s.after(late, func() { s.arrived(h, attempt, answer) })
			return
		}
		s.arrived(h, attempt, answer)
	})
}

// arrived takes an answer, unless it is too late for that.
func (s *Sim) arrived(h *hook, attempt int, answer reply) {
	if h.attempt == attempt && !s.closed {
		s.settle(h, answer)
	}
}

// disturbed decides what faults do to an attempt of a webhook: a reply with a
// code is instead of the request, a duration makes the answer late.
func (s *Sim) disturbed(h *hook) (reply, time.Duration) {
	switch {
	case h.kind != EntryWebhook:
	case s.happens(ResetWebhook, h.name, h.to.url) != nil:
		return reply{code: codeRetrieval, why: "the connection was reset (fault)", retry: "rt"}, 0
	case s.happens(ErrorWebhook, h.name, h.to.url) != nil:
		return reply{code: codeRetrieval, why: "503 Service Unavailable (fault)", retry: "5xx", status: http.StatusServiceUnavailable}, 0
	default:
		if f := s.happens(SlowWebhook, h.name, h.to.url); f != nil {
			return reply{}, f.By
		}
	}
	return reply{}, 0
}

// timedOut ends an attempt that takes too long. In virtual time its request is
// left alone: whoever serves it still works on the clock's only token for it.
func (s *Sim) timedOut(h *hook, attempt int) {
	if h.attempt != attempt {
		return
	}
	if h.cancel != nil {
		h.cancel()
	}
	s.settle(h, reply{code: codeRetrieval, why: "no answer in time", retry: "rt"})
}

// settle takes the outcome of the current attempt: it repeats the request or
// reports the outcome.
func (s *Sim) settle(h *hook, answer reply) {
	h.limit.Stop()
	if h.cancel != nil {
		h.cancel()
	}
	s.note(Entry{Kind: h.kind, Call: h.sid, Room: h.room, Name: h.name, Code: answer.code, Text: answer.why,
		Method: h.method(), URL: h.to.url, Params: h.params.values(), Status: answer.status, Body: string(answer.body), Token: h.token})
	again := answer.code != 0 && h.limits.on[answer.retry] && h.attempt <= h.limits.retries && s.now().Sub(h.begun) < h.limits.total
	if h.kind == EntryWebhook && answer.code == 0 && h.attempt == 1 && s.happens(RepeatWebhook, h.name, h.to.url) != nil {
		again = true
	}
	if again {
		s.schedule(0, h)
		return
	}
	h.attempt++ // nothing that arrives later counts
	if h.kind == EntryWebhook && answer.code == 0 && s.happens(LoseAnswer, h.name, h.to.url) != nil {
		answer = reply{code: codeRetrieval, why: "the answer was lost (fault)"}
	}
	h.done(answer)
}

func (h *hook) method() string {
	if strings.EqualFold(h.to.method, http.MethodGet) {
		return http.MethodGet
	}
	return http.MethodPost
}

// exchange makes one attempt; mu is not held.
func (s *Sim) exchange(ctx context.Context, h *hook) reply {
	req, err := s.newRequest(ctx, h)
	if err != nil {
		return reply{code: codeURL, why: err.Error()}
	}
	client := &http.Client{Transport: s.o.HTTP, CheckRedirect: s.followRedirect}
	if h.call != nil {
		client.Jar = h.call.jar
	}
	resp, err := client.Do(req)
	if err != nil {
		return failedExchange(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, twiml.MaxDocument+1))
	answer := reply{status: resp.StatusCode, ctype: resp.Header.Get("Content-Type"), body: body}
	switch {
	case err != nil:
		answer.code, answer.why = codeProtocol, "the answer broke off: "+err.Error()
	case resp.StatusCode >= 500:
		answer.code, answer.retry, answer.why = codeRetrieval, "5xx", resp.Status
	case resp.StatusCode >= 400:
		answer.code, answer.retry, answer.why = codeRetrieval, "4xx", resp.Status
	}
	return answer
}

func (s *Sim) newRequest(ctx context.Context, h *hook) (*http.Request, error) {
	target, _, _ := strings.Cut(h.to.url, "#")
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("not an absolute http or https URL: %q", h.to.url)
	}
	var body io.Reader
	var signed url.Values
	if h.method() == http.MethodGet {
		if len(h.params) > 0 && strings.Contains(target, "?") {
			target += "&" + h.params.encode()
		} else if len(h.params) > 0 {
			target += "?" + h.params.encode()
		}
	} else {
		body, signed = strings.NewReader(h.params.encode()), h.params.values()
	}
	req, err := http.NewRequestWithContext(ctx, h.method(), target, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	}
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("Accept", "*/*")
	req.Header.Set("I-Twilio-Idempotency-Token", h.token)
	req.Header.Set("X-Twilio-Signature", Signature(s.o.AuthToken, target, signed))
	return req, nil
}

var errRedirects = errors.New("more than 10 redirects")

// followRedirect signs the request that follows an HTTP redirect: a GET without
// fields after 301, 302 and 303.
func (s *Sim) followRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > 10 {
		return errRedirects
	}
	if req.Method == http.MethodGet {
		req.Header.Set("X-Twilio-Signature", Signature(s.o.AuthToken, req.URL.String(), nil))
	}
	return nil
}

func failedExchange(err error) reply {
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.Is(err, errRedirects):
		return reply{code: codeRedirects, why: err.Error()}
	case errors.As(err, &dns):
		return reply{code: 11210, why: err.Error(), retry: "ct"}
	case errors.As(err, &op) && op.Op == "dial":
		code := codeConnection
		if strings.Contains(err.Error(), "refused") {
			code = codeRefused
		}
		return reply{code: code, why: err.Error(), retry: "ct"}
	}
	return reply{code: codeRetrieval, why: err.Error(), retry: "rt"}
}
