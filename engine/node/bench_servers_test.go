package node_test

import (
	"context"
	"database/sql"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/twilio/twilio-go/client"
	"github.com/twilio/twilio-go/twiml"
	_ "modernc.org/sqlite"

	"github.com/ringdown/ringdown/engine/node"
)

// serveConstant answers every webhook with the same document.
func serveConstant(_ string, l net.Listener) error {
	doc := []byte(`<?xml version="1.0" encoding="UTF-8"?><Response><Gather action="/next" actionOnEmptyResult="true" numDigits="1" timeout="6"><Say>For sales press 1.</Say></Gather></Response>`)
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/xml")
		_, _ = w.Write(doc)
	}))
}

// serveByHand is the menu as people write it: state in a database, a transaction for
// each webhook, TwiML with the helper library.
func serveByHand(dir string, l net.Listener) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "hand.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		return err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE calls (sid TEXT PRIMARY KEY, state TEXT, tries INT); CREATE TABLE log (sid TEXT, what TEXT, fields TEXT)`); err != nil {
		return err
	}
	validator := client.NewRequestValidator(benchToken)
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		params := map[string]string{}
		for k, v := range r.PostForm {
			params[k] = v[0]
		}
		if !validator.Validate(benchBase+r.URL.RequestURI(), params, r.Header.Get("X-Twilio-Signature")) {
			http.Error(w, "signature", http.StatusForbidden)
			return
		}
		tries, err := handStep(r.Context(), db, params, r.PostForm)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		doc, err := handDocument(tries)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/xml")
		_, _ = io.WriteString(w, doc)
	}))
}

func handStep(ctx context.Context, db *sql.DB, params map[string]string, form url.Values) (tries int, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }()
	sid := params["CallSid"]
	_ = tx.QueryRowContext(ctx, `SELECT tries FROM calls WHERE sid = ?`, sid).Scan(&tries)
	tries++
	if _, err := tx.ExecContext(ctx, `INSERT INTO calls VALUES (?, 'main', ?) ON CONFLICT (sid) DO UPDATE SET tries = excluded.tries`, sid, tries); err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO log VALUES (?, 'webhook', ?)`, sid, form.Encode()); err != nil {
		return 0, err
	}
	return tries, tx.Commit()
}

func handDocument(tries int) (string, error) {
	if tries > 3 {
		return twiml.Voice([]twiml.Element{&twiml.VoiceDial{Number: "+15005550103", Timeout: "20"}})
	}
	say := &twiml.VoiceSay{Message: "Welcome to Owl Supplies. For sales press 1, or say sales. For support, press 2. To hear this again press star.", Voice: "Polly.Joanna-Neural", Language: "en-US"}
	return twiml.Voice([]twiml.Element{&twiml.VoiceGather{
		Action: "/menu/" + strconv.Itoa(tries), NumDigits: "1", Timeout: "6", Input: "dtmf speech", ActionOnEmptyResult: "true", Hints: strings.Join([]string{"sales", "support", "operator"}, ","),
		InnerElements: []twiml.Element{say},
	}})
}

// serveRingdown is the server as it runs in production, with the shipped menu.
func serveRingdown(dir string, l net.Listener) error {
	debug.SetGCPercent(400) // as `ringdown serve` does
	flows := filepath.Join(dir, "flows")
	if err := os.Mkdir(flows, 0o700); err != nil {
		return err
	}
	menu, err := os.ReadFile("../../flows/menu.yaml")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(flows, "menu.yaml"), menu, 0o600); err != nil {
		return err
	}
	rest := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.Contains(r.URL.Path, "IncomingPhoneNumbers") {
			_, _ = io.WriteString(w, `{"incoming_phone_numbers":[{"sid":"PN00000000000000000000000000000001","phone_number":"+15005550006","status_callback":"`+benchBase+`/voice/status"}]}`)
			return
		}
		_, _ = io.WriteString(w, `{"sid":"CA00000000000000000000000000000001","status":"in-progress"}`)
	}))
	defer rest.Close()
	ctx := context.Background()
	n, err := node.Open(ctx, node.Config{
		Flows: flows, AccountSID: benchAccount, AuthTokens: []string{benchToken}, PublicURLs: []string{benchBase}, TwilioURL: rest.URL,
		Store: filepath.Join(dir, "ringdown.db"),
		Env:   func(string) (string, bool) { return "+15005550103", true },
	})
	if err != nil {
		return err
	}
	return n.Serve(ctx, l)
}
