package testspec

import (
	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/engine/spec"
)

// FileObject declares a test file.
var FileObject = &spec.Object[File]{
	Name: "a test file",
	Doc:  "Tests of one flow: what holds for all cases, then the cases.",
	Fields: append([]spec.Field[File]{
		spec.Custom("flow", "label", "id of the flow", spec.Schema{"type": "string"}, func(d *spec.Decoder, n *spec.Node, f *File) {
			if name, ok := d.Label(n, "a flow"); ok {
				f.Flow = engine.Name{Name: name, Pos: n.Pos}
			}
		}).Must(),
	}, append(setupFields(func(f *File) *Setup { return &f.Setup }),
		spec.Custom("cases", "list of cases", "the cases: each a story of a call", listOf(CaseObject.Schema()), decodeCases).Must())...),
}

// CaseObject declares a case.
var CaseObject = &spec.Object[Case]{
	Name: "a case",
	Fields: append([]spec.Field[Case]{
		spec.Custom("name", "text", "what the case tells, in words; unique in the file", spec.Schema{"type": "string"}, func(d *spec.Decoder, n *spec.Node, c *Case) {
			c.Pos = n.Pos
			if text, ok := d.Literal(n, "the name of a case"); ok {
				c.Name = text
			}
		}).Must(),
		spec.Custom("unruly", "true or false", "the case is played under the faults of `--faults`, too; not where it is about a moment that they move", spec.Schema{"type": "boolean"}, func(d *spec.Decoder, n *spec.Node, c *Case) {
			if v, ok := d.Bool(n); ok {
				c.Steady = !v
			}
		}).Or("true"),
	}, append(setupFields(func(c *Case) *Setup { return &c.Setup }),
		spec.Custom("script", "list of sentences", "what happens", listOf(ref("line")), func(d *spec.Decoder, n *spec.Node, c *Case) { c.Script = decodeScript(d, n) }),
		spec.Custom("expect", "mapping", "what must have come of it when the session is over", ref("expect"), func(d *spec.Decoder, n *spec.Node, c *Case) {
			c.Expect.Pos = n.Pos
			ExpectObject.Decode(d, n, &c.Expect)
		}))...),
}

func decodeCases(d *spec.Decoder, n *spec.Node, f *File) {
	if !d.Expect(n, spec.Sequence) {
		return
	}
	if len(n.Items) == 0 {
		d.Diags.Errorf(n.Pos, "no-cases", "there are no cases").WithHint("add one: - name: a caller is greeted")
	}
	for _, item := range n.Items {
		c := &Case{Pos: item.Pos}
		CaseObject.Decode(d, item, c)
		for _, other := range f.Cases {
			if other.Name == c.Name && c.Name != "" {
				d.Diags.Errorf(c.Pos, "duplicate-name", "another case is called so too, in line %d", other.Pos.Line).WithHint("give one of them another name")
			}
		}
		f.Cases = append(f.Cases, c)
	}
}

// Decode reads the tree of a test file. The list has all that is wrong with it by itself;
// CheckFile tells what does not fit the flow.
func Decode(path string, root *spec.Node) (*File, diag.List) {
	d := spec.NewDecoder(nil, nil)
	f := &File{Path: path, Pos: root.Pos}
	FileObject.Decode(d, root, f)
	for _, c := range f.Cases {
		c.complete(&f.Setup)
	}
	return f, d.Diags
}

// complete takes from the file what the case does not say.
func (c *Case) complete(file *Setup) {
	s := &c.Setup
	if s.Clock.IsZero() {
		s.Clock = file.Clock
	}
	s.Env = append(append([]Value{}, file.Env...), s.Env...)
	s.Switches = append(append([]Value{}, file.Switches...), s.Switches...)
	s.Hours = append(append([]Value{}, file.Hours...), s.Hours...)
	s.Queues = append(append([]Limit{}, file.Queues...), s.Queues...)
	s.Media = append(append([]Length{}, file.Media...), s.Media...)
	s.HTTP = append(append([]*Mock{}, s.HTTP...), file.HTTP...)
	s.Faults = append(append(sim.Faults{}, file.Faults...), s.Faults...)
	if s.Workers == nil {
		s.Workers = file.Workers
	}
	if s.Call == nil && s.Start == nil {
		s.Call, s.Start = file.Call, file.Start
	}
	// Those of the file keep their places, and with them the numbers that are made up.
	own := s.Parties
	s.Parties = nil
	for _, p := range file.Parties {
		for _, o := range own {
			if o.Name == p.Name {
				p = o.over(p)
			}
		}
		s.Parties = append(s.Parties, p)
	}
	for _, o := range own {
		if s.Party(o.Name) == nil {
			s.Parties = append(s.Parties, o)
		}
	}
	c.byHand()
}

// over is the party as the case says, at the number that the file says.
func (p *Party) over(file *Party) *Party {
	if p.Number != "" {
		return p
	}
	own := *p
	own.Number = file.Number
	return &own
}

// byHand lets the parties ring whose script says that they answer or decline.
func (c *Case) byHand() {
	for _, l := range c.Script {
		if l.Sentence.ID != Answers && l.Sentence.ID != Declines || l.Who == Caller && c.Start == nil {
			continue
		}
		for i, p := range c.Parties {
			if p.Name == l.Who && p.Does != "ring" {
				own := *p
				own.Does = "ring"
				c.Parties[i] = &own
			}
		}
		if c.Party(l.Who) == nil {
			c.Parties = append(c.Parties, &Party{Name: l.Who, Pos: l.Pos, Does: "ring", After: defaultRing})
		}
	}
}
