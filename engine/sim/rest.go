package sim

import (
	"bytes"
	"cmp"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// restRequest is a request to the REST API, taken apart.
type restRequest struct {
	method string
	parts  []string          // of the path below the account, without .json
	vars   map[string]string // what stands in the path for the names of the route
	form   url.Values
	path   string
	host   string // scheme and host that the client has used
	test   bool   // with test credentials
}

// restError is an answer that refuses a request.
type restError struct {
	status, code int
	message      string
}

// restAnswer is what a resource answers: body as JSON, or media with its content
// type, or nothing.
type restAnswer struct {
	status int
	body   any
	code   int // of the error that it tells, else 0
	media  content
	ctype  string
}

// content is what is in a file. It is written when the simulator goes on already.
type content interface {
	Size() int64
	io.WriterTo
}

const restBodyLimit = 1 << 20

// Handler returns the REST API of the account under /2010-04-01/Accounts/, and
// that of TaskRouter under /v1/Workspaces/.
func (s *Sim) Handler() http.Handler { return http.HandlerFunc(s.serveREST) }

func (s *Sim) serveREST(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, restBodyLimit))
	if err != nil {
		http.Error(w, "request body too large", http.StatusRequestEntityTooLarge)
		return
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		form = url.Values{}
	}
	for name, values := range r.URL.Query() {
		form[name] = append(form[name], values...)
	}
	q := &restRequest{method: r.Method, form: form, path: r.URL.Path, host: pick(r.TLS == nil, "http://", "https://") + r.Host}

	s.mu.Lock()
	if f := s.happens(SlowREST, q.method+" "+q.path); f != nil {
		s.mu.Unlock()
		_ = s.clock.Sleep(r.Context(), f.By) // a client that has gone is served all the same
		s.mu.Lock()
	}
	answer, fault := s.answerREST(q, r)
	var body bytes.Buffer
	if answer.body != nil {
		enc := json.NewEncoder(&body)
		enc.SetEscapeHTML(false)
		_ = enc.Encode(answer.body) // plain data, cannot fail
	}
	s.note(Entry{Kind: EntryREST, Call: q.callSID(), Name: strings.Join(q.parts, "/"), Method: q.method, URL: r.URL.RequestURI(),
		Params: form, Status: answer.status, Code: answer.code, Body: body.String(), Text: fault})
	s.mu.Unlock()

	if fault == faultNoAnswer {
		panic(http.ErrAbortHandler) // closes the connection without an answer
	}
	answer.write(w, body.Bytes())
}

// write sends the answer; body is its JSON.
func (answer restAnswer) write(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", cmp.Or(answer.ctype, "application/json"))
	if answer.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="Twilio API"`)
	}
	if answer.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	if answer.media != nil {
		w.Header().Set("Content-Length", strconv.FormatInt(answer.media.Size(), 10))
		w.WriteHeader(answer.status)
		_, _ = answer.media.WriteTo(w) // the client may have gone
		return
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(body)
}

// The REST faults, as the log names them.
const (
	faultTooMany    = "fault: too many requests"
	faultBefore     = "fault: error before"
	faultErrorAfter = "fault: error after"
	faultNoAnswer   = "fault: no answer"
)

// answerREST checks, runs and answers a request; mu must be held. The second
// result names the fault that was injected.
func (s *Sim) answerREST(q *restRequest, r *http.Request) (restAnswer, string) {
	found, e := s.locate(q, r)
	if e != nil {
		return e.answer(), ""
	}
	about := q.method + " " + q.path
	switch {
	case s.happens(TooManyRequests, about) != nil:
		return (&restError{http.StatusTooManyRequests, 20429, "Too Many Requests"}).answer(), faultTooMany
	case s.happens(ServerError, about) != nil:
		return (&restError{http.StatusInternalServerError, 20500, "Internal Server Error"}).answer(), faultBefore
	}
	after, silent := s.happens(ErrorAfter, about) != nil, s.happens(NoRESTAnswer, about) != nil
	answer, e := found.answer(s, q)
	if e != nil {
		answer = e.answer()
	}
	switch {
	case silent:
		return answer, faultNoAnswer
	case after:
		return (&restError{http.StatusInternalServerError, 20500, "Internal Server Error"}).answer(), faultErrorAfter
	}
	return answer, ""
}

// locate finds the resource and checks the credentials.
func (s *Sim) locate(q *restRequest, r *http.Request) (*route, *restError) {
	found := q.findRoute(r.URL.EscapedPath())
	if found == nil {
		return nil, notFound(r.URL.Path)
	}
	user, secret, ok := r.BasicAuth()
	want, known := s.secretOf(user)
	own := s.o.AccountSID
	if user == s.o.TestAccountSID {
		own = user
	}
	account := cmp.Or(q.vars["AccountSid"], own)
	if !ok && isMedia(q) && r.Header.Get("Authorization") == "" {
		return found, nil // Twilio lets everybody who knows the URL have the file
	}
	if !ok || !known || subtle.ConstantTimeCompare([]byte(secret), []byte(want)) != 1 || account != own {
		return nil, &restError{http.StatusUnauthorized, 20003, "Authenticate"}
	}
	q.test = own == s.o.TestAccountSID
	return found, nil
}

// secretOf is the password of a user: the account's token, or the secret of an
// API key.
func (s *Sim) secretOf(user string) (string, bool) {
	switch user {
	case s.o.AccountSID:
		return s.o.AuthToken, true
	case s.o.TestAccountSID:
		return s.o.TestAuthToken, true
	}
	if k := s.keyAt(user); k != nil {
		return k.secret, true
	}
	return "", false
}

func (e *restError) answer() restAnswer {
	return restAnswer{code: e.code, status: e.status, body: struct {
		Code     int    `json:"code"`
		Message  string `json:"message"`
		MoreInfo string `json:"more_info"`
		Status   int    `json:"status"`
	}{e.code, e.message, fmt.Sprintf("https://www.twilio.com/docs/errors/%d", e.code), e.status}}
}

func notFound(path string) *restError {
	return &restError{http.StatusNotFound, 20404, "The requested resource " + path + " was not found"}
}

func badRequest(code int, message string) *restError {
	return &restError{http.StatusBadRequest, code, message}
}

func (q *restRequest) notAllowed() *restError {
	return &restError{http.StatusMethodNotAllowed, 20004, "Method not allowed"}
}

// callSID is the call that the request is about, for the log.
func (q *restRequest) callSID() string {
	if len(q.parts) > 1 && q.parts[0] == "Calls" {
		return q.parts[1]
	}
	if len(q.parts) > 3 && q.parts[2] == "Participants" {
		return q.parts[3]
	}
	return ""
}

func (q *restRequest) get(name string) string { return q.form.Get(name) }

// has reports whether a parameter was sent, be it empty.
func (q *restRequest) has(name string) bool { _, ok := q.form[name]; return ok }

// flag reads a boolean: everything but true is false.
func (q *restRequest) flag(name string) bool { return strings.EqualFold(q.get(name), "true") }

func (q *restRequest) endpoint(name string) endpoint {
	return endpoint{q.get(name), q.get(name + "Method")}
}

func (s *Sim) uri(parts ...string) string {
	return "/" + apiVersion + "/Accounts/" + s.o.AccountSID + "/" + strings.Join(parts, "/") + ".json"
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{1,14}$`)

// addressOK reports whether Twilio could call a string.
func addressOK(address string) bool {
	return e164.MatchString(address) || strings.HasPrefix(address, "client:") && len(address) > len("client:") ||
		strings.HasPrefix(address, "sip:") && strings.Contains(address, "@")
}

// text is a JSON string, or null where it is empty.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
