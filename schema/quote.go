package schema

import (
	"slices"
	"strings"
)

// slip is a text that YAML does not take without quotes.
type slip struct {
	line, column int // where YAML stumbles, from 1
	how          quoting
}

// quoting says which text the quotes that are missing go round.
type quoting int

const (
	notByQuotes quoting = iota
	quoteItem           // the value inside { } or [ ] in which the column is
	quoteRest           // the value of the first key of the line, up to its end
)

// maxSlips is how many texts of one file are quoted.
const maxSlips = 1000

// quoted puts quotes round the texts that need them, where that makes a file of it that
// YAML can read; nil where it does not.
func quoted(file string, src []byte) []byte {
	for range maxSlips {
		p := &parser{file: file}
		if !p.readable(src) {
			return nil
		}
		p.lines = splitLines(src)
		if p.document(src) != nil {
			return src
		}
		if p.slip.how == notByQuotes {
			return nil
		}
		lines := strings.Split(string(src), "\n")
		row, ok := p.slip.mend([]rune(lines[p.slip.line-1]))
		if !ok {
			return nil
		}
		lines[p.slip.line-1] = string(row)
		src = []byte(strings.Join(lines, "\n"))
	}
	return nil
}

// mend gives the line with the quotes.
func (s slip) mend(row []rune) ([]rune, bool) {
	from, to := s.bounds(row)
	text := strings.TrimRight(string(row[from:to]), " \r")
	if text == "" || strings.HasPrefix(text, `"`) || strings.HasPrefix(text, "'") {
		return nil, false
	}
	with := `"` + text + `"`
	if strings.ContainsAny(text, `"\`) {
		with = "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	rest := row[from+len([]rune(text)):]
	return slices.Concat(row[:from], []rune(with), rest), true
}

// bounds are the begin and the end of the text that the quotes go round.
func (s slip) bounds(row []rune) (from, to int) {
	scan := &lineScan{row: row}
	scan.until(s.column - 1)
	from = scan.value
	for from < len(row) && row[from] == ' ' {
		from++
	}
	if s.how == quoteItem {
		return from, itemEnd(row, from)
	}
	if i := strings.Index(string(row[from:]), " #"); i >= 0 {
		return from, from + len([]rune(string(row[from:])[:i]))
	}
	return from, len(row)
}

// itemEnd is where a value inside brackets ends: at the comma or bracket behind it, but
// for those in ${ }.
func itemEnd(row []rune, from int) int {
	depth, quote := 0, rune(0)
	for i := from; i < len(row); i++ {
		r := row[i]
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case depth > 0 && (r == '\'' || r == '"'):
			quote = r
		case r == '{' && (depth > 0 || i > 0 && row[i-1] == '$'):
			depth++
		case r == '}' && depth > 0:
			depth--
		case depth == 0 && strings.ContainsRune(",]}", r):
			return i
		}
	}
	return len(row)
}
