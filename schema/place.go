package schema

import (
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/spec"
)

// scalar sets the text of a scalar and where its runes stand in the file.
func (p *parser) scalar(n *yaml.Node, out *spec.Node) *spec.Node {
	out.Kind, out.Text = spec.Scalar, n.Value
	line, column := p.afterAnchor(n)
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		out.Block = true
		line, column = p.blockStart(n, line)
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		out.Quoted = true
		column++
	}
	out.TextPos, out.Indent = p.pos(line, column), column
	if p.plainRun(n.Value, line, column) {
		return out
	}
	aligned := &alignment{lines: p.lines, style: n.Style, file: p.file, text: n.Value, line: line, column: column}
	out.Place = aligned.at
	return out
}

// plainRun reports whether the text stands in the file rune by rune on one line.
func (p *parser) plainRun(text string, line, column int) bool {
	if line > len(p.lines) {
		return false
	}
	rest := p.lines[line-1]
	i := column - 1
	for _, r := range text {
		if i >= len(rest) || rest[i] != r {
			return false
		}
		i++
	}
	return true
}

// at gives the rune at a place, 0 behind the end of the line.
func (p *parser) at(line, column int) rune {
	if line < 1 || line > len(p.lines) || column < 1 || column > len(p.lines[line-1]) {
		return 0
	}
	return p.lines[line-1][column-1]
}

// afterAnchor is where a node begins behind its anchor (&name) and blanks.
func (p *parser) afterAnchor(n *yaml.Node) (line, column int) {
	pos := p.nodePos(n)
	line, column = pos.Line, pos.Column
	if p.at(line, column) != '&' || n.Anchor == "" {
		return line, column
	}
	column += 1 + len([]rune(n.Anchor))
	for {
		switch r := p.at(line, column); {
		case r == ' ' || r == '\t':
			column++
		case (r == 0 || r == '#') && line < len(p.lines) && n.Kind == yaml.ScalarNode:
			line, column = line+1, 1
		default:
			return line, column
		}
	}
}

// blockStart is where the text of a block scalar begins: on the line behind its
// indicator, at the indentation of its first line that is not blank.
func (p *parser) blockStart(n *yaml.Node, header int) (line, column int) {
	line, column = min(header+1, len(p.lines)), 1
	for l := line; l <= len(p.lines); l++ {
		row := p.lines[l-1]
		blank := len(row) - len([]rune(strings.TrimLeft(string(row), " ")))
		if blank < len(row) {
			column = blank + 1
			break
		}
	}
	// Blanks in front of the first line belong to the text when the indicator has a digit.
	if lead := len(n.Value) - len(strings.TrimLeft(n.Value, " ")); lead > 0 && !strings.HasPrefix(n.Value, "\n") {
		column = max(1, column-lead)
	}
	return line, column
}

// alignment finds where the runes of a scalar stand when they are not written as they
// are: escapes, and texts over several lines.
type alignment struct {
	lines        [][]rune
	style        yaml.Style
	file, text   string
	line, column int // where the text begins
}

// at gives the place of the rune at an offset into the text.
func (a *alignment) at(offset int) diag.Pos {
	line, column := a.line, a.column
	for i, r := range []rune(a.text) {
		line, column = a.find(r, line, column)
		if i == offset {
			return a.pos(line, column)
		}
		line, column = a.pass(r, line, column)
	}
	return a.pos(line, column)
}

func (a *alignment) pos(line, column int) diag.Pos {
	line = min(max(1, line), len(a.lines))
	return diag.Pos{File: a.file, Line: line, Column: min(max(1, column), len(a.lines[line-1])+1)}
}

func (a *alignment) rune(line, column int) rune {
	if line < 1 || line > len(a.lines) || column < 1 || column > len(a.lines[line-1]) {
		return 0
	}
	return a.lines[line-1][column-1]
}

// find moves over line ends and indentation up to the rune r of the text.
func (a *alignment) find(r rune, line, column int) (int, int) {
	if unicode.IsSpace(r) && (a.blankTail(line, column) || a.escaped(line, column)) {
		return line, column // the line end itself stands for it
	}
	for line < len(a.lines) && a.rune(line, column) != r && a.blankTail(line, column) {
		line, column = line+1, 1
		for c := a.rune(line, column); (c == ' ' || c == '\t') && c != r; c = a.rune(line, column) {
			column++
		}
	}
	return line, column
}

func (a *alignment) escaped(line, column int) bool {
	return a.style&yaml.DoubleQuotedStyle != 0 && a.rune(line, column) == '\\'
}

// blankTail reports whether nothing but blanks is left in the line.
func (a *alignment) blankTail(line, column int) bool {
	if line < 1 || line > len(a.lines) {
		return true
	}
	row := a.lines[line-1]
	for i := column - 1; i < len(row); i++ {
		if row[i] != ' ' && row[i] != '\t' {
			return a.escaped(line, i+1) && i == len(row)-1
		}
	}
	return true
}

// pass moves behind the written form of the rune r.
func (a *alignment) pass(r rune, line, column int) (int, int) {
	got := a.rune(line, column)
	switch {
	case a.style&yaml.DoubleQuotedStyle != 0 && got == '\\' && !a.blankTail(line, column):
		width := map[rune]int{'x': 4, 'u': 6, 'U': 10}[a.rune(line, column+1)]
		return line, column + max(2, width)
	case a.style&yaml.SingleQuotedStyle != 0 && got == '\'':
		return line, column + 2
	case unicode.IsSpace(r) && a.blankTail(line, column):
		return a.nextLine(line)
	}
	return line, column + 1
}

// nextLine is where the text goes on behind a line end.
func (a *alignment) nextLine(line int) (int, int) {
	line++
	if a.style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return line, a.column
	}
	column := 1
	for c := a.rune(line, column); c == ' ' || c == '\t'; c = a.rune(line, column) {
		column++
	}
	return line, column
}
