package live

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// reader is a page that reads a stream.
type reader struct {
	t      *testing.T
	lines  *bufio.Scanner
	lastID string
	leave  context.CancelFunc
}

func open(t *testing.T, server *httptest.Server, lastID string) *reader {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Last-Event-ID", lastID)
	res, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { leave(); res.Body.Close() })
	return &reader{t: t, lines: bufio.NewScanner(res.Body), lastID: lastID, leave: leave}
}

// next gives the next event as "name data"; "" at the end.
func (r *reader) next() string {
	name, data := "", ""
	for r.lines.Scan() {
		key, value, _ := strings.Cut(r.lines.Text(), ": ")
		switch {
		case key == "id":
			r.lastID = value
		case key == "event":
			name = value
		case key == "data":
			data = value
		case r.lines.Text() == "" && name != "":
			return name + " " + data
		}
	}
	return ""
}

func (r *reader) wants(want ...string) {
	r.t.Helper()
	for _, w := range want {
		if got := r.next(); got != w {
			r.t.Fatalf("the page got %q, want %q", got, w)
		}
	}
}

func serve(t *testing.T) (*Stream, *httptest.Server) {
	t.Helper()
	s := New()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Cleanup(s.Close)
	return s, server
}

// TestResume: a page that comes back gets what it missed, in order and once.
func TestResume(t *testing.T) {
	t.Parallel()
	s, server := serve(t)
	other := open(t, server, "") // keeps the events while the page is away
	other.wants("hello {}")
	page := open(t, server, "")
	page.wants("hello {}")
	s.Publish("a", 1)
	page.wants("a 1")
	page.leave()
	s.Publish("b", map[string]string{"text": "two\nlines"})
	s.Publish("c", 3)
	back := open(t, server, page.lastID)
	back.wants(`b {"text":"two\nlines"}`, "c 3")
	s.Publish("d", 4)
	back.wants("d 4")
	other.wants("a 1", `b {"text":"two\nlines"}`, "c 3", "d 4")
}

// TestLost: whoever cannot get what was missed is told so.
func TestLost(t *testing.T) {
	t.Parallel()
	s, server := serve(t)
	page := open(t, server, "")
	page.wants("hello {}")
	s.Publish("a", 1)
	page.wants("a 1")
	for i := range keepEvents + 10 {
		s.Publish("n", i)
	}
	for _, id := range []string{page.lastID, "other-7", "nonsense", s.epoch + "-999999"} {
		late := open(t, server, id)
		late.wants("reset {}")
		s.Publish("after", id)
		late.wants(fmt.Sprintf("after %q", id))
	}
}

// TestUnheard: events that nobody listens to are not kept, and are not passed over in
// silence.
func TestUnheard(t *testing.T) {
	t.Parallel()
	s, server := serve(t)
	page := open(t, server, "")
	page.wants("hello {}")
	page.leave()
	for s.Listened() {
		s.mu.Lock() // until the handler has seen it
		news := s.news
		s.mu.Unlock()
		select {
		case <-news:
		case <-t.Context().Done():
			return
		default:
		}
	}
	s.Publish("a", 1)
	if len(s.kept) != 0 {
		t.Errorf("%d events are kept for nobody", len(s.kept))
	}
	open(t, server, page.lastID).wants("reset {}")
}

// TestBounds: what is kept is bounded in number and size, and so are the readers.
func TestBounds(t *testing.T) {
	t.Parallel()
	s, server := serve(t)
	open(t, server, "").wants("hello {}")
	big := strings.Repeat("x", 100_000)
	for range 100 {
		s.Publish("big", big)
	}
	if s.bytes > keepBytes || len(s.kept) > keepBytes/len(big) {
		t.Errorf("%d events with %d bytes are kept", len(s.kept), s.bytes)
	}
	s.readers += maxReaders
	res, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one page too many got %d", res.StatusCode)
	}
}

// TestClose ends the connections, so that a server can stop.
func TestClose(t *testing.T) {
	t.Parallel()
	s, server := serve(t)
	page := open(t, server, "")
	page.wants("hello {}")
	s.Close()
	page.wants("")
}
