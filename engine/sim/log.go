package sim

import (
	"log/slog"
	"net/url"
	"slices"
	"time"
)

// EntryKind names what an Entry tells.
type EntryKind string

// The kinds of entries; EntryKinds tells each.
const (
	EntryCall      EntryKind = "call"
	EntryStatus    EntryKind = "status"
	EntryHeard     EntryKind = "heard"
	EntryKeys      EntryKind = "keys"
	EntrySpoken    EntryKind = "spoken"
	EntryListening EntryKind = "listening"
	EntryWebhook   EntryKind = "webhook"
	EntryCallback  EntryKind = "callback"
	EntryLost      EntryKind = "lost"
	EntryREST      EntryKind = "rest"
	EntryRoom      EntryKind = "room"
	EntryQueue     EntryKind = "queue"
	EntryTask      EntryKind = "task"
	EntryFork      EntryKind = "fork"
	EntryMessage   EntryKind = "message"
	EntryRefer     EntryKind = "refer"
	EntryWarning   EntryKind = "warning"
)

// EntryInfo describes a kind of entries.
type EntryInfo struct {
	Kind EntryKind
	Doc  string
}

// EntryKinds lists all kinds of entries.
func EntryKinds() []EntryInfo {
	return []EntryInfo{
		{EntryCall, "a call was created; `text` is its direction"},
		{EntryStatus, "a call's status changed; `text` is the new one"},
		{EntryHeard, "the party of a call hears `text`"},
		{EntryKeys, "the party presses `text`"},
		{EntrySpoken, "the party says `text`"},
		{EntryListening, "a Gather or Record begins; `text` is the verb"},
		{EntryWebhook, "a request that wants TwiML was answered, or failed with `code`"},
		{EntryCallback, "an asynchronous request was answered, or failed with `code`"},
		{EntryLost, "a fault has swallowed a callback"},
		{EntryREST, "a request to the REST API was answered"},
		{EntryRoom, "something happened in a conference; `text` is the event"},
		{EntryQueue, "a call entered or left a queue"},
		{EntryTask, "a TaskRouter task or reservation, its SID in `name`, changed to `text`"},
		{EntryFork, "a stream, SIPREC session or transcription began or ended"},
		{EntryMessage, "a text message was sent; `text` is its body"},
		{EntryRefer, "the party's SIP phone is asked to call `text`"},
		{EntryWarning, "Twilio's debugger would show an error or a warning with `code`, see Alert"},
	}
}

// Entry is one line of the log.
type Entry struct {
	Seq      int       // from 1, without gaps
	At       time.Time // by the simulator's clock
	Kind     EntryKind
	Call     string // CallSid, if it is about a call
	Room     string // ConferenceSid or queue name, if it is about one
	Name     string // of a webhook or callback: what it is for (url, action, status, conference ...)
	Text     string
	Language string // of words that are heard, as their Say has it
	From     string // caller's and called address, of a call entry
	To       string
	Code     int // Twilio's error code, 0 for none
	Method   string
	URL      string
	Params   url.Values // sent with the request
	Status   int        // of the HTTP answer, 0 if there was none
	Body     string     // of the HTTP answer
	Token    string     // I-Twilio-Idempotency-Token of a webhook
}

// Log returns everything that has happened, oldest first.
func (s *Sim) Log() []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Subscribe calls f for every new entry, in order. f runs inside the simulator:
// it must return at once and must not call its methods.
func (s *Sim) Subscribe(f func(Entry)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers = append(s.watchers, f)
}

// note appends an entry; mu must be held.
func (s *Sim) note(e Entry) {
	e.Seq = len(s.log) + 1
	e.At = s.now()
	s.log = append(s.log, e)
	s.o.Log.Debug("sim", slog.String("kind", string(e.Kind)), slog.String("call", e.Call),
		slog.String("name", e.Name), slog.String("text", e.Text), slog.String("url", e.URL), slog.Int("code", e.Code))
	for _, f := range s.watchers {
		f(e)
	}
}

func (c *Call) note(kind EntryKind, text string) {
	c.sim.note(Entry{Kind: kind, Call: c.sid, Text: text})
}
