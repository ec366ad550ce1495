package sim

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// relay is a ConversationRelay in progress: what the party says goes to the
// application as text, and its text is spoken (documentation: ConversationRelay,
// WebSocket messages).
type relay struct {
	run       *run
	verb      *twiml.Element
	noun      *twiml.Element
	sock      *socket
	sid       string
	began     time.Time
	language  string
	text      strings.Builder // tokens of speech that is not complete
	speaking  string          // what the party hears now
	since     time.Time       // when that began
	until     time.Time
	breakable string // what may interrupt it: none, dtmf, speech or any
	handoff   string
	digits    bool // keys are told
}

func (r *run) connectRelay(verb, noun *twiml.Element) {
	c := r.call
	v := &relay{run: r, verb: verb, noun: noun, sid: r.sim.sid("VX"), language: noun.AttrOr("transcriptionLanguage", noun.AttrOr("language", "en-US")),
		digits: boolAttr(noun, "dtmfDetection", false), began: r.sim.now()}
	v.sock = &socket{sim: r.sim, url: noun.AttrOr("url", ""), opened: v.setup, takes: v.take, gone: func(code int, why string) {
		if code != 0 {
			c.warn(code, why)
			v.end("failed", form{{"ErrorCode", strconv.Itoa(code)}, {"ErrorMessage", why}})
			return
		}
		v.end("ended", nil)
	}}
	r.leave = func(why leaving) *act {
		v.sock.close()
		a := r.actOf(verb, v.result("completed", nil))
		if a != nil {
			a.always = why == leaveHangup
		}
		return a
	}
	r.asks("ConversationRelay")
	v.sock.open()
}

func (v *relay) send(kind string, content map[string]any) {
	content["type"] = kind
	data, _ := json.Marshal(content) // plain data cannot fail
	v.sock.send(data)
}

// setup tells who is connected; the greeting is spoken meanwhile.
func (v *relay) setup() {
	c := v.run.call
	custom := map[string]string{}
	for _, p := range parameters(v.noun) {
		custom[p.name] = p.value
	}
	parent := ""
	if c.parent != nil {
		parent = c.parent.sid
	}
	v.send("setup", map[string]any{"sessionId": v.sid, "accountSid": v.run.sim.o.AccountSID, "callSid": c.sid, "parentCallSid": parent,
		"from": c.from, "to": c.to, "forwardedFrom": c.extra.value("ForwardedFrom"), "callerName": c.extra.value("CallerName"),
		"direction": c.direction, "callType": callType(c.address()), "callStatus": strings.ToUpper(c.status), "customParameters": custom})
	c.keys, c.voice = v.key, v.spoken
	if greeting := v.noun.AttrOr("welcomeGreeting", ""); greeting != "" {
		v.speak(greeting, v.noun.AttrOr("welcomeGreetingInterruptible", "any"))
	}
}

func callType(address string) string {
	switch {
	case strings.HasPrefix(address, "client:"):
		return "CLIENT"
	case strings.HasPrefix(address, "sip:"):
		return "SIP"
	}
	return "PSTN"
}

// speak lets the party hear text, behind what it hears still.
func (v *relay) speak(text, breakable string) {
	c, now := v.run.call, v.run.sim.now()
	if !v.until.After(now) {
		v.until, v.since, v.speaking = now, now, ""
	}
	v.speaking = strings.TrimSpace(v.speaking + " " + text)
	v.breakable = breakable
	v.until = v.until.Add(v.run.sim.speech(text))
	c.hears(text)
}

// interrupt stops what is spoken, if that kind of input may.
func (v *relay) interrupt(kind string) {
	now := v.run.sim.now()
	if !v.until.After(now) || !slices.Contains([]string{"any", "true", kind}, v.breakable) {
		return
	}
	heard := []rune(v.speaking)
	spoken := now.Sub(v.since)
	heard = heard[:min(len(heard), int(spoken/v.run.sim.o.Timings.Character))]
	v.until = now
	v.send("interrupt", map[string]any{"utteranceUntilInterrupt": string(heard), "durationUntilInterruptMs": strconv.FormatInt(spoken.Milliseconds(), 10)})
}

// spoken takes words of the party; they are told when it has finished.
func (v *relay) spoken(text string) {
	v.interrupt("speech")
	length := v.run.sim.speech(text)
	v.run.later(length, func() {
		v.send("prompt", map[string]any{"voicePrompt": text, "lang": v.language, "last": true})
	})
}

func (v *relay) key(key rune) {
	v.interrupt("dtmf")
	if v.digits {
		v.send("dtmf", map[string]any{"digit": string(key)})
	}
}

// relayMessage is what the application may send.
type relayMessage struct {
	Type                  string
	Token                 string // text
	Last                  bool
	Interruptible         any
	Source                string // play
	Loop                  int
	Digits                string // sendDigits
	TranscriptionLanguage string // language
	HandoffData           string // end
}

func (v *relay) take(data []byte) {
	var in relayMessage
	c := v.run.call
	if err := json.Unmarshal(data, &in); err != nil {
		c.warn(codeSocketMalformed, "a message of the application: "+err.Error())
		v.send("error", map[string]any{"description": "Invalid message received: " + string(data)})
		return
	}
	switch in.Type {
	case "text":
		v.text.WriteString(in.Token)
		if in.Last && v.text.Len() > 0 {
			v.speak(v.text.String(), v.breakability(in.Interruptible))
			v.text.Reset()
		}
	case "play":
		for range max(1, in.Loop) {
			c.hears("play " + in.Source)
		}
	case "sendDigits":
		c.hears("digits " + in.Digits)
	case "language":
		if in.TranscriptionLanguage != "" {
			v.language = in.TranscriptionLanguage
		}
	case "end":
		v.handoff = in.HandoffData
		v.sock.close()
		v.end("ended", nil)
	default:
		c.warn(codeSocketInvalid, "no message that is known: type "+strconv.Quote(in.Type))
		v.send("error", map[string]any{"description": "Invalid message received: " + string(data)})
	}
}

// breakability is what may interrupt a text: as its message says, else as the
// noun does.
func (v *relay) breakability(said any) string {
	switch said := said.(type) {
	case string:
		return said
	case bool:
		return pick(said, "any", "none")
	}
	return v.noun.AttrOr("interruptible", "any")
}

// end goes on behind the Connect.
func (v *relay) end(status string, extra form) {
	r := v.run
	r.begin()
	r.goOn(v.verb, false, v.result(status, extra))
}

func (v *relay) result(status string, extra form) form {
	f := form{{"SessionId", v.sid}, {"SessionStatus", status}, {"SessionDuration", strconv.Itoa(int(v.run.sim.now().Sub(v.began) / time.Second))}}
	if v.handoff != "" {
		f = f.with("HandoffData", v.handoff)
	}
	return append(f, extra...)
}

// service is a noun of Connect whose work is done by a service that is not
// simulated. The party stays with it until Call.EndService or a hang-up.
type service struct {
	run  *run
	verb *twiml.Element
}

func (r *run) connectService(verb, noun *twiml.Element) {
	v := &service{r, verb}
	r.call.service = v
	r.leave = func(leaving) *act {
		r.call.service = nil
		return nil
	}
	r.hears("play " + strings.TrimSpace(noun.Name+" "+noun.AttrOr("connectorName", noun.Body())))
}

// EndService ends the service that Connect has handed the call to (VirtualAgent,
// Room, Conversation, AiSession, ConversationRelaySession): the call goes on with
// the action, which has the given parameters, or with the next verb. It reports
// whether there was one.
func (c *Call) EndService(params url.Values) bool {
	return locked(c, func() bool {
		v := c.service
		if v == nil || c.over() {
			return false
		}
		c.service = nil
		v.run.leave = nil
		v.run.goOn(v.verb, false, extraForm(params))
		return true
	})
}
