package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// serve starts a server and a client that may reach it.
func serve(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *Client) {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	c := New(Options{AllowPrivate: loopback})
	t.Cleanup(c.Close)
	return srv, c
}

func TestBodies(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		kind, body string
		want       any
	}{
		"object":         {"application/json", `{"balance":"1.00","n":5,"f":1.5,"w":2.0,"a":[1,null,true]}`, map[string]any{"balance": "1.00", "n": 5, "f": 1.5, "w": 2, "a": []any{1, nil, true}}},
		"charset":        {"application/json; charset=utf-8", `7`, 7},
		"suffix":         {"application/problem+json", `{}`, map[string]any{}},
		"long integer":   {"application/json", `12345678901234567890123`, "12345678901234567890123"},
		"beyond float":   {"application/json", `1e999`, "1e999"},
		"text":           {"text/plain", `{"a":1}`, `{"a":1}`},
		"not JSON":       {"application/json", `{"a":`, `{"a":`},
		"two values":     {"application/json", `1 2`, `1 2`},
		"invalid UTF-8":  {"text/plain", "a\xffb", "a\uFFFDb"},
		"empty":          {"application/json", "", ""},
		"without a type": {"-", ` {"a":1}`, map[string]any{"a": 1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header()["Content-Type"] = nil
				if tt.kind != "-" {
					w.Header().Set("Content-Type", tt.kind)
				}
				w.Header().Add("X-Two", "a")
				w.Header().Add("X-Two", "b")
				w.WriteHeader(http.StatusPaymentRequired)
				io.WriteString(w, tt.body)
			})
			got, err := c.Do(context.Background(), Request{Method: "get", URL: srv.URL})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got.Body, tt.want) {
				t.Errorf("body %#v, want %#v", got.Body, tt.want)
			}
			if got.Status != 402 || got.OK() || got.Headers["x-two"] != "a, b" || got.Size != len(tt.body) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestRequestIsSent(t *testing.T) {
	t.Parallel()
	srv, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprint(w, r.Method, " ", r.URL, " ", r.Header.Get("X-A"), " ", r.Header.Get("Idempotency-Key"), " ", string(body), " ", r.Header.Get("Cookie"), r.ContentLength)
		http.SetCookie(w, &http.Cookie{Name: "c", Value: "1"})
	})
	for range 2 { // the second time a cookie would come back
		got, err := c.Do(context.Background(), Request{Method: "POST", URL: srv.URL + "/x?y=%20", Header: map[string]string{"X-A": "1"}, Body: []byte("b"), IdempotencyKey: "s.1.0"})
		if err != nil || got.Body != "POST /x?y=%20 1 s.1.0 b 1" {
			t.Fatalf("%v %v", got, err)
		}
	}
	got, err := c.Do(context.Background(), Request{Method: "POST", URL: srv.URL, IdempotencyKey: "k"})
	if err != nil || got.Body != "POST /  k  0" {
		t.Fatalf("empty body: %v %v", got, err)
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for size, wantErr := range map[int]bool{MaxSaved: false, MaxSaved + 1: true, MaxRead + 5000: true} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			srv, c := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", size)) })
			got, err := c.Do(context.Background(), Request{Method: "POST", URL: srv.URL})
			if got.Status != 200 {
				t.Errorf("status %d", got.Status)
			}
			if !wantErr {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantError(t, err, ErrTooLarge, ErrTooLarge, Answered)
			if got.Size > MaxRead+1 {
				t.Errorf("%d bytes were read", got.Size)
			}
		})
	}
}

func wantError(t *testing.T, err error, word, cause Word, outcome Outcome) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("want an *Error, got %v", err)
	}
	if e.Word != word || e.Cause != cause || e.Outcome != outcome {
		t.Errorf("got %s (%s) %s, want %s (%s) %s: %v", e.Word, e.Cause, e.Outcome, word, cause, outcome, err)
	}
}

func TestUnsent(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	secure := quietTLS()
	t.Cleanup(secure.Close)
	noDNS := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no name server")
	}}
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	tests := map[string]struct {
		url     string
		options Options
		header  map[string]string
		word    Word
		outcome Outcome
	}{
		"refused":        {closed.URL, Options{AllowPrivate: loopback}, nil, ErrRefused, NotDone},
		"dns":            {"http://billing.invalid/", Options{Resolver: noDNS}, nil, ErrDNS, NotDone},
		"tls":            {secure.URL, Options{AllowPrivate: loopback}, nil, ErrTLS, NotDone},
		"wrong host":     {strings.Replace(secure.URL, "127.0.0.1", "127.0.0.2", 1), Options{AllowPrivate: loopback, TLS: &tls.Config{RootCAs: roots}}, nil, "", NotDone},
		"loopback":       {closed.URL, Options{}, nil, ErrBlocked, Rejected},
		"metadata":       {"http://169.254.169.254/latest/", Options{AllowPrivate: loopback}, nil, ErrBlocked, Rejected},
		"mapped":         {"http://[::ffff:10.0.0.1]/", Options{AllowPrivate: loopback}, nil, ErrBlocked, Rejected},
		"localhost":      {"http://localhost:1/", Options{}, nil, ErrBlocked, Rejected},
		"decimal":        {"http://0/", Options{Resolver: noDNS}, nil, ErrDNS, NotDone},
		"file":           {"file:///etc/passwd", Options{}, nil, ErrBadURL, Rejected},
		"relative":       {"/charges", Options{}, nil, ErrBadURL, Rejected},
		"no host":        {"http:///x", Options{}, nil, ErrBadURL, Rejected},
		"garbage":        {"http://a b/", Options{}, nil, ErrBadURL, Rejected},
		"header break":   {closed.URL, Options{}, map[string]string{"X": "a\r\nY: b"}, ErrBadURL, Rejected},
		"header name":    {closed.URL, Options{}, map[string]string{"X Y": "a"}, ErrBadURL, Rejected},
		"header framing": {closed.URL, Options{}, map[string]string{"content-length": "5"}, ErrBadURL, Rejected},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := New(tt.options)
			_, err := c.Do(context.Background(), Request{Method: "POST", URL: tt.url, Header: tt.header})
			if tt.word == "" { // refused or tls, by what listens there
				if OutcomeOf(err) != NotDone {
					t.Errorf("got %v", err)
				}
				return
			}
			wantError(t, err, tt.word, tt.word, tt.outcome)
		})
	}
}

func TestSentAndLost(t *testing.T) {
	t.Parallel()
	handlers := map[string]struct {
		handle http.HandlerFunc
		cause  Word
	}{
		"reset": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ErrReset},
		"truncated": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "x")
		}, ErrReset},
		"hang": {func(w http.ResponseWriter, r *http.Request) {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}, ErrTimeout},
	}
	for name, tt := range handlers {
		for _, method := range []string{"GET", "PUT", "POST", "PATCH"} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				srv, c := serve(t, tt.handle)
				_, err := c.Do(context.Background(), Request{Method: method, URL: srv.URL, Timeout: 150 * time.Millisecond})
				word := tt.cause
				if !Idempotent(method) {
					word = ErrUnknown
				}
				wantError(t, err, word, tt.cause, Unknown)
			})
		}
	}
}

// A kept connection that breaks must not make the transport send again, not even
// with an Idempotency-Key, with and without a body.
func TestNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "amount=5"} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			var posts atomic.Int32
			srv, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					posts.Add(1)
					panic(http.ErrAbortHandler)
				}
			})
			if _, err := c.Do(context.Background(), Request{Method: "GET", URL: srv.URL}); err != nil {
				t.Fatal(err)
			}
			_, err := c.Do(context.Background(), Request{Method: "POST", URL: srv.URL, Body: []byte(body), IdempotencyKey: "k"})
			wantError(t, err, ErrUnknown, ErrReset, Unknown)
			if n := posts.Load(); n != 1 {
				t.Errorf("sent %d times", n)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	var trips atomic.Int32
	srv, _ := serve(t, func(http.ResponseWriter, *http.Request) {})
	c := New(Options{AllowPrivate: loopback, Wrap: func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			trips.Add(1)
			return next.RoundTrip(r)
		})
	}})
	if _, err := c.Do(context.Background(), Request{Method: "GET", URL: srv.URL}); err != nil || trips.Load() != 1 {
		t.Errorf("%d trips, %v", trips.Load(), err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Errors name method and host only.
func TestSecrets(t *testing.T) {
	t.Parallel()
	srv, c := serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	host := strings.TrimPrefix(srv.URL, "http://")
	for _, r := range []Request{
		{URL: "http://user:s3cret@" + host + "/s3cret?key=s3cret", Header: map[string]string{"Authorization": "Bearer s3cret"}, Body: []byte("s3cret")},
		{URL: "http://127.0.0.1:1/s3cret"},
		{URL: "ftp://user:s3cret@a.example/s3cret"},
		{URL: "http://a.example/%zzs3cret"},
		{URL: srv.URL, Header: map[string]string{"X": "s3cret\n"}},
		{URL: srv.URL, IdempotencyKey: "s3cret\n"},
	} {
		r.Method = "POST"
		_, err := c.Do(context.Background(), r)
		for e := err; e != nil; e = errors.Unwrap(e) {
			if strings.Contains(e.Error(), "s3cret") {
				t.Errorf("a secret shows: %v", e)
			}
		}
		if err == nil {
			t.Errorf("no error for %s", r.URL)
		}
	}
}

// quietTLS is a TLS server that does not log the handshakes that are meant to fail.
func quietTLS() *httptest.Server {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	return srv
}
