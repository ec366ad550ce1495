package steps

import (
	"fmt"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

// timer arms a session timer.
type timer struct {
	Name  string
	After *expr.Template
	At    *expr.Template
}

// maxTimer is the longest that a session timer may be set ahead.
const maxTimer = 31 * 24 * time.Hour

func timerStep() *spec.StepKind {
	return spec.Action[timer](&spec.Object[timer]{
		Name: "timer", Doc: "Arms a durable session timer; the same name is set anew.", Example: "timer: {name: retry, after: 30m}",
		Fields: []spec.Field[timer]{
			spec.Timer("name", "name: the event is timer.NAME", true, func(t *timer) *string { return &t.Name }).Must(),
			spec.Template("after", "time from now", expr.WantDuration, expr.None, func(t *timer) **expr.Template { return &t.After }),
			spec.Template("at", "point in time", expr.WantTime, expr.None, func(t *timer) **expr.Template { return &t.At }),
		},
		Check: func(d *spec.Decoder, n *spec.Node, _ *timer) {
			if (n.Get("after") == nil) == (n.Get("at") == nil) {
				d.Diags.Errorf(n.Pos, "timer", "a timer has either after or at")
			}
		},
	}, spec.StepKind{})
}

// Run arms the timer.
func (t *timer) Run(x *engine.Exec) (engine.Control, error) {
	var due time.Time
	if t.After != nil {
		d, err := t.After.Duration(x.Env())
		if err != nil {
			return engine.Control{}, err
		}
		due = x.Now().Add(d)
	} else {
		at, err := t.At.Time(x.Env())
		if err != nil {
			return engine.Control{}, err
		}
		due = at
	}
	if due.Sub(x.Now()) > maxTimer {
		return engine.Control{}, fmt.Errorf("a timer is at most %d days ahead", int(maxTimer/(24*time.Hour)))
	}
	if due.Before(x.Now()) {
		due = x.Now()
	}
	x.SetTimer(t.Name, due)
	return engine.Control{}, nil
}

// cancel drops a session timer.
type cancel struct{ Name string }

func cancelStep() *spec.StepKind {
	return spec.Action[cancel](&spec.Object[cancel]{
		Name: "cancel", Doc: "Drops a session timer.", Example: "cancel: retry", Short: "name",
		Fields: []spec.Field[cancel]{
			spec.Timer("name", "name of the timer", false, func(c *cancel) *string { return &c.Name }).Must(),
		},
	}, spec.StepKind{})
}

// Run drops the timer.
func (c *cancel) Run(x *engine.Exec) (engine.Control, error) {
	x.CancelTimer(c.Name)
	return engine.Control{}, nil
}

// credit tops the meter up.
type credit struct{ Amount *expr.Template }

func creditStep() *spec.StepKind {
	return spec.Action[credit](&spec.Object[credit]{
		Name: "credit", Doc: "Tops the meter up.", Example: "credit: 5", Short: "amount",
		Fields: []spec.Field[credit]{
			spec.Template("amount", "money", expr.WantMoney, expr.None, func(c *credit) **expr.Template { return &c.Amount }).Must(),
		},
	}, spec.StepKind{Meter: true})
}

// Run tops the meter up.
func (c *credit) Run(x *engine.Exec) (engine.Control, error) {
	m, err := c.Amount.Money(x.Env())
	if err != nil {
		return engine.Control{}, err
	}
	if m < 0 {
		return engine.Control{}, fmt.Errorf("a credit is not negative, as %s is", m)
	}
	return engine.Control{}, x.Credit(m)
}

// logText writes into the history.
type logText struct{ Text *expr.Template }

func logStep() *spec.StepKind {
	return spec.Action[logText](&spec.Object[logText]{
		Name: "log", Doc: "Writes a line into the session's history.", Example: "log: \"balance ${vars.rate}\"", Short: "text",
		Fields: []spec.Field[logText]{
			spec.Template("text", "the line", expr.WantText, expr.None, func(l *logText) **expr.Template { return &l.Text }).Must(),
		},
	}, spec.StepKind{})
}

// Run writes the line.
func (l *logText) Run(x *engine.Exec) (engine.Control, error) {
	text, err := l.Text.Text(x.Env())
	if err != nil {
		return engine.Control{}, err
	}
	x.Log(text)
	return engine.Control{}, nil
}

// message sends a text message.
type message struct {
	To    *expr.Template
	From  *expr.Template
	Body  *expr.Template
	Media []*expr.Template
}

// maxBody is the most characters of a message.
// https://www.twilio.com/docs/messaging/api/message-resource
const maxBody = 1600

func messageStep() *spec.StepKind {
	return spec.Action[message](&spec.Object[message]{
		Name: "message", Doc: "Sends a message. A failure is the event message.failed.", Example: "message: {to: \"${leg.from}\", body: Thanks}",
		Fields: []spec.Field[message]{
			number("to", "receiver", func(m *message) **expr.Template { return &m.To }).Must(),
			number("from", "sender", func(m *message) **expr.Template { return &m.From }).Or("defaults.sms_from, then defaults.from"),
			spec.Template("body", "text, at most 1600 characters", expr.WantText, expr.None, func(m *message) **expr.Template { return &m.Body }),
			spec.Custom("media", "address, or list", "addresses of pictures and files", spec.Schema{}, func(d *spec.Decoder, n *spec.Node, m *message) {
				items := n.Items
				if n.Kind == spec.Scalar {
					items = []*spec.Node{n}
				}
				m.Media = make([]*expr.Template, len(items))
				for i, item := range items {
					d.Template(item, expr.WantText, expr.URL, &m.Media[i])
				}
			}),
		},
		Check: func(d *spec.Decoder, n *spec.Node, _ *message) {
			if n.Get("body") == nil && n.Get("media") == nil {
				d.Diags.Errorf(n.Pos, "message", "a message needs a body or media")
			}
			if n.Get("from") == nil {
				d.NeedsDefault("sms_from", n.Pos)
			}
		},
	}, spec.StepKind{Becomes: "POST Messages"})
}

// number declares who sends or gets a message: a phone number, or what carriers take instead.
func number(name, doc string, at func(*message) **expr.Template) spec.Field[message] {
	return spec.Custom(name, "text", doc, spec.Schema{"type": []any{"string", "number", "boolean"}}, func(d *spec.Decoder, n *spec.Node, m *message) {
		if name == "from" {
			d.Sender(n, at(m))
		} else {
			d.Template(n, expr.WantText, expr.None, at(m))
		}
		d.Number(n)
	})
}

// Run sends the message.
func (m *message) Run(x *engine.Exec) (engine.Control, error) {
	params := map[string]string{}
	from := m.From
	if from == nil {
		from = x.Flow().Defaults.SMSFrom
	}
	if from == nil {
		from = x.Flow().Defaults.From
	}
	for name, t := range map[string]*expr.Template{"To": m.To, "From": from, "Body": m.Body} {
		if t == nil {
			continue
		}
		text, err := t.Text(x.Env())
		if err != nil {
			return engine.Control{}, err
		}
		params[name] = text
	}
	if body := []rune(params["Body"]); len(body) > maxBody {
		params["Body"] = string(body[:maxBody])
	}
	var media []string
	for _, t := range m.Media {
		text, err := t.Text(x.Env())
		if err != nil {
			return engine.Control{}, err
		}
		media = append(media, text)
	}
	if len(media) > 0 {
		params["MediaUrl"] = strings.Join(media, " ")
	}
	x.Emit(engine.Effect{Kind: engine.SendMessage, Lane: x.NextLane("message"), Params: params})
	return engine.Control{}, nil
}
