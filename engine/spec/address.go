package spec

import (
	"strings"

	"github.com/ringdown/ringdown/engine/expr"
)

// addressPrefixes are the kinds of addresses beside plain phone numbers.
var addressPrefixes = []string{"client:", "sip:", "sips:", "sim:", "app:", "whatsapp:"}

// Address checks a literal address: a phone in E.164, or one with a known prefix.
func (d *Decoder) Address(n *Node) {
	if n.Kind != Scalar || strings.Contains(n.Text, "${") || expr.IsPhone(n.Text) {
		return
	}
	for _, p := range addressPrefixes {
		if rest, ok := strings.CutPrefix(n.Text, p); ok && rest != "" {
			if p == "whatsapp:" && !expr.IsPhone(rest) {
				break
			}
			return
		}
	}
	if strings.HasPrefix(n.Text, "queue:") {
		d.Diags.Errorf(n.Pos, "address", "%q cannot be called: a queue holds callers that wait", n.Text).
			WithHint("dial takes the first of them: dial: {to: %q}", n.Text)
		return
	}
	d.Diags.Errorf(n.Pos, "address", "%q is no address", n.Text).
		WithHint("a phone number in E.164 like +15551234567, client:ID, sip:USER@HOST, sim:SID, app:SID or whatsapp:PHONE")
}
