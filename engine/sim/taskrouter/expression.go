package taskrouter

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A workflow's filters and the target workers of a task queue are expressions of
// a small language like SQL (documentation: TaskRouter, "Expression syntax"):
// comparisons = == != < > <= >= HAS CONTAINS IN NOT IN, joined by AND, OR, NOT and
// parentheses. Names are attributes, with dots for what is inside others.

// expression is an expression that was read.
type expression func(attributes func(name string) any) bool

// exprToken are the parts of an expression: texts, numbers, names, operators.
var exprToken = regexp.MustCompile(`^\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|-?\d+(?:\.\d+)?|[A-Za-z_][\w.\-]*|==|!=|<>|<=|>=|[=<>()\[\],])`)

// readExpression reads an expression; an empty one is true.
func readExpression(text string) (expression, error) {
	p := &exprParser{}
	for rest := text; strings.TrimSpace(rest) != ""; {
		m := exprToken.FindStringSubmatch(rest)
		if m == nil {
			return nil, fmt.Errorf("cannot read %q", strings.TrimSpace(rest))
		}
		p.tokens, rest = append(p.tokens, m[1]), rest[len(m[0]):]
	}
	if len(p.tokens) == 0 {
		return func(func(string) any) bool { return true }, nil
	}
	e := p.or()
	if p.err == nil && p.at < len(p.tokens) {
		p.fail("nothing may follow, but there is " + p.tokens[p.at])
	}
	return e, p.err
}

type exprParser struct {
	tokens []string
	at     int
	err    error
}

func (p *exprParser) fail(why string) {
	if p.err == nil {
		p.err = fmt.Errorf("%s", why)
	}
	p.at = len(p.tokens)
}

func (p *exprParser) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return ""
}

// word takes the next token if it is one of the words, in any case.
func (p *exprParser) word(words ...string) bool {
	if slices.Contains(words, strings.ToUpper(p.peek())) {
		p.at++
		return true
	}
	return false
}

func (p *exprParser) or() expression {
	left := p.and()
	for p.word("OR") {
		a, b := left, p.and()
		left = func(v func(string) any) bool { return a(v) || b(v) }
	}
	return left
}

func (p *exprParser) and() expression {
	left := p.not()
	for p.word("AND") {
		a, b := left, p.not()
		left = func(v func(string) any) bool { return a(v) && b(v) }
	}
	return left
}

func (p *exprParser) not() expression {
	switch {
	case p.word("NOT"):
		e := p.not()
		return func(v func(string) any) bool { return !e(v) }
	case p.word("("):
		e := p.or()
		if !p.word(")") {
			p.fail("a ) is missing")
		}
		return e
	}
	return p.comparison()
}

// exprValue is a value that may depend on the attributes.
type exprValue func(func(string) any) any

func (p *exprParser) comparison() expression {
	left := p.value()
	op := strings.ToUpper(p.peek())
	p.at++
	if op == "NOT" && p.word("IN") {
		op = "NOT IN"
	}
	compare := exprOperators[op]
	if compare == nil {
		p.fail("expected a comparison, not " + strconv.Quote(op))
		return nil
	}
	right := p.value()
	return func(v func(string) any) bool { return compare(left(v), right(v)) }
}

func (p *exprParser) value() exprValue {
	token := p.peek()
	p.at++
	switch {
	case token == "":
		p.fail("the end comes too early")
	case token == "[" || token == "(":
		return p.list()
	case token[0] == '"' || token[0] == '\'':
		return constant(strings.NewReplacer(`\"`, `"`, `\'`, `'`, `\\`, `\`).Replace(token[1 : len(token)-1]))
	case strings.EqualFold(token, "true"), strings.EqualFold(token, "false"):
		return constant(strings.EqualFold(token, "true"))
	case strings.EqualFold(token, "null"):
		return constant(nil)
	case exprToken.MatchString(token) && (token[0] >= 'A' || token[0] == '_'):
		return func(v func(string) any) any { return v(token) }
	default:
		if n, err := strconv.ParseFloat(token, 64); err == nil {
			return constant(n)
		}
		p.fail("expected a value, not " + token)
	}
	return constant(nil)
}

func constant(c any) exprValue { return func(func(string) any) any { return c } }

func (p *exprParser) list() exprValue {
	var items []exprValue
	for !p.word("]", ")") && p.err == nil {
		items = append(items, p.value())
		p.word(",")
	}
	return func(v func(string) any) any {
		var list []any
		for _, item := range items {
			list = append(list, item(v))
		}
		return list
	}
}

var exprOperators = map[string]func(a, b any) bool{
	"=": sameValue, "==": sameValue,
	"!=":  func(a, b any) bool { return !sameValue(a, b) },
	"<>":  func(a, b any) bool { return !sameValue(a, b) },
	"<":   func(a, b any) bool { n, ok := order(a, b); return ok && n < 0 },
	">":   func(a, b any) bool { n, ok := order(a, b); return ok && n > 0 },
	"<=":  func(a, b any) bool { n, ok := order(a, b); return ok && n <= 0 },
	">=":  func(a, b any) bool { n, ok := order(a, b); return ok && n >= 0 },
	"HAS": func(a, b any) bool { return holds(a, b) }, "IN": func(a, b any) bool { return holds(b, a) },
	"NOT IN": func(a, b any) bool { return !holds(b, a) },
	"CONTAINS": func(a, b any) bool {
		text, ok := a.(string)
		return ok && strings.Contains(text, fmt.Sprint(b)) || holds(a, b)
	},
}

func sameValue(a, b any) bool {
	if n, ok := order(a, b); ok {
		return n == 0
	}
	return a == nil && b == nil
}

// order compares two numbers, texts or truths.
func order(a, b any) (int, bool) {
	switch x := a.(type) {
	case float64:
		if y, ok := b.(float64); ok {
			switch {
			case x < y:
				return -1, true
			case x > y:
				return 1, true
			}
			return 0, true
		}
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), true
		}
	case bool:
		if y, ok := b.(bool); ok {
			return int(map[bool]int{true: 0, false: 1}[x == y]), true
		}
	}
	return 0, false
}

// holds reports whether a list has an item.
func holds(list, item any) bool {
	items, ok := list.([]any)
	return ok && slices.ContainsFunc(items, func(one any) bool { return sameValue(one, item) })
}

// attribute finds a name in attributes: skills.languages is languages in skills.
func attribute(attributes map[string]any, name string) any {
	if v, ok := attributes[name]; ok {
		return v
	}
	head, rest, nested := strings.Cut(name, ".")
	if inner, ok := attributes[head].(map[string]any); ok && nested {
		return attribute(inner, rest)
	}
	return nil
}
