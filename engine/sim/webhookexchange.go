package sim

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// exchange makes one attempt; mu is not held.
func (s *Sim) exchange(ctx context.Context, h *hook) reply {
	req, err := s.newRequest(context.WithValue(ctx, connectKey{}, h.limits.connect), h)
	if err != nil {
		return reply{code: codeURL, why: err.Error()}
	}
	client := &http.Client{Transport: s.o.HTTP, CheckRedirect: s.follow(h)}
	if h.call != nil {
		client.Jar = h.call.jar
	}
	resp, err := client.Do(req)
	if err != nil {
		return failedExchange(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, twiml.MaxDocument+1))
	answer := reply{status: resp.StatusCode, ctype: resp.Header.Get("Content-Type"), body: body,
		chunked: len(resp.TransferEncoding) > 0}
	switch {
	case err != nil:
		answer.code, answer.why = codeProtocol, "the answer broke off: "+err.Error()
	case resp.StatusCode >= 500:
		answer.code, answer.retry, answer.why = codeRetrieval, "5xx", resp.Status
	case resp.StatusCode >= 400:
		answer.code, answer.retry, answer.why = codeRetrieval, "4xx", resp.Status
	case resp.StatusCode >= 300:
		answer.code, answer.why = codeRetrieval, "a redirect to nowhere: "+resp.Status
	}
	return answer
}

func (s *Sim) newRequest(ctx context.Context, h *hook) (*http.Request, error) {
	target, _, _ := strings.Cut(h.to.url, "#")
	u, err := url.Parse(target)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("not an absolute http or https URL: %q", h.to.url)
	}
	var body io.Reader
	var signed url.Values
	if h.method() == http.MethodGet {
		if len(h.params) > 0 && strings.Contains(target, "?") {
			target += "&" + h.params.encode()
		} else if len(h.params) > 0 {
			target += "?" + h.params.encode()
		}
	} else {
		body, signed = strings.NewReader(h.params.encode()), h.params.values()
	}
	req, err := http.NewRequestWithContext(ctx, h.method(), target, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	}
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("Accept", "*/*")
	req.Header.Set("I-Twilio-Idempotency-Token", h.token)
	req.Header.Set("X-Twilio-Signature", Signature(s.o.AuthToken, signedURL(target), signed))
	return req, nil
}

// signedURL is the form of a URL that is signed: Twilio leaves port and user out
// with https. The fragment is never part of it.
func signedURL(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "https" || u.Port() == "" && u.User == nil {
		return target
	}
	u.Host, u.User = strings.TrimSuffix(u.Host, ":"+u.Port()), nil
	return u.String()
}

var errRedirects = errors.New("more than 10 redirects")

// follow signs the requests that follow an HTTP redirect: a GET without fields
// after 301, 302 and 303, the same again after 307 and 308.
func (s *Sim) follow(h *hook) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		if len(via) > 10 {
			return errRedirects
		}
		var signed url.Values
		if req.Method == http.MethodPost {
			signed = h.params.values()
		}
		req.Header.Set("X-Twilio-Signature", Signature(s.o.AuthToken, signedURL(req.URL.String()), signed))
		return nil
	}
}

// connectKey is where the context of a request holds how long connecting may take.
type connectKey struct{}

// newTransport makes the default transport of webhooks.
func newTransport() *http.Transport {
	return &http.Transport{
		MaxIdleConnsPerHost: 64, IdleConnTimeout: 30 * time.Second, TLSHandshakeTimeout: connectLimit,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			limit, _ := ctx.Value(connectKey{}).(time.Duration)
			return (&net.Dialer{Timeout: limit}).DialContext(ctx, network, address)
		},
	}
}

// failedExchange finds Twilio's code for a request without an answer.
func failedExchange(err error) reply {
	var tried *url.Error
	if errors.As(err, &tried) { // whose text begins with method and URL, which the log has anyway
		err = tried.Err
	}
	answer := reply{code: codeRetrieval, why: err.Error(), retry: "rt"}
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.Is(err, errRedirects):
		answer.code, answer.retry = codeRedirects, ""
	case errors.As(err, &dns):
		answer.code, answer.retry = codeHostName, "ct"
	case tlsCode(err) != 0:
		answer.code, answer.retry = tlsCode(err), "ct"
	case errors.As(err, &op) && op.Op == "dial":
		answer.code, answer.retry = codeConnection, "ct"
		if errors.Is(err, syscall.ECONNREFUSED) {
			answer.code = codeRefused
		}
	}
	return answer
}

// tlsCode is the code of a TLS handshake that failed, or 0.
func tlsCode(err error) int {
	var host x509.HostnameError
	var certificate x509.CertificateInvalidError
	var authority x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &host):
		return codeTLSHost
	case errors.As(err, &certificate) && certificate.Reason == x509.Expired:
		return codeTLSExpired
	case errors.As(err, &authority), errors.As(err, &certificate):
		return codeTLSChain
	case errors.As(err, &record), errors.As(err, &alert), errors.Is(err, http.ErrSchemeMismatch):
		return codeTLS
	}
	return 0
}
