package sim

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
)

// Error codes of webhooks (Twilio's error dictionary).
const (
	codeURL         = 11100
	codeRetrieval   = 11200
	codeRefused     = 11202
	codeTotalTime   = 11203
	codeConnection  = 11205
	codeProtocol    = 11206
	codeHostName    = 11210
	codeRedirects   = 11215
	codeTLS         = 11220
	codeTLSHost     = 11235
	codeTLSExpired  = 11236
	codeTLSChain    = 11237
	codeEmpty       = 11770
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

	chunked bool
}

// send starts a hook after d; mu must be held.
func (s *Sim) send(d time.Duration, h *hook) {
	h.token = s.uuid()
	h.limits = connectionOverrides(h.to.url, !s.o.Switches.FragmentsIgnored)
	if h.limits.bad != 0 {
		s.alert(h.limits.bad, h.sid, h.room, "connection overrides of "+h.to.url, fetched{})
	}
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
	code := codeRetrieval
	if h.limits.totalSet && s.now().Sub(h.begun) >= h.limits.total {
		code = codeTotalTime
	}
	s.settle(h, reply{code: code, why: "no answer in time", retry: "rt"})
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
