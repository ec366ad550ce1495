package verbs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/twiml"
)

// dial calls somebody and joins the two.
type dial struct {
	Attrs  engine.Attrs
	To     []target
	Leg    string
	Order  string
	Screen string
	Queue  bool // a queue is dialled, as it is written
	// Detects are the parties that are listened to, while the verb is being read.
	Detects []detected
}

// target is one party that is dialled.
type target struct {
	To    *expr.Template
	Leg   string
	Attrs engine.Attrs
}

// The orders in which several parties are dialled.
const (
	together = "together"
	inTurn   = "in-turn"
)

func dialVerb() *spec.VerbKind {
	fields := []spec.Field[dial]{
		spec.Custom("to", "address, {to, attributes}, or a list", "who is dialled: a phone, client:ID, sip:USER@HOST, sim:SID, app:SID, whatsapp:PHONE, or queue:NAME: the first who waits there", spec.Schema{"$ref": "#/$defs/dial-to"}, decodeTargets).Must(),
		spec.Leg("leg", "name of the dialled party's leg", true, func(v *dial) *string { return &v.Leg }),
		spec.Enum("order", "how several are dialled", []string{together, inTurn}, func(v *dial) *string { return &v.Order }).Or(together),
		spec.State("screen", "state in which the party is asked whether it takes the call, or hears something first: prompts and gather, then accept",
			func(v *dial) *string { return &v.Screen }).Screening(spec.ByDial),
	}
	return spec.Verb[dial](&spec.Object[dial]{
		Name: "dial", Doc: "Calls somebody and joins the two.",
		Example: "dial: {to: \"+15005550001\", timeout: 20s}",
		Fields:  append(fields, spec.Attributes("Dial", func(v *dial) *engine.Attrs { return &v.Attrs }, "sequential")...),
		Check:   checkDial,
	}, spec.VerbKind{
		Becomes: "<Dial>",
		Ending:  []string{"completed", "busy", "no-answer", "failed", "canceled", "refused", "moved"},
		Other:   []string{"answered", "referred"},
		Never:   neverReferred,
		Waits:   true, Dials: true,
	})
}

// neverReferred tells where no party can ask to be referred: only SIP phones can.
func neverReferred(n *spec.Node) map[string]string {
	to := n.Get("to")
	items := []*spec.Node{to}
	if to != nil && to.Kind == spec.Sequence {
		items = to.Items
	}
	for _, item := range items {
		if item != nil && item.Kind == spec.Mapping {
			item = item.Get("to")
		}
		if item == nil || strings.Contains(item.Text, "${") || strings.HasPrefix(item.Text, "sip") {
			return nil
		}
	}
	return map[string]string{"referred": "only SIP phones ask to be referred, and none is dialled"}
}

// targetObject declares {to, leg, attributes}: those of all nouns that place a call.
func targetObject() *spec.Object[target] {
	fields := []spec.Field[target]{
		spec.Template("to", "address", expr.WantText, expr.None, func(t *target) **expr.Template { return &t.To }).Must(),
		spec.Leg("leg", "name of this party's leg", true, func(t *target) *string { return &t.Leg }),
	}
	have := map[string]bool{}
	for _, noun := range []string{"Number", "Client", "Sip", "WhatsApp", "Application", "Queue"} {
		for _, f := range spec.Attributes(noun, func(t *target) *engine.Attrs { return &t.Attrs }) {
			if !have[f.Name] {
				have[f.Name] = true
				fields = append(fields, f)
			}
		}
	}
	return &spec.Object[target]{Name: "a dialled party", Fields: fields}
}

func decodeTargets(d *spec.Decoder, n *spec.Node, v *dial) {
	items := n.Items
	if n.Kind != spec.Sequence {
		items = []*spec.Node{n}
	}
	v.To = make([]target, len(items))
	for i, item := range items {
		text := item
		if item.Kind == spec.Mapping {
			targetObject().Decode(d, item, &v.To[i])
			text = item.Get("to")
			v.detects(d, item, v.To[i].Leg)
		} else {
			d.Template(item, expr.WantText, expr.None, &v.To[i].To)
		}
		if text != nil && !isQueue(text.Text) {
			d.Address(text)
		}
		v.Queue = v.Queue || text != nil && isQueue(text.Text)
	}
}

func checkDial(d *spec.Decoder, n *spec.Node, v *dial) {
	v.tellDetections(d)
	if v.Order == "" {
		v.Order = together
	}
	switch {
	case len(v.To) == 0 && n.Get("to") != nil:
		d.Diags.Errorf(n.Pos, "dial-targets", "dial needs somebody to dial")
	case len(v.To) > 10:
		d.Diags.Errorf(n.Pos, "dial-targets", "dial takes at most 10 parties, not %d", len(v.To))
	case v.Queue && v.Order == together && len(v.To) > 1:
		d.Diags.Errorf(n.Pos, "dial-targets", "a queue is dialled alone").WithHint("write order: in-turn")
	case v.Queue && v.Screen != "":
		d.Diags.Errorf(n.Get("screen").Pos, "dial-targets", "a caller who waits in a queue cannot be asked")
	case v.Screen != "" && v.Order == together && len(v.To) > 1:
		d.Diags.Errorf(n.Get("screen").Pos, "screen-together", "of several that ring together the first who answers is connected, also one who then refuses").
			WithHint("write order: in-turn, or ring them with the step call")
	}
}

// Party is the name of the dialled leg.
func (v *dial) Party() string { return v.Leg }

// ActsAtHangup says that Twilio may request the action when the caller hangs up.
func (v *dial) ActsAtHangup() bool { return true }

// Render appends the Dial: all parties, or with in-turn the next one.
func (v *dial) Render(t *engine.Turn) error {
	el := twiml.El("Dial").Set("action", t.URL(engine.URLAct))
	if err := v.Attrs.Apply(t.Exec, el); err != nil {
		return err
	}
	tape(t, el)
	if t.Handles("referred") {
		el.Set("referUrl", t.URL(engine.URLRefer))
	}
	targets, first := v.To, 0
	if v.Order == inTurn {
		first = t.Caller.Tries.Pointer
		if first > 0 {
			t.TakePrompt() // it was heard before the first party was dialled
		}
		targets = v.To[first : first+1]
	}
	for i := range targets {
		noun, err := v.noun(t, &targets[i], first+i)
		if err != nil {
			return err
		}
		el.Append(noun)
	}
	if err := v.callerID(t, el); err != nil {
		return err
	}
	t.Append(el)
	return nil
}

// noun makes the TwiML noun of a party, and its leg.
func (v *dial) noun(t *engine.Turn, to *target, index int) (*twiml.Element, error) {
	address, err := to.To.Text(t.Env())
	if err != nil {
		return nil, err
	}
	name, text, ok := nounOf(address)
	if !ok {
		return nil, fmt.Errorf("%q is no address that can be dialled: a phone number like +15551234567, client:ID or sip:USER@HOST", address)
	}
	if name == "Queue" {
		return v.queueNoun(t, to, text)
	}
	leg := to.Leg
	if leg == "" {
		leg = v.Leg
	}
	if leg == "" {
		leg = t.State.Name + "-" + strconv.Itoa(index+1)
	}
	child, err := t.NewLeg(leg, engine.DirectionOutboundDial, t.Caller.Number)
	if err != nil {
		return nil, err
	}
	child.To = address
	noun := twiml.El(name)
	if name != "Sim" {
		noun.Set("statusCallback", engine.Path(t.Session().ID, child.Number, 0, engine.URLStatus))
		noun.Set("statusCallbackEvent", "initiated ringing answered completed")
	}
	if err := v.detect(t, to, noun, child); err != nil {
		return nil, err
	}
	if v.Screen != "" {
		if name == "Sim" {
			return nil, fmt.Errorf("%s cannot be asked whether it takes the call", address)
		}
		noun.Set("url", t.Screen(child, v.Screen))
	}
	if err := to.attrs(name).Apply(t.Exec, noun); err != nil {
		return nil, err
	}
	return noun.Append(twiml.Text(text)), nil
}

// callerID shows the flow's number where the caller has none that could be shown:
// Twilio wants one when a Voice SDK client dials a phone.
func (v *dial) callerID(t *engine.Turn, el *twiml.Element) error {
	from := t.Flow().Defaults.From
	if v.Attrs.Has("callerId") || from == nil || expr.IsPhone(t.Caller.From) {
		return nil
	}
	text, err := from.Text(t.Env())
	if err == nil && text != "" {
		el.Set("callerId", text)
	}
	return err
}

// nounOf gives the noun and the text of an address.
func nounOf(address string) (noun, text string, ok bool) {
	prefix, rest, found := strings.Cut(address, ":")
	if isQueue(address) {
		return "Queue", rest, rest != "" && len(rest) <= maxQueueName
	}
	if !found {
		return "Number", address, expr.IsPhone(address)
	}
	switch prefix {
	case "client":
		return "Client", rest, rest != ""
	case "sip", "sips":
		return "Sip", address, strings.Contains(rest, "@")
	case "sim":
		return "Sim", rest, rest != ""
	case "app":
		return "Application", rest, rest != ""
	case "whatsapp":
		return "WhatsApp", rest, expr.IsPhone(rest)
	}
	return "", "", false
}

// Act reads how the dialled call ended.
func (v *dial) Act(t *engine.Turn) error {
	if target := t.Fields["ReferTransferTarget"]; target != "" {
		return t.End("referred", engine.Values{"target": target}) // the party leaves, and with it the Dial is over
	}
	status := t.Fields["DialCallStatus"]
	if status == "answered" {
		status = "completed"
	}
	child, err := t.CloseChildren(t.Fields["DialCallSid"], status)
	if err != nil {
		return err
	}
	if t.MovedChild() != nil {
		return t.End("moved", engine.Values{})
	}
	if child.Refused() {
		if status = "refused"; t.HungUp() {
			status = "canceled"
		}
	}
	if status == "completed" {
		duration, _ := strconv.Atoi(t.Fields["DialCallDuration"])
		return t.End("completed", engine.Values{"duration": float64(duration), "waited": float64(0)})
	}
	if t.Fields["RecordingUrl"] == "" {
		t.ExpectNothing() // nobody talked
	}
	tries := &t.Caller.Tries
	if v.Order == inTurn && tries.Pointer+1 < len(v.To) && !t.HungUp() {
		tries.Pointer++
		return t.Again()
	}
	return t.End(failure(status), engine.Values{"to": addressOf(child), "code": code(t.Fields)})
}

// failure is the event of a Dial that reached nobody.
func failure(status string) string {
	switch status {
	case "busy", "no-answer", "canceled", "refused":
		return status
	}
	return "failed"
}

func addressOf(l *engine.Leg) string {
	if l == nil {
		return ""
	}
	return l.To
}

func code(fields map[string]string) float64 {
	n, err := strconv.Atoi(fields["DialSipResponseCode"])
	if err != nil {
		return 0
	}
	return float64(n)
}
