package expr

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// hostile are expressions that would take gigabytes, or for ever, without a budget.
func hostile() map[string]string {
	chain := func(step, last string) string {
		var b strings.Builder
		b.WriteString("let a0 = [1, 1];")
		for i := range 60 {
			fmt.Fprintf(&b, "let a%d = %s;", i+1, strings.ReplaceAll(step, "#", fmt.Sprintf("a%d", i)))
		}
		return b.String() + strings.ReplaceAll(last, "#", "a60")
	}
	return map[string]string{
		"doubling a text":      "reduce(1..60, text(#acc) + text(#acc), 'x')",
		"doubling by replace":  "reduce(1..60, replace(text(#acc), 'x', 'xx'), 'x')",
		"doubling by join":     "reduce(1..60, join([text(#acc), text(#acc)], ''), 'x')",
		"repeat":               "repeat('abcdefgh', 1000000)",
		"repeat of repeat":     "repeat(repeat('x', 100000), 100000)",
		"repeat far too often": "repeat('', 9000000000)",
		"base64 again":         "reduce(1..200, toBase64(text(#acc)), 'x')",
		"JSON of JSON":         `reduce(1..60, toJSON(#acc), '"')`,
		"range":                "1..2000000000",
		"nested ranges":        "sum(map(1..1000, sum(map(1..1000, #))))",
		"nested loops":         "let a = 1..300; count(a, count(a, count(a, count(a, true) > 0) > 0) > 0)",
		"long loop":            "let a = 1..20000; all(a, true) and all(a, true)",
		"lists of lists":       chain("[#, #]", "max(#)"),
		"objects of objects":   chain("{'a': #, 'b': #}", "toJSON(#)"),
		"mapped lists":         chain("map([1, 1], #)", "flatten(#)"),
		"concatenated lists":   chain("concat(#, #)", "len(#)"),
		"list as accumulator":  "reduce(1..60, [#acc, #acc], [1])",
	}
}

func TestBudgets(t *testing.T) {
	t.Parallel()
	for name, src := range hostile() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tmpl, list := CompileTemplate("${"+src+"}", here, testScope(), WantAny, None)
			if len(list) > 0 {
				t.Fatal(list)
			}
			v, err := tmpl.Value(testEnv())
			var re *RunError
			if !errors.As(err, &re) || !strings.Contains(err.Error(), "too much time or memory") {
				t.Errorf("got %T, %v", v, err)
			}
		})
	}
}

func TestSourceLimits(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ src, code string }{
		"long":             {"vars.done" + strings.Repeat(" ", maxSource), "expr-too-long"},
		"deep parentheses": {strings.Repeat("(", 4_000_000), "expr-too-long"},
		"deep but short":   {strings.Repeat("(", 2000) + "1" + strings.Repeat(")", 2000), ""},
		"deep lists":       {strings.Repeat("[", 2000) + strings.Repeat("]", 2000), "expr-too-long"},
		"many nodes":       {strings.Repeat("not ", 1010) + "vars.done", "expr-too-long"},
		"not UTF-8":        {"'\xff'", "expr-syntax"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, list := CompileTemplate("${"+tt.src+"}", here, testScope(), WantAny, None)
			code := ""
			if len(list) > 0 {
				code = list[0].Code
			}
			if code != tt.code {
				t.Errorf("got %.200s", report(list))
			}
		})
	}
}

func TestBudgetIsPerEvaluation(t *testing.T) {
	t.Parallel()
	tmpl, list := CompileTemplate("${len(repeat(vars.name, 100000))}", here, testScope(), WantNumber, None)
	if len(list) > 0 {
		t.Fatal(list)
	}
	env := testEnv()
	for range 3 {
		if n, err := tmpl.Number(env); err != nil || n != 900_000 {
			t.Fatal(n, err)
		}
	}
}

// The same event gives the same values, whoever evaluates it, however often and
// beside whatever else.
func TestDeterministicAndConcurrent(t *testing.T) {
	t.Parallel()
	sc := testScope()
	srcs := []string{
		"${toJSON(vars)} ${string(now())} ${format(session.started, 'Jan 2 15:04:05 MST')}",
		"${join(map(sort(list(vars.account.body.flags)), text(#)), '+')} ${toJSON(groupBy(list(vars.account.body.flags), len(text(#)))[3])}",
		"${toJSON({'z': vars.tries, 'a': leg.params, 'm': [vars.name + '!']})}",
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	seen := map[string]map[string]bool{}
	for range 8 {
		wg.Go(func() {
			for _, src := range srcs {
				tmpl, list := CompileTemplate(src, here, sc.With("vars", sc.roots["vars"]), WantText, None)
				if len(list) > 0 {
					t.Error(list)
					return
				}
				for range 20 {
					got, err := tmpl.Text(testEnv())
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					if seen[src] == nil {
						seen[src] = map[string]bool{}
					}
					seen[src][got] = true
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	for src, results := range seen {
		if len(results) != 1 {
			t.Errorf("%s gave %v", src, results)
		}
	}
}

func TestScopesAreImmutable(t *testing.T) {
	t.Parallel()
	base := testScope()
	more := base.With("event", ObjectOf(map[string]Type{"digits": Of(Text)}))
	less := more.Without("event", "gone")
	for i, sc := range []*Scope{base, more, less} {
		_, list := CompileCondition("event.digits == '1'", here, sc)
		if (len(list) == 0) != (i == 1) {
			t.Errorf("%d: %s", i, report(list))
		}
	}
	if _, ok := more.Root("event"); !ok {
		t.Error("the derived scope has lost its root")
	}
}

func TestLiteralCostsNothing(t *testing.T) {
	tmpl, _ := CompileTemplate("Welcome.", here, testScope(), WantText, None)
	name, _ := CompileTemplate("${vars.name}", here, testScope(), WantText, None)
	env := testEnv()
	if n := testing.AllocsPerRun(100, func() { _, _ = tmpl.Text(env); _, _ = tmpl.Value(env) }); n != 0 {
		t.Errorf("a literal takes %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = name.Text(env) }); n != 0 {
		t.Errorf("a plain name takes %v allocations", n)
	}
}

func FuzzTemplate(f *testing.F) {
	for _, src := range hostile() {
		f.Add("${" + src + "}")
	}
	for _, src := range []string{
		"", "$", "${", "$${", "${}", "${vars.name}", "a ${'}'} ${{'a': 1}['a']}", "${\"\\", "${`", "${vars.account.body.a?.b[0]}",
		"${let x = vars; x.name}", "${filter(list(vars.account.body.flags), # != nil)}", "${-vars.wait}", "${1 / 0}", "${now() - now()}",
		"${1.0 % 2}", "${0x}", "${#}", "${list(nil, [1])[5:]}", "${get([1], 3)}", "${date('2026')}", "${1 in {'a': 1}}",
	} {
		f.Add(src)
	}
	sc, env := testScope(), testEnv()
	f.Fuzz(func(t *testing.T, src string) {
		for _, want := range []Want{WantAny, WantText, WantDuration} {
			tmpl, list := CompileTemplate(src, here, sc, want, URL)
			if (tmpl == nil) != (len(list) > 0) {
				t.Fatal("a template is there exactly when there is no error")
			}
			if tmpl == nil {
				continue
			}
			v, err := tmpl.Value(env)
			again, err2 := tmpl.Value(env)
			if fmt.Sprint(err) != fmt.Sprint(err2) || err == nil && !same(v, again) {
				t.Fatalf("%v, %v and then %v, %v", v, err, again, err2)
			}
			if err == nil && v != nil && kindOf(v) == Any {
				t.Fatalf("%T is no value of a flow", v)
			}
		}
	})
}

func same(a, b any) bool { return cmp.Equal(fmt.Sprint(a), fmt.Sprint(b)) }

func BenchmarkCompile(b *testing.B) {
	for _, src := range []string{"${env.BASE}", "a ${vars.name}, ${spoken(input.number)}", "${num(vars.account.body.balance, 0) < vars.tries and not vars.account.ok}"} {
		b.Run(src, func(b *testing.B) {
			sc := testScope()
			b.ReportAllocs()
			for b.Loop() {
				if _, list := CompileTemplate(src, here, sc, WantText, None); len(list) > 0 {
					b.Fatal(list)
				}
			}
		})
	}
}

// BenchmarkFile is what a file of twenty expressions and fifteen scopes costs.
func BenchmarkFile(b *testing.B) {
	srcs := []string{
		"${env.BASE}", "${input.number}", "Hello.", "${leg.from}", "Hello ${vars.name}.", "${vars.tries + 1}", "${env.BASE}/x/${leg.from}",
		"${num(vars.account.body.balance, 0)}", "${vars.tries >= 3}", "${not vars.account.ok}", "${event.digits == '1'}", "${spoken(input.number)}",
		"${legs.agent.from}", "${legs.caller.live}", "${money(vars.balance)}", "${phone(event.digits, 'US')}", "${visits('menu') > 3}", "${event.name}", "${vars.name}", "Bye.",
	}
	b.ReportAllocs()
	for b.Loop() {
		sc := testScope()
		for range 15 {
			sc.With("event", ObjectOf(map[string]Type{"digits": Of(Text), "name": Of(Text)}))
		}
		inner := sc.With("event", ObjectOf(map[string]Type{"digits": Of(Text), "name": Of(Text)}))
		for _, src := range srcs {
			if _, list := CompileTemplate(src, here, inner, WantText, None); len(list) > 0 {
				b.Fatal(list)
			}
		}
	}
}

func BenchmarkRun(b *testing.B) {
	for _, src := range []string{"Welcome.", "${vars.name}", "Hi ${vars.name}.", "${vars.tries + 1}", "${num(vars.account.body.balance, 0) < vars.tries and not vars.account.ok}", "${vars.name + '!'}"} {
		b.Run(src, func(b *testing.B) {
			tmpl, list := CompileTemplate(src, here, testScope(), WantText, None)
			if len(list) > 0 {
				b.Fatal(list)
			}
			env := testEnv()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := tmpl.Text(env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
