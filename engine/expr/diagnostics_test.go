package expr

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/diag"
)

// report writes diagnostics as place, code, message and hint, one a line.
func report(list diag.List) string {
	var lines []string
	for _, d := range list {
		lines = append(lines, fmt.Sprintf("%d:%d %s: %s (%s)", d.Pos.Line, d.Pos.Column, d.Code, d.Message, d.Hint))
	}
	return strings.Join(lines, "\n")
}

// badCase is a condition and what is said about it; nothing about a good one.
type badCase struct{ src, want string }

func nameCases() []badCase {
	return []badCase{
		{"ballance == 1", "1:1 expr-unknown-name: unknown name ballance (it can be env, input, leg, legs, secrets, session, vars; a text is written in quotes: 'ballance')"},
		{"event.digits == '1'", "1:1 expr-unknown-name: event cannot be read here (event is only there in the target of that event)"},
		{"vars.account.stats == 1", "1:14 expr-unknown-name: unknown name vars.account.stats (did you mean status?)"},
		{"$env.vars", "1:1 expr-unknown-name: $env is not part of the flow language (write the name itself, like vars.x)"},
		{"vars['nope'] == 1", "1:6 expr-unknown-name: unknown name vars.nope (it can be account, balance, done, name, tries, wait)"},
		{"name == hello", "1:1 expr-unknown-name: unknown name name (did you mean leg.name?)\n1:9 expr-unknown-name: unknown name hello (it can be env, input, leg, legs, secrets, session, vars; a text is written in quotes: 'hello')"},
		{"visits('meni') > 1", "1:8 expr-unknown-name: unknown state 'meni' (did you mean menu?)"},
		{"open('offic')", "1:6 expr-unknown-name: unknown calendar of hours 'offic' (did you mean office?)"},
	}
}

func typeCases() []badCase {
	return []badCase{
		{"leg.params.x == 1", "1:14 expr-type: == does not take a text and a number (keys and digits are text: write '1', or num(x) to count with it)"},
		{"vars.name.x == ''", "1:11 expr-type: vars.name is a text and has no fields ()"},
		{"vars", "1:1 expr-type: a condition must be a boolean, but this is an object (compare it, for example with ==)"},
		{"vars[input.number] == 1", "1:6 expr-type: fields of vars cannot be computed (write vars.name)"},
		{"get(vars, 'nope') == 1", "1:1 expr-type: fields of vars cannot be read by get() (write vars.name)"},
		{"vars.name == 1", "1:11 expr-type: == does not take a text and a number (keys and digits are text: write '1', or num(x) to count with it)"},
		{"vars.tries + 'a' == 'b'", "1:12 expr-type: + does not take a number and a text (to join texts, write text(x) for the number)"},
		{"vars.wait > 3", "1:11 expr-type: > does not take a duration and a number (write seconds(x) for the duration)"},
		{"vars.tries % 2 == 0", "1:12 expr-type: % does not take two values of type number (% wants whole numbers: write int(x))"},
		{"vars.done == 1", "1:11 expr-type: == does not take a boolean and a number (a boolean is compared with true or false, or stands alone)"},
		{"not vars.tries", "1:1 expr-type: not does not take a number (not takes booleans: compare the value with something)"},
		{"vars.tries and vars.done", "1:12 expr-type: and does not take a number and a boolean (and takes booleans: compare the value with something)"},
		{"vars.name - 'a'", "1:11 expr-type: - does not take two values of type text ()"},
		{"'abc'[vars.tries] == 'a'", "1:6 expr-type: a place in brackets is a whole number (write int(x))"},
		{"split('a', ',')[vars.tries] == 'a'", "1:22 expr-type: a place in brackets is a whole number (write int(x))"},
		{"vars.tries ? true : false", "1:6 expr-type: the condition before ? must be a boolean (compare the value with something)"},
		{"1 in vars.name", "1:3 expr-type: in does not take a number and a text (keys and digits are text: write '1', or num(x) to count with it)"},
		{"1..vars.tries == []", "1:2 expr-type: .. does not take two values of type number (.. wants whole numbers: write int(x))"},
		{"vars.tries", "1:1 expr-type: a condition must be a boolean, but this is a number (compare it, for example with ==)"},
		{"vars.name", "1:1 expr-type: a condition must be a boolean, but this is a text (compare it, for example with ==)"},
		{"nil", "1:1 expr-type: a condition must be a boolean, but this is nothing (compare it, for example with ==)"},
		{"true;", ""},
		{"num(1, 'a') == 1", "1:8 expr-type: cannot use text where number is wanted, in num ()"},
		{"upper(1) == ''", "1:7 expr-type: cannot use number where text is wanted, in upper ()"},
		{"seconds(3) == 3", "1:9 expr-type: cannot use number where duration is wanted, in seconds ()"},
		{"replace(vars.name, 1, 2) == ''", "1:20 expr-type: cannot use number where text is wanted, in replace ()"},
		{"abs('x') == 1", "1:1 expr-type: invalid argument for abs (type text) ()"},
		{"filter(vars.name, true) == []", "1:13 expr-type: filter takes only list (got text) ()"},
		{"filter([1], 2) == []", "1:13 expr-type: condition must give boolean (got number) ()"},
		{"sum(['a']) == 1", "1:12 expr-type: == does not take a text and a number (keys and digits are text: write '1', or num(x) to count with it)"},
		{"date(1) > now()", ""},
		{"join([1], 2) == ''", "1:11 expr-type: cannot use number where text is wanted, in join ()"},
	}
}

func untypedCases() []badCase {
	return []badCase{
		{"vars.account.body.balance > 3", "1:1 expr-untyped: vars.account.body.balance is untyped, which > does not take (use num(vars.account.body.balance, 0), where 0 stands for a missing or unusable value)"},
		{"vars.name == vars.account.body.n", "1:14 expr-untyped: vars.account.body.n is untyped, which == does not take (use text(vars.account.body.n, ''), where '' stands for a missing or unusable value)"},
		{"not vars.account.body.ok", "1:5 expr-untyped: vars.account.body.ok is untyped, which not does not take (use flag(vars.account.body.ok, false), where false stands for a missing or unusable value)"},
		{"vars.account.body.ok", "1:1 expr-untyped: a condition must be a boolean, but this is untyped (use flag(vars.account.body.ok, false), where false stands for a missing or unusable value)"},
		{"len(vars.account.body.x) > 1", "1:5 expr-untyped: vars.account.body.x is untyped, which len() does not take (use list(vars.account.body.x, []), where [] stands for a missing or unusable value)"},
		{"'x' in vars.account.body.flags", "1:8 expr-untyped: vars.account.body.flags is untyped, which in does not take (use list(vars.account.body.flags, []), where [] stands for a missing or unusable value)"},
		{"vars.account.body.a and vars.account.body.b", "1:1 expr-untyped: vars.account.body.a is untyped, which and does not take (use flag(vars.account.body.a, false), where false stands for a missing or unusable value)\n1:25 expr-untyped: vars.account.body.b is untyped, which and does not take (use flag(vars.account.body.b, false), where false stands for a missing or unusable value)"},
		{"any(vars.account.body.l, # == 1)", "1:26 expr-untyped: # is untyped, which == does not take (use num(#, 0), where 0 stands for a missing or unusable value)\n1:5 expr-untyped: vars.account.body.l is untyped, which any() does not take (use list(vars.account.body.l, []), where [] stands for a missing or unusable value)"},
		{"any(list(vars.account.body.l), # == 1)", "1:32 expr-untyped: # is untyped, which == does not take (use num(#, 0), where 0 stands for a missing or unusable value)"},
		{"all([1], vars.account.body.x)", "1:10 expr-untyped: vars.account.body.x is untyped, which all() does not take (use flag(vars.account.body.x, false), where false stands for a missing or unusable value)"},
		{"vars.account.body.a contains 'x'", "1:1 expr-untyped: vars.account.body.a is untyped, which contains does not take (use text(vars.account.body.a, ''), where '' stands for a missing or unusable value)"},
		{"reduce(1..3, #acc + #) > 1", "1:14 expr-untyped: #acc is untyped, which + does not take (use num(#acc, 0), where 0 stands for a missing or unusable value)\n1:1 expr-untyped: reduce(1..3, #acc + #) is untyped, which > does not take (use num(reduce(1..3, #acc + #), 0), where 0 stands for a missing or unusable value)"},
	}
}

func syntaxCases() []badCase {
	return []badCase{
		{"vars.account.body.a ?? 1 > 2", "1:26 expr-syntax: ?? cannot stand beside another operator (put x ?? y into parentheses)"},
		{"vars.done and", "1:13 expr-syntax: the expression ends too early (something is missing after the last word)"},
		{"vars.tries = 1", "1:12 expr-syntax: unexpected = (to compare, write ==)"},
		{"vars.name == 'abc", "1:18 expr-syntax: a text is not closed (add the closing quote)"},
		{"vars.a & vars.b", "1:8 expr-syntax: unexpected & (write and)"},
		{"(vars.done", "1:10 expr-syntax: the expression ends too early (something is missing after the last word)"},
		{"vars.done)", "1:10 expr-syntax: unexpected ) ()"},
		{"", "1:1 expr-syntax: the expression is empty (write a name such as vars.x, or leave it out)"},
		{"  ", "1:1 expr-syntax: the expression is empty (write a name such as vars.x, or leave it out)"},
		{"1 +* 2", "1:4 expr-syntax: unexpected * ()"},
		{"${vars.done}", "1:1 expr-syntax: a condition is an expression already (leave ${ and } out)"},
		{"vars.name matches '['", "1:11 expr-syntax: the pattern after matches is wrong: missing closing ]: `[` (see the RE2 syntax)"},
		{"a.b.", "1:4 expr-syntax: the expression ends too early (something is missing after the last word)"},
		{"0x", "1:2 expr-syntax: this is no number ()"},
		{"#", "1:1 expr-syntax: unexpected # ()"},
		{"!vars.done!", "1:11 expr-syntax: unexpected ! (write not before the value)"},
		{"b'x' == 'x'", "1:1 expr-syntax: b'...' is not part of the flow language (write a plain text)"},
		{"let x = 1; let x = 2; true", "1:16 expr-syntax: cannot redeclare variable x (choose another name after let)"},
		{"if vars.done { true }", "1:21 expr-syntax: the expression ends too early (something is missing after the last word)"},
		{"'\\q'", "1:3 expr-syntax: invalid char escape ()"},
	}
}

func functionCases() []badCase {
	return []badCase{
		{"len == 1", "1:1 expr-function: len is a function (call it: len(...))"},
		{"foo(1)", "1:1 expr-function: there is no function foo() ()"},
		{"visit('menu') > 1", "1:1 expr-function: there is no function visit() (did you mean visits?)"},
		{"visits(vars.name) > 1", "1:8 expr-function: visits() takes the name of a state, written out in quotes (names are never computed)"},
		{"visits() > 1", "1:1 expr-function: not enough arguments to call visits ()"},
		{"visits('menu', 2) > 1", "1:1 expr-function: too many arguments to call visits ()"},
		{"keys(vars) == []", "1:1 expr-function: there is no function keys() (it is left out, because its result is not the same in every run)"},
		{"session.started.Year() == 2026", "1:17 expr-function: values have no methods (use a function, like seconds(x) or format(time, layout))"},
		{"vars.name.upper() == ''", "1:11 expr-function: values have no methods (use a function, like seconds(x) or format(time, layout))"},
		{"phone(vars.name, 'USA') == ''", "1:18 expr-function: unknown country 'USA' (write a two-letter code, like 'US' or 'DE')"},
		{"format(now(), '15', 'Mars') == ''", "1:21 expr-function: 'Mars' is no time zone (write one like 'Europe/Berlin' or 'UTC')"},
		{"upper() == ''", "1:1 expr-function: not enough arguments to call upper ()"},
		{"timezone('x') == 1", "1:1 expr-function: there is no function timezone() (it is left out, because its result is not the same in every run)"},
		{"now", "1:1 expr-function: now is a function (call it: now(...))"},
		{"map([1]) == 1", "1:8 expr-function: expected at least 2 arguments ()"},
		{"num == 1", "1:1 expr-function: num is a function (call it: num(...))"},
	}
}

func TestConditionDiagnostics(t *testing.T) {
	t.Parallel()
	for _, tt := range slices.Concat(nameCases(), typeCases(), untypedCases(), syntaxCases(), functionCases()) {
		t.Run(tt.src, func(t *testing.T) {
			t.Parallel()
			c, list := CompileCondition(tt.src, diag.Pos{File: "f.yaml", Line: 1, Column: 1}, testScope())
			if got := report(list); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if (c == nil) != (tt.want != "") {
				t.Error("a condition is there exactly when there is no error")
			}
		})
	}
}

func TestTemplateDiagnostics(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		src    string
		want   Want
		report string
	}{
		{"a ${vars.x", WantText, "4:11 expr-syntax: ${ is not closed (add }, or write $${ for a literal ${)"},
		{"a ${} b ${vars.nam} ${vars.tri}", WantText, "4:13 expr-syntax: the expression is empty (write a name such as vars.x, or leave it out)\n4:24 expr-unknown-name: unknown name vars.nam (did you mean name?)\n4:36 expr-unknown-name: unknown name vars.tri (it can be account, balance, done, name, tries, wait)"},
		{"first\nsecond é ${vars.nam}\n${vars.name + 1}", WantText, "5:19 expr-unknown-name: unknown name vars.nam (did you mean name?)\n6:15 expr-type: + does not take a text and a number (to join texts, write text(x) for the number)"},
		{"${vars\n  .nope}", WantText, "5:6 expr-unknown-name: unknown name vars.nope (it can be account, balance, done, name, tries, wait)"},
		{"${vars.account}", WantText, "4:11 expr-type: a text is wanted here, but vars.account is an object (take one value out of it, or write toJSON(vars.account))"},
		{"x ${vars.account.headers}", WantText, "4:13 expr-type: a text is wanted here, but vars.account.headers is a map (take one value out of it, or write toJSON(vars.account.headers))"},
		{"${[1]}", WantText, "4:11 expr-type: a text is wanted here, but [1] is a list (take one value out of it, or write toJSON([1]))"},
		{"${vars.name}", WantNumber, "4:11 expr-type: a number is wanted here, but vars.name is a text (write num(vars.name, 0))"},
		{"${vars.account.body.n}", WantNumber, "4:11 expr-untyped: a number is wanted here, but vars.account.body.n is untyped (use num(vars.account.body.n, 0), where 0 stands for a missing or unusable value)"},
		{"1${vars.tries}", WantNumber, "4:9 expr-type: a number cannot be put together from text and ${...} (compute it inside one ${...})"},
		{"ten", WantNumber, "4:9 expr-type: \"ten\" is no number ()"},
		{"${vars.wait}", WantNumber, "4:11 expr-type: a number is wanted here, but vars.wait is a duration (write seconds(vars.wait))"},
		{"${vars.tries}", WantBool, "4:11 expr-type: a boolean is wanted here, but vars.tries is a number (compare it, or write flag(vars.tries, false))"},
		{"${vars.account.body.n}", WantBool, "4:11 expr-untyped: a boolean is wanted here, but vars.account.body.n is untyped (use flag(vars.account.body.n, false), where false stands for a missing or unusable value)"},
		{"no", WantBool, "4:9 expr-type: \"no\" is neither true nor false (write true, false or one ${...})"},
		{"${vars.name}", WantDuration, "4:11 expr-type: a duration is wanted here, but vars.name is a text (write duration(vars.name), or a number of seconds)"},
		{"30", WantDuration, "4:9 expr-type: \"30\" has no unit; write 30s for seconds, or use ms, m or h ()"},
		{"${vars.account.body.n}", WantDuration, "4:11 expr-untyped: a duration is wanted here, but vars.account.body.n is untyped (use num(vars.account.body.n, 0), where 0 stands for a missing or unusable value)"},
		{"${vars.tries}", WantTime, "4:11 expr-type: a time is wanted here, but vars.tries is a number (write date(vars.tries) to read a time from a text)"},
		{"tomorrow", WantTime, "4:9 expr-type: \"tomorrow\" is no time; write it like 2026-12-24T18:00:00Z ()"},
		{"${vars.tries}", WantPhone, "4:11 expr-type: a phone number is wanted here, but vars.tries is a number (write phone(vars.tries, 'US') with the country of the number)"},
		{"${vars.account.body.n}", WantPhone, "4:11 expr-untyped: a phone number is wanted here, but vars.account.body.n is untyped (write phone(vars.account.body.n, 'US') with the country of the number)"},
		{"0301234567", WantPhone, "4:9 expr-type: \"0301234567\" is no phone number; numbers are written like \"+15551234567\", in quotes ()"},
		{"${vars.name}", WantMoney, "4:11 expr-type: an amount is wanted here, but vars.name is a text (write num(vars.name, 0))"},
		{"0.12345", WantMoney, "4:9 expr-type: \"0.12345\" is no amount; write a decimal number with at most 4 places, like 0.10 ()"},
		{"${vars.name}", WantList, "4:11 expr-type: a list is wanted here, but vars.name is a text (write [vars.name] for a list of one)"},
		{"a", WantList, "4:9 expr-type: a list is wanted here, not the text \"a\" ()"},
		{"${vars.account.body.n}", WantList, "4:11 expr-untyped: a list is wanted here, but vars.account.body.n is untyped (use list(vars.account.body.n, []), where [] stands for a missing or unusable value)"},
		{"${nil}", WantNumber, "4:11 expr-type: a number is wanted here, but nil is nothing (write num(nil, 0))"},
		{"${now}", WantAny, "4:11 expr-function: now is a function (call it: now(...))"},
		{"${'}'", WantAny, "4:9 expr-syntax: ${ is not closed (add }, or write $${ for a literal ${)"},
	} {
		t.Run(tt.src+" as "+tt.want.String(), func(t *testing.T) {
			t.Parallel()
			_, list := CompileTemplate(tt.src, diag.Pos{File: "f.yaml", Line: 4, Column: 9}, testScope(), tt.want, None, Indent(3))
			if got := report(list); got != tt.report {
				t.Errorf("got\n%s\nwant\n%s", got, tt.report)
			}
		})
	}
}
