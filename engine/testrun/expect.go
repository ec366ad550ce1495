package testrun

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/testspec"
)

// Fix is how an expectation would hold: its value, as written, and the one that it should
// have.
type Fix struct {
	Node *spec.Node
	Want *spec.Node
}

// finding is what came of looking at one value: what there is in its place where it does
// not hold, and whether the expectation may be rewritten to that.
type finding struct {
	node    *spec.Node
	message string
	detail  []string
	got     *spec.Node // nil: it cannot be rewritten
}

// looks say for each key of `expect` what does not hold; nothing: all does.
var looks map[string]func(p *play, n *spec.Node) []finding

func init() {
	looks = map[string]func(p *play, n *spec.Node) []finding{
		testspec.Outcome:   (*play).lookOutcome,
		testspec.States:    func(p *play, n *spec.Node) []finding { return lists("the states of %s", n, p.record.States) },
		testspec.Legs:      func(p *play, n *spec.Node) []finding { return lists("the call of %s", n, p.record.Legs) },
		testspec.State:     (*play).lookState,
		testspec.Vars:      func(p *play, n *spec.Node) []finding { return parts("the variable", n, p.record.session.Vars) },
		testspec.Heard:     (*play).lookHeard,
		testspec.Unheard:   (*play).lookUnheard,
		testspec.Messages:  (*play).lookMessages,
		testspec.Requests:  (*play).lookRequests,
		testspec.REST:      (*play).lookREST,
		testspec.Tasks:     (*play).lookTasks,
		testspec.Logged:    (*play).lookLogged,
		testspec.Offered:   func(p *play, n *spec.Node) []finding { return sameList("the signals that are taken", n, p.offered()) },
		testspec.Meter:     (*play).lookMeter,
		testspec.Cost:      (*play).lookCost,
		testspec.Took:      (*play).lookTook,
		testspec.Irregular: (*play).lookTroubles,
	}
}

// expect looks at everything that must hold.
func (p *play) expect(checks []testspec.Check) {
	if p.record.err != nil {
		p.fail(failf(p.c.Pos, "the session cannot be looked at: %v", p.record.err))
		return
	}
	for _, c := range checks {
		for _, f := range looks[c.Key](p, c.Node) {
			failure := Failure{Pos: f.node.Pos, Message: f.message, Detail: f.detail}
			if f.got != nil && f.node.TextPos != (diag.Pos{}) {
				failure.Fix = &Fix{f.node, f.got}
			}
			p.fail(failure)
		}
	}
}

// completed is the outcome that is expected where none is written.
func completed(pos diag.Pos) *spec.Node { return &spec.Node{Text: "completed", Pos: pos} }

func none(pos diag.Pos) *spec.Node { return &spec.Node{Text: "false", Pos: pos} }

func scalarNode(text string) *spec.Node { return &spec.Node{Kind: spec.Scalar, Text: text} }

func listNode(texts []string) *spec.Node {
	n := &spec.Node{Kind: spec.Sequence}
	for _, t := range texts {
		n.Items = append(n.Items, scalarNode(t))
	}
	return n
}

func mapNode(pairs ...string) *spec.Node {
	n := &spec.Node{Kind: spec.Mapping}
	for i := 0; i+1 < len(pairs); i += 2 {
		n.Entries = append(n.Entries, spec.Entry{Key: scalarNode(pairs[i]), Value: scalarNode(pairs[i+1])})
	}
	return n
}

// same compares a text.
func same(what string, n *spec.Node, got string) []finding {
	if n.Text == got {
		return nil
	}
	return []finding{{node: n, message: fmt.Sprintf("%s is %s, not %s", what, orNothing(got), n.Text), got: scalarNode(got)}}
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// sameList compares a list of words, or the one that stands for it.
func sameList(what string, n *spec.Node, got []string) []finding {
	want := testspec.Texts(n)
	if slices.Equal(want, got) {
		return nil
	}
	f := finding{node: n, message: fmt.Sprintf("%s: %s, not %s", what, orNothing(strings.Join(got, " ")), orNothing(strings.Join(want, " "))), got: listNode(got)}
	if len(got) == 1 && n.Kind == spec.Scalar {
		f.got = scalarNode(got[0])
	}
	return []finding{f}
}

func lists(what string, n *spec.Node, got map[string][]string) []finding {
	var all []finding
	for _, e := range n.Entries {
		all = append(all, sameList(fmt.Sprintf(what, e.Key.Text), e.Value, got[e.Key.Text])...)
	}
	return all
}

// parts compares values by name; of JSON those that are named.
func parts(what string, n *spec.Node, got map[string]any) []finding {
	var all []finding
	for _, e := range n.Entries {
		value := got[e.Key.Text]
		if testspec.Contains(value, e.Value) {
			continue
		}
		f := finding{node: e.Value, message: fmt.Sprintf("%s %s is %s, not %s", what, e.Key.Text, orNothing(testspec.Text(value)), Written(e.Value))}
		if e.Value.Kind == spec.Scalar {
			f.got = scalarNode(testspec.Text(value))
		}
		all = append(all, f)
	}
	return all
}

// Written is a value as a test file writes it, in one line.
func Written(n *spec.Node) string {
	var parts []string
	switch n.Kind {
	case spec.Mapping:
		for _, e := range n.Entries {
			parts = append(parts, e.Key.Text+": "+Written(e.Value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case spec.Sequence:
		for _, item := range n.Items {
			parts = append(parts, Written(item))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return n.Text
}

func (p *play) lookOutcome(n *spec.Node) []finding {
	found := same("the outcome", n, p.record.Outcome)
	if len(found) > 0 && p.record.Outcome == "too-long" {
		found[0].detail = []string{"nobody ended the call after the script: add a line such as - caller hangs up"}
	}
	return found
}

func (p *play) lookState(n *spec.Node) []finding {
	var all []finding
	for _, e := range n.Entries {
		all = append(all, same("the state of "+e.Key.Text, e.Value, p.record.Now[e.Key.Text])...)
	}
	return all
}

// inOrder finds texts in order in what there is; the first that is not found, and what
// was left then.
func inOrder(want, got []string) (missing int, left []string) {
	entry, offset := 0, 0
	for i, text := range want {
		found := false
		for j := entry; j < len(got) && !found; j++ {
			from := 0
			if j == entry {
				from = offset
			}
			if at := strings.Index(got[j][from:], text); at >= 0 {
				entry, offset, found = j, from+at+len(text), true
			}
		}
		if !found {
			if entry < len(got) && offset > 0 {
				entry++
			}
			return i, got[min(entry, len(got)):]
		}
	}
	return -1, nil
}

// itemOf is an item of a list, or the single value that stands for a list of one.
func itemOf(n *spec.Node, i int) *spec.Node {
	if n.Kind == spec.Sequence {
		return n.Items[i]
	}
	return n
}

func (p *play) lookHeard(n *spec.Node) []finding {
	var all []finding
	for _, e := range n.Entries {
		want := testspec.Texts(e.Value)
		var heard []string
		for _, c := range p.callsOf(e.Key.Text) {
			heard = append(heard, c.Heard()...)
		}
		if i, left := inOrder(want, heard); i >= 0 {
			all = append(all, finding{node: itemOf(e.Value, i), message: fmt.Sprintf("%s does not hear %q in this order", e.Key.Text, want[i]), detail: heardInstead(left)})
		}
	}
	return all
}

func (p *play) lookUnheard(n *spec.Node) []finding {
	var all []finding
	for _, e := range n.Entries {
		for i, text := range testspec.Texts(e.Value) {
			for _, c := range p.callsOf(e.Key.Text) {
				if c.HeardText(text) {
					all = append(all, finding{node: itemOf(e.Value, i), message: fmt.Sprintf("%s has heard %q", e.Key.Text, text)})
				}
			}
		}
	}
	return all
}

func (p *play) lookLogged(n *spec.Node) []finding {
	want := testspec.Texts(n)
	if i, left := inOrder(want, p.record.Logged); i >= 0 {
		return []finding{{node: itemOf(n, i), message: fmt.Sprintf("%q is not logged in this order", want[i]), detail: quoted("logged instead", left)}}
	}
	return nil
}

func quoted(what string, lines []string) []string {
	if len(lines) == 0 {
		return []string{"nothing is " + what}
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = fmt.Sprintf("%s: %q", what, l)
	}
	return out
}
