package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/engine/server"
)

// remote is what the commands that talk to a running server share.
type remote struct {
	app   *app
	url   *string
	token *string
	json  *bool
}

const defaultURL = "http://127.0.0.1:8080"

func (a *app) remote(cmd *cobra.Command) *remote {
	return &remote{
		app:   a,
		url:   cmd.Flags().String("url", "", "address of the server (RINGDOWN_URL, default "+defaultURL+")"),
		token: cmd.Flags().String("token", "", "token of its control API (RINGDOWN_API_TOKEN)"),
		json:  cmd.Flags().Bool("json", false, "print the server's answer as JSON"),
	}
}

// setting is the flag, else the environment, else the default.
func (r *remote) setting(flag *string, env, fallback string) string {
	if *flag != "" {
		return *flag
	}
	if v, ok := r.app.Env(env); ok && v != "" {
		return v
	}
	return fallback
}

// maxAnswer is the most bytes that are read of an answer.
const maxAnswer = 64 << 20

// do sends a request and gives the body of the answer. A refusal is an error with the
// server's own words.
func (r *remote) do(ctx context.Context, method, path string, body any) ([]byte, error) {
	token := r.setting(r.token, "RINGDOWN_API_TOKEN", "")
	if token == "" {
		return nil, usageError("no token: set RINGDOWN_API_TOKEN to the one of the server")
	}
	var payload io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		payload = bytes.NewReader(data)
	}
	base := strings.TrimRight(r.setting(r.url, "RINGDOWN_URL", defaultURL), "/")
	req, err := http.NewRequestWithContext(ctx, method, base+path, payload)
	if err != nil {
		return nil, usageError("the address of the server must be like %s", defaultURL)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if payload != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{Timeout: 30 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return nil, &exitError{exitProblems, fmt.Errorf("the server cannot be reached: %w", err)}
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, &exitError{exitProblems, fmt.Errorf("the server's answer broke off: %w", err)}
	}
	if resp.StatusCode >= 300 {
		return nil, &exitError{exitProblems, refusal(resp.StatusCode, answer)}
	}
	return answer, nil
}

// refusal puts a problem answer into words.
func refusal(status int, answer []byte) error {
	var p server.Problem
	if err := json.Unmarshal(answer, &p); err != nil || p.Title == "" {
		return fmt.Errorf("the server answered %d %s", status, http.StatusText(status))
	}
	text := p.Detail
	if text == "" {
		text = p.Title
	}
	for _, e := range p.Errors {
		text += "\n  " + e.Name + ": " + e.Message
	}
	return errors.New(text)
}

// show prints the answer: as it came with --json, else as text.
func (r *remote) show(answer []byte, out any, text func(w io.Writer)) error {
	if *r.json {
		if len(answer) == 0 {
			answer = []byte("{}\n")
		}
		_, err := r.app.Out.Write(answer)
		return err
	}
	if out != nil {
		if err := json.Unmarshal(answer, out); err != nil {
			return &exitError{exitProblems, fmt.Errorf("the server's answer cannot be read; is it another version? %w", err)}
		}
	}
	text(r.app.Out)
	return nil
}

// pairs reads key=value arguments.
func pairs(args []string) (map[string]string, error) {
	values := make(map[string]string, len(args))
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return nil, usageError("%q is not of the form key=value", arg)
		}
		if _, twice := values[name]; twice {
			return nil, usageError("%s is given twice", name)
		}
		values[name] = value
	}
	return values, nil
}

func sessionPath(id string) string { return "/api/sessions/" + url.PathEscape(id) }
