// Package diag holds what every checker of Ringdown reports: a problem at a place
// in a file, in words a person can act on. It renders nothing by itself; the
// writers of this package turn a List into text or JSON.
package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// Pos is a place in a file. Line and Column are 1-based; Column counts runes, as
// editors do. The zero Pos means that there is no place.
type Pos struct {
	File   string
	Line   int
	Column int
}

// IsZero reports whether p names no place.
func (p Pos) IsZero() bool { return p.Line == 0 && p.File == "" }

// Right returns the place n runes to the right of p on the same line.
func (p Pos) Right(n int) Pos {
	p.Column += n
	return p
}

// String gives file:line:column, with the parts left out that are not known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Severity says whether a problem keeps a flow from being loaded.
type Severity int

// The severities. The zero value is an error, so that a forgotten severity is
// never a problem that passes.
const (
	Error Severity = iota
	Warning
)

// String gives the word that is printed before a message.
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Diagnostic is one problem. Code is a stable word in kebab case (unknown-key,
// unknown-state ...); Message says what is wrong, Hint what to do about it.
type Diagnostic struct {
	Pos      Pos
	Severity Severity
	Code     string
	Message  string
	Hint     string
}

// Error gives the diagnostic on one line.
func (d Diagnostic) Error() string {
	s := fmt.Sprintf("%s: %s: %s [%s]", d.Pos, d.Severity, d.Message, d.Code)
	if d.Hint != "" {
		s += " (" + d.Hint + ")"
	}
	return s
}

// List is a set of problems of one or more files.
type List []Diagnostic

// Errorf adds an error at pos.
func (l *List) Errorf(pos Pos, code, format string, args ...any) *Diagnostic {
	return l.add(Diagnostic{Pos: pos, Code: code, Message: fmt.Sprintf(format, args...)})
}

// Warnf adds a warning at pos.
func (l *List) Warnf(pos Pos, code, format string, args ...any) *Diagnostic {
	return l.add(Diagnostic{Pos: pos, Severity: Warning, Code: code, Message: fmt.Sprintf(format, args...)})
}

func (l *List) add(d Diagnostic) *Diagnostic {
	*l = append(*l, d)
	return &(*l)[len(*l)-1]
}

// WithHint sets what to do about the problem and returns the same diagnostic.
func (d *Diagnostic) WithHint(format string, args ...any) *Diagnostic {
	d.Hint = fmt.Sprintf(format, args...)
	return d
}

// HasErrors reports whether a problem in l keeps a flow from being loaded.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sorted returns the problems by file, line, column, code and message, each once.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(out)
}

// Err returns l as an error, or nil when it holds no error.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return listError{l.Sorted()}
}

type listError struct{ list List }

func (e listError) Error() string {
	var s string
	for i, d := range e.list {
		if i > 0 {
			s += "\n"
		}
		s += d.Error()
	}
	return s
}
