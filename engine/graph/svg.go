package graph

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const svgHead = `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" font-family="system-ui, sans-serif" font-size="12">
<title>%s</title>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#556"/></marker></defs>
<rect width="100%%" height="100%%" fill="#fff"/>
`

// SVG returns the graph as a picture. Ways out and edges from a node to itself are lines
// in the node's box.
func (g Graph) SVG() string {
	g = g.Merged()
	l := place(g)
	var b strings.Builder
	fmt.Fprintf(&b, svgHead, l.w, l.h, l.w, l.h, svgText(g.Title))
	for _, r := range l.routes {
		r.draw(&b)
	}
	for _, n := range g.Nodes {
		if box := l.boxes[n.ID]; box != nil {
			box.draw(&b)
		}
	}
	used := map[[2]int]int{}
	for _, r := range l.routes {
		r.label(&b, used)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (b *box) draw(out *strings.Builder) {
	fill, radius := "#eef3fb", 6.0
	if b.node.Kind == Entry {
		fill, radius = "#e3f4e1", b.h/2
	}
	left, top := b.x-b.w/2, b.y-b.h/2
	fmt.Fprintf(out, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="%.1f" fill="%s" stroke="%s"/>`+"\n", left, top, b.w, b.h, radius,
		b.node.Mark.fill(fill), b.node.Mark.stroke("#556"))
	for i, line := range b.lines {
		style := fmt.Sprintf(` fill="%s"`, line.mark.stroke("#445"))
		if i == 0 {
			style = ` font-weight="bold"`
		}
		fmt.Fprintf(out, `<text x="%.1f" y="%.1f" text-anchor="middle"%s>%s</text>`+"\n", b.x, top+float64(i*lineHeight)+19, style, svgText(line.text))
	}
}

// port spreads the ends of a box's edges over its width, towards where they lead.
func port(b, towards *box) float64 {
	reach := max(0, b.w/2-10)
	return b.x + max(-reach, min(reach, (towards.x-b.x)/3))
}

// draw writes the curve of an edge through its bends.
func (r route) draw(out *strings.Builder) {
	n := len(r.via)
	x, y := port(r.via[0], r.via[1]), r.via[0].y+r.via[0].h/2
	path := fmt.Sprintf("M%.1f %.1f", x, y)
	for i := 1; i < n; i++ {
		tx, ty := r.via[i].x, r.via[i].y
		if i == n-1 {
			tx, ty = port(r.via[i], r.via[i-1]), r.via[i].y-r.via[i].h/2
		}
		mid := (y + ty) / 2
		path += fmt.Sprintf("C%.1f %.1f %.1f %.1f %.1f %.1f", x, mid, tx, mid, tx, ty)
		x, y = tx, ty
	}
	tip := "marker-end"
	if r.reversed {
		tip = "marker-start"
	}
	dash := ""
	if r.edge.Other {
		dash = ` stroke-dasharray="5 4"`
	}
	fmt.Fprintf(out, `<path d="%s" fill="none" stroke="%s"%s %s="url(#tip)"/>`+"\n", path, r.edge.Mark.stroke("#778"), dash, tip)
}

// label writes what an edge is called, near the end where it begins. Labels at the same
// place go below one another.
func (r route) label(out *strings.Builder, used map[[2]int]int) {
	if r.edge.Label == "" {
		return
	}
	a, b := r.via[0], r.via[1]
	t := 0.35
	if r.reversed {
		a, b = r.via[len(r.via)-2], r.via[len(r.via)-1]
		t = 0.65
	}
	top, bottom := a.y+a.h/2, b.y-b.h/2
	x := port(a, b)*(1-t) + port(b, a)*t
	y := top*(1-t) + bottom*t
	text := cut(r.edge.Label, 30)
	width := utf8.RuneCountInString(text)*6 + 8
	for row := 0; ; row++ {
		spot := [2]int{int(y) / 14, int(x)}
		if !taken(used, spot, width) || row > 3 {
			used[spot] = width
			break
		}
		y += 14
	}
	fmt.Fprintf(out, `<text x="%.1f" y="%.1f" text-anchor="middle" font-size="11" fill="%s" stroke="#fff" stroke-width="4" paint-order="stroke">%s</text>`+"\n",
		x, y, r.edge.Mark.stroke("#223"), svgText(text))
}

// taken reports whether a label of a width would touch one on the same row.
func taken(used map[[2]int]int, spot [2]int, width int) bool {
	for other, w := range used {
		if d := other[0] - spot[0]; d > -1 && d < 1 && max(other[1]-spot[1], spot[1]-other[1]) < (w+width)/2 {
			return true
		}
	}
	return false
}
