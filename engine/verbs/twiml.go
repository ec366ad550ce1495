package verbs

import (
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/twiml"
)

// rawTwiML is TwiML that the flow gives as it stands.
type rawTwiML struct{ Body *expr.Template }

func twimlVerb() *spec.VerbKind {
	return spec.Verb[rawTwiML](&spec.Object[rawTwiML]{
		Name: "twiml", Doc: "TwiML as it stands, without <Response>; values of expressions are escaped for XML. It is over when its last verb is, or when a Gather or Record without an action of its own has got something.",
		Example: "twiml: \"<Say>Hi</Say>\"", Short: "body",
		Fields: []spec.Field[rawTwiML]{
			spec.Custom("body", "TwiML", "what stands in <Response>", spec.Schema{"type": "string"}, decodeTwiML).Must(),
		},
	}, spec.VerbKind{
		Becomes: "as it stands",
		Ending:  []string{"completed"},
		Waits:   true,
	})
}

// unknownValue stands for values that are not known before a call.
const unknownValue = "zqz0zqz"

func decodeTwiML(d *spec.Decoder, n *spec.Node, v *rawTwiML) {
	if !d.Expect(n, spec.Scalar) {
		return
	}
	d.Template(n, expr.WantText, expr.XML, &v.Body)
	d.Pending = append(d.Pending, spec.Pending{Context: d.Context(), Pos: n.Pos, Compile: func(*expr.Scope) diag.List {
		var list diag.List
		if v.Body != nil {
			checkTwiML(&list, n.Pos, v.Body.Filled(unknownValue))
		}
		return list
	}})
}

// checkTwiML reports what Twilio would find fault with, whatever the values are.
func checkTwiML(list *diag.List, pos diag.Pos, body string) {
	doc, err := parseBody(body)
	if err != nil {
		list.Errorf(pos, "twiml", "this is no TwiML: %v", err).WithHint("check the markup; in YAML a text with quotes and colons is best written behind |")
		return
	}
	for _, p := range twiml.Check(doc, twiml.Main) {
		if strings.Contains(p.Message, unknownValue) {
			continue
		}
		report := list.Errorf
		if !p.Fatal {
			report = list.Warnf
		}
		report(pos, "twiml", "%s: %s (Twilio's code %d)", strings.TrimPrefix(p.Path, "Response/"), p.Message, p.Code)
	}
	if doc.First("Redirect") != nil {
		list.Errorf(pos, "twiml", "Redirect would lead the call out of the flow for good").WithHint("use next, or the verb redirect")
	}
}

func parseBody(body string) (*twiml.Element, error) {
	return twiml.Parse([]byte("<Response>" + body + "</Response>"))
}

// Render appends the verbs. Gather and Record without an action would ask for the
// document once more, and be executed again.
// https://www.twilio.com/docs/voice/twiml/gather#action
func (v *rawTwiML) Render(t *engine.Turn) error {
	body, err := v.Body.Text(t.Env())
	if err != nil {
		return err
	}
	doc, err := parseBody(body)
	if err != nil {
		return err
	}
	for _, p := range twiml.Check(doc, twiml.Main) {
		if p.Fatal {
			return &engine.Fault{Code: p.Code, Reason: "document", Err: p.Err()}
		}
	}
	last := ""
	for _, el := range doc.Elements() {
		if _, has := el.Attr("action"); !has && (el.Name == "Gather" || el.Name == "Record") {
			el.Set("action", t.URL(engine.URLAct))
		}
		last = el.Name
	}
	t.Append(doc.Children...)
	if last == "Hangup" || last == "Reject" {
		t.Leave()
		return nil
	}
	t.RedirectTo(engine.URLAct)
	return nil
}

// Act ends the verb: its last element is over.
func (v *rawTwiML) Act(t *engine.Turn) error {
	return t.End("completed", engine.Values{"duration": float64(0), "waited": float64(0)})
}
