package outbound

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestRedirects(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]string{301: "GET  ", 302: "GET  ", 303: "GET  ", 307: "POST b text/x", 308: "POST b text/x"} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			srv, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					http.Redirect(w, r, "end", code)
					return
				}
				body, _ := io.ReadAll(r.Body)
				fmt.Fprint(w, r.Method, " ", string(body), " ", r.Header.Get("Content-Type"))
			})
			got, err := c.Do(context.Background(), Request{Method: "POST", URL: srv.URL, Body: []byte("b"), Header: map[string]string{"Content-Type": "text/x"}})
			if err != nil || got.Body != want {
				t.Errorf("got %q, %v; want %q", got.Body, err, want)
			}
		})
	}
}

func TestRedirectsThatFail(t *testing.T) {
	t.Parallel()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	tests := map[string]struct {
		code     int
		location string
		word     Word
		cause    Word
		outcome  Outcome
	}{
		"endless":               {307, "/", ErrBlocked, ErrBlocked, Rejected},
		"to a private address":  {307, "http://10.0.0.1/", ErrBlocked, ErrBlocked, Rejected},
		"to metadata":           {307, "http://169.254.169.254/", ErrBlocked, ErrBlocked, Rejected},
		"to a file":             {307, "file:///etc/passwd", ErrBadURL, ErrBadURL, Rejected},
		"to garbage":            {307, "http://%zz/", ErrBadURL, ErrBadURL, Rejected},
		"to nobody":             {307, closed.URL, ErrRefused, ErrRefused, NotDone},
		"accepted, to nobody":   {303, closed.URL, ErrUnknown, ErrRefused, Unknown},
		"accepted, to a secret": {303, "http://10.0.0.1/", ErrUnknown, ErrBlocked, Unknown},
		"accepted, to a file":   {303, "file:///etc/passwd", ErrUnknown, ErrBadURL, Unknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hops := 0
			srv, c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				hops++
				w.Header().Set("Location", tt.location)
				w.WriteHeader(tt.code)
			})
			_, err := c.Do(context.Background(), Request{Method: "POST", URL: srv.URL, Body: []byte("b")})
			wantError(t, err, tt.word, tt.cause, tt.outcome)
			if hops > MaxRedirects+1 {
				t.Errorf("%d hops", hops)
			}
		})
	}
}

// A redirect to another origin gets no header that may hold a key.
func TestRedirectDropsHeaders(t *testing.T) {
	t.Parallel()
	show := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("Authorization"), "|", r.Header.Get("X-Api-Key"), "|", r.Header.Get("Accept"), "|", r.Header.Get("Idempotency-Key"))
	}
	other := httptest.NewServer(http.HandlerFunc(show))
	t.Cleanup(other.Close)
	srv, c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		case "/near":
			http.Redirect(w, r, "/here", http.StatusTemporaryRedirect)
		default:
			show(w, r)
		}
	})
	request := Request{Method: "GET", IdempotencyKey: "k", Header: map[string]string{"Authorization": "Bearer x", "X-Api-Key": "y", "Accept": "text/plain"}}
	for path, want := range map[string]string{"/away": "||text/plain|k", "/near": "Bearer x|y|text/plain|k"} {
		request.URL = srv.URL + path
		got, err := c.Do(context.Background(), request)
		if err != nil || got.Body != want {
			t.Errorf("%s: got %q, %v; want %q", path, got.Body, err, want)
		}
	}
	// Credentials in the URL belong to its origin too.
	request.Header, request.URL = nil, strings.Replace(srv.URL, "http://", "http://u:p@", 1)+"/away"
	if got, err := c.Do(context.Background(), request); err != nil || got.Body != "|||k" {
		t.Errorf("got %q, %v", got.Body, err)
	}
}
