package verbs

import (
	"errors"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/twiml"
)

// redirect sends the call to the TwiML of another server, which may send it back.
type redirect struct {
	URL   *expr.Template
	Attrs engine.Attrs
}

func redirectVerb() *spec.VerbKind {
	return spec.Verb[redirect](&spec.Object[redirect]{
		Name: "redirect", Doc: "Sends the call to the TwiML of another server. leg.return_url brings it back; so does a Redirect to the number's own URL.",
		Example: "redirect: {url: \"https://example.com/ivr?back=${leg.return_url}\"}",
		Fields: append([]spec.Field[redirect]{
			spec.Template("url", "address of the TwiML", expr.WantText, expr.URL, func(r *redirect) **expr.Template { return &r.URL }).Must(),
		}, spec.Attributes("Redirect", func(r *redirect) *engine.Attrs { return &r.Attrs })...),
		Check: func(d *spec.Decoder, n *spec.Node, _ *redirect) {
			url := n.Get("url")
			if url != nil && url.Kind == spec.Scalar && !strings.HasPrefix(url.Text, "${") && !isWebAddress(url.Text) {
				d.Diags.Errorf(url.Pos, "redirect-url", "%q is no address of another server", url.Text).WithHint("write it in full: https://example.com/ivr; for a state of the flow use next or goto")
			}
		},
	}, spec.VerbKind{
		Becomes: "<Redirect>",
		Ending:  []string{"returned"},
		Waits:   true,
	})
}

func isWebAddress(url string) bool {
	return strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://")
}

var errNoAddress = errors.New("the url of redirect is no address that begins with https:// or http://")

// Render appends the Redirect.
func (r *redirect) Render(t *engine.Turn) error {
	url, err := r.URL.Text(t.Env())
	if err != nil {
		return err
	}
	if !isWebAddress(url) {
		return errNoAddress
	}
	el := twiml.El("Redirect", twiml.Text(url))
	if err := r.Attrs.Apply(t.Exec, el); err != nil {
		return err
	}
	t.Append(el)
	t.Away()
	return nil
}

// Act takes the call back.
func (r *redirect) Act(t *engine.Turn) error {
	return t.End("returned", engine.Values{"params": t.Params()})
}
