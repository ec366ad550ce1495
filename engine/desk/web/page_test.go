package web_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/desk"
	"github.com/ringdown/ringdown/engine/desk/web"
)

// openDesk opens a desk with a copy of the shipped flows, and gives their folder.
func openDesk(t *testing.T, pace float64) (*desk.Desk, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "..", "flows"))); err != nil {
		t.Fatal(err)
	}
	d, err := desk.Open(t.Context(), desk.Options{Flows: dir, Listen: "127.0.0.1:0", Pace: pace})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	web.New(t.Context(), d)
	return d, dir
}

const (
	you   = `[data-phone=you] `
	sales = `[data-phone=sales] `
)

// TestCall: call the menu, press a key, answer as the other party, talk, hang up.
func TestCall(t *testing.T) {
	d, dir := openDesk(t, 20)
	p := browse(t, 1280, 900)
	p.open(d.URL())
	p.sees(".phones", "No phone has been used yet")
	p.shots("empty")
	p.size(1280, 900)
	p.choose("#call-to", "menu")
	p.click("button", "Call")
	p.sees(you+".transcript", "Welcome to Owl Supplies")
	p.wait(`location.hash.startsWith('#/sessions/')`)
	p.wait(`document.querySelector('[data-state=main].lit')`)
	p.shots("menu")
	p.size(1280, 900)
	p.click(you+"button", "Key 1")
	p.sees(sales+".doing", "you call")
	p.wait(`document.querySelector('[data-state=sales].lit')`)
	p.click(sales+"button", "Answer")
	p.sees(sales+".doing", "with you")
	p.fill(sales+".say input", "Hello, this is sales.")
	p.click(sales+"button", "Say")
	p.sees(you+".transcript", "Hello, this is sales.")
	p.shots("talk")
	p.size(1280, 900)
	p.click(you+"button", "Hang up")
	p.sees(sales+".doing", "idle")
	p.click(sales+"button", "Show")
	p.sees(sales+".transcript", "the call is over")
	p.sees("main h1", "completed")
	p.click("button", "Save as a test…")
	p.fill("#save-name", "the caller presses 1 and talks to sales")
	p.click("button", "Save")
	p.sees("[aria-label='Test case']", "It was played and holds")
	text, err := os.ReadFile(filepath.Join(dir, "menu.test.yaml"))
	if err != nil || !strings.Contains(string(text), "the caller presses 1 and talks to sales") {
		t.Errorf("the case is not in its file: %v", err)
	}
	p.shots("over")
}

// TestFiles: a bad edit shows what is wrong at once, and a good one what has changed.
func TestFiles(t *testing.T) {
	d, dir := openDesk(t, 20)
	p := browse(t, 390, 844)
	p.open(d.URL() + "/console/#/files")
	p.sees("main .chip", "In force")
	file := filepath.Join(dir, "menu.yaml")
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.Replace(string(good), "next: operator", "next: operater", 1))
	p.sees("main", "The version before is still running")
	p.sees(".finding .place", "menu.yaml:")
	p.sees(".finding .source", "next: operater")
	p.sees(".finding .hint", "operator")
	p.shots("broken")
	p.size(390, 844)
	p.click("nav a", "Flows")
	p.sees(".banner", "The newest change is not loaded")
	p.click(".banner a", "Show")
	write(string(good) + "# mended\n")
	p.sees(".load h3", "menu.yaml has changed")
	p.sees(".load .changes", "menu: only comments or the layout changed")
	p.gone(".banner", "not loaded")
	p.shots("mended")
}

// TestKeyboard: everything goes without a mouse; digits go to the phone in hand.
func TestKeyboard(t *testing.T) {
	d, _ := openDesk(t, 20)
	p := browse(t, 768, 1024)
	p.open(d.URL())
	p.choose("#call-to", "menu")
	eval[bool](p, `(document.querySelector('#call-to').focus(), true)`)
	p.keys("\t")
	p.wait(`document.activeElement.innerText === 'Call' && document.activeElement.matches(':focus-visible')`)
	p.keys("\r")
	p.sees(you+".transcript", "Welcome")
	p.keys("2")
	p.sees("[data-phone=support] .doing", "you call")
	p.shots("phones")
	p.size(768, 1024)
	eval[bool](p, `(document.querySelector('[data-phone=support] button.bad').focus(), true)`)
	p.keys("\r")
	p.sees("[data-phone=support] .doing", "idle")
	p.sees(you+".transcript", "Please leave a message")
}

// TestStart: click-to-call from its form; what is wrong stands at the field.
func TestStart(t *testing.T) {
	d, _ := openDesk(t, 20)
	p := browse(t, 768, 1024)
	p.expect = []string{"422"} // the browser notes the answer to a bad form
	p.open(d.URL() + "/console/#/flows")
	p.click(".list .item", "")
	p.open(d.URL() + "/console/#/flows/click-to-call")
	p.fill("#start-agent", "12")
	p.click("main button", "Start")
	p.sees("#start-agent-problem", "is not a phone number")
	p.sees("#start-customer-problem", "is required")
	p.wait(`document.activeElement.id === 'start-agent' && document.activeElement.getAttribute('aria-invalid') === 'true'`)
	p.shots("form")
	p.size(768, 1024)
	p.clear("#start-agent")
	p.fill("#start-agent", "+15005550171")
	p.fill("#start-customer", "+15005550172")
	p.click("main button", "Start")
	p.wait(`location.hash.startsWith('#/sessions/')`)
	p.sees("main h1", "click-to-call")
	p.click("nav a.tab-phones", "")
	p.click("[data-phone=agent] button", "Answer")
	p.sees("[data-phone=agent] .transcript", "Connecting you to")
	p.click("[data-phone=customer] button", "Let a machine answer")
	p.sees("[data-phone=customer] .transcript", "Please leave a message after the beep.")
	p.sees("[data-phone=customer] .transcript", "beep")
	p.click("[data-phone=agent] button", "Hang up")
	p.click("nav a.tab-sessions", "")
	p.click(".session-row", "")
	p.sees("main h1", "completed")
	p.sees(".legs .total b", "$") // Twilio names the prices later
	p.shots("cost")
}

// TestSignals: hold and resume by button, offered exactly when a state names them.
func TestSignals(t *testing.T) {
	d, _ := openDesk(t, 20)
	p := browse(t, 1280, 900)
	p.open(d.URL())
	p.choose("#call-to", "hold-loop")
	p.click("button", "Call")
	p.click("[data-phone=agent] button", "Answer")
	p.sees("[data-phone=agent] .doing", "with you")
	p.wait(names("Hold", "Hold in the room", "Hold in a queue"))
	p.click(".signals button", "Hold")
	p.wait(names("Resume"))
	p.wait(`document.querySelector('[data-state=on-hold].lit')`)
	p.sees(you+".transcript", "hold.mp3")
	p.sees("[data-phone=agent] .doing", "alone in room")
	p.sees(".times", "29:")
	p.shots("hold")
	p.size(1280, 900)
	p.click(".signals button", "Resume")
	p.wait(names("Hold", "Hold in the room", "Hold in a queue"))
	p.sees("[data-phone=agent] .doing", "with you")
	p.click("button", "End session…")
	p.click("button", "Hang up all calls")
	p.sees("main h1", "deleted")
	p.sees(".save", "Save as a test")
	p.wait(`!document.querySelector('.signals')`)
}

// names is the JavaScript that is true when the buttons of the signals are these.
func names(want ...string) string {
	list, _ := json.Marshal(want) // texts always encode
	return `JSON.stringify([...document.querySelectorAll('.signals .row:first-of-type button')].map((b) => b.innerText)) === ` + quote(string(list))
}

// TestHistory: every webhook and effect with the raw request and reply, the meter that
// counts down, and variables.
func TestHistory(t *testing.T) {
	d, _ := openDesk(t, 50)
	p := browse(t, 1280, 900)
	p.open(d.URL())
	p.click(".billing summary", "")
	p.clear("#billing-balance")
	p.fill("#billing-balance", "0.90")
	p.click(".billing button", "Set")
	p.sees(".toasts", "Accounts hold 0.90")
	p.choose("#call-to", "prepaid-watch")
	p.fill("#call-number", "+15005550142")
	p.click("button", "Call")
	p.click(`[data-phone=callee] button`, "Answer")
	p.sees(".meter", "0.90 at 0.10 per 1m")
	p.wait(`/^8:/.test(document.querySelector('.meter .timer').innerText)`)
	p.sees(".history", "account = ")
	p.click(".history summary", "")
	p.sees(".history .raw", "CallStatus")
	p.shots("history")
	p.size(1280, 900)
	p.click("[role=tab]", "Variables")
	p.sees(".vars", "rate")
	p.click("[role=tab]", "Requests")
	p.sees(".traffic", "webhook")
	p.click(".traffic li:last-child summary", "")
	p.sees(".traffic .raw", "CallSid")
	p.sees(".traffic .raw", "<Dial action=")
	p.shots("requests")
}
