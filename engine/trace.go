package engine

import (
	"encoding/json"
	"fmt"
	"time"
)

// maxTraced is how much of a value the history keeps, in bytes. The session has it whole.
const maxTraced = 2000

// SetVar assigns a variable of the running list's flow.
func (x *Exec) SetVar(name string, v any) { x.assign(x.Vars(), name, v) }

// assign sets a variable and writes into the history what it is now.
func (x *Exec) assign(vars Values, name string, v any) {
	vars[name] = v
	x.Changed()
	x.note(Entry{What: "var", Leg: x.legNumber(), Name: name, Text: traced(v)})
}

// traced writes a value as people read it.
func traced(v any) string {
	switch v := v.(type) {
	case string:
		return cutTrace(v)
	case time.Duration:
		return v.String()
	}
	b, err := json.Marshal(v)
	if err != nil {
		b = fmt.Append(nil, v)
	}
	return cutTrace(string(b))
}

func cutTrace(s string) string {
	if len(s) > maxTraced {
		return s[:maxTraced] + "..."
	}
	return s
}

// fields are what the history keeps of what an effect asks for.
func (e *Effect) fields() map[string]string {
	if e.HTTP == nil {
		return e.Params
	}
	f := map[string]string{"method": e.HTTP.Method, "url": e.HTTP.URL}
	if e.HTTP.Body != "" {
		f["body"] = cutTrace(e.HTTP.Body)
	}
	return f
}
