package graph

import (
	"cmp"
	"slices"
	"unicode/utf8"
)

// Sizes in pixels.
const (
	charWidth  = 7  // of a letter of 12 px, on average a bit less
	lineHeight = 16 // of a line in a box
	gapX       = 36 // between boxes of a layer
	gapY       = 84 // between layers
	margin     = 24
	bendWidth  = 14 // what an edge takes that passes a layer
)

// box is a node, or the bend of an edge in a layer that it passes.
type box struct {
	node   *Node
	lines  []line
	layer  int
	x, y   float64 // of the middle
	w, h   float64
	up, dn []*box
}

// line is one line in a box; one that stands for an edge has its mark.
type line struct {
	text string
	mark Mark
}

// route is an edge with the boxes that it passes, from its upper end to its lower one.
type route struct {
	edge     Edge
	via      []*box
	reversed bool // it leads up
}

// layout is a graph with places.
type layout struct {
	boxes  map[string]*box
	layers [][]*box
	routes []route
	w, h   float64
}

// place lays a graph out in layers: what an edge leads to stands below, but for edges
// that close a cycle. Ways out are lines in the boxes that they leave.
func place(g Graph) *layout {
	l := &layout{boxes: map[string]*box{}}
	exits := map[string]bool{}
	for _, n := range g.Nodes {
		exits[n.ID] = n.Kind == Exit
	}
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Kind != Exit {
			l.boxes[n.ID] = newBox(n)
		}
	}
	var inner []Edge
	for _, e := range g.Edges {
		from, to := l.boxes[e.From], l.boxes[e.To]
		switch {
		case from == nil || to == nil && !exits[e.To]:
		case exits[e.To]:
			from.add(line{e.Label + " → " + e.To, e.Mark})
		case from == to:
			from.add(line{e.Label + " ↻", e.Mark})
		default:
			inner = append(inner, e)
		}
	}
	l.rank(g, inner)
	l.order()
	l.coordinates()
	return l
}

func newBox(n *Node) *box {
	b := &box{node: n}
	b.add(line{text: n.name()})
	if n.Detail != "" {
		b.add(line{text: n.Detail})
	}
	return b
}

func (b *box) add(l line) {
	l.text = cut(l.text, 44)
	b.lines = append(b.lines, l)
	b.w = max(b.w, float64(utf8.RuneCountInString(l.text)*charWidth+24))
	b.h = float64(len(b.lines)*lineHeight + 14)
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// rank gives each box its layer: one below the lowest box that leads to it. Edges to a
// box that is still open in a depth-first walk are turned around.
func (l *layout) rank(g Graph, edges []Edge) {
	next := map[string][]int{}
	for i, e := range edges {
		next[e.From] = append(next[e.From], i)
	}
	const open, done = 1, 2
	seen, back := map[string]int{}, map[int]bool{}
	var finished []string
	var walk func(id string)
	walk = func(id string) {
		seen[id] = open
		for _, i := range next[id] {
			switch to := edges[i].To; seen[to] {
			case open:
				back[i] = true
			case done:
			default:
				walk(to)
			}
		}
		seen[id] = done
		finished = append(finished, id)
	}
	for _, kind := range []Kind{Entry, State} {
		for _, n := range g.Nodes {
			if n.Kind == kind && seen[n.ID] == 0 {
				walk(n.ID)
			}
		}
	}
	slices.Reverse(finished) // now a topological order without the edges that lead back
	for _, id := range finished {
		for _, i := range next[id] {
			if !back[i] {
				to := l.boxes[edges[i].To]
				to.layer = max(to.layer, l.boxes[id].layer+1)
			}
		}
	}
	for _, n := range g.Nodes {
		if b := l.boxes[n.ID]; b != nil {
			l.put(b)
		}
	}
	for i, e := range edges {
		l.connect(e, back[i])
	}
}

func (l *layout) put(b *box) {
	for len(l.layers) <= b.layer {
		l.layers = append(l.layers, nil)
	}
	l.layers[b.layer] = append(l.layers[b.layer], b)
}

// connect makes the route of an edge, with a bend in each layer between its ends.
func (l *layout) connect(e Edge, back bool) {
	top, bottom := l.boxes[e.From], l.boxes[e.To]
	if back {
		top, bottom = bottom, top
	}
	r := route{edge: e, via: []*box{top}, reversed: back}
	for layer := top.layer + 1; layer < bottom.layer; layer++ {
		bend := &box{layer: layer, w: bendWidth}
		l.put(bend)
		r.via = append(r.via, bend)
	}
	r.via = append(r.via, bottom)
	for i := 1; i < len(r.via); i++ {
		r.via[i-1].dn = append(r.via[i-1].dn, r.via[i])
		r.via[i].up = append(r.via[i].up, r.via[i-1])
	}
	l.routes = append(l.routes, r)
}

// order sorts each layer by the middle of its neighbours, down and up in turn, so that
// few edges cross.
func (l *layout) order() {
	for round := range 8 {
		for i := range l.layers {
			layer, neighbours := l.layers[i], (*box).above
			if round%2 == 1 {
				layer, neighbours = l.layers[len(l.layers)-1-i], (*box).below
			}
			for _, x := range l.layers {
				for at, b := range x {
					b.x = float64(at)
				}
			}
			want := map[*box]float64{}
			for _, b := range layer {
				want[b] = mean(neighbours(b), b.x)
			}
			slices.SortStableFunc(layer, func(a, b *box) int { return cmp.Compare(want[a], want[b]) })
		}
	}
}

func (b *box) above() []*box { return b.up }
func (b *box) below() []*box { return b.dn }

// mean is the middle of the boxes, or other when there are none.
func mean(boxes []*box, other float64) float64 {
	if len(boxes) == 0 {
		return other
	}
	sum := 0.0
	for _, b := range boxes {
		sum += b.x
	}
	return sum / float64(len(boxes))
}

// coordinates moves the boxes of each layer to the middle of their neighbours as far as
// the boxes beside them leave room.
func (l *layout) coordinates() {
	y := float64(margin)
	for _, layer := range l.layers {
		tallest, x := 0.0, 0.0
		for _, b := range layer {
			tallest = max(tallest, b.h)
			b.x = x + b.w/2
			x += b.w + gapX
		}
		for _, b := range layer {
			b.y = y + tallest/2
		}
		y += tallest + gapY
	}
	l.h = y - gapY + margin
	for round := range 10 {
		for i := range l.layers {
			layer, neighbours := l.layers[i], (*box).above
			if round%2 == 1 {
				layer, neighbours = l.layers[len(l.layers)-1-i], (*box).below
			}
			settle(layer, neighbours)
		}
	}
	left, right := 0.0, 0.0
	for i, layer := range l.layers {
		for j, b := range layer {
			if i == 0 && j == 0 || b.x-b.w/2 < left {
				left = b.x - b.w/2
			}
			right = max(right, b.x+b.w/2)
		}
	}
	for _, layer := range l.layers {
		for _, b := range layer {
			b.x += margin - left
		}
	}
	l.w = right - left + 2*margin
}

// settle places a layer between the tightest packings from the left and from the right.
func settle(layer []*box, neighbours func(*box) []*box) {
	n := len(layer)
	a, b := make([]float64, n), make([]float64, n)
	for i, x := range layer {
		a[i] = mean(neighbours(x), x.x)
		b[i] = a[i]
	}
	for i := 1; i < n; i++ {
		a[i] = max(a[i], a[i-1]+apart(layer[i-1], layer[i]))
	}
	for i := n - 2; i >= 0; i-- {
		b[i] = min(b[i], b[i+1]-apart(layer[i], layer[i+1]))
	}
	for i, x := range layer {
		x.x = (a[i] + b[i]) / 2
	}
}

func apart(a, b *box) float64 { return (a.w+b.w)/2 + gapX }
