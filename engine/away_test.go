package engine_test

import (
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine"
)

const awayFlow = `
flow: away
answer: out
signals: {home: {label: Home}}
states:
  out:
    do: [{log: "back ${leg.return_url}"}]
    redirect: {url: "https://ivr.example.com/x?back=${leg.return_url}&n=1"}
    on: {returned: [{log: "got ${event.params.Digits} ${event.params.choice}"}, {goto: raw}], signal.home: home}
  home: {prompt: Home again., next: hangup}
  raw:
    prompt: Listen.
    twiml: '<Gather numDigits="1"><Say>From ${leg.from} &amp; ${"<b>"}</Say></Gather><Pause length="2"/>'
    on: {completed: [{log: over}]}
    next: last
  last: {twiml: '<Say>Bye ${leg.to}</Say><Hangup/>', next: hangup}
`

func (d *driver) based(kind string, turn int, fields ...string) *driver {
	d.t.Helper()
	m := map[string]string{"CallSid": "CA1", "CallStatus": "in-progress"}
	for i := 0; i+1 < len(fields); i += 2 {
		m[fields[i]] = fields[i+1]
	}
	return d.send(engine.Event{Kind: kind, Leg: 1, Turn: turn, Fields: m, World: engine.World{Base: "https://rd.example.com/"}})
}

func out(t *testing.T) *driver {
	t.Helper()
	d := drive(t, compile(t, "away.yaml", awayFlow))
	d.send(engine.Event{Kind: engine.KindInbound, Fields: map[string]string{"CallSid": "CA1", "From": "+15550001111", "To": "+15005550006", "CallStatus": "ringing"}, World: engine.World{Base: "https://rd.example.com/"}})
	return d.logged("back https://rd.example.com/t/s1/1/1/back").state(1, "out").
		hears(1, "<Redirect>https://ivr.example.com/x?back=https%3A%2F%2Frd.example.com%2Ft%2Fs1%2F1%2F1%2Fback&amp;n=1</Redirect></Response>")
}

func TestAwayAndBack(t *testing.T) {
	t.Parallel()
	d := out(t).based(engine.KindBack, 1, "Digits", "7", "choice", "sales", "Direction", "inbound")
	d.logged("got 7 sales").state(1, "raw").hears(1, "Listen.", `<Gather numDigits="1" action="/t/s1/1/2/act`, "From +15550001111 &amp; &lt;b&gt;", "<Redirect>/t/s1/1/2/act")
	turn := d.s.Leg(1).Turn
	d.based(engine.KindBack, 1, "Digits", "8") // it is back already
	if d.s.Leg(1).Turn != turn || d.s.Leg(1).Returns(1) {
		t.Errorf("it comes back twice: %+v", d.s.Leg(1))
	}
	d.act(1, "Digits", "5").logged("over").hears(1, "<Say>Bye +15005550006</Say><Hangup/></Response>")
}

func TestAwayIsMovedOrHangsUp(t *testing.T) {
	t.Parallel()
	d := out(t).send(engine.Event{Kind: engine.KindSignal, Name: "home"}).state(1, "home")
	if e := d.take(engine.RedirectCall); e.Turn != 2 || d.s.Leg(1).Returns(1) {
		t.Errorf("redirect %+v of %+v", e, d.s.Leg(1))
	}
	out(t).status(1, "completed", "CallDuration", "9").outcome("completed")
}

func TestAwayNeedsAnAddress(t *testing.T) {
	t.Parallel()
	bad := strings.Replace(awayFlow, "https://ivr.example.com/x?back=${leg.return_url}&n=1", "${leg.from}", 1)
	drive(t, compile(t, "away.yaml", bad)).inbound().hears(1, "We are sorry")
}
