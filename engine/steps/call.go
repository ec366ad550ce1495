package steps

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// call places a call.
type call struct {
	Leg     string
	To      *expr.Template
	From    *expr.Template
	State   string
	Timeout time.Duration
	Limit   time.Duration
	Params  []param
	pos     diag.Pos
}

// param is a further parameter of the REST call.
type param struct {
	Name  string
	Value *expr.Template
}

// maxRing is the longest that Twilio lets a call ring.
// https://www.twilio.com/docs/voice/api/call-resource
const maxRing = 600 * time.Second

func callStep() *spec.StepKind {
	return spec.Action[call](&spec.Object[call]{
		Name: "call", Doc: "Places a call. It is skipped while the leg of that name is pending or live.",
		Example: "call: {leg: agent, to: \"${env.AGENT}\", timeout: 25s, state: talk}",
		Fields: []spec.Field[call]{
			spec.Leg("leg", "name of the leg", true, func(c *call) *string { return &c.Leg }).Must(),
			spec.Custom("to", "address", "who is called: a phone, client:ID, sip:USER@HOST", spec.Schema{"type": "string"}, func(d *spec.Decoder, n *spec.Node, c *call) {
				if n.Kind == spec.Sequence {
					d.Diags.Errorf(n.Pos, "not-yet", "several targets of call are not available yet").WithHint("dial takes a list")
					return
				}
				d.Template(n, expr.WantText, expr.None, &c.To)
				d.Address(n)
			}).Must(),
			spec.Template("from", "number that is shown", expr.WantText, expr.None, func(c *call) **expr.Template { return &c.From }).Or("defaults.from"),
			spec.State("state", "where the leg begins when the call is answered", func(c *call) *string { return &c.State }).Must(),
			spec.Duration("timeout", "how long it rings; Twilio adds up to 5 seconds", time.Second, maxRing, func(c *call) *time.Duration { return &c.Timeout }).Or("60s"),
			spec.Duration("time_limit", "longest talk", time.Second, 24*time.Hour, func(c *call) *time.Duration { return &c.Limit }).Or("the account's"),
			callParam("send_digits", "SendDigits", "keys that are sent after the answer: 0-9 * # w W"),
			callParam("caller_id", "CallerId", "number that is shown, for SIP"),
			callParam("call_reason", "CallReason", "reason shown on a branded call"),
			callParam("sip_auth_username", "SipAuthUsername", "user name for SIP"),
			spec.Secret(callParam("sip_auth_password", "SipAuthPassword", "password for SIP")),
			callParam("byoc", "Byoc", "trunk SID"),
			callParam("record", "Record", "whether the call is recorded"),
			callParam("recording_channels", "RecordingChannels", "mono or dual"),
			callParam("recording_track", "RecordingTrack", "inbound, outbound or both"),
			callParam("trim", "Trim", "trim-silence or do-not-trim"),
			spec.NotYet[call]("machine_detection", "answering machine detection"),
			spec.NotYet[call]("async_amd", "answering machine detection while the call goes on"),
			spec.NotYet[call]("order", "how several are called"),
			spec.NotYet[call]("screen", "state that the called party hears before it is let in"),
			spec.NotYet[call]("inline", "TwiML with the request"),
		},
		Check: func(d *spec.Decoder, n *spec.Node, c *call) {
			c.pos = n.Pos
			if n.Get("from") == nil {
				d.NeedsDefault("from", n.Pos)
			}
		},
	}, spec.StepKind{Becomes: "POST Calls"})
}

func callParam(name, twilio, doc string) spec.Field[call] {
	return spec.Custom(name, "text", doc, spec.Schema{"type": []any{"string", "number", "boolean"}}, func(d *spec.Decoder, n *spec.Node, c *call) {
		slot := new(*expr.Template)
		d.Template(n, expr.WantText, expr.None, slot)
		d.WhenCompiled(func() { c.Params = append(c.Params, param{twilio, *slot}) })
	})
}

// Run places the call, unless the name is taken.
func (c *call) Run(x *engine.Exec) (engine.Control, error) {
	if l := x.Session().LegNamed(c.Leg); l != nil && !l.Gone() {
		x.Skip(c.pos, "call", "the leg "+c.Leg+" is pending or live")
		return engine.Control{}, nil
	}
	env := x.Env()
	to, err := c.To.Text(env)
	if err != nil {
		return engine.Control{}, err
	}
	if !expr.IsPhone(to) && !strings.Contains(to, ":") {
		return engine.Control{}, fmt.Errorf("%q is no address that can be called", to)
	}
	from := c.From
	if from == nil {
		from = x.Flow().Defaults.From
	}
	if from == nil {
		return engine.Control{}, fmt.Errorf("no caller id: set defaults.from or from")
	}
	shown, err := from.Text(env)
	if err != nil {
		return engine.Control{}, err
	}
	params := map[string]string{}
	for _, p := range c.Params {
		if params[p.Name], err = p.Value.Text(env); err != nil {
			return engine.Control{}, err
		}
	}
	if c.Limit > 0 {
		params["TimeLimit"] = strconv.Itoa(int(c.Limit / time.Second))
	}
	l, err := x.NewLeg(c.Leg, engine.DirectionOutboundAPI, 0)
	if err != nil {
		return engine.Control{}, err
	}
	l.State = c.State
	x.Place(l, to, shown, params, c.Timeout, time.Time{})
	x.Changed()
	return engine.Control{}, nil
}

// move sends another leg to a state.
type move struct {
	Leg   string
	State string
	Again bool
	pos   diag.Pos
}

func moveStep() *spec.StepKind {
	return spec.Action[move](&spec.Object[move]{
		Name: "move", Doc: "Sends another leg to a state; one that rings gets it as its first state.", Example: "move: {leg: caller, state: on-hold}",
		Fields: []spec.Field[move]{
			spec.Leg("leg", "the leg", false, func(m *move) *string { return &m.Leg }).Must(),
			spec.State("state", "the state", func(m *move) *string { return &m.State }).Must(),
			spec.Bool("again", "enter the state anew when the leg is in it already", func(m *move) *bool { return &m.Again }).Or("false"),
		},
		Check: func(_ *spec.Decoder, n *spec.Node, m *move) { m.pos = n.Pos },
	}, spec.StepKind{Becomes: "POST Calls/SID"})
}

// Run moves the leg.
func (m *move) Run(x *engine.Exec) (engine.Control, error) {
	l := x.Session().LegNamed(m.Leg)
	if l == nil || l.Over() {
		x.Skip(m.pos, "move", "there is no such call")
		return engine.Control{}, nil
	}
	return engine.Control{}, x.Move(l, m.State, m.Again)
}
