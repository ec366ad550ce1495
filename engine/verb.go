package engine

import (
	"time"

	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/twiml"
)

// Verb is what a leg does in a state after its prompt. Each kind is one file of package
// verbs. Optional abilities are further interfaces below.
type Verb interface {
	// Render appends the verb to the document of t. The prompt stands in t already: a
	// verb that nests it (gather) takes it out with t.TakePrompt.
	Render(t *Turn) error
	// Act handles the request for the verb's action: it reads t.Fields and either follows
	// a target or ends the verb with an event.
	Act(t *Turn) error
}

// Looper is a verb whose leg hears documents that are fetched again and again: hold
// (kind loop), conference and enqueue (kind wait).
type Looper interface {
	// Loop gives the document of the next round; fields are those of the request.
	Loop(t *Turn) error
}

// Joiner is a verb that puts the leg into a room.
type Joiner interface {
	// RoomName is the room as the flow calls it.
	RoomName() string
}

// Dialler is a verb whose document makes further legs: the dialled parties.
type Dialler interface {
	// Party is the name under which the legs are known, "" for STATE-N.
	Party() string
}

// ActsAtHangup is a verb whose action Twilio may request after the caller hung up.
type ActsAtHangup interface {
	ActsAtHangup() bool
}

// Action is what a step does. Each kind is one file of package steps.
type Action interface {
	// Run performs the step in x. Only what must stop or suspend the list says so in the Flow.
	Run(x *Exec) (Control, error)
}

// Control says how a list goes on after a step.
type Control struct {
	Target *Target // go there, the list is over
	Wait   string  // suspend the list until this effect has a result
	Save   string  // variable that takes the result
	Stop   bool    // nothing runs any more
}

// Attrs are the attributes of a TwiML verb or noun that a state sets, in the order of
// the TwiML table.
type Attrs []AttrValue

// AttrValue is one attribute: what the table says of it and its value.
type AttrValue struct {
	Spec  *twiml.AttrSpec
	Value *expr.Template
	List  []*expr.Template // of a list attribute; Value is nil then
}

// Prompt is what a leg hears: texts, files, keys and pauses, in order.
type Prompt struct {
	Items   []PromptItem
	Silence bool // `silence`: nothing at all
}

// PromptItem is one piece of a prompt. Exactly one of Say, Play, Digits and Pause is set.
type PromptItem struct {
	Say      *expr.Template
	ByLang   map[string]*expr.Template // say by language
	Play     *expr.Template
	Digits   *expr.Template
	Pause    time.Duration
	Voice    *expr.Template
	Language *expr.Template
	Loop     *int
	SSML     bool
	If       *expr.Condition
}
