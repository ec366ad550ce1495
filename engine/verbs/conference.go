package verbs

import (
	"errors"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/twiml"
)

// conference puts the leg into a room with others.
type conference struct {
	Dial         engine.Attrs // attributes of Dial
	Room         engine.Attrs // attributes of Conference
	Name         string
	Music        *engine.Prompt
	WaitURL      *expr.Template
	StartOnEnter *bool
	EndOnExit    bool
	Coach        string
	Alone        string
	HangupOnStar bool
	Shared       *expr.Template
}

func conferenceVerb() *spec.VerbKind {
	fields := []spec.Field[conference]{
		spec.Room("room", "name of the room within the flow", true, func(c *conference) *string { return &c.Name }).Or("room"),
		spec.Template("shared", "name of one room for all sessions of the account, instead of one of this session", expr.WantText, expr.None, func(c *conference) **expr.Template { return &c.Shared }),
		spec.Prompt("music", "heard until the others come, repeated", func(c *conference) **engine.Prompt { return &c.Music }).Or("defaults.music, else Twilio's own"),
		spec.Template("wait_url", "address of TwiML instead of music", expr.WantText, expr.URL, func(c *conference) **expr.Template { return &c.WaitURL }),
		spec.Custom("start_on_enter", "true or false", "whether the room starts when this leg comes", spec.Schema{"type": "boolean"}, func(d *spec.Decoder, n *spec.Node, c *conference) {
			if v, ok := d.Bool(n); ok {
				c.StartOnEnter = &v
			}
		}).Or("true"),
		spec.Bool("end_on_exit", "whether the room ends when this leg hangs up", func(c *conference) *bool { return &c.EndOnExit }).Or("false"),
		spec.Leg("coach", "leg that alone hears this one", false, func(c *conference) *string { return &c.Coach }),
		spec.Enum("alone", "stay: the leg stays in the room when it is the last of the session", []string{"stay"}, func(c *conference) *string { return &c.Alone }),
		spec.Bool("hangup_on_star", "whether the star key leads out of the room (event star)", func(c *conference) *bool { return &c.HangupOnStar }).Or("false"),
	}
	fields = append(fields, spec.Attributes("Dial", func(c *conference) *engine.Attrs { return &c.Dial },
		"timeout", "hangupOnStar", "answerOnBridge", "callerId", "callReason", "ringTone", "sequential", "passports", "record", "trim", "recordingTrack", "recordingConfigurationId")...)
	fields = append(fields, spec.Attributes("Conference", func(c *conference) *engine.Attrs { return &c.Room },
		"startConferenceOnEnter", "endConferenceOnExit", "participantLabel", "coach", "eventCallbackUrl")...)
	return spec.Verb[conference](&spec.Object[conference]{
		Name: "conference", Doc: "Puts the leg into a room. Rooms are private to the session, unless they are shared.",
		Example: "conference: {room: line, beep: false}",
		Fields:  fields,
		Check: func(d *spec.Decoder, n *spec.Node, c *conference) {
			if c.Name == "" {
				c.Name = "room"
				d.Define(spec.RoomName, c.Name, n.Pos)
			}
			if music := n.Get("music"); music != nil && n.Get("wait_url") != nil {
				d.Diags.Errorf(music.Pos, "wait-url", "music is never heard: what wait_url gives is").WithHint("leave one of them out")
			}
		},
	}, spec.VerbKind{
		Becomes: "<Dial><Conference>",
		Ending:  []string{"left", "star"},
		Other:   []string{"joined"},
		Never: func(n *spec.Node) map[string]string {
			if star := n.Get("hangup_on_star"); star != nil && star.Text == "true" {
				return nil
			}
			return map[string]string{"star": "the star key means nothing there: write hangup_on_star: true"}
		},
		Waits: true,
	})
}

// RoomName is the room as the flow calls it.
func (c *conference) RoomName() string { return c.Name }

// ActsAtHangup says that Twilio may request the action when the caller hangs up.
func (c *conference) ActsAtHangup() bool { return true }

// roomEvents is asked for by every document that joins, because the first one counts.
const roomEvents = "start end join leave mute hold modify announcement"

// Render appends the Dial with its Conference.
func (c *conference) Render(t *engine.Turn) error {
	room, err := c.room(t)
	if err != nil {
		return err
	}
	dial := twiml.El("Dial").Set("action", t.URL(engine.URLAct))
	if c.HangupOnStar {
		dial.Set("hangupOnStar", "true")
	}
	if err := c.Dial.Apply(t.Exec, dial); err != nil {
		return err
	}
	noun := twiml.El("Conference")
	if c.StartOnEnter != nil {
		noun.SetBool("startConferenceOnEnter", *c.StartOnEnter)
	}
	if c.EndOnExit {
		noun.Set("endConferenceOnExit", "true")
	}
	if err := c.Room.Apply(t.Exec, noun); err != nil {
		return err
	}
	if err := c.wait(t, noun); err != nil {
		return err
	}
	if c.Coach != "" {
		if l := t.LegNamed(c.Coach); l != nil && l.InRoom(c.Name) {
			noun.Set("coach", l.SID)
		}
	}
	if limit, err := strconv.Atoi(dial.AttrOr("timeLimit", "")); err == nil {
		t.StaysFor(time.Duration(limit) * time.Second)
	}
	key := dialKey(dial, noun)
	ends := c.EndOnExit
	if limit, ok := t.TimeLimit(); ok { // no part of the key: it is new each time
		ends = true
		dial.SetInt("timeLimit", limit)
		noun.Set("endConferenceOnExit", "true")
	}
	if t.Back() {
		noun.Set("beep", "false")
	}
	if !t.Back() && t.FirstIn(room) {
		tape(t, noun) // of those who come later Twilio does not read it
	}
	noun.Set("participantLabel", t.Label(room))
	noun.Set("statusCallback", room.Path(t.Session().ID))
	events := roomEvents
	if t.NamedAnywhere(c.Name + ".speaking") {
		events += " speaker"
	}
	noun.Set("statusCallbackEvent", events)
	noun.Append(twiml.Text(room.TwilioName(t.Session().ID)))
	t.Append(dial.Append(noun))
	t.Join(room, key, ends, c.Alone == "stay")
	return nil
}

// room gives the room that the leg joins.
func (c *conference) room(t *engine.Turn) (*engine.Room, error) {
	if c.Shared == nil {
		return t.Room(c.Name, "")
	}
	shared, err := c.Shared.Text(t.Env())
	if err == nil && shared == "" {
		err = errors.New("the name of the shared room is empty")
	}
	if err != nil {
		return nil, err
	}
	return t.Room(c.Name, shared)
}

// dialKey is what makes two conference verbs the same: all that the flow set.
func dialKey(dial, noun *twiml.Element) string {
	d, n := *dial, *noun
	d.Attrs = d.Attrs[1:] // its action names the turn
	n.Attrs = append([]twiml.Attr(nil), n.Attrs...)
	for i := range n.Attrs {
		if n.Attrs[i].Name == "waitUrl" && n.Attrs[i].Value != "" && n.Attrs[i].Value[0] == '/' {
			n.Attrs[i].Value = "own"
		}
	}
	return d.String() + n.String()
}

// wait sets what is heard until the room starts.
func (c *conference) wait(t *engine.Turn, noun *twiml.Element) error {
	if c.WaitURL != nil {
		url, err := c.WaitURL.Text(t.Env())
		noun.Set("waitUrl", url)
		return err
	}
	music, set := t.Music(c.Music)
	switch {
	case !set:
	case music.Silence:
		noun.Set("waitUrl", "")
	default:
		noun.Set("waitUrl", t.URL(engine.URLWait))
	}
	return nil
}

// Loop gives a round of the music.
func (c *conference) Loop(t *engine.Turn) error {
	music, _ := t.Music(c.Music)
	return t.MusicLoop(music, "")
}

// Act tells that the leg is out of the room.
func (c *conference) Act(t *engine.Turn) error {
	reason := t.LeaveReason()
	if c.HangupOnStar && reason == "" && !t.HungUp() && t.Handles("star") {
		return t.End("star", engine.Values{})
	}
	return t.End("left", engine.Values{"leg": t.Caller.Name, "reason": reason, "size": float64(t.RoomSize(c.Name))})
}
