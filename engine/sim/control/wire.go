package control

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// seconds is a duration on the wire: a number of seconds.
type seconds time.Duration

func (s seconds) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(s).Seconds()) }

func (s *seconds) UnmarshalJSON(text []byte) error {
	var n float64
	if err := json.Unmarshal(text, &n); err != nil {
		return fmt.Errorf("a duration is a number of seconds, not %s", text)
	}
	d, err := duration(n)
	*s = seconds(d)
	return err
}

// maxSeconds is the longest duration that is taken: a year.
const maxSeconds = 366 * 24 * 3600

func duration(n float64) (time.Duration, error) {
	if !(n >= 0 && n <= maxSeconds) {
		return 0, fmt.Errorf("a duration is 0 to %d seconds, not %v", maxSeconds, n)
	}
	return time.Duration(math.Round(n * float64(time.Second))), nil
}

type numberJSON struct {
	Number         string `json:"number,omitempty"`
	VoiceURL       string `json:"voice_url"`
	VoiceMethod    string `json:"voice_method,omitempty"`
	FallbackURL    string `json:"voice_fallback_url,omitempty"`
	FallbackMethod string `json:"voice_fallback_method,omitempty"`
	StatusCallback string `json:"status_callback,omitempty"`
	StatusMethod   string `json:"status_callback_method,omitempty"`
}

func numberOut(phone string, n sim.Number) numberJSON {
	return numberJSON{phone, n.VoiceURL, n.VoiceMethod, n.FallbackURL, n.FallbackMethod, n.StatusCallback, n.StatusMethod}
}

func (n numberJSON) number() (sim.Number, error) {
	for name, v := range map[string]string{"voice_url": n.VoiceURL, "voice_fallback_url": n.FallbackURL, "status_callback": n.StatusCallback} {
		if err := CheckURL(v); v != "" && err != nil {
			return sim.Number{}, fmt.Errorf("%s: %w", name, err)
		}
	}
	if n.VoiceURL == "" {
		return sim.Number{}, fmt.Errorf("voice_url is missing: the address of the TwiML application")
	}
	return sim.Number{VoiceURL: n.VoiceURL, VoiceMethod: n.VoiceMethod, FallbackURL: n.FallbackURL, FallbackMethod: n.FallbackMethod,
		StatusCallback: n.StatusCallback, StatusMethod: n.StatusMethod}, nil
}

// CheckURL tells why the simulator could not send a webhook to a URL.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("%q is no absolute http or https URL, like http://localhost:3000/voice", address)
	}
	return nil
}

type partyJSON struct {
	Outcome     sim.Outcome `json:"outcome"`
	After       seconds     `json:"after"`
	Kind        sim.Kind    `json:"kind"`
	Greeting    string      `json:"greeting,omitempty"`
	NoBeep      bool        `json:"no_beep,omitempty"`
	HangupAfter seconds     `json:"hangup_after,omitempty"`
	Script      []moveJSON  `json:"script,omitempty"`
}

type moveJSON struct {
	When   sim.Moment `json:"when"`
	Text   string     `json:"text,omitempty"`
	After  seconds    `json:"after,omitempty"`
	Press  string     `json:"press,omitempty"`
	Say    string     `json:"say,omitempty"`
	Hangup bool       `json:"hangup,omitempty"`
	Every  bool       `json:"every,omitempty"`
}

func partyOut(p sim.Party) partyJSON {
	j := partyJSON{p.Outcome, seconds(p.AnswerAfter), p.Kind, p.Greeting, p.NoBeep, seconds(p.HangupAfter), nil}
	for _, m := range p.Script {
		j.Script = append(j.Script, moveJSON{m.When, m.Text, seconds(m.After), m.Press, m.Say, m.Hangup, m.Every})
	}
	return j
}

func (j partyJSON) party() (sim.Party, error) {
	p := sim.Party{Outcome: j.Outcome, AnswerAfter: time.Duration(j.After), Kind: j.Kind, Greeting: j.Greeting, NoBeep: j.NoBeep, HangupAfter: time.Duration(j.HangupAfter)}
	for _, m := range j.Script {
		p.Script = append(p.Script, sim.Move{When: m.When, Text: m.Text, After: time.Duration(m.After), Press: m.Press, Say: m.Say, Hangup: m.Hangup, Every: m.Every})
	}
	return p, p.Check()
}

type callJSON struct {
	SID        string     `json:"sid"`
	ParentSID  string     `json:"parent_sid,omitempty"`
	From       string     `json:"from"`
	To         string     `json:"to"`
	Direction  string     `json:"direction"`
	Status     string     `json:"status"`
	AnsweredBy string     `json:"answered_by,omitempty"`
	Heard      []string   `json:"heard"`
	Recorded   []string   `json:"recorded,omitempty"`
	Listening  bool       `json:"listening"`
	Conference string     `json:"conference,omitempty"`
	Queue      string     `json:"queue,omitempty"`
	Muted      bool       `json:"muted,omitempty"`
	Hold       bool       `json:"hold,omitempty"`
	Peers      []string   `json:"peers"`
	Created    time.Time  `json:"created"`
	Answered   *time.Time `json:"answered"`
	Ended      *time.Time `json:"ended"`
}

func callOut(c sim.CallState) callJSON {
	return callJSON{
		SID: c.SID, ParentSID: c.ParentSID, From: c.From, To: c.To, Direction: c.Direction, Status: c.Status, AnsweredBy: c.AnsweredBy,
		Heard: list(c.Heard), Recorded: c.Recorded, Listening: c.Listening, Conference: c.Conference, Queue: c.Queue, Muted: c.Muted, Hold: c.Hold,
		Peers: list(c.Peers), Created: c.Created, Answered: moment(c.Answered), Ended: moment(c.Ended),
	}
}

// EntryJSON is a line of the log as programs read it.
type EntryJSON struct {
	Seq    int           `json:"seq"`
	At     time.Time     `json:"at"`
	Kind   sim.EntryKind `json:"kind"`
	Call   string        `json:"call,omitempty"`
	Room   string        `json:"room,omitempty"`
	Name   string        `json:"name,omitempty"`
	Text   string        `json:"text,omitempty"`
	From   string        `json:"from,omitempty"`
	To     string        `json:"to,omitempty"`
	Code   int           `json:"code,omitempty"`
	Level  string        `json:"level,omitempty"`   // of a code
	Means  string        `json:"message,omitempty"` // the words of Twilio's error dictionary
	Method string        `json:"method,omitempty"`
	URL    string        `json:"url,omitempty"`
	Params url.Values    `json:"params,omitempty"`
	Status int           `json:"status,omitempty"`
	Body   string        `json:"body,omitempty"`
	Token  string        `json:"idempotency_token,omitempty"`
}

// EntryOut is an entry for programs.
func EntryOut(e sim.Entry) EntryJSON {
	j := EntryJSON{Seq: e.Seq, At: e.At, Kind: e.Kind, Call: e.Call, Room: e.Room, Name: e.Name, Text: e.Text, From: e.From, To: e.To,
		Code: e.Code, Method: e.Method, URL: e.URL, Params: e.Params, Status: e.Status, Body: e.Body, Token: e.Token}
	if e.Code != 0 {
		j.Level, j.Means = sim.CodeLevel(e.Code), sim.CodeMessage(e.Code)
	}
	return j
}

type faultJSON struct {
	Kind  sim.FaultKind `json:"kind"`
	Rate  float64       `json:"rate,omitempty"`
	Next  int           `json:"next,omitempty"`
	Skip  int           `json:"skip,omitempty"`
	For   string        `json:"for,omitempty"`
	By    seconds       `json:"by,omitempty"`
	Times int           `json:"times"`
}

// list makes no list an empty one, which is [] and not null.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
