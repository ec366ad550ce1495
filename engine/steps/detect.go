package steps

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// The modes of answering machine detection.
// https://www.twilio.com/docs/voice/api/call-resource
var detectionModes = []string{"Enable", "DetectMessageEnd"}

// detectionFields declares the attributes of a call that ask who answers.
func detectionFields() []spec.Field[call] {
	computed := spec.Schema{"type": "string", "pattern": `\$\{`}
	return []spec.Field[call]{
		spec.Custom("machine_detection", "word: Enable, DetectMessageEnd", "find out who answers: Enable tells at once, DetectMessageEnd tells of a machine when its greeting is over; computed, an empty text is none",
			spec.Schema{"anyOf": []any{spec.Schema{"enum": detectionModes}, computed}}, func(d *spec.Decoder, n *spec.Node, c *call) {
				if n.Kind == spec.Scalar && !strings.Contains(n.Text, "${") && !slices.Contains(detectionModes, n.Text) {
					d.Diags.Errorf(n.Pos, "enum", "machine_detection cannot be %q", n.Text).WithHint("write Enable or DetectMessageEnd")
					return
				}
				d.Template(n, expr.WantText, expr.None, &c.Mode)
			}),
		spec.Custom("async_amd", "true or false", "whether the call goes on while Twilio listens",
			spec.Schema{"anyOf": []any{spec.Schema{"type": "boolean"}, computed}}, func(d *spec.Decoder, n *spec.Node, c *call) {
				if n.Kind == spec.Scalar && !strings.Contains(n.Text, "${") {
					if _, ok := d.Bool(n); !ok {
						return
					}
				}
				d.Template(n, expr.WantText, expr.None, &c.Async)
			}).Or("false"),
		spec.Duration("machine_detection_timeout", "longest time to find out", 3*time.Second, time.Minute, func(c *call) *time.Duration { return &c.Detecting }).Or("30s"),
		detectionTime("machine_detection_speech_threshold", "MachineDetectionSpeechThreshold", "speech longer than this is a machine", time.Second, 6*time.Second).Or("2400ms"),
		detectionTime("machine_detection_speech_end_threshold", "MachineDetectionSpeechEndThreshold", "silence that ends a greeting", 500*time.Millisecond, 5*time.Second).Or("1200ms"),
		detectionTime("machine_detection_silence_timeout", "MachineDetectionSilenceTimeout", "silence at the start after which nobody knows who answered", 2*time.Second, 10*time.Second).Or("5s"),
	}
}

// detectionTime declares a time that goes to Twilio in milliseconds.
func detectionTime(name, twilio, doc string, lowest, highest time.Duration) spec.Field[call] {
	return spec.Custom(name, "duration", doc, spec.Schema{"$ref": "#/$defs/duration"}, func(d *spec.Decoder, n *spec.Node, c *call) {
		if v, ok := d.Duration(n, lowest, highest); ok {
			c.Fixed = append(c.Fixed, fixed{twilio, strconv.FormatInt(v.Milliseconds(), 10)})
		}
	})
}

// fixed is a parameter of the REST call that is never computed.
type fixed struct{ Name, Value string }

// checkDetection tells the decoder that the leg is listened to, and reports what goes
// with detection only.
func checkDetection(d *spec.Decoder, n *spec.Node, c *call) {
	mode := n.Get("machine_detection")
	if mode == nil {
		for _, e := range n.Entries {
			if e.Key.Text == "async_amd" || strings.HasPrefix(e.Key.Text, "machine_detection_") {
				d.Diags.Errorf(e.Key.Pos, "detection", "%s says nothing without machine_detection", e.Key.Text).WithHint("add machine_detection: Enable")
			}
		}
		return
	}
	if digits := n.Get("send_digits"); digits != nil {
		d.Diags.Errorf(digits.Pos, "detection", "Twilio listens to nobody on a call with send_digits").WithHint("remove one of machine_detection and send_digits")
	}
	async := n.Get("async_amd")
	literal := async == nil || !strings.Contains(async.Text, "${")
	d.Detect(spec.Detection{Leg: c.Leg, Mode: mode.Text, Sync: literal && (async == nil || async.Text != "true"), State: c.State, Screen: c.Screen, Pos: mode.Pos})
}

// detection gives what is asked of Twilio, nil for nothing. Keys that are sent switch it
// off.
func (c *call) detection(x *engine.Exec, params map[string]string) (*engine.Detection, error) {
	if c.Mode == nil || params["SendDigits"] != "" {
		return nil, nil
	}
	mode, err := c.Mode.Text(x.Env())
	if err != nil || mode == "" {
		return nil, err
	}
	if !slices.Contains(detectionModes, mode) {
		return nil, fmt.Errorf("machine_detection cannot be %q, only Enable or DetectMessageEnd", mode)
	}
	found := &engine.Detection{Mode: mode, Limit: c.Detecting}
	if c.Async != nil {
		text, err := c.Async.Text(x.Env())
		if err != nil {
			return nil, err
		}
		found.Async = text == "true"
	}
	if c.Detecting > 0 {
		params["MachineDetectionTimeout"] = strconv.Itoa(int((c.Detecting + time.Second - 1) / time.Second))
	}
	for _, f := range c.Fixed {
		params[f.Name] = f.Value
	}
	return found, nil
}
