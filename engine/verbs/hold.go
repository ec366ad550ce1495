package verbs

import (
	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/twiml"
)

// hold keeps the caller waiting until something leads out of the state.
type hold struct {
	Music   *engine.Prompt
	Choices map[string]*engine.Target
}

func holdVerb() *spec.VerbKind {
	return spec.Verb[hold](&spec.Object[hold]{
		Name: "hold", Doc: "Keeps the caller waiting, with music or in silence, until an event or a time leads elsewhere.",
		Example: "hold: {music: {play: \"https://example.com/hold.mp3\"}}",
		Fields: []spec.Field[hold]{
			spec.Prompt("music", "repeated while waiting", func(h *hold) **engine.Prompt { return &h.Music }).Or("silence"),
			spec.Custom("choices", "keys -> target", "what a key leads to", spec.Schema{"type": "object", "additionalProperties": spec.Schema{"$ref": "#/$defs/target"}},
				func(d *spec.Decoder, n *spec.Node, h *hold) {
					g := &gather{}
					decodeChoices(d, n, g)
					h.Choices = g.Choices
				}),
		},
	}, spec.VerbKind{Becomes: "<Play>, <Pause>, <Redirect> in a loop", Endless: true, Waits: true})
}

// Render appends the first round behind the prompt.
func (h *hold) Render(t *engine.Turn) error { return h.round(t) }

// Loop gives the next round.
func (h *hold) Loop(t *engine.Turn) error { return h.round(t) }

func (h *hold) round(t *engine.Turn) error {
	again := t.URL(engine.URLLoop)
	if len(h.Choices) == 0 {
		return t.MusicLoop(h.Music, again)
	}
	nodes, err := t.RenderPrompt(h.Music)
	if err != nil {
		return err
	}
	if len(nodes) == 0 {
		nodes = []twiml.Node{twiml.El("Pause").Set("length", "10")}
	}
	before, nested := splitPrompt(nodes)
	t.Append(before...)
	t.Append(askKeys(h.Choices, t.URL(engine.URLAct)).Append(nested...), twiml.El("Redirect", twiml.Text(again)))
	return nil
}

// Act reads a key; one that is no choice changes nothing.
func (h *hold) Act(t *engine.Turn) error {
	digits := t.Fields["Digits"]
	target := h.Choices[digits]
	if target == nil {
		return t.Again()
	}
	return t.Stay(target, "digits", engine.Values{"digits": digits})
}
