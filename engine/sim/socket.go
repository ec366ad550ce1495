package sim

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/coder/websocket"

	"github.com/ringdown/ringdown/engine/clock"
)

// The codes of WebSockets.
const (
	codeSocketTimeout     = 31901
	codeSocketRefused     = 31902
	codeSocketBroken      = 31903
	codeSocketUnreachable = 31904
	codeSocketTLS         = 31910
	codeSocketHandshake   = 31920
	codeSocketMalformed   = 31950
	codeSocketInvalid     = 31951
)

const (
	// frame is the length of sound in one message of a stream, and how often a
	// socket sends what has come together.
	frame = 20 * time.Millisecond
	// framePause is how long a frame lasts at least where time is virtual: what the
	// application sends takes real time to come, and time must not run away from it.
	framePause = time.Millisecond
	// socketLimit is the size in bytes of the largest message that is read.
	socketLimit = 1 << 20
)

// socket is a WebSocket to the application. Its functions are called with mu held.
type socket struct {
	sim  *Sim
	url  string
	conn *websocket.Conn // nil before it is connected
	over bool

	opened func()
	tick   func()                     // every frame; may be nil
	takes  func([]byte)               // one message
	gone   func(code int, why string) // once, unless close was called: the application has closed it (code 0), or it failed

	queue [][]byte // to be sent

	inMu  sync.Mutex
	inbox [][]byte // read and not taken yet
}

// open connects in a moment.
func (k *socket) open() {
	s := k.sim
	s.clock.AfterFunc(s.o.Timings.Latency, func() {
		conn, code, why := k.dial()
		s.mu.Lock()
		defer s.mu.Unlock()
		switch {
		case code != 0:
			k.end(code, why)
		case k.over || s.closed:
			go func() { _ = conn.CloseNow() }()
		default:
			k.conn = conn
			k.opened()
			go k.read()
			k.pump()
		}
	})
}

func (k *socket) dial() (conn *websocket.Conn, code int, why string) {
	s := k.sim
	ctx, cancel := context.WithTimeout(s.base, connectLimit)
	defer cancel()
	header := http.Header{"User-Agent": {"Twilio.TmeWs/1.0"}, "X-Twilio-Signature": {Signature(s.o.AuthToken, signedURL(k.url), nil)}}
	conn, resp, err := websocket.Dial(ctx, k.url, &websocket.DialOptions{HTTPClient: &http.Client{Transport: s.o.HTTP}, HTTPHeader: header})
	if err != nil {
		return nil, socketCode(err, resp), err.Error()
	}
	conn.SetReadLimit(socketLimit)
	return conn, 0, ""
}

// socketCode is the code of a handshake that failed.
func socketCode(err error, answer *http.Response) int {
	var dns *net.DNSError
	switch {
	case answer != nil:
		return codeSocketHandshake
	case errors.As(err, &dns), errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return codeSocketUnreachable
	case errors.Is(err, syscall.ECONNREFUSED):
		return codeSocketRefused
	case errors.Is(err, context.DeadlineExceeded):
		return codeSocketTimeout
	case tlsCode(err) != 0:
		return codeSocketTLS
	}
	return codeSocketHandshake
}

// read takes messages until the connection ends. It runs beside the clock: what
// it reads is taken in a timer, in order.
func (k *socket) read() {
	for {
		_, data, err := k.conn.Read(k.sim.base)
		if err != nil {
			code, why := codeSocketBroken, err.Error()
			if status := websocket.CloseStatus(err); status == websocket.StatusNormalClosure || status == websocket.StatusGoingAway || status == websocket.StatusNoStatusRcvd {
				code, why = 0, ""
			}
			k.sim.after(0, func() {
				k.drain()
				k.end(code, why)
			})
			return
		}
		k.inMu.Lock()
		k.inbox = append(k.inbox, data)
		k.inMu.Unlock()
		k.sim.after(0, k.drain)
	}
}

func (k *socket) drain() {
	for {
		k.inMu.Lock()
		if len(k.inbox) == 0 || k.over {
			k.inMu.Unlock()
			return
		}
		data := k.inbox[0]
		k.inbox = k.inbox[1:]
		k.inMu.Unlock()
		k.takes(data)
	}
}

// pump sends what is queued, frame by frame.
func (k *socket) pump() {
	s := k.sim
	s.clock.AfterFunc(frame, func() {
		s.mu.Lock()
		if !k.over && k.tick != nil {
			k.tick()
		}
		over := k.over || s.closed
		s.mu.Unlock()
		if over {
			return
		}
		k.flush()
		if _, virtual := s.clock.(*clock.Virtual); virtual {
			time.Sleep(framePause)
		}
		k.pump()
	})
}

// flush writes the queue; mu must not be held.
func (k *socket) flush() {
	k.sim.mu.Lock()
	messages := k.queue
	k.queue = nil
	k.sim.mu.Unlock()
	ctx, cancel := context.WithTimeout(k.sim.base, connectLimit)
	defer cancel()
	for _, m := range messages {
		if k.conn.Write(ctx, websocket.MessageText, m) != nil {
			return // the reader tells
		}
	}
}

func (k *socket) send(message []byte) { k.queue = append(k.queue, message) }

// end takes the end from the application's side.
func (k *socket) end(code int, why string) {
	if k.over {
		return
	}
	k.over = true
	k.gone(code, why)
	k.hangUp()
}

// close ends the socket from this side, after what is queued.
func (k *socket) close() {
	if k.over {
		return
	}
	k.over = true
	k.hangUp()
}

func (k *socket) hangUp() {
	if k.conn == nil {
		return
	}
	k.sim.clock.AfterFunc(0, func() {
		k.flush()
		go func() { _ = k.conn.Close(websocket.StatusNormalClosure, "") }() // waits for the application
	})
}
