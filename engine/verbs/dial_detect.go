package verbs

import (
	"slices"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/twiml"
)

// detects tells the decoder that a dialled party is listened to: Twilio does so for
// phone numbers and SIP addresses only, and always while the call goes on.
// https://www.twilio.com/docs/voice/twiml/number
func (v *dial) detects(d *spec.Decoder, n *spec.Node, leg string) {
	mode := n.Get("machine_detection")
	if mode == nil {
		for _, e := range n.Entries {
			if strings.HasPrefix(e.Key.Text, "machine_detection_") {
				d.Diags.Errorf(e.Key.Pos, "detection", "%s says nothing without machine_detection", e.Key.Text).WithHint("add machine_detection: Enable")
			}
		}
		return
	}
	if to := n.Get("to"); to != nil {
		if prefix, _, found := strings.Cut(to.Text, ":"); found && !strings.Contains(to.Text, "${") && !detectable(prefix) {
			d.Diags.Errorf(mode.Pos, "detection", "Twilio finds out who answers of phone numbers and SIP addresses only, not of %s", to.Text).WithHint("remove machine_detection")
		}
	}
	if digits := n.Get("send_digits"); digits != nil {
		d.Diags.Errorf(digits.Pos, "detection", "Twilio listens to nobody on a call with send_digits").WithHint("remove one of machine_detection and send_digits")
	}
	v.Detects = append(v.Detects, detected{leg, mode})
}

// detected is a party that is listened to, until its name is known.
type detected struct {
	leg  string
	mode *spec.Node
}

// tellDetections names the parties that are listened to: theirs, or the verb's name.
func (v *dial) tellDetections(d *spec.Decoder) {
	for _, found := range v.Detects {
		if found.leg == "" {
			found.leg = v.Leg
		}
		d.Detect(spec.Detection{Leg: found.leg, Mode: found.mode.Text, Screen: v.Screen, Pos: found.mode.Pos})
	}
	v.Detects = nil
}

// attrs are the attributes that the noun of the party has: nobody is listened to but at
// phone numbers and SIP addresses.
func (p *target) attrs(noun string) engine.Attrs {
	if noun == "Number" || noun == "Sip" {
		return p.Attrs
	}
	return slices.DeleteFunc(slices.Clone(p.Attrs), func(a engine.AttrValue) bool { return strings.HasPrefix(a.Spec.Name, "machineDetection") })
}

func detectable(prefix string) bool { return prefix == "sip" || prefix == "sips" }

// detect has Twilio tell who answered a dialled party, where that was asked for.
func (v *dial) detect(t *engine.Turn, to *target, noun *twiml.Element, child *engine.Leg) error {
	mode, err := to.Attrs.Text(t.Exec, "machineDetection")
	if err != nil || mode == "" || noun.Name != "Number" && noun.Name != "Sip" || to.Attrs.Has("sendDigits") {
		return err
	}
	limit, err := to.Attrs.Text(t.Exec, "machineDetectionTimeout")
	if err != nil {
		return err
	}
	child.Detection = &engine.Detection{Mode: mode, Async: true}
	if seconds, err := time.ParseDuration(limit + "s"); err == nil {
		child.Detection.Limit = seconds
	}
	noun.Set("amdStatusCallback", engine.Path(t.Session().ID, child.Number, 0, engine.URLAMD))
	return nil
}
