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

// call places a call, or several under one name.
type call struct {
	Leg       string
	To        []*expr.Template
	Order     string
	From      *expr.Template
	State     string
	Screen    string
	Inline    bool
	Timeout   time.Duration
	Limit     time.Duration
	Params    []param
	Mode      *expr.Template // of machine detection
	Async     *expr.Template
	Detecting time.Duration
	Fixed     []fixed
	pos       diag.Pos
}

// param is a further parameter of the REST call.
type param struct {
	Name  string
	Value *expr.Template
}

// The orders in which several are called.
const (
	together = "together"
	inTurn   = "in-turn"
)

// maxRing is the longest that Twilio lets a call ring.
// https://www.twilio.com/docs/voice/api/call-resource
const maxRing = 600 * time.Second

// maxTargets is the most addresses of one call step.
const maxTargets = 10

func callStep() *spec.StepKind {
	fields := []spec.Field[call]{
		spec.Leg("leg", "name of the leg", true, func(c *call) *string { return &c.Leg }).Must(),
		spec.Custom("to", "address, or a list", "who is called: a phone, client:ID, sip:USER@HOST. Of a list, the first who answers (with screen: accepts) is the leg",
			spec.Schema{"anyOf": []any{spec.Schema{"type": "string"}, spec.Schema{"type": "array", "items": spec.Schema{"type": "string"}, "minItems": 1, "maxItems": maxTargets}}}, decodeCalled).Must(),
		spec.Enum("order", "how several are called", []string{together, inTurn}, func(c *call) *string { return &c.Order }).Or(together),
		spec.Custom("from", "text", "number that is shown", spec.Schema{"type": []any{"string", "number", "boolean"}}, func(d *spec.Decoder, n *spec.Node, c *call) {
			d.Sender(n, &c.From)
			d.Number(n)
		}).Or("defaults.from"),
		spec.State("state", "where the leg begins when the call is answered", func(c *call) *string { return &c.State }).Must(),
		spec.State("screen", "state in which the party is asked whether it takes the call: prompts and gather, then accept", func(c *call) *string { return &c.Screen }).Screening(spec.ByCall),
		spec.Bool("inline", "the first document travels with the request: nothing is fetched at the answer. Its state has no do", func(c *call) *bool { return &c.Inline }).Or("false"),
		spec.Duration("timeout", "how long it rings; Twilio adds up to 5 seconds", time.Second, maxRing, func(c *call) *time.Duration { return &c.Timeout }).Or("60s"),
		spec.Duration("time_limit", "longest talk", time.Second, 24*time.Hour, func(c *call) *time.Duration { return &c.Limit }).Or("the account's"),
	}
	fields = append(fields, detectionFields()...)
	fields = append(fields,
		callParam("send_digits", "SendDigits", "keys that are sent after the answer: 0-9 * # w W; they switch detection off"),
		callParam("caller_id", "CallerId", "number that is shown, for SIP"),
		callParam("call_reason", "CallReason", "reason shown on a branded call"),
		callParam("sip_auth_username", "SipAuthUsername", "user name for SIP"),
		spec.Secret(callParam("sip_auth_password", "SipAuthPassword", "password for SIP")),
		callParam("byoc", "Byoc", "trunk SID"),
		callParam("record", "Record", "whether the call is recorded"),
		callParam("recording_channels", "RecordingChannels", "mono or dual"),
		callParam("recording_track", "RecordingTrack", "inbound, outbound or both"),
		callParam("trim", "Trim", "trim-silence or do-not-trim"),
	)
	return spec.Action[call](&spec.Object[call]{
		Name: "call", Doc: "Places a call, or several under one name. It is skipped while the leg of that name is pending or live.",
		Example: "call: {leg: agent, to: \"${env.AGENT}\", timeout: 25s, state: talk}",
		Fields:  fields,
		Check:   checkCall,
	}, spec.StepKind{Becomes: "POST Calls"})
}

func decodeCalled(d *spec.Decoder, n *spec.Node, c *call) {
	items := n.Items
	if n.Kind != spec.Sequence {
		items = []*spec.Node{n}
	}
	c.To = make([]*expr.Template, len(items))
	for i, item := range items {
		d.Template(item, expr.WantText, expr.None, &c.To[i])
		d.Address(item)
	}
}

func checkCall(d *spec.Decoder, n *spec.Node, c *call) {
	c.pos = n.Pos
	if n.Get("from") == nil {
		d.NeedsDefault("from", n.Pos)
	}
	switch {
	case len(c.To) == 0 && n.Get("to") != nil:
		d.Diags.Errorf(n.Pos, "call-targets", "call needs somebody to call")
	case len(c.To) > maxTargets:
		d.Diags.Errorf(n.Pos, "call-targets", "call takes at most %d targets, not %d", maxTargets, len(c.To))
	}
	checkDetection(d, n, c)
	if first := c.State; c.Inline {
		if c.Screen != "" {
			first = c.Screen
		}
		d.Inlines = append(d.Inlines, spec.Inline{State: first, Pos: n.Get("inline").Pos, Detects: n.Get("machine_detection") != nil && n.Get("async_amd") == nil})
	}
}

func callParam(name, twilio, doc string) spec.Field[call] {
	return spec.Custom(name, "text", doc, spec.Schema{"type": []any{"string", "number", "boolean"}}, func(d *spec.Decoder, n *spec.Node, c *call) {
		slot := new(*expr.Template)
		d.Template(n, expr.WantText, expr.None, slot)
		d.WhenCompiled(func() { c.Params = append(c.Params, param{twilio, *slot}) })
	})
}

// Run places the calls, unless the name is taken.
func (c *call) Run(x *engine.Exec) (engine.Control, error) {
	if l := x.LegNamed(c.Leg); l != nil && !l.Gone() && !l.Lost {
		x.Skip(c.pos, "call", "the leg "+c.Leg+" is pending or live")
		return engine.Control{}, nil
	}
	calling := engine.Calling{Name: c.Leg, InTurn: c.Order == inTurn, State: c.State, Screen: c.Screen, Inline: c.Inline, Ring: c.Timeout}
	var err error
	for _, t := range c.To {
		to, err := t.Text(x.Env())
		if err != nil {
			return engine.Control{}, err
		}
		if !expr.IsPhone(to) && !strings.Contains(to, ":") {
			return engine.Control{}, fmt.Errorf("%q is no address that can be called", to)
		}
		calling.To = append(calling.To, to)
	}
	if calling.From, err = c.shown(x); err != nil {
		return engine.Control{}, err
	}
	if calling.Params, err = c.params(x); err != nil {
		return engine.Control{}, err
	}
	if calling.Detection, err = c.detection(x, calling.Params); err != nil {
		return engine.Control{}, err
	}
	err = x.Call(calling)
	x.Changed()
	return engine.Control{}, err
}

// shown is the caller id.
func (c *call) shown(x *engine.Exec) (string, error) {
	from := c.From
	if from == nil {
		from = x.Flow().Defaults.From
	}
	if from == nil {
		return "", fmt.Errorf("no caller id: set defaults.from or from")
	}
	return from.Text(x.Env())
}

func (c *call) params(x *engine.Exec) (map[string]string, error) {
	params := map[string]string{}
	for _, p := range c.Params {
		text, err := p.Value.Text(x.Env())
		if err != nil {
			return nil, err
		}
		params[p.Name] = text
	}
	if c.Limit > 0 {
		params["TimeLimit"] = strconv.Itoa(int(c.Limit / time.Second))
	}
	return params, nil
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
	found, err := x.MoveNamed(m.Leg, m.State, m.Again)
	if !found {
		x.Skip(m.pos, "move", "there is no such call")
	}
	return engine.Control{}, err
}
