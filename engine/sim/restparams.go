package sim

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// paramRules are what a method of a resource takes, by name. One that is not
// there is ignored, with the warning 20001.
type paramRules map[string]rule

// rule says what is wrong with a value, and which error that is.
type rule struct {
	wrong func(value string) string // "" for a good value; nil takes all
	code  int
}

// codeParameter is the error of a wrong value that has no code of its own.
const codeParameter = 20001

// parameterN are the custom parameters of a stream or a SIPREC session.
var parameterN = regexp.MustCompile(`^Parameter[1-9][0-9]?\.(Name|Value)$`)

// check refuses wrong values. An empty value counts as none.
func (p paramRules) check(s *Sim, q *restRequest) *restError {
	names := make([]string, 0, len(q.form))
	for name := range q.form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		r, known := p[name]
		_, custom := p["ParameterN"]
		if !known && !(custom && parameterN.MatchString(name)) {
			s.alert(codeParameter, q.callSID(), "", "unknown parameter "+name, fetched{method: q.method, url: q.path})
			continue
		}
		for _, value := range q.form[name] {
			if value == "" || r.wrong == nil {
				continue
			}
			if why := r.wrong(value); why != "" {
				return badRequest(r.code, name+" "+why+": "+value)
			}
		}
	}
	return nil
}

// params joins parameters.
func params(groups ...paramRules) paramRules {
	all := paramRules{}
	for _, group := range groups {
		for name, r := range group {
			all[name] = r
		}
	}
	return all
}

func ruled(r rule, names string) paramRules {
	p := paramRules{}
	for _, name := range strings.Fields(names) {
		p[name] = r
	}
	return p
}

// plain parameters are checked by their handler, or not at all.
func plain(names string) paramRules { return ruled(rule{}, names) }

// filters are those of a list: NAME@ is a date with its NAME< and NAME>.
func filters(names string) paramRules {
	p := plain("PageSize Page PageToken")
	for _, name := range strings.Fields(names) {
		if base, dated := strings.CutSuffix(name, "@"); dated {
			day := rule{code: codeParameter, wrong: func(v string) string {
				_, _, ok := parseDate(v)
				return pick(ok, "", "is not a date like 2026-03-02")
			}}
			p[base], p[base+"<"], p[base+">"] = day, day, day
			continue
		}
		p[name] = rule{}
	}
	return p
}

// webURLs are absolute http or https URLs.
func webURLs(code int, names string) paramRules {
	return ruled(rule{code: code, wrong: func(v string) string {
		u, err := url.Parse(v)
		return pick(err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https"), "", "is not an http or https URL")
	}}, names)
}

// methods are GET or POST.
func methods(names string) paramRules { return words(21209, "GET POST", names) }

// words are one of a few, in any case.
func words(code int, allowed, names string) paramRules {
	list := strings.Fields(allowed)
	return ruled(rule{code: code, wrong: func(v string) string {
		return pick(slices.ContainsFunc(list, func(w string) bool { return strings.EqualFold(w, v) }), "", "is not one of "+strings.Join(list, ", "))
	}}, names)
}

// wholes are numbers from low to high.
func wholes(code, low, high int, names string) paramRules {
	return ruled(rule{code: code, wrong: func(v string) string {
		_, ok := ranged(v, low, high)
		return pick(ok, "", fmt.Sprintf("is not a number from %d to %d", low, high))
	}}, names)
}

// short are texts of at most n characters.
func short(code, n int, names string) paramRules {
	return ruled(rule{code: code, wrong: func(v string) string {
		return pick(len([]rune(v)) <= n, "", "is longer than "+strconv.Itoa(n)+" characters")
	}}, names)
}

// patterns are texts of a form.
func patterns(code int, form *regexp.Regexp, wrong, names string) paramRules {
	return ruled(rule{code: code, wrong: func(v string) string { return pick(form.MatchString(v), "", wrong) }}, names)
}

// objects are JSON objects.
func objects(names string) paramRules {
	return ruled(rule{code: codeParameter, wrong: func(v string) string {
		var o map[string]any
		return pick(json.Unmarshal([]byte(v), &o) == nil && o != nil, "", "is not a JSON object")
	}}, names)
}

// eventLists are words, one parameter for each or several in one.
func eventLists(allowed, names string) paramRules {
	list := strings.Fields(allowed)
	return ruled(rule{code: 21626, wrong: func(v string) string {
		for _, word := range strings.Fields(v) {
			if !slices.Contains(list, word) {
				return "is not made of " + strings.Join(list, ", ")
			}
		}
		return ""
	}}, names)
}
