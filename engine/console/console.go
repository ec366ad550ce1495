// Package console serves the page on which people look at sessions, start flows and send
// signals: markup, styles and scripts, and the login. What the page shows and does goes
// through the control API of package server.
package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"io/fs"
	"log/slog"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/ringdown/ringdown/engine/clock"
)

//go:embed page.html login.html assets
var files embed.FS

// Path is where the page is.
const Path = "/console/"

// Config configures a Console. Clock is required.
type Config struct {
	// Token is what people log in with. With "" nobody can.
	Token string
	// Open lets everybody in who reaches the server.
	Open bool
	// PublicURLs tell under which hosts the server is reached by https, so that the
	// cookie is sent over nothing else there.
	PublicURLs []string
	// Desk gives the page the simulated phones of package desk.
	Desk bool
	// Voice gives the page a phone for real calls, Twilio's Voice SDK.
	Voice bool
	Clock clock.Clock
	Log   *slog.Logger // nil: no log
}

// Console is an http.Handler for everything under Path, safe for concurrent use.
type Console struct {
	cfg     Config
	key     [sha256.Size]byte // of the cookies
	cross   *http.CrossOriginProtection
	limit   limiter
	page    []byte
	login   *template.Template
	assets  map[string]asset
	policy  string
	secured []string // hosts of https
	mux     *http.ServeMux
}

type asset struct {
	body      []byte
	kind, tag string
}

// New makes a Console.
func New(cfg Config) *Console {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	c := &Console{
		cfg: cfg, key: cookieKey(cfg.Token), cross: http.NewCrossOriginProtection(), limit: limiter{now: cfg.Clock.Now},
		login: template.Must(template.ParseFS(files, "login.html")), assets: readAssets(), mux: http.NewServeMux(),
		policy: policy(cfg.Voice),
	}
	if !cfg.Voice {
		delete(c.assets, "vendor/twilio.js")
	}
	var page bytes.Buffer
	// A template of ours that is embedded always executes.
	_ = template.Must(template.ParseFS(files, "page.html")).Execute(&page, map[string]any{"Desk": cfg.Desk, "Voice": cfg.Voice, "Login": !cfg.Open})
	c.page = page.Bytes()
	for _, u := range cfg.PublicURLs {
		if host, ok := strings.CutPrefix(u, "https://"); ok {
			c.secured = append(c.secured, strings.TrimRight(host, "/"))
		}
	}
	c.mux.HandleFunc("GET "+Path+"{$}", c.home)
	c.mux.HandleFunc("GET "+Path+"assets/{file...}", c.asset)
	c.mux.HandleFunc("POST "+Path+"login", c.logIn)
	c.mux.HandleFunc("POST "+Path+"logout", c.logOut)
	return c
}

// policy is what the page may load: nothing from elsewhere, but for a phone what
// https://www.npmjs.com/package/@twilio/voice-sdk asks for.
func policy(voice bool) string {
	connect, media := "", ""
	if voice {
		connect = " https://eventgw.twilio.com wss://voice-js.roaming.twilio.com https://media.twiliocdn.com https://sdk.twilio.com"
		media = " mediastream: https://media.twiliocdn.com https://sdk.twilio.com"
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'" + connect +
		"; media-src 'self'" + media + "; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}

func readAssets() map[string]asset {
	assets := map[string]asset{}
	err := fs.WalkDir(files, "assets", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		sum := sha256.Sum256(body)
		kind := mime.TypeByExtension(path.Ext(name))
		if path.Ext(name) == ".js" { // the table of the machine may know better than is good
			kind = "text/javascript; charset=utf-8"
		}
		assets[strings.TrimPrefix(name, "assets/")] = asset{body, kind, `"` + hex.EncodeToString(sum[:8]) + `"`}
		return err
	})
	if err != nil {
		panic(err) // embedded files can be read
	}
	return assets
}

// ServeHTTP serves the page and takes logins.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", c.policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.mux.ServeHTTP(w, r)
}

func (c *Console) home(w http.ResponseWriter, r *http.Request) {
	if !c.known(r) {
		c.askToken(w, http.StatusOK, "")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(c.page) // who has gone does not read
}

func (c *Console) asset(w http.ResponseWriter, r *http.Request) {
	a, ok := c.assets[r.PathValue("file")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "no-cache") // asked for each time, sent when it has changed
	h.Set("ETag", a.tag)
	if r.Header.Get("If-None-Match") == a.tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(a.body) // who has gone does not read
}
