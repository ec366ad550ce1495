package engine

import (
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/expr"
)

// EventSpec declares one event of the language.
type EventSpec struct {
	Name   string
	Fields map[string]expr.Type // of `event`, beside name and time
	Leg    bool                 // also an event of the call itself: LEG.NAME
	Room   bool                 // ROOM.NAME
	Group  bool                 // stands for several events (unreached)
	Doc    string
}

// Unreached are the events that the name `unreached` stands for.
var Unreached = []string{"busy", "no-answer", "failed", "canceled", "refused"}

func text(names ...string) map[string]expr.Type { return fields(expr.Text, names) }

func fields(t expr.Kind, names []string) map[string]expr.Type {
	m := make(map[string]expr.Type, len(names))
	for _, n := range names {
		m[n] = expr.Type{Kind: t}
	}
	return m
}

func with(m map[string]expr.Type, t expr.Kind, names ...string) map[string]expr.Type {
	for _, n := range names {
		m[n] = expr.Type{Kind: t}
	}
	return m
}

// EventSpecs is the table of all events that a bare name, LEG.NAME or ROOM.NAME can be.
// What a verb raises stands with the verb.
var EventSpecs = []EventSpec{
	{Name: "digits", Fields: text("digits"), Doc: "keys were pressed"},
	{Name: "speech", Fields: with(text("speech"), expr.Number, "confidence"), Doc: "something was said"},
	{Name: "partial", Fields: text("speech"), Doc: "what has been said so far"},
	{Name: "no-input", Fields: with(text("digits", "speech"), expr.Number, "tries"), Doc: "silence after the last try"},
	{Name: "no-match", Fields: with(text("digits", "speech"), expr.Number, "tries"), Doc: "no choice after the last try"},
	{Name: "recorded", Fields: with(with(text("digits", "recording_sid", "url"), expr.Number, "duration"), expr.Bool, "hung_up"), Doc: "the recording ended"},
	{Name: "empty", Fields: with(text(), expr.Bool, "hung_up"), Doc: "nothing was recorded"},
	{Name: "recording", Leg: true, Fields: with(text("url", "recording_sid"), expr.Number, "duration"), Doc: "the file of the recording is there"},
	{Name: "transcribed", Leg: true, Fields: with(text("text", "recording_url"), expr.Bool, "ok"), Doc: "the text of the recording is there, or is not to be had"},
	{Name: "answered", Leg: true, Fields: text("to"), Doc: "the call was taken"},
	{Name: "completed", Fields: with(text(), expr.Number, "duration", "waited"), Doc: "the talk is over"},
	{Name: "full", Fields: with(text(), expr.Number, "code"), Doc: "the queue is full"},
	{Name: "assigned", Fields: map[string]expr.Type{
		"worker": {Kind: expr.Text}, "worker_name": {Kind: expr.Text}, "contact_uri": {Kind: expr.Text}, "task": {Kind: expr.Text},
		"reservation": {Kind: expr.Text}, "attributes": expr.MapOf(expr.Of(expr.Any)),
	}, Doc: "TaskRouter chose a worker, with these attributes"},
	{Name: "ringing", Leg: true, Fields: text("to"), Doc: "the call rings"},
	{Name: "busy", Leg: true, Fields: with(text("to"), expr.Number, "code"), Doc: "busy"},
	{Name: "no-answer", Leg: true, Fields: with(text("to"), expr.Number, "code"), Doc: "nobody answered"},
	{Name: "failed", Leg: true, Fields: with(text("to"), expr.Number, "code"), Doc: "the call could not be made"},
	{Name: "canceled", Leg: true, Fields: with(text("to"), expr.Number, "code"), Doc: "the call was canceled before the answer"},
	{Name: "refused", Leg: true, Fields: with(text("to"), expr.Number, "code"), Doc: "the called party did not accept"},
	{Name: "unreached", Leg: true, Group: true, Fields: with(text("to"), expr.Number, "code"), Doc: "busy, no-answer, failed, canceled or refused"},
	{Name: "moved", Fields: text(), Doc: "the flow moved the dialled party"},
	{Name: "referred", Fields: text("target"), Doc: "the dialled party asked to be referred"},
	{Name: "joined", Room: true, Fields: with(text("leg"), expr.Number, "size"), Doc: "somebody is in the room"},
	{Name: "left", Room: true, Fields: with(text("leg", "reason"), expr.Number, "size"), Doc: "somebody left the room"},
	{Name: "returned", Fields: map[string]expr.Type{"params": expr.MapOf(expr.Of(expr.Any))}, Doc: "the call is back from where the verb sent it"},
	{Name: "star", Fields: text(), Doc: "the star key ended the talk"},
	{Name: "ended", Room: true, Fields: text("reason"), Doc: "the room ended"},
	{Name: "muted", Room: true, Fields: with(text("leg"), expr.Bool, "on"), Doc: "somebody was muted or unmuted"},
	{Name: "held", Room: true, Fields: with(text("leg"), expr.Bool, "on"), Doc: "somebody was put on hold or taken off"},
	{Name: "speaking", Room: true, Fields: with(text("leg"), expr.Bool, "on"), Doc: "somebody began or stopped to speak"},
	{Name: "human", Leg: true, Fields: with(text("answered_by"), expr.Bool, "greeting_over"), Doc: "a person answered"},
	{Name: "machine", Leg: true, Fields: with(text("answered_by"), expr.Bool, "greeting_over"), Doc: "a machine answered"},
	{Name: "fax", Leg: true, Fields: with(text("answered_by"), expr.Bool, "greeting_over"), Doc: "a fax answered"},
	{Name: "unknown", Leg: true, Fields: with(text("answered_by"), expr.Bool, "greeting_over"), Doc: "nobody knows who answered"},
	{Name: "hung-up", Leg: true, Fields: with(text("by"), expr.Number, "duration"), Doc: "an answered call is over"},
	{Name: "error", Fields: with(text("message", "state", "step", "leg", "effect", "reason"), expr.Number, "code"), Doc: "an expression, TwiML, REST call or fetch failed"},
	{Name: "meter.low", Fields: with(text(), expr.Number, "left", "balance"), Doc: "the money is nearly used up"},
	{Name: "meter.empty", Fields: with(text(), expr.Number, "left", "balance"), Doc: "the money is used up"},
	{Name: "message.failed", Fields: with(text("to"), expr.Number, "code"), Doc: "a message could not be sent"},
}

// LaterEvents belong to verbs and steps that this version does not have yet.
var LaterEvents = []string{"paid", "interrupted", "pay-step", "stream", "transcript"}

// FindEvent returns the declaration of a bare event name.
func FindEvent(name string) (EventSpec, bool) {
	i := slices.IndexFunc(EventSpecs, func(s EventSpec) bool { return s.Name == name })
	if i < 0 {
		return EventSpec{}, false
	}
	return EventSpecs[i], true
}

// SplitEvent splits an event name as written into its prefix (a leg, a room, timer,
// signal, meter, message) and its bare name.
func SplitEvent(written string) (prefix, name string) {
	if i := strings.IndexByte(written, '.'); i >= 0 {
		return written[:i], written[i+1:]
	}
	return "", written
}

func isUnreached(name string) bool { return slices.Contains(Unreached, name) }
