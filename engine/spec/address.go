package spec

import (
	"strings"

	"github.com/ringdown/ringdown/engine/expr"
)

// addressPrefixes are the kinds of addresses beside plain phone numbers.
var addressPrefixes = []string{"client:", "sip:", "sips:", "sim:", "app:", "whatsapp:"}

// maxShortCode is the most digits of a short code, which sends and gets messages.
// https://www.twilio.com/docs/glossary/what-is-a-short-code
const maxShortCode = 6

// Sender reads what calls or messages are from.
func (d *Decoder) Sender(n *Node, slot **expr.Template) {
	d.Template(n, expr.WantText, expr.None, slot)
	d.whenCompiled(func() {
		if *slot != nil {
			d.Senders = append(d.Senders, *slot)
		}
	})
}

// Number checks a literal number: that of a message may be a short code or a word instead,
// or the SID of a messaging service.
func (d *Decoder) Number(n *Node) {
	looks := n.Kind == Scalar && n.Text != "" && strings.Trim(n.Text, "+0123456789 ()-./") == ""
	if looks && len(n.Text) > maxShortCode && !expr.IsPhone(n.Text) {
		d.Diags.Errorf(n.Pos, "address", "%q is no phone number", n.Text).WithHint("write it in E.164, like +15551234567")
	}
}

// Address checks a literal address: a phone in E.164, or one with a known prefix.
func (d *Decoder) Address(n *Node) {
	if n.Kind != Scalar || strings.Contains(n.Text, "${") || expr.IsPhone(n.Text) {
		return
	}
	for _, p := range addressPrefixes {
		rest, ok := strings.CutPrefix(n.Text, p)
		switch {
		case !ok || rest == "":
		case p == "whatsapp:" && !expr.IsPhone(rest), strings.HasPrefix(p, "sip") && !strings.Contains(rest, "@"):
		default:
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
