package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Colours of a terminal, used by WriteText where it is asked to.
const (
	red    = "\x1b[1;31m"
	yellow = "\x1b[1;33m"
	green  = "\x1b[32m"
	bold   = "\x1b[1m"
	plain  = "\x1b[0m"
)

// WriteText writes the problems for people, sorted: place, severity, message and code on
// one line, then the line of the source with a caret under the place, then the hint.
// source gives the bytes of a file; nil, or nil bytes, leaves the source line out. With
// color the words are coloured for a terminal.
func WriteText(w io.Writer, list List, source func(file string) []byte, color bool) error {
	t := textWriter{source: source, color: color, lines: map[string][][]byte{}}
	for _, d := range list.Sorted() {
		t.diagnostic(d)
	}
	_, err := w.Write(t.buf.Bytes())
	return err
}

type textWriter struct {
	buf    bytes.Buffer
	source func(file string) []byte
	color  bool
	lines  map[string][][]byte // of the files seen so far
}

func (t *textWriter) paint(color, text string) string {
	if !t.color {
		return text
	}
	return color + text + plain
}

func (t *textWriter) diagnostic(d Diagnostic) {
	if pos := d.Pos.String(); pos != "" {
		fmt.Fprintf(&t.buf, "%s: ", t.paint(bold, pos))
	}
	color := red
	if d.Severity == Warning {
		color = yellow
	}
	fmt.Fprintf(&t.buf, "%s: %s [%s]\n", t.paint(color, d.Severity.String()), printable(d.Message), d.Code)
	if line, ok := t.line(d.Pos); ok {
		shown, caret := frame(line, d.Pos.Column)
		gutter := fmt.Sprintf("%5d | ", d.Pos.Line)
		fmt.Fprintf(&t.buf, "%s%s\n", gutter, shown)
		fmt.Fprintf(&t.buf, "%s| %s\n", strings.Repeat(" ", len(gutter)-2), caret+t.paint(green, "^"))
	}
	if d.Hint != "" {
		fmt.Fprintf(&t.buf, "  hint: %s\n", printable(d.Hint))
	}
}

// line gives the source line of a place.
func (t *textWriter) line(p Pos) ([]rune, bool) {
	if t.source == nil || p.Line < 1 || p.Column < 1 {
		return nil, false
	}
	lines, ok := t.lines[p.File]
	if !ok {
		lines = bytes.Split(t.source(p.File), []byte("\n"))
		t.lines[p.File] = lines
	}
	if p.Line > len(lines) || len(lines) == 1 && len(lines[0]) == 0 {
		return nil, false
	}
	line := bytes.TrimSuffix(lines[p.Line-1], []byte("\r"))
	if p.Line == 1 {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
	}
	return []rune(string(line)), true
}

// maxShown is how much of a long line is shown, in runes.
const maxShown = 120

// frame gives what is shown of a line and the blanks before the caret. Tabs stay tabs in
// both, so that the caret stands right whatever their width is.
func frame(line []rune, column int) (shown, before string) {
	at, begin := min(column-1, len(line)), 0
	lead, tail := "", ""
	if len(line) > maxShown {
		begin = max(0, at-maxShown/2)
		end := min(len(line), begin+maxShown)
		if begin > 0 {
			lead = "..."
		}
		if end < len(line) {
			tail = "..."
		}
		line = line[:end]
	}
	var caret strings.Builder
	caret.WriteString(strings.Repeat(" ", len(lead)))
	for _, r := range line[begin:at] {
		caret.WriteString(blank(r))
	}
	return lead + printable(string(line[begin:])) + tail, caret.String()
}

// blank is as wide as the rune is on a terminal.
func blank(r rune) string {
	switch {
	case r == '\t':
		return "\t"
	case unicode.Is(unicode.Mn, r):
		return ""
	case r >= 0x1100 && (unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) || r >= 0x1f300 && r <= 0x1faff):
		return "  "
	}
	return " "
}

// printable replaces what could drive a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && unicode.IsControl(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}

// jsonDiagnostic is the stable form of a diagnostic for programs.
type jsonDiagnostic struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
}

// WriteJSON writes the problems for programs, sorted: one JSON array of objects with
// file, line, column (1-based, 0 where unknown), severity, code, message and hint.
func WriteJSON(w io.Writer, list List) error {
	out := make([]jsonDiagnostic, 0, len(list))
	for _, d := range list.Sorted() {
		out = append(out, jsonDiagnostic{d.Pos.File, d.Pos.Line, d.Pos.Column, d.Severity.String(), d.Code, d.Message, d.Hint})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
