package flowtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/server"
)

// API is a client of the control API of a running server.
type API struct {
	Base  string // address of the server, without a slash at its end
	Token string
	HTTP  *http.Client
}

// StatusError is an answer of the control API that is no success.
type StatusError struct {
	Status int
	Body   string
}

// Error gives status and body.
func (e *StatusError) Error() string { return fmt.Sprintf("control API: %d: %s", e.Status, e.Body) }

// StartFlow starts a session of a flow and returns its id. The key, if there is one,
// makes repetitions one start.
func (a *API) StartFlow(flow string, input map[string]any, key string) (string, error) {
	var out struct {
		ID string `json:"id"`
	}
	err := a.do(http.MethodPost, "/api/flows/"+url.PathEscape(flow)+"/sessions", key, map[string]any{"input": input}, &out)
	return out.ID, err
}

// Signal sends a signal to a session.
func (a *API) Signal(session, name string, data map[string]any) error {
	return a.do(http.MethodPost, "/api/sessions/"+session+"/signals/"+name, "", map[string]any{"data": data}, nil)
}

// End ends a session.
func (a *API) End(session string) error {
	return a.do(http.MethodDelete, "/api/sessions/"+session, "", nil, nil)
}

// Switch turns a switch on or off.
func (a *API) Switch(name string, on bool) error {
	return a.do(http.MethodPut, "/api/switches/"+url.PathEscape(name), "", map[string]any{"on": on}, nil)
}

// Session shows a session.
func (a *API) Session(id string) (server.SessionView, error) {
	var v server.SessionView
	return v, a.do(http.MethodGet, "/api/sessions/"+id, "", nil, &v)
}

// Sessions lists all sessions, or only those that are not closed.
func (a *API) Sessions(active bool) ([]server.SessionLine, error) {
	path := "/api/sessions"
	if active {
		path += "?active=true"
	}
	var out struct {
		Sessions []server.SessionLine `json:"sessions"`
	}
	err := a.do(http.MethodGet, path, "", nil, &out)
	return out.Sessions, err
}

// Line is one line of a session's history with the commit that wrote it.
type Line struct {
	Rev int64
	engine.Entry
}

// History gives everything that a session wrote down, oldest first.
func (a *API) History(id string) ([]Line, error) {
	var v server.HistoryView
	if err := a.do(http.MethodGet, "/api/sessions/"+id+"/history", "", nil, &v); err != nil {
		return nil, err
	}
	var lines []Line
	for _, c := range v.History {
		var entries []engine.Entry
		if err := json.Unmarshal(c.Entries, &entries); err != nil {
			return nil, fmt.Errorf("history of %s at %d: %w", id, c.Rev, err)
		}
		for _, e := range entries {
			lines = append(lines, Line{Rev: c.Rev, Entry: e})
		}
	}
	return lines, nil
}

// do makes one request; out, if not nil, gets the answer.
func (a *API) do(method, path, key string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, a.Base+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+a.Token)
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	resp, err := a.HTTP.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return &StatusError{Status: resp.StatusCode, Body: string(data)}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(data, out)
}

// REST makes a request to the simulated Twilio, as another program of the account would.
// It gives the answer's JSON.
func (w *World) REST(method, path string, form url.Values) (map[string]any, error) {
	req, err := http.NewRequestWithContext(context.Background(), method, w.rest.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(w.Sim.AccountSID(), w.Sim.AuthToken())
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := w.API.HTTP.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		return nil, &StatusError{Status: resp.StatusCode, Body: string(data)}
	}
	if len(data) == 0 {
		return nil, nil
	}
	var out map[string]any
	err = json.Unmarshal(data, &out)
	return out, err
}
