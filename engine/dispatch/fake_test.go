package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/dispatch"
	"github.com/ringdown/ringdown/engine/outbound"
	"github.com/ringdown/ringdown/engine/twilio"
)

func start() time.Time { return time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC) }

// world is everything around a dispatcher: sessions, claims, Twilio and other services,
// in virtual time. Its log has one line per thing that happened.
type world struct {
	t     *testing.T
	clock *clock.Virtual
	d     *dispatch.Dispatcher

	mu       sync.Mutex
	log      []string
	sessions map[string]*engine.Session
	results  map[string]*engine.Result // by effect id
	events   []*engine.Event
	bound    map[string]bool
	broken   int // so many deliveries fail
	unclaim  int // so many claims fail
	evidence time.Time

	// answer decides what Twilio says to the nth request of an operation, from 1.
	answer     func(op string, n int) error
	http       func(n int, r outbound.Request) (outbound.Result, error)
	count      map[string]int
	calls      []twilio.Call // what ListCalls and FetchCall show
	rooms      []twilio.Conference
	messages   []twilio.Message
	recordings []twilio.Recording
	shown      twilio.Participant
	status     string // of a task and its reservation
	hand       bool   // a redirect is followed at once
	priced     bool   // what calls cost is of interest; else it counts as known
}

func newWorld(t *testing.T, change func(*dispatch.Config)) *world {
	w := &world{
		t: t, clock: clock.NewVirtual(start()), sessions: map[string]*engine.Session{}, results: map[string]*engine.Result{},
		bound: map[string]bool{}, count: map[string]int{}, hand: true,
	}
	cfg := dispatch.Config{
		Clock: w.clock, Sessions: (*sessions)(w), Claims: (*claims)(w), Calls: (*callRows)(w), Twilio: (*api)(w), HTTP: (*web)(w), Signals: (*carrier)(w),
		CPS: 1, Base: "https://rd.example",
		Secrets: func(_, name string) (string, bool) {
			if name == "TOKEN" {
				return `s3"cret`, true
			}
			return "", false
		},
	}
	if change != nil {
		change(&cfg)
	}
	w.d = dispatch.New(cfg)
	return w
}

func (w *world) note(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf("%gs ", w.clock.Now().Sub(start()).Seconds())+fmt.Sprintf(format, args...))
}

// lines gives the log without the times, only of lines that begin with one of prefixes.
func (w *world) lines(prefixes ...string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, l := range w.log {
		_, text, _ := strings.Cut(l, " ")
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(text, p) }) {
			out = append(out, text)
		}
	}
	return out
}

func (w *world) timed(prefixes ...string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, l := range w.log {
		_, text, _ := strings.Cut(l, " ")
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(text, p) }) {
			out = append(out, l)
		}
	}
	return out
}

func (w *world) result(id string) *engine.Result {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.results[id]
}

// session adds a session with one leg that is up, in a room.
func (w *world) session(id string) *engine.Session {
	s := &engine.Session{
		ID: id, Rev: 1, Condition: engine.SessionRunning,
		Legs:  []*engine.Leg{{Number: 1, SID: "CA1" + id, Direction: engine.DirectionInbound, Condition: engine.LegUp, Turn: 1, Handed: 1, EvidenceAt: start()}},
		Rooms: []*engine.Room{{Name: "line", Conference: "CF1"}},
	}
	w.sessions[id] = s
	return s
}

// commit changes a session as an event would, and tells the dispatcher.
func (w *world) commit(id string, change func(*engine.Session), added ...engine.Effect) {
	w.mu.Lock()
	s := w.sessions[id].Clone()
	s.Rev++
	done := w.apply(s, change, added)
	w.sessions[id] = s
	w.mu.Unlock()
	w.d.Committed(s, added, done)
}

// apply makes the change and gives the ids of the effects that it finished.
func (w *world) apply(s *engine.Session, change func(*engine.Session), added []engine.Effect) []string {
	before := s.Pending
	s.Pending = slices.Clone(before)
	for _, e := range added {
		s.Pending = append(s.Pending, engine.PendingEffect{ID: e.ID, Kind: e.Kind, Leg: e.Leg, Turn: e.Turn})
	}
	if change != nil {
		change(s)
	}
	for _, l := range s.Legs {
		if l.AwaitsPrice() && !w.priced {
			l.PricedAt = w.clock.Now()
		}
	}
	var done []string
	for _, p := range before {
		if !slices.ContainsFunc(s.Pending, func(o engine.PendingEffect) bool { return o.ID == p.ID }) {
			done = append(done, p.ID)
		}
	}
	return done
}

type sessions world

func (f *sessions) Deliver(_ context.Context, id string, ev *engine.Event) error {
	w := (*world)(f)
	w.mu.Lock()
	if w.sessions[id] == nil {
		w.mu.Unlock()
		return fmt.Errorf("session %s: %w", id, dispatch.ErrNoSession)
	}
	if w.broken > 0 {
		w.broken--
		w.note("broken %s", ev.Kind)
		w.mu.Unlock()
		return errors.New("disk full")
	}
	w.events = append(w.events, ev)
	w.mu.Unlock()
	w.commit(id, func(s *engine.Session) { w.take(s, ev) })
	return nil
}

// take is a session's behaviour, as little of it as a dispatcher can see.
func (w *world) take(s *engine.Session, ev *engine.Event) {
	l := s.Leg(ev.Leg)
	switch ev.Kind {
	case engine.KindPrice:
		w.note("price leg=%d %s %s", ev.Leg, ev.Fields["Price"], ev.Fields["PriceUnit"])
		l.Price, l.PricedAt = ev.Fields["Price"], ev.At
	case engine.KindSent:
		w.note("sent %s", ev.Effect)
		if l.Condition == engine.LegPlanned {
			l.Condition, l.PlacedAt = engine.LegPlacing, ev.At
		}
	case engine.KindResult:
		r := ev.Result
		w.note("result %s ok=%v unknown=%v dropped=%v %s", ev.Effect, r.OK, r.Unknown, r.Dropped, r.Reason)
		w.results[ev.Effect] = r
		i := slices.IndexFunc(s.Pending, func(p engine.PendingEffect) bool { return p.ID == ev.Effect })
		if i < 0 {
			return
		}
		if s.Pending[i].Kind == engine.PlaceCall && r.OK {
			l.SID, l.Condition = r.SID, engine.LegRinging
			w.bound[r.SID] = true
		}
		s.Pending = slices.Delete(s.Pending, i, i+1)
	case engine.KindTimer:
		late := ""
		if ev.Late {
			late = " late"
		}
		w.note("timer %d%s", ev.Gen, late)
		s.Timers = slices.DeleteFunc(slices.Clone(s.Timers), func(t engine.Timer) bool { return t.Gen == ev.Gen })
	case engine.KindStatus:
		w.note("status leg=%d %s %s", ev.Leg, ev.Fields["CallSid"], ev.Fields["CallStatus"])
		l.SID, l.Status, l.EvidenceAt = ev.Fields["CallSid"], ev.Fields["CallStatus"], ev.At
		switch {
		case twilio.CallStatus(l.Status).Final():
			l.Condition = engine.LegGone
		case l.Status == "in-progress":
			l.Condition = engine.LegUp
		}
	default:
		w.note("event %s leg=%d %s", ev.Kind, ev.Leg, ev.Fields["CallSid"])
	}
}

func (f *sessions) Load(_ context.Context, id string) (*engine.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.sessions[id]; s != nil {
		return s, nil
	}
	return nil, dispatch.ErrNoSession
}

func (f *sessions) Evidence(string, int) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.evidence
}

type claims world

func (f *claims) Claim(_ context.Context, _, effect string, attempt int, lease time.Time) error {
	w := (*world)(f)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.unclaim > 0 {
		w.unclaim--
		return errors.New("disk full")
	}
	w.note("claim %s %d until %gs", effect, attempt, lease.Sub(start()).Seconds())
	return nil
}

func (f *claims) Release(_ context.Context, _, effect string, attempt int, _ time.Time) error {
	w := (*world)(f)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note("release %s %d", effect, attempt)
	return nil
}

type callRows world

func (f *callRows) Bound(_ context.Context, sid string) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bound[sid], nil
}

type api world

// request writes the request down and gives the answer.
func (f *api) request(op, what string, params map[string]string) error {
	w := (*world)(f)
	w.mu.Lock()
	defer w.mu.Unlock()
	var names []string
	for name := range params {
		names = append(names, name+"="+params[name])
	}
	sort.Strings(names)
	w.count[op]++
	w.note("%s", strings.Join(slices.DeleteFunc(append([]string{op, what}, names...), func(s string) bool { return s == "" }), " "))
	if w.answer == nil {
		return nil
	}
	return w.answer(op, w.count[op])
}

func (f *api) CreateCall(_ context.Context, p map[string]string) (*twilio.Call, error) {
	if err := f.request("create-call", "", p); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return &twilio.Call{SID: fmt.Sprintf("CA%d", 100+f.count["create-call"]), Status: twilio.Queued}, nil
}

func (f *api) FetchCall(_ context.Context, sid string) (*twilio.Call, error) {
	if err := f.request("fetch-call", sid, nil); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		if c.SID == sid {
			return &c, nil
		}
	}
	return &twilio.Call{SID: sid, Status: twilio.InProgress}, nil
}

func (f *api) UpdateCall(_ context.Context, sid string, p map[string]string) (*twilio.Call, error) {
	if err := f.request("update-call", sid, p); err != nil {
		return nil, err
	}
	if f.hand && p["Url"] != "" {
		w := (*world)(f)
		w.clock.AfterFunc(100*time.Millisecond, func() { w.handOut() })
	}
	return &twilio.Call{SID: sid}, nil
}

// handOut has Twilio fetch every leg's document, and the session finish its redirects.
func (w *world) handOut() {
	for id := range w.sessions {
		w.commit(id, func(s *engine.Session) {
			for _, l := range s.Legs {
				l.Handed = l.Turn
			}
		})
	}
}

func (f *api) ListCalls(_ context.Context, l twilio.ListFilter) ([]twilio.Call, error) {
	err := f.request("list-calls", strings.TrimSpace(l.To+" "+l.ParentCallSID), nil)
	return f.calls, err
}

func (f *api) ListConferences(_ context.Context, name, status string) ([]twilio.Conference, error) {
	err := f.request("list-conferences", name+" "+status, nil)
	return f.rooms, err
}

func (f *api) UpdateConference(_ context.Context, sid string, p map[string]string) (*twilio.Conference, error) {
	return &twilio.Conference{SID: sid}, f.request("update-conference", sid, p)
}

func (f *api) UpdateParticipant(_ context.Context, cf, sid string, p map[string]string) (*twilio.Participant, error) {
	if err := f.request("update-participant", cf+" "+sid, p); err != nil {
		return nil, err
	}
	shown := f.shown
	return &shown, nil
}

func (f *api) DeleteParticipant(_ context.Context, cf, sid string) error {
	return f.request("delete-participant", cf+" "+sid, nil)
}

func (f *api) StartRecording(_ context.Context, call string, p map[string]string) (*twilio.Recording, error) {
	return &twilio.Recording{SID: "RE1"}, f.request("start-recording", call, p)
}

func (f *api) UpdateRecording(_ context.Context, call, sid string, p map[string]string) (*twilio.Recording, error) {
	return &twilio.Recording{SID: "RE1"}, f.request("update-recording", call+" "+sid, p)
}

func (f *api) UpdateConferenceRecording(_ context.Context, cf, sid string, p map[string]string) (*twilio.Recording, error) {
	return &twilio.Recording{SID: "RE1"}, f.request("update-conference-recording", cf+" "+sid, p)
}

func (f *api) ListRecordings(_ context.Context, call, _ string) ([]twilio.Recording, error) {
	return f.recordings, f.request("list-recordings", call, nil)
}

func (f *api) CreateMessage(_ context.Context, p map[string]string) (*twilio.Message, error) {
	return &twilio.Message{SID: "SM1"}, f.request("create-message", "", p)
}

func (f *api) ListMessages(_ context.Context, m twilio.MessageFilter) ([]twilio.Message, error) {
	err := f.request("list-messages", m.To, nil)
	return f.messages, err
}

type web world

func (f *web) Do(_ context.Context, r outbound.Request) (outbound.Result, error) {
	w := (*world)(f)
	w.mu.Lock()
	w.count["http"]++
	n, answer := w.count["http"], w.http
	w.note("http %s %s key=%s", r.Method, r.URL, r.IdempotencyKey)
	w.mu.Unlock()
	if answer == nil {
		return outbound.Result{Status: 200, Body: "ok"}, nil
	}
	return answer(n, r)
}

// Errors that Twilio gives.
func refusal(code, status int) error {
	return &twilio.Error{Op: "test", Outcome: twilio.Refused, Code: code, Status: status, Message: "no"}
}

func busy(after time.Duration) error {
	return &twilio.Error{Op: "test", Outcome: twilio.NotDone, Status: 429, RetryAfter: after, Message: "slow down"}
}

func broke() error {
	return &twilio.Error{Op: "test", Outcome: twilio.Unknown, Message: "the connection broke"}
}

// atFirst gives err to the first n requests of an operation.
func atFirst(op string, n int, err error) func(string, int) error {
	return func(o string, i int) error {
		if o == op && i <= n {
			return err
		}
		return nil
	}
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func (f *api) UpdateReservation(_ context.Context, _, task, sid string, p map[string]string) (*twilio.Reservation, error) {
	return &twilio.Reservation{SID: sid}, f.request("update-reservation", task+" "+sid, p)
}

func (f *api) FetchReservation(_ context.Context, _, task, sid string) (*twilio.Reservation, error) {
	err := f.request("fetch-reservation", task+" "+sid, nil)
	return &twilio.Reservation{SID: sid, Status: f.status}, err
}

func (f *api) UpdateTask(_ context.Context, _, sid string, p map[string]string) (*twilio.Task, error) {
	return &twilio.Task{SID: sid}, f.request("update-task", sid, p)
}

func (f *api) FetchTask(_ context.Context, _, sid string) (*twilio.Task, error) {
	err := f.request("fetch-task", sid, nil)
	return &twilio.Task{SID: sid, Status: f.status}, err
}

// carrier carries signals to other sessions.
type carrier world

// Signal implements dispatch.Signals.
func (c *carrier) Signal(_ context.Context, from, id string, to *engine.SignalTo) error {
	err := (*api)(c).request("signal", from+"/"+id+" "+to.Session+" "+to.Name, nil)
	switch {
	case err == nil || twilio.OutcomeOf(err) != twilio.Refused:
		return err
	case twilio.HasCode(err, 20404):
		return &dispatch.RefusedError{Reason: dispatch.ReasonGone, Err: err}
	}
	return &dispatch.RefusedError{Reason: dispatch.ReasonRefused, Err: err}
}
