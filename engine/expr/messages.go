package expr

import (
	"regexp"
	"strings"
)

// The library writes its messages for Go programmers. Here they become the words
// of the flow language; what is not known is passed on with the types renamed.

// goTypes are the library's names of types, longest first.
func goTypes() *strings.Replacer {
	return strings.NewReplacer(
		"map[string]interface {}", "object", "map[string]any", "object", "[]interface {}", "list", "[]string", "list", "[]any", "list",
		"map[interface {}][]interface {}", "groups", "interface {}", "untyped", "time.Duration", "duration", "time.Time", "time",
		"float64", "number", "float32", "number", "int64", "number", "uint8", "number", "string", "text", "bool", "boolean",
		"unknown", "untyped", "<nil>", "nothing", "array", "list", "int", "number", "integer", "whole number", "boolean", "boolean",
		"invalid operation: ", "", "builtin ", "", "predicate", "condition", "should return", "must give",
	)
}

// words renames types only where they stand as words: a field called "point"
// keeps its name.
func words(msg string) string {
	r := goTypes()
	return wordPattern().ReplaceAllStringFunc(msg, r.Replace)
}

func wordPattern() *regexp.Regexp {
	return regexp.MustCompile(`map\[interface \{\}\]\[\]interface \{\}|map\[string\](interface \{\}|any)|\[\](interface \{\}|string|any)|interface \{\}|time\.(Duration|Time)|\b(float64|float32|int64|uint8|string|bool|unknown|array|integer|int|predicate|should return|builtin )\b|<nil>|invalid operation: `)
}

// plainCompile turns a message of the parser or type checker into a problem.
func plainCompile(msg string, src string, at int) problem {
	p := problem{at: at, code: "expr-type", msg: words(msg)}
	switch {
	case strings.Contains(msg, "exceeds maximum allowed nodes"):
		return problem{at, "expr-too-long", "the expression is too complex", "split it: assign parts of it to variables with set"}
	case syntaxMessage(&p, msg):
		p.code = "expr-syntax"
	case strings.HasPrefix(msg, "unknown name"), strings.HasPrefix(msg, "unknown field"):
		p.code = "expr-unknown-name"
	case strings.Contains(msg, "arguments to call"), strings.Contains(msg, "number of arguments"), strings.Contains(msg, "expected at least"):
		p.code = "expr-function"
	case strings.Contains(msg, "cannot redeclare"):
		p.code, p.hint = "expr-syntax", "choose another name after let"
	default:
		typeMessage(&p, msg)
	}
	return p
}

// syntaxMessage handles what the parser reports.
func syntaxMessage(p *problem, msg string) bool {
	switch {
	case strings.HasPrefix(msg, "unexpected token EOF"), strings.HasPrefix(msg, "unexpected end"):
		p.msg, p.hint = "the expression ends too early", "something is missing after the last word"
	case strings.HasPrefix(msg, "unexpected token"):
		token := tokenText(msg)
		p.msg = "unexpected " + token
		p.hint = tokenHint(token)
	case strings.Contains(msg, "literal not terminated"):
		p.msg, p.hint = "a text is not closed", "add the closing quote"
	case strings.HasPrefix(msg, "unrecognized character"):
		_, char, _ := strings.Cut(msg, "'")
		p.msg, p.hint = "unexpected "+strings.TrimSuffix(char, "'"), "write and, or, not for logic, == to compare"
	case strings.HasPrefix(msg, "error parsing regexp"):
		p.msg, p.hint = "the pattern after matches is wrong: "+strings.TrimPrefix(msg, "error parsing regexp: "), "see the RE2 syntax"
	case strings.Contains(msg, "coalesce expressions"):
		p.msg, p.hint = "?? cannot stand beside another operator", "put x ?? y into parentheses"
	case strings.Contains(msg, " literal: "), strings.Contains(msg, "bad number syntax"):
		p.msg = "this is no number"
	case strings.Contains(msg, "literal"), strings.Contains(msg, "char escape"),
		strings.Contains(msg, "unclosed comment"), strings.Contains(msg, "expected name"), strings.Contains(msg, "wrap predicate"),
		strings.Contains(msg, "map key must be"), strings.Contains(msg, "unescape"), strings.Contains(msg, "empty sequence"),
		strings.Contains(msg, "pointer accessor"), strings.Contains(msg, "unknown pointer"):
	default:
		return false
	}
	return true
}

func tokenHint(token string) string {
	switch token {
	case "=":
		return "to compare, write =="
	case "&":
		return "write and"
	case "!":
		return "write not before the value"
	}
	return ""
}

// tokenText takes the text of a token out of `unexpected token Operator("=")`.
func tokenText(msg string) string {
	_, quoted, ok := strings.Cut(msg, `("`)
	if !ok {
		return strings.TrimPrefix(msg, "unexpected token ")
	}
	if i := strings.LastIndex(quoted, `")`); i >= 0 {
		quoted = quoted[:i]
	}
	return strings.ReplaceAll(quoted, `\"`, `"`)
}

func typeMessage(p *problem, msg string) {
	if op, left, right, ok := mismatch(msg); ok {
		switch {
		case right == "":
			p.msg = op + " does not take " + article(left)
		case left == right:
			p.msg = op + " does not take two values of type " + left
		default:
			p.msg = op + " does not take " + article(left) + " and " + article(right)
		}
		p.hint = mismatchHint(op, left, right)
		return
	}
	switch {
	case strings.Contains(msg, "can only be selected using an integer"), strings.Contains(msg, "] is undefined"), strings.Contains(msg, "non-integer slice index"):
		p.msg, p.hint = "a place in brackets is a whole number", "write int(x)"
	case strings.Contains(msg, "used as condition"):
		p.msg, p.hint = "the condition before ? must be a boolean", "compare the value with something"
	case strings.HasPrefix(msg, "cannot use"):
		p.msg = strings.TrimSpace(words(msg))
		p.msg = strings.ReplaceAll(p.msg, "as argument (type ", "where ")
		p.msg = strings.ReplaceAll(p.msg, ") to call ", " is wanted, in ")
	}
}

func article(word string) string {
	switch word {
	case "nothing", "untyped", "groups":
		return word
	case "object":
		return "an object"
	}
	return "a " + word
}

// mismatch takes apart `invalid operation: == (mismatched types string and int)`.
func mismatch(msg string) (op, left, right string, ok bool) {
	rest, ok := strings.CutPrefix(msg, "invalid operation: ")
	if !ok {
		return "", "", "", false
	}
	op, rest, ok = strings.Cut(rest, " (mismatched type")
	if !ok {
		return "", "", "", false
	}
	rest = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(rest, "s"), " "), ")")
	left, right, _ = strings.Cut(rest, " and ")
	return op, words(left), words(right), true
}

func mismatchHint(op, left, right string) string {
	pair := func(a, b string) bool { return left == a && right == b || left == b && right == a }
	switch {
	case op == "not" || op == "!" || op == "and" || op == "or" || op == "&&" || op == "||":
		return op + " takes booleans: compare the value with something"
	case op == "%" || op == "..":
		return op + " wants whole numbers: write int(x)"
	case pair("text", "number") && op == "+":
		return "to join texts, write text(x) for the number"
	case pair("text", "number"):
		return "keys and digits are text: write '1', or num(x) to count with it"
	case pair("duration", "number"):
		return "write seconds(x) for the duration"
	case pair("text", "boolean"), pair("number", "boolean"):
		return "a boolean is compared with true or false, or stands alone"
	}
	return ""
}

// plainRun turns a message of a failed evaluation into plain words.
func plainRun(msg string) string {
	msg, _, _ = strings.Cut(msg, "\n")
	switch {
	case strings.Contains(msg, "memory budget exceeded"):
		return errBudget.Error()
	case strings.Contains(msg, "index out of range"):
		return "the list has no element at this place"
	case strings.Contains(msg, "integer divide by zero"):
		return "division by zero"
	case strings.HasPrefix(msg, "interface conversion:"), strings.HasPrefix(msg, "cannot fetch"):
		return "a value is missing or has another type: " + words(msg)
	}
	return words(msg)
}
