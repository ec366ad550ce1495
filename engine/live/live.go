// Package live tells web pages what happens while it happens: one stream of small
// events, as server-sent events. It keeps the newest ones, so that a page whose connection
// broke gets what it missed; one that has missed more is told to read everything anew.
package live

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Bounds of what a Stream keeps and does.
const (
	keepEvents = 2048
	keepBytes  = 4 << 20
	maxReaders = 100
	// heartbeat keeps proxies from taking a quiet connection for a dead one.
	heartbeat = 15 * time.Second
	// writeTime is how long a page may take to read what it is sent.
	writeTime = 30 * time.Second
)

// Words that every page has to know. The data of Hello and Reset is empty.
const (
	Hello = "hello" // the stream begins here: what is read from now on is newer
	Reset = "reset" // events are lost to this page: it reads everything anew
)

type event struct {
	name string
	data []byte
}

// Stream is a sequence of events with any number of readers. A slow reader costs no
// memory: it has a place in the sequence and no queue. Methods are safe for concurrent use.
type Stream struct {
	epoch string // of this process: an id of another one means nothing here

	mu      sync.Mutex
	kept    []event // the newest; the last one has the number next-1
	bytes   int
	next    uint64
	readers int
	closed  bool
	news    chan struct{} // closed and renewed at every change
}

// New makes an empty stream.
func New() *Stream {
	return &Stream{epoch: strings.ToLower(rand.Text()[:8]), next: 1, news: make(chan struct{})}
}

// Publish adds an event whose data is v as JSON. With nobody listening it only notes that
// something was missed.
func (s *Stream) Publish(name string, v any) {
	if !s.Listened() {
		s.skip()
		return
	}
	data, err := json.Marshal(v)
	if err != nil { // v is ours: a page that reads everything anew sees it
		s.skip()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, event{name, data})
	s.bytes += len(data)
	s.next++
	drop := 0
	for drop < len(s.kept)-1 && (len(s.kept)-drop > keepEvents || s.bytes > keepBytes) {
		s.bytes -= len(s.kept[drop].data)
		drop++
	}
	if drop > 0 {
		s.kept = append(s.kept[:0], s.kept[drop:]...)
	}
	s.wake()
}

// skip lets whoever comes back with an older id read everything anew.
func (s *Stream) skip() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept, s.bytes = nil, 0
	s.next++
}

// Listened reports whether there is a reader, or was one a moment ago.
func (s *Stream) Listened() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.readers > 0
}

// wake tells the readers: s.mu is held.
func (s *Stream) wake() {
	close(s.news)
	s.news = make(chan struct{})
}

// Close ends all readers' connections. Later events are not told.
func (s *Stream) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.closed = true
		s.wake()
	}
}

// after gives the events after a number, and the channel that is closed when there are
// more; lost: some of them are not kept any more.
func (s *Stream) after(n uint64) (events []event, last uint64, lost, closed bool, news <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := s.next - uint64(len(s.kept))
	if n+1 < first || n >= s.next {
		return nil, s.next - 1, true, s.closed, s.news
	}
	events = append(events, s.kept[n+1-first:]...)
	return events, s.next - 1, false, s.closed, s.news
}

// ServeHTTP sends the events to a page until it goes away. The header Last-Event-ID, which
// browsers send by themselves when they connect again, says where it goes on.
func (s *Stream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.join() {
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many pages are open", http.StatusServiceUnavailable)
		return
	}
	defer s.leave()
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // nginx would hold events back
	c := &conn{w: w, control: http.NewResponseController(w), epoch: s.epoch}
	at := s.greet(c, r.Header.Get("Last-Event-ID"))
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for c.err == nil {
		events, last, lost, closed, news := s.after(at)
		switch {
		case closed:
			return
		case lost:
			c.send(last, Reset, nil)
		}
		for i, e := range events {
			c.send(at+uint64(i)+1, e.name, e.data)
		}
		at = last
		c.flush()
		select {
		case <-news:
		case <-beat.C:
			c.write(": \n\n")
		case <-r.Context().Done():
			return
		}
	}
}

// greet begins a connection, and gives the number after which it goes on.
func (s *Stream) greet(c *conn, lastID string) uint64 {
	c.write("retry: 1000\n\n")
	epoch, number, ok := strings.Cut(lastID, "-")
	n, err := strconv.ParseUint(number, 10, 64)
	_, last, _, _, _ := s.after(0)
	switch {
	case lastID == "":
		c.send(last, Hello, nil)
	case !ok || err != nil || epoch != s.epoch:
		c.send(last, Reset, nil)
	default:
		return n
	}
	return last
}

func (s *Stream) join() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.readers >= maxReaders {
		return false
	}
	s.readers++
	return true
}

func (s *Stream) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readers--
}

// conn is one page's connection; err is the first error of writing to it.
type conn struct {
	w       http.ResponseWriter
	control *http.ResponseController
	epoch   string
	err     error
}

func (c *conn) send(id uint64, name string, data []byte) {
	if data == nil {
		data = []byte("{}")
	}
	c.write(fmt.Sprintf("id: %s-%d\nevent: %s\ndata: %s\n\n", c.epoch, id, name, data)) // JSON has no line break
}

func (c *conn) write(text string) {
	if c.err != nil {
		return
	}
	_ = c.control.SetWriteDeadline(time.Now().Add(writeTime)) // not every writer knows deadlines
	_, c.err = c.w.Write([]byte(text))
}

func (c *conn) flush() {
	if c.err == nil {
		c.err = c.control.Flush()
	}
}
