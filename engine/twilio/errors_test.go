package twilio

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// status answers with a status, a body and headers in pairs.
func status(code int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		io.WriteString(w, body)
	}
}

func truncated(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(code)
		io.WriteString(w, `{"sid":"CA1"`)
	}
}

func TestAnswersAreClassified(t *testing.T) {
	t.Parallel()
	const page = "<html><h1>502 Bad Gateway</h1></html>"
	tests := map[string]struct {
		handler http.HandlerFunc
		want    Error
	}{
		"400 with a code":       {status(400, `{"code":21211,"message":"The 'To' number is not valid","status":400}`), Error{Outcome: Refused, Code: 21211, Status: 400}},
		"404 with a code":       {status(404, `{"code":20404,"message":"not found","status":404}`), Error{Outcome: Refused, Code: 20404, Status: 404}},
		"403 of a proxy":        {status(403, page), Error{Status: 403}},
		"429":                   {status(429, `{"code":20429,"message":"Too many requests"}`, "Retry-After", "7"), Error{Outcome: NotDone, Code: 20429, Status: 429, RetryAfter: 7 * time.Second}},
		"429 without a body":    {status(429, "", "Retry-After", "Thu, 01 Jan 2026 00:00:30 GMT", "Date", "Thu, 01 Jan 2026 00:00:00 GMT"), Error{Outcome: NotDone, Status: 429, RetryAfter: 30 * time.Second}},
		"20429 under 503":       {status(503, `{"code":20429,"message":"Too many requests"}`), Error{Outcome: NotDone, Code: 20429, Status: 503}},
		"500":                   {status(500, `{"code":20500,"message":"Internal Server Error"}`), Error{Code: 20500, Status: 500}},
		"502 page":              {status(502, page), Error{Status: 502}},
		"503 with Retry-After":  {status(503, page, "Retry-After", "999999"), Error{Status: 503, RetryAfter: maxRetryAfter}},
		"redirect":              {status(302, "", "Location", "https://a.example/"), Error{Status: 302}},
		"201 without JSON":      {status(201, page), Error{}},
		"201 of something else": {status(201, `{"hello":"world"}`), Error{}},
		"201 truncated":         {truncated(201), Error{Status: 201}},
		"400 truncated":         {truncated(400), Error{Status: 400}},
		"reset after reading":   {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, Error{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t, tt.handler)
			_, err := c.CreateCall(context.Background(), map[string]string{"To": "+2"})
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("want an *Error, got %v", err)
			}
			if e.Outcome != tt.want.Outcome || e.Code != tt.want.Code || e.Status != tt.want.Status || e.RetryAfter != tt.want.RetryAfter {
				t.Errorf("got %s %+v, want %+v", e.Outcome, *e, tt.want)
			}
			if e.Message == "" {
				t.Error("no message")
			}
		})
	}
}

// unreachable are ways to fail before a request is written.
func unreachable(t *testing.T) map[string]Config {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	noDNS := &http.Transport{DialContext: (&net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no name server")
	}}}).DialContext}
	hang := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	return map[string]Config{
		"connection refused":       {BaseURL: closed.URL},
		"unknown certificate":      {BaseURL: secure.URL},
		"TLS to a plain server":    {BaseURL: "https" + plain.URL[len("http"):]},
		"no DNS":                   {BaseURL: "http://api.twilio.invalid", Transport: noDNS},
		"time up while connecting": {BaseURL: "http://192.0.2.1", Transport: hang, Timeout: 20 * time.Millisecond},
	}
}

func TestUnsentIsNotDone(t *testing.T) {
	t.Parallel()
	for name, cfg := range unreachable(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg.AccountSID, cfg.AuthToken = testAccount, testToken
			c, err := New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = c.CreateCall(context.Background(), map[string]string{"To": "+2"}); OutcomeOf(err) != NotDone {
				t.Errorf("want not-done, got %s: %v", OutcomeOf(err), err)
			}
		})
	}
}

// A request that hangs ends with its context, and its outcome is unknown.
func TestHang(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	c := newClient(t, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-release
	})
	defer close(release)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-arrived
		cancel()
	}()
	_, err := c.CreateCall(ctx, map[string]string{"To": "+2"})
	if OutcomeOf(err) != Unknown || !errors.Is(err, context.Canceled) {
		t.Errorf("got %s: %v", OutcomeOf(err), err)
	}
}

// A reset in the middle of the request: nobody can know what was read.
func TestResetWhileReading(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			io.ReadFull(conn, make([]byte, 1))
			conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		}
	}()
	c, err := New(Config{AccountSID: testAccount, AuthToken: testToken, BaseURL: "http://" + l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.CreateCall(context.Background(), map[string]string{"To": "+2"}); OutcomeOf(err) != Unknown {
		t.Errorf("got %s: %v", OutcomeOf(err), err)
	}
}

// Error pages give their connection back: a hundred of them need one.
func TestErrorPagesDoNotLeak(t *testing.T) {
	t.Parallel()
	conns := make(chan struct{}, 200)
	srv := httptest.NewUnstartedServer(status(502, "<html>bad gateway</html>"))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns <- struct{}{}
		}
	}
	srv.Start()
	defer srv.Close()
	c, err := New(Config{AccountSID: testAccount, AuthToken: testToken, BaseURL: srv.URL})
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := c.FetchCall(context.Background(), "CA1"); err == nil {
			t.Fatal("want an error")
		}
	}
	if n := len(conns); n > 3 {
		t.Errorf("%d connections", n)
	}
}
