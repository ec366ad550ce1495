package schema

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	yamlLine   = regexp.MustCompile(`line (\d+): (.*)`)
	yamlAnchor = regexp.MustCompile(`unknown anchor '([^']*)' referenced`)
)

// syntaxError tells an error of the YAML library with its cause. The library has no
// columns, and its lines are off by one or two where a { or [ is not closed.
func (p *parser) syntaxError(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		text = m[2]
	}
	line = min(max(1, line), len(p.lines))
	if m := yamlAnchor.FindStringSubmatch(text); m != nil {
		p.unknownAnchor(m[1])
		return
	}
	if strings.Contains(text, "control characters") {
		p.controlCharacter()
		return
	}
	for _, l := range []int{line, line - 1, line + 1, line - 2} {
		if l < 1 || l > len(p.lines) {
			continue
		}
		if c := findCause(p.lines[l-1]); c.message != "" {
			p.diags.Errorf(p.pos(l, c.column), "yaml-syntax", "%s", c.message).WithHint("%s", c.hint)
			p.slip = slip{l, c.column, c.how}
			return
		}
	}
	if l, column, open := p.unclosed(); open != 0 {
		hint := "inside { } and [ ] quote every text with a comma, a bracket, `: ` or ` #`"
		if open == '"' || open == '\'' {
			hint = "a text ends with the quote that it begins with"
		}
		p.diags.Errorf(p.pos(l, column), "yaml-syntax", "this %c is never closed", open).WithHint("%s", hint)
		return
	}
	if l, column, ok := p.badIndent(); ok {
		p.diags.Errorf(p.pos(l, column), "yaml-syntax", "this line begins between two levels of indentation").
			WithHint("indent it like the lines that it belongs to")
		return
	}
	row := p.lines[line-1]
	column := len(row) - len([]rune(strings.TrimLeft(string(row), " "))) + 1
	p.diags.Errorf(p.pos(line, min(column, len(row)+1)), "yaml-syntax", "this is not valid YAML: %s", text).
		WithHint("look at the indentation here and in the line before; quote texts with `: `, ` #` or a leading special character")
}

func (p *parser) unknownAnchor(name string) {
	for i, row := range p.lines {
		if at := strings.Index(string(row), "*"+name); at >= 0 {
			p.diags.Errorf(p.pos(i+1, len([]rune(string(row)[:at]))+1), "yaml-syntax", "the alias *%s has no anchor &%s before it", name, name).
				WithHint("quote a text that begins with *")
			return
		}
	}
	p.diags.Errorf(p.pos(1, 1), "yaml-syntax", "an alias has no anchor &%s", name)
}

func (p *parser) controlCharacter() {
	for i, row := range p.lines {
		for j, r := range row {
			if (r < ' ' && r != '\t') || r == 0x7f || (r >= 0x80 && r < 0xa0 && r != 0x85) || r == 0xfffe || r == 0xffff {
				p.diags.Errorf(p.pos(i+1, j+1), "yaml-syntax", "a control character (U+%04X) stands here", r).WithHint("remove it")
				return
			}
		}
	}
	p.diags.Errorf(p.pos(1, 1), "yaml-syntax", "the file holds a control character").WithHint("remove it")
}

type cause struct {
	column        int
	message, hint string
	how           quoting // that would mend it
}

// findCause looks for what people get wrong in a line that YAML refuses.
func findCause(row []rune) cause {
	for i, r := range row {
		if r == '\t' {
			return cause{i + 1, "YAML allows no tab in the indentation", "indent with blanks", notByQuotes}
		}
		if r != ' ' {
			break
		}
	}
	s := &lineScan{row: row}
	return s.run()
}

// lineScan walks over one line and knows whether it is inside quotes and brackets.
type lineScan struct {
	row   []rune
	quote rune
	depth int
	seen  bool // a `: ` outside brackets
	value int  // where the value begins that is walked over
	keyed bool // a `: ` in this item of brackets
}

// run gives what is surely wrong in the line; else a question mark inside brackets, which
// the YAML library does not take there, although YAML does.
func (s *lineScan) run() cause { return s.until(len(s.row)) }

// until walks up to a rune of the line, or to what is wrong before it.
func (s *lineScan) until(end int) cause {
	var question cause
	for i, r := range s.row[:end] {
		if found, ends := s.wrong(i, r); ends {
			if found.message == "" {
				return question
			}
			return found
		}
		if r == '?' && s.quote == 0 && s.depth > 0 && question.message == "" {
			question = cause{i + 1, "inside { } and [ ] a text with a question mark must be quoted", "quote the whole text", quoteItem}
		}
		s.pass(i, r)
	}
	return question
}

// wrong tells what is wrong with a rune outside of quotes. It ends the walk, and so does
// a comment.
func (s *lineScan) wrong(i int, r rune) (found cause, ends bool) {
	switch {
	case s.quote != 0:
	case r == '$' && s.next(i) == '{' && s.depth > 0:
		return cause{i + 1, "inside { } and [ ] a text with ${ must be quoted", `write "${...}" with the quotes round the whole text`, quoteItem}, true
	case r == '#' && s.depth > 0 && s.prev(i) == ' ':
		return cause{i + 1, "` #` begins a comment, so the bracket before it is not closed in this line", "quote the text if the # belongs to it", notByQuotes}, true
	case r == '#' && (i == 0 || s.prev(i) == ' '):
		return cause{}, true
	case r == ':' && (s.next(i) == ' ' || s.next(i) == 0) && s.depth == 0 && s.seen:
		return cause{i + 1, "`: ` inside a text reads as a key", "quote the whole text", quoteRest}, true
	case r == ':' && s.next(i) == ' ' && s.depth > 0 && s.keyed:
		return cause{i + 1, "`: ` inside a text reads as a key, and no comma stands before it", "put a comma before the key, or quote the whole text", notByQuotes}, true
	case r == '!' && s.startsValue(i):
		return cause{i + 1, "a text that begins with ! is a tag in YAML; tags are not part of the language", "for the opposite write: not ...; for a text quote it", notByQuotes}, true
	case (r == '@' || r == '`' || r == '%') && s.startsValue(i):
		how := quoteRest
		if s.depth > 0 {
			how = quoteItem
		}
		return cause{i + 1, "a text cannot begin with " + string(r), "quote the text", how}, true
	}
	return cause{}, false
}

// pass walks over a rune with which nothing is wrong.
func (s *lineScan) pass(i int, r rune) {
	switch {
	case s.quote != 0:
		if r == s.quote && !(r == '"' && s.prev(i) == '\\') {
			s.quote = 0
		}
	case (r == '"' || r == '\'') && s.startsValue(i):
		s.quote = r
	case (r == '{' || r == '[') && (s.depth > 0 || s.startsValue(i)):
		s.depth++
		s.value, s.keyed = i+1, false
	case (r == '}' || r == ']') && s.depth > 0:
		s.depth--
		s.keyed = true
	case r == ',' && s.depth > 0:
		s.value, s.keyed = i+1, false
	case r == '-' && s.next(i) == ' ' && s.startsValue(i) && s.depth == 0:
		s.value = i + 1
	case r == ':' && (s.next(i) == ' ' || s.next(i) == 0):
		s.seen = s.seen || s.depth == 0
		s.value, s.keyed = i+1, s.depth > 0
	}
}

func (s *lineScan) prev(i int) rune {
	if i == 0 {
		return 0
	}
	return s.row[i-1]
}

func (s *lineScan) next(i int) rune {
	if i+1 >= len(s.row) {
		return 0
	}
	return s.row[i+1]
}

// startsValue reports whether a value can begin at i: behind `: `, `- `, a bracket, a
// comma or at the begin of the line.
func (s *lineScan) startsValue(i int) bool {
	before := strings.TrimRight(string(s.row[:i]), " ")
	if before == "" {
		return true
	}
	last := before[len(before)-1]
	return strings.IndexByte(":-", last) >= 0 && s.prev(i) == ' ' || strings.IndexByte("{[,", last) >= 0 && (s.depth > 0 || last != ',')
}

// unclosed finds the last bracket that is open at the end of the file.
func (p *parser) unclosed() (line, column int, open rune) {
	type mark struct {
		line, column int
		open         rune
	}
	var stack []mark
	var quoted mark
	for l, row := range p.lines {
		s := &lineScan{row: row, depth: len(stack), quote: quoted.open}
		for i, r := range row {
			switch {
			case s.quote != 0:
				if r == s.quote && !(r == '"' && s.prev(i) == '\\') {
					s.quote, quoted = 0, mark{}
				}
			case (r == '"' || r == '\'') && s.startsValue(i):
				s.quote, quoted = r, mark{l + 1, i + 1, r}
			case r == '#' && (i == 0 || s.prev(i) == ' '):
				s.quote = '\n' // the rest is a comment
			case (r == '{' || r == '[') && (s.depth > 0 || s.startsValue(i)):
				stack = append(stack, mark{l + 1, i + 1, r})
				s.depth++
			case (r == '}' || r == ']') && s.depth > 0:
				stack = stack[:len(stack)-1]
				s.depth--
			}
		}
	}
	if quoted.open != 0 {
		return quoted.line, quoted.column, quoted.open
	}
	if len(stack) == 0 {
		return 0, 0, 0
	}
	last := stack[len(stack)-1]
	return last.line, last.column, last.open
}

// badIndent finds a line that is indented less than the one before it, but not like any
// level above.
func (p *parser) badIndent() (line, column int, ok bool) {
	var levels []int
	block := -1 // indentation of the key whose block scalar is being read
	for l, row := range p.lines {
		text := strings.TrimLeft(string(row), " ")
		if text == "" || text[0] == '#' {
			continue
		}
		indent := len(row) - len([]rune(text))
		if block >= 0 && indent > block {
			continue
		}
		block = -1
		for len(levels) > 0 && levels[len(levels)-1] > indent {
			levels = levels[:len(levels)-1]
			if len(levels) == 0 || levels[len(levels)-1] < indent {
				return l + 1, indent + 1, true
			}
		}
		if len(levels) == 0 || levels[len(levels)-1] < indent {
			levels = append(levels, indent)
		}
		for rest := text; strings.HasPrefix(rest, "- "); {
			trimmed := strings.TrimLeft(rest[2:], " ")
			indent += len(rest) - len(trimmed)
			levels = append(levels, indent)
			rest = trimmed
		}
		if end := strings.TrimRight(text, " +-0123456789"); strings.HasSuffix(end, ": |") || strings.HasSuffix(end, ": >") || end == "|" || end == ">" {
			block = levels[len(levels)-1]
		}
	}
	return 0, 0, false
}
