package web_test

import (
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
	d, _ := openDesk(t, 20)
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
	p.sees(sales+".doing", "calls")
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
	p.keys("\t\t") // From another phone, Call
	p.wait(`document.activeElement.innerText === 'Call' && document.activeElement.matches(':focus-visible')`)
	p.keys("\r")
	p.sees(you+".transcript", "Welcome")
	p.keys("2")
	p.sees("[data-phone=support] .doing", "calls")
	eval[bool](p, `(document.querySelector('[data-phone=support] button.bad').focus(), true)`)
	p.keys("\r")
	p.sees("[data-phone=support] .doing", "idle")
	p.sees(you+".transcript", "Please leave a message")
}
