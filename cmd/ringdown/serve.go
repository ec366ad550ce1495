package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ringdown/ringdown/engine/console"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/node"
)

// setting is one setting of the server: a flag, and an environment variable that
// counts where the flag is not given.
type setting struct {
	flag, env, fallback, help string
}

// settings are all settings of `serve`.
func settings() []setting {
	return []setting{
		{"account-sid", "TWILIO_ACCOUNT_SID", "", "SID of the Twilio account, AC..."},
		{"auth-token", "TWILIO_AUTH_TOKEN", "", "its auth token; several, with commas, while one replaces another"},
		{"api-key", "TWILIO_API_KEY", "", "API key for REST calls in place of the token, SK..."},
		{"api-secret", "TWILIO_API_SECRET", "", "secret of the API key"},
		{"twiml-app", "TWILIO_TWIML_APP_SID", "", "TwiML application of the console's phone, AP...; needs the API key"},
		{"twilio-url", "RINGDOWN_TWILIO_URL", "", "another base address of the REST API"},
		{"public-url", "RINGDOWN_PUBLIC_URL", "", "address under which Twilio reaches this server; several, with commas, during a move"},
		{"listen", "RINGDOWN_LISTEN", ":8080", "address to listen on"},
		{"store", "RINGDOWN_STORE", "ringdown.db", "SQLite file that keeps sessions, history and timers"},
		{"api-token", "RINGDOWN_API_TOKEN", "", "token of the control API, which is closed without one"},
		{"cps", "RINGDOWN_CPS", "1", "calls that the account places per second"},
		{"allow-private", "RINGDOWN_ALLOW_PRIVATE", "", "private networks that http steps may reach, such as 10.1.0.0/16; several with commas"},
		{"log-format", "RINGDOWN_LOG_FORMAT", "text", "text or json"},
		{"log-level", "RINGDOWN_LOG_LEVEL", "info", "debug, info, warn or error"},
	}
}

func newServeCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve [FLOWS_DIR]",
		Short: "Answer Twilio's webhooks with the flows of a folder",
		Long: `Answers Twilio's webhooks with the flows of FLOWS_DIR (default: flows) and drives live
calls through Twilio's REST API. Changed files are loaded while calls go on; calls that
are up keep the version with which they began.

Point a number's voice URL to PUBLIC_URL/voice, its fallback to PUBLIC_URL/voice/fallback
and its status callback to PUBLIC_URL/voice/status. A stop (SIGTERM, Ctrl-C) finishes
what is in hand, for 20 seconds at most; nothing that was answered is lost.

Each flag can be given as an environment variable; the flag wins.`,
		Example: `  export TWILIO_ACCOUNT_SID=AC... TWILIO_AUTH_TOKEN=... RINGDOWN_API_TOKEN=...
  ringdown serve --public-url https://voice.example.com
  ringdown serve --listen 127.0.0.1:9000 --store /var/lib/ringdown.db my-flows`,
		Args: cobra.MaximumNArgs(1),
	}
	values := map[string]*string{}
	for _, s := range settings() {
		values[s.flag] = cmd.Flags().String(s.flag, "", s.help+" ("+s.env+describeDefault(s.fallback)+")")
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		get := a.settingsOf(cmd, values)
		dir := "flows"
		if len(args) > 0 {
			dir = args[0]
		}
		return a.serve(cmd.Context(), dir, get)
	}
	return cmd
}

func describeDefault(value string) string {
	if value == "" {
		return ""
	}
	return ", default " + value
}

// settingsOf gives a function that looks a setting up by its flag: the flag, else the
// environment, else the default.
func (a *app) settingsOf(cmd *cobra.Command, values map[string]*string) func(flag string) string {
	byFlag := map[string]setting{}
	for _, s := range settings() {
		byFlag[s.flag] = s
	}
	return func(flag string) string {
		if cmd.Flags().Changed(flag) {
			return *values[flag]
		}
		if v, ok := a.Env(byFlag[flag].env); ok && v != "" {
			return v
		}
		return byFlag[flag].fallback
	}
}

func (a *app) serve(ctx context.Context, dir string, get func(string) string) error {
	log, err := newLogger(a.Err, get("log-format"), get("log-level"))
	if err != nil {
		return err
	}
	cfg, err := a.nodeConfig(dir, get, log)
	if err != nil {
		return err
	}
	relaxCollector()
	n, err := node.Open(ctx, cfg)
	if err != nil {
		return a.openError(dir, err)
	}
	listener, err := net.Listen("tcp", get("listen"))
	if err != nil {
		return &exitError{exitProblems, errors.Join(err, n.Close(ctx))}
	}
	if cfg.APIToken == "" {
		log.Warn("the control API and the console are closed: set RINGDOWN_API_TOKEN to open them")
	}
	log.Info("serving", "listen", listener.Addr().String(), "public", cfg.PublicURLs[0], "console", console.Path, "store", cfg.Store)
	if err := n.Serve(ctx, listener); err != nil {
		return &exitError{exitProblems, err}
	}
	log.Info("stopped")
	return nil
}

// relaxCollector lets the garbage collector run less often, unless GOGC says otherwise:
// the heap of a server is small beside what webhooks allocate, so with Go's default it
// would be collected many times a second.
func relaxCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// openError tells why the server does not start: wrong flows with every place.
func (a *app) openError(dir string, err error) error {
	var wrong *node.DiagnosticsError
	switch {
	case errors.As(err, &wrong):
		_ = diag.WriteText(a.Err, wrong.List, sourceIn(dir), a.colored(a.Err))
		return &exitError{exitProblems, errors.New("the server was not started: the flows have errors")}
	case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
		return &exitError{exitRead, err}
	}
	return &exitError{exitUsage, fmt.Errorf("the server was not started: %w", err)}
}

func sourceIn(dir string) func(string) []byte {
	return func(file string) []byte {
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
		if err != nil {
			return nil
		}
		return text
	}
}

func (a *app) nodeConfig(dir string, get func(string) string, log *slog.Logger) (node.Config, error) {
	cps, err := strconv.ParseFloat(get("cps"), 64)
	if err != nil || cps <= 0 || cps > 1000 {
		return node.Config{}, usageError("RINGDOWN_CPS must be a number above 0, at most 1000")
	}
	var private []netip.Prefix
	for _, text := range commaList(get("allow-private")) {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return node.Config{}, usageError("RINGDOWN_ALLOW_PRIVATE: %q is no network such as 10.1.0.0/16", text)
		}
		private = append(private, p)
	}
	return node.Config{
		Flows: dir, AccountSID: get("account-sid"), AuthTokens: commaList(get("auth-token")),
		APIKey: get("api-key"), APISecret: get("api-secret"), TwiMLApp: get("twiml-app"), TwilioURL: get("twilio-url"),
		PublicURLs: commaList(get("public-url")), Store: get("store"), APIToken: get("api-token"),
		CPS: cps, Env: a.Env, AllowPrivate: private, Log: log,
		Loaded: func(r node.Report) { a.reportLoad(dir, log, r) },
	}, nil
}

// reportLoad tells what came of a load: one line for the log, and the problems as
// `validate` writes them.
func (a *app) reportLoad(dir string, log *slog.Logger, r node.Report) {
	switch {
	case r.Err != nil && len(r.Diagnostics) > 0:
		log.Error("the changed flows have errors; those that were loaded stay in force", "problems", len(r.Diagnostics))
	case r.Err != nil:
		log.Error("the flows cannot be read; those that were loaded stay in force", "error", r.Err)
	case r.First:
		log.Info("flows loaded", "flows", r.Flows)
	default:
		log.Info("flows reloaded", "flows", r.Flows, "added", r.Added, "changed", r.Changed, "removed", r.Removed)
	}
	if len(r.Diagnostics) > 0 {
		_ = diag.WriteText(a.Err, r.Diagnostics, sourceIn(dir), a.colored(a.Err))
	}
}

func commaList(text string) []string {
	var list []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

func newLogger(w io.Writer, format, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, usageError("the log level is debug, info, warn or error, not %q", level)
	}
	o := &slog.HandlerOptions{Level: l}
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, o)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, o)), nil
	}
	return nil, usageError("the log format is text or json, not %q", format)
}
