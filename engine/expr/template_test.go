package expr

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ringdown/ringdown/engine/diag"
)

// testScope is a flow with an untyped web answer, a leg and a few variables.
func testScope() *Scope {
	leg := ObjectOf(map[string]Type{
		"name": Of(Text), "sid": Of(Text), "from": Of(Text), "live": Of(Bool), "language": Of(Text), "params": MapOf(Of(Text)),
	})
	answer := ObjectOf(map[string]Type{
		"ok": Of(Bool), "status": Of(Number), "body": {}, "headers": MapOf(Of(Text)), "error": Of(Text),
	})
	return NewScope(map[string]Type{
		"vars": ObjectOf(map[string]Type{
			"balance": Of(Number), "tries": Of(Number), "name": Of(Text), "done": Of(Bool), "account": answer, "wait": Of(Duration),
		}),
		"input":   ObjectOf(map[string]Type{"number": Of(Text)}),
		"env":     ObjectOf(map[string]Type{"BASE": Of(Text)}),
		"secrets": ObjectOf(map[string]Type{"TOKEN": Of(Text)}),
		"leg":     leg,
		"legs":    ObjectOf(map[string]Type{"caller": leg, "agent": leg}),
		"session": ObjectOf(map[string]Type{"id": Of(Text), "started": Of(Time)}),
	}).WithNames(Names{States: []string{"menu", "talk"}, Hours: []string{"office"}}).
		Without("event", "event is only there in the target of that event")
}

func testEnv() *Env {
	return &Env{
		Now: time.Date(2026, 11, 23, 14, 5, 0, 0, time.UTC),
		Roots: map[string]any{
			"vars": map[string]any{
				"balance": 12.5, "tries": 2.0, "name": "Ann & Bob", "done": true, "wait": 90 * time.Minute,
				"account": map[string]any{
					"ok": true, "status": 200.0,
					"body": map[string]any{
						"balance": "1.00", "count": 3.0, "flags": []any{"blocked", "vip"}, "nested": map[string]any{"deep": true},
					},
					"headers": map[string]any{"X-Id": "7"},
				},
			},
			"input":   map[string]any{"number": "+15551234567"},
			"env":     map[string]any{"BASE": "https://example.com/api?x=1"},
			"leg":     map[string]any{"from": "+15550001111", "live": true, "params": map[string]any{"team": "blue"}},
			"legs":    map[string]any{"caller": map[string]any{"from": "+15550001111"}},
			"session": map[string]any{"id": "S1", "started": time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)},
		},
		Visits:   func(state string) int { return len(state) },
		Open:     func(string) bool { return true },
		NextOpen: func(string) time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) },
	}
}

var here = diag.Pos{File: "f.yaml", Line: 3, Column: 10}

func TestTemplateText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		src  string
		esc  Escape
		want string
	}{
		{"plain", None, "plain"},
		{"a $${x} b", None, "a ${x} b"},
		{"$${", None, "${"},
		{"Hi ${vars.name}!", None, "Hi Ann & Bob!"},
		{"${vars.tries}", None, "2"},
		{"${vars.tries + 1} of ${vars.balance}", None, "3 of 12.5"},
		{"${vars.done}/${vars.wait}/${session.started}", None, "true/1h30m/2026-11-23T14:00:00Z"},
		{"${{'a': '}'}['a']}", None, "}"},
		{"${vars.account.body.balance}", None, "1.00"},
		{"[${vars.account.body.nope.more}]", None, "[]"},
		{"[${vars.account.body.flags[1]}${vars.account.body.flags[7]}]", None, "[vip]"},
		{"[${vars.account.body.balance.x}]", None, "[]"},
		{"${vars.account?.body?.count}", None, "3"},
		{"${vars.account.body.nope ?? 'else'}", None, "else"},
		{"${leg.params.team}${leg.params.none}.", None, "blue."},
		{"${legs.agent.from}.", None, "."},
		{"${env.BASE}&n=${vars.name}", URL, "https://example.com/api?x=1&n=Ann%20%26%20Bob"},
		{"https://x.com/${input.number}", URL, "https://x.com/%2B15551234567"},
		{"${spoken(input.number)}", None, "1 5 5 5 1 2 3 4 5 6 7"},
		{"${money(vars.balance)} ${money(vars.account.body.balance)}", None, "12.50 1.00"},
		{"${phone('(202) 555-0123', 'US')}|${phone(vars.name, 'US')}", None, "+12025550123|"},
		{"${mask(input.number)} ${mask('1234')}", None, "********4567 ****"},
		{"${format(now(), 'Monday 15:04')} ${format(now(), '15:04', 'Europe/Berlin')}", None, "Monday 14:05 15:05"},
		{"${format(next_open('office'), '2 January')}", None, "24 November"},
		{"${visits('menu')}", None, "4"},
		{"${seconds(vars.wait)}", None, "5400"},
		{"${seconds(now() - session.started)}", None, "300"},
		{"${open('office') ? 'open' : 'closed'}", None, "open"},
		{"${text(vars.account.body.nope, 'none')} ${num(vars.account.body.balance, 0) + 1}", None, "none 2"},
		{"${num('', 7)} ${num(vars.account.body.flags, 8)}", None, "7 8"},
		{"${list(vars.account.body.flags, []) | join(', ') | upper()}", None, "BLOCKED, VIP"},
		{"${map(list(vars.account.body.flags), text(#) + '!') | join('')}", None, "blocked!vip!"},
		{"${let n = vars.name; n + n}", None, "Ann & BobAnn & Bob"},
		{"${toJSON({'b': 1, 'a': [vars.name]})}", None, `{"a":["Ann & Bob"],"b":1}`},
		{"${replace(vars.name, '&', 'and')} ${repeat('ab', 2)} ${toBase64('hi')}", None, "Ann and Bob abab aGk="},
		{"${len(vars.name) + int(vars.tries) % 2}", None, "9"},
		{"${'\u00e9\u00e9'}${vars.name}", None, "ééAnn & Bob"},
		{"${string(3)}${trim('  x ')}", None, "3x"},
	} {
		t.Run(tt.src, func(t *testing.T) {
			t.Parallel()
			tmpl, list := CompileTemplate(tt.src, here, testScope(), WantText, tt.esc)
			if len(list) > 0 {
				t.Fatal(list)
			}
			got, err := tmpl.Text(testEnv())
			if err != nil || got != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestCondition(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]bool{
		"vars.tries >= 2 and not (vars.name == '')":                             true,
		"not vars.account.ok or num(vars.account.body.balance, 0) < vars.tries": true,
		"'blocked' in list(vars.account.body.flags, [])":                        true,
		"vars.account.body.nope == nil":                                         true,
		"vars.account.body.balance != nil":                                      true,
		"flag(vars.account.body.nested.deep, false)":                            true,
		"leg.from matches '^[+]1555'":                                           true,
		"legs.agent.live":                                                       false,
		"vars.wait > duration('1h')":                                            true,
		"leg.from == legs.caller.from":                                          true,
		"any(list(vars.account.body.flags), text(#) == 'vip')":                  true,
		"vars.name in ['a', 'b']":                                               false,
		"vars.balance in [12.5]":                                                true,
		"vars.done":                                                             true,
	} {
		t.Run(src, func(t *testing.T) {
			t.Parallel()
			c, list := CompileCondition(src, here, testScope())
			if len(list) > 0 {
				t.Fatal(list)
			}
			got, err := c.True(testEnv())
			if err != nil || got != want {
				t.Errorf("got %v, %v; want %v", got, err, want)
			}
		})
	}
}

func TestTypedValues(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		src  string
		want Want
		out  any
	}{
		{"${vars.tries + 1}", WantNumber, 3.0},
		{"${len(vars.name)}", WantNumber, 9.0},
		{"${vars.tries}", WantDuration, 2 * time.Second},
		{"${vars.wait}", WantDuration, 90 * time.Minute},
		{"${vars.tries}m", WantDuration, 2 * time.Minute},
		{"30s", WantDuration, 30 * time.Second},
		{"${vars.done}", WantBool, true},
		{"${now()}", WantTime, testEnv().Now},
		{"${0.1 + 0.2}", WantMoney, Money(3000)},
		{"0.10", WantMoney, Money(1000)},
		{"${input.number}", WantPhone, "+15551234567"},
		{"${vars.account.body.flags}", WantAny, []any{"blocked", "vip"}},
		{"${[vars.tries, 'a']}", WantList, []any{2.0, "a"}},
		{"${split('a,b', ',')}", WantList, []any{"a", "b"}},
		{"x${vars.tries}", WantAny, "x2"},
		{"${nil}", WantAny, nil},
		{"${vars.tries}", WantText, "2"},
		{"12", WantNumber, 12.0},
		{"true", WantBool, true},
	} {
		t.Run(tt.src+" as "+tt.want.String(), func(t *testing.T) {
			t.Parallel()
			tmpl, list := CompileTemplate(tt.src, here, testScope(), tt.want, None)
			if len(list) > 0 {
				t.Fatal(list)
			}
			got, err := tmpl.Value(testEnv())
			if diff := cmp.Diff(tt.out, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
}

func TestRunErrors(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"ab ${num(vars.account.body.nope)}": "f.yaml:3:15: in num(vars.account.body.nope): num(): the value is missing; give a second argument to stand for it",
		"${text(vars.account.body.flags)}":  "f.yaml:3:12: in text(vars.account.body.flags): text(): the value is no text; give a second argument to stand for it",
		"${split('a', ',')[3]}":             "f.yaml:3:27: in split('a', ',')[3]: the list has no element at this place",
		"${vars.account.body}":              "f.yaml:3:12: in vars.account.body: a map cannot stand in a text; take one value out of it, or use toJSON()",
		"${money(vars.name)}":               `f.yaml:3:12: in money(vars.name): money(): "Ann & Bob" is no amount; write a decimal number with at most 4 places, like 0.10`,
		"${1 % 0}":                          "f.yaml:3:14: in 1 % 0: division by zero",
	} {
		t.Run(src, func(t *testing.T) {
			t.Parallel()
			tmpl, list := CompileTemplate(src, here, testScope(), WantText, None)
			if len(list) > 0 {
				t.Fatal(list)
			}
			_, err := tmpl.Text(testEnv())
			var re *RunError
			if !errors.As(err, &re) || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestMismatchedEnv(t *testing.T) {
	t.Parallel()
	c, _ := CompileCondition("vars.done and vars.tries > 1", here, testScope())
	_, err := c.True(&Env{Roots: map[string]any{"vars": map[string]any{"done": "yes"}}})
	if err == nil || !strings.Contains(err.Error(), "done is a text, but was declared as boolean") {
		t.Error(err)
	}
	if ok, err := c.True(nil); ok || err != nil {
		t.Error("what has not been set is the zero value:", ok, err)
	}
}

func TestRefs(t *testing.T) {
	t.Parallel()
	tmpl, list := CompileTemplate("${phone(leg.params.to, 'US')} ${secrets.TOKEN}\n${visits('menu') > 1 ? vars.account.body.x[vars.tries].y : nil}",
		here, testScope(), WantText, None, Indent(5))
	if len(list) > 0 {
		t.Fatal(list)
	}
	var got []string
	for _, r := range tmpl.Refs() {
		got = append(got, fmt.Sprintf("%s in %q at %s", strings.Join(r.Path, "."), r.Func, r.Pos))
	}
	for _, c := range tmpl.Calls() {
		got = append(got, fmt.Sprintf("%s(%s) at %s", c.Func, c.Arg, c.Pos))
	}
	want := []string{
		`leg.params.to in "phone" at f.yaml:3:18`, `secrets.TOKEN in "" at f.yaml:3:42`,
		`vars.tries in "" at f.yaml:4:48`, `vars.account.body.x in "" at f.yaml:4:28`,
		"phone() at f.yaml:3:12", "visits(menu) at f.yaml:4:7",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"leg", "secrets", "vars"}, tmpl.Roots()); diff != "" {
		t.Error(diff)
	}
}

func TestLazyRoots(t *testing.T) {
	t.Parallel()
	asked := map[string]int{}
	env := &Env{Root: func(root string) any {
		asked[root]++
		return map[string]any{"tries": float64(asked[root])}
	}}
	tmpl, _ := CompileTemplate("${vars.tries + 1} ${vars.tries}", here, testScope(), WantText, None)
	for i, want := range []string{"2 1", "2 1", "3 2"} {
		if i == 2 {
			env.Forget("vars")
		}
		if got, err := tmpl.Text(env); got != want || err != nil {
			t.Errorf("%d: got %q, %v", i, got, err)
		}
	}
	if diff := cmp.Diff(map[string]int{"vars": 2}, asked); diff != "" {
		t.Error(diff)
	}
}
