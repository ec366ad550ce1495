package rest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Rules are what a method of a resource takes, by name. A parameter that is not
// there is ignored, with the warning 20001. ParameterN stands for the custom
// parameters of a stream or a SIPREC session.
type Rules map[string]Rule

// Rule says what is wrong with a value, and which error that is.
type Rule struct {
	Wrong func(value string) string // "" for a good value; nil takes all
	Code  int
}

// CodeParameter is the error of a wrong value that has no code of its own.
const CodeParameter = 20001

// Check refuses wrong values. An empty value counts as none; unknown is told the
// names that are not there.
func (p Rules) Check(q *Request, unknown func(name string)) *Error {
	for _, name := range slices.Sorted(maps.Keys(q.Form)) {
		r, known := p[name]
		_, custom := p["ParameterN"]
		if !known && !(custom && parameterN.MatchString(name)) {
			unknown(name)
			continue
		}
		for _, value := range q.Form[name] {
			if value == "" || r.Wrong == nil {
				continue
			}
			if why := r.Wrong(value); why != "" {
				return BadRequest(r.Code, name+" "+why+": "+value)
			}
		}
	}
	return nil
}

// parameterN are the custom parameters of a stream or a SIPREC session.
var parameterN = regexp.MustCompile(`^Parameter[1-9][0-9]?\.(Name|Value)$`)

// Join joins rules; of two for a name the later one counts.
func Join(groups ...Rules) Rules {
	all := Rules{}
	for _, group := range groups {
		for name, r := range group {
			all[name] = r
		}
	}
	return all
}

// Ruled are parameters with the same rule; names has spaces between them, as with
// all that follow.
func Ruled(r Rule, names string) Rules {
	p := Rules{}
	for _, name := range strings.Fields(names) {
		p[name] = r
	}
	return p
}

// Names are those of the parameters, in order.
func (p Rules) Names() []string { return slices.Sorted(maps.Keys(p)) }

// Plain parameters are checked by their handler, or not at all.
func Plain(names string) Rules { return Ruled(Rule{}, names) }

// Filters are those of a list, with those of its pages: NAME@ is a date with its NAME< and NAME>.
func Filters(names string) Rules {
	p := Plain("PageSize Page PageToken")
	for _, name := range strings.Fields(names) {
		if base, dated := strings.CutSuffix(name, "@"); dated {
			day := Rule{Code: CodeParameter, Wrong: func(v string) string {
				_, _, ok := ParseDate(v)
				return unless(ok, "is not a date like 2026-03-02")
			}}
			p[base], p[base+"<"], p[base+">"] = day, day, day
			continue
		}
		p[name] = Rule{}
	}
	return p
}

// WebURLs are absolute http or https URLs.
func WebURLs(code int, names string) Rules {
	return Ruled(Rule{Code: code, Wrong: func(v string) string {
		u, err := url.Parse(v)
		return unless(err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https"), "is not an http or https URL")
	}}, names)
}

// Methods are GET or POST, else error 21209.
func Methods(names string) Rules { return Words(21209, "GET POST", names) }

// Words are one of a few, in any case.
func Words(code int, allowed, names string) Rules {
	list := strings.Fields(allowed)
	return Ruled(Rule{Code: code, Wrong: func(v string) string {
		return unless(slices.ContainsFunc(list, func(w string) bool { return strings.EqualFold(w, v) }), "is not one of "+strings.Join(list, ", "))
	}}, names)
}

// Wholes are numbers from low to high.
func Wholes(code, low, high int, names string) Rules {
	return Ruled(Rule{Code: code, Wrong: func(v string) string {
		n, err := strconv.Atoi(v)
		return unless(err == nil && n >= low && n <= high, fmt.Sprintf("is not a number from %d to %d", low, high))
	}}, names)
}

// Short are texts of at most n characters.
func Short(code, n int, names string) Rules {
	return Ruled(Rule{Code: code, Wrong: func(v string) string {
		return unless(len([]rune(v)) <= n, "is longer than "+strconv.Itoa(n)+" characters")
	}}, names)
}

// Patterns are texts of a form.
func Patterns(code int, form *regexp.Regexp, wrong, names string) Rules {
	return Ruled(Rule{Code: code, Wrong: func(v string) string { return unless(form.MatchString(v), wrong) }}, names)
}

// Objects are JSON objects.
func Objects(names string) Rules {
	return Ruled(Rule{Code: CodeParameter, Wrong: func(v string) string {
		var o map[string]any
		return unless(json.Unmarshal([]byte(v), &o) == nil && o != nil, "is not a JSON object")
	}}, names)
}

// EventLists are words, one parameter for each or several in one; the error of
// others is 21626.
func EventLists(allowed, names string) Rules {
	list := strings.Fields(allowed)
	return Ruled(Rule{Code: 21626, Wrong: func(v string) string {
		for _, word := range strings.Fields(v) {
			if !slices.Contains(list, word) {
				return "is not made of " + strings.Join(list, ", ")
			}
		}
		return ""
	}}, names)
}

// unless says what is wrong with a value that is not good.
func unless(good bool, wrong string) string {
	if good {
		return ""
	}
	return wrong
}
