package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// This file is all that the tests know of the driver of the browser.

// patience is how long a page may take to show what it should.
const patience = 40 * time.Second

var chrome struct {
	once sync.Once
	ctx  context.Context
	stop func()
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if chrome.stop != nil {
		chrome.stop()
	}
	os.Exit(code)
}

// startChrome starts the browser that all tests share, each with a profile of its own.
func startChrome() {
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		chrome.err = errors.New("no Chromium is installed (Debian: apt-get install chromium)")
		return
	}
	data, err := os.MkdirTemp("", "ringdown-chromium-")
	if err != nil {
		chrome.err = err
		return
	}
	ctx, stopProcess := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(data), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("mute-audio", true),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true))...)
	ctx, stopContext := chromedp.NewContext(ctx)
	chrome.ctx = ctx
	chrome.stop = func() {
		stopContext()
		stopProcess()
		_ = os.RemoveAll(data) // a temporary folder
	}
	chrome.err = chromedp.Do(ctx)
}

// page is a browser window. Its methods fail the test when the page does not do as it
// should within patience.
type page struct {
	t      *testing.T
	ctx    context.Context
	mu     sync.Mutex
	wrong  []string // on the console
	expect []string // what may be wrong there
}

// browse opens a window of a size, with cookies of its own. What the page writes on its
// console as a warning or error fails the test.
func browse(t *testing.T, width, height int64) *page {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser is not started with -short")
	}
	chrome.once.Do(startChrome)
	if chrome.err != nil {
		t.Skipf("the page is not tested: %v", chrome.err)
	}
	ctx, stop := chromedp.NewContext(chrome.ctx, chromedp.WithNewBrowserContext())
	p := &page{t: t, ctx: ctx}
	messages := chromedp.Console(ctx)
	read := make(chan struct{})
	go func() {
		defer close(read)
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning || m.IsException() {
				p.mu.Lock()
				p.wrong = append(p.wrong, fmt.Sprintf("%s (%s:%d)", m, m.URL, m.Line))
				p.mu.Unlock()
			}
		}
	}()
	t.Cleanup(func() {
		if t.Failed() {
			p.shot("failed")
		}
		stop()
		<-read
		for _, text := range p.wrong {
			if !p.expected(text) {
				t.Errorf("on the console: %s", text)
			}
		}
	})
	p.do(chromedp.EmulateViewport(width, height))
	return p
}

func (p *page) expected(text string) bool {
	for _, e := range p.expect {
		if strings.Contains(text, e) {
			return true
		}
	}
	return false
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

func (p *page) open(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
}

func (p *page) size(width, height int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height))
}

// wait waits until a JavaScript expression is true.
func (p *page) wait(expression string) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[bool]("!!("+expression+")", chromedp.WithPollingInterval(50*time.Millisecond)))
		switch {
		case err == nil:
			return
		case ctx.Err() == nil && (strings.Contains(err.Error(), "navigated") || strings.Contains(err.Error(), "Cannot find context")): // another page has come meanwhile
			continue
		}
		p.t.Fatalf("waiting for %s: %v\nThe page shows:\n%s", expression, err, p.text())
	}
}

func eval[T any](p *page, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

func (p *page) text() string {
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return v
}

// quote writes a text as JavaScript does.
func quote(text string) string {
	b, _ := json.Marshal(text) // a string always encodes
	return string(b)
}

// sees waits until the text stands within what a selector finds.
func (p *page) sees(selector, text string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`[...document.querySelectorAll(%s)].some((e) => e.checkVisibility() && e.innerText.includes(%s))`, quote(selector), quote(text)))
}

// gone waits until the text stands there no more.
func (p *page) gone(selector, text string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`![...document.querySelectorAll(%s)].some((e) => e.checkVisibility() && e.innerText.includes(%s))`, quote(selector), quote(text)))
}

// find gives the JavaScript that finds the visible element of a selector that is called
// or says text; "" takes the first.
func find(selector, text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%s)].find((e) => e.checkVisibility() && !e.disabled && (%s === "" || [e.innerText.trim(), e.getAttribute('aria-label')].includes(%s)))`,
		quote(selector), quote(text), quote(text))
}

// click clicks on an element with the mouse, once it is there and can be clicked.
func (p *page) click(selector, text string) {
	p.t.Helper()
	p.wait(find(selector, text))
	at := eval[[]float64](p, `(() => { const e = `+find(selector, text)+`; e.scrollIntoView({block: 'center', behavior: 'instant'}); const r = e.getBoundingClientRect(); return [r.left + r.width / 2, r.top + r.height / 2]; })()`)
	if hit := eval[bool](p, fmt.Sprintf(`(() => { const e = %s; const top = document.elementFromPoint(%f, %f); return e.contains(top) || !!top?.contains(e); })()`, find(selector, text), at[0], at[1])); !hit {
		p.t.Fatalf("%s %q is covered by something else", selector, text)
	}
	p.do(chromedp.MouseClickXY(at[0], at[1]))
}

// fill types into a field that is empty.
func (p *page) fill(selector, text string) {
	p.t.Helper()
	p.wait(find(selector, ""))
	p.do(chromedp.SendKeys(chromedp.CSS(selector), text))
}

// clear empties a field.
func (p *page) clear(selector string) {
	p.t.Helper()
	p.wait(find(selector, ""))
	eval[bool](p, fmt.Sprintf(`(document.querySelector(%s).value = '', true)`, quote(selector)))
}

// keys presses keys of the keyboard, wherever the focus is.
func (p *page) keys(text string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(text))
}

// choose selects an option.
func (p *page) choose(selector, value string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`document.querySelector(%s)?.querySelector('option[value=' + JSON.stringify(%s) + ']')`, quote(selector), quote(value)))
	eval[bool](p, fmt.Sprintf(`(() => { const e = document.querySelector(%s); e.value = %s; e.dispatchEvent(new Event('change', {bubbles: true})); return true; })()`, quote(selector), quote(value)))
}

// shot keeps a picture of the page, if RINGDOWN_SCREENSHOTS names a folder for them.
func (p *page) shot(name string) {
	dir := os.Getenv("RINGDOWN_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, strings.ReplaceAll(p.t.Name(), "/", "-")+"-"+name+".png"), png, 0o600)
	}
	if err != nil {
		p.t.Logf("no picture: %v", err)
	}
}

// shots keeps pictures at the widths of a phone, a tablet and a desk, light and dark.
func (p *page) shots(name string) {
	if os.Getenv("RINGDOWN_SCREENSHOTS") == "" {
		return
	}
	for _, size := range [][2]int64{{390, 844}, {768, 1024}, {1280, 900}} {
		p.size(size[0], size[1])
		for _, theme := range []string{"light", "dark"} {
			eval[bool](p, `(document.documentElement.dataset.theme = `+quote(theme)+`, true)`)
			start := eval[float64](p, `performance.now()`)
			p.wait(fmt.Sprintf(`performance.now() > %f`, start+800)) // until nothing moves
			p.shot(fmt.Sprintf("%s-%d-%s", name, size[0], theme))
		}
	}
}
