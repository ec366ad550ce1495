package sim

import (
	"cmp"
	"crypto/subtle"
	"net/http"
	"regexp"
	"strings"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// Handler returns the REST API of the account under /2010-04-01/Accounts/, and
// that of TaskRouter under /v1/Workspaces/.
func (s *Sim) Handler() http.Handler { return http.HandlerFunc(s.serveREST) }

func (s *Sim) serveREST(w http.ResponseWriter, r *http.Request) {
	q, err := rest.Read(w, r)
	if err != nil {
		http.Error(w, "request body too large", http.StatusRequestEntityTooLarge)
		return
	}

	s.mu.Lock()
	if f := s.happens(SlowREST, q.Method+" "+q.Path); f != nil {
		s.mu.Unlock()
		_ = s.clock.Sleep(r.Context(), f.By) // a client that has gone is served all the same
		s.mu.Lock()
	}
	answer, fault := s.answerREST(q, r)
	body := answer.Encoded()
	s.note(Entry{Kind: EntryREST, Call: callSIDOf(q), Name: strings.Join(resourceParts(q), "/"), Method: q.Method, URL: r.URL.RequestURI(),
		Params: q.Form, Status: answer.Status, Code: answer.Code, Body: string(body), Text: fault})
	s.mu.Unlock()

	if fault == faultNoAnswer {
		panic(http.ErrAbortHandler) // closes the connection without an answer
	}
	answer.Write(w, body)
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
func (s *Sim) answerREST(q *rest.Request, r *http.Request) (rest.Answer, string) {
	found, test, e := s.locate(q, r)
	if e != nil {
		return e.Answer(), ""
	}
	about := q.Method + " " + q.Path
	switch {
	case s.happens(TooManyRequests, about) != nil:
		return rest.Refuse(http.StatusTooManyRequests, 20429, "Too Many Requests").Answer(), faultTooMany
	case s.happens(ServerError, about) != nil:
		return rest.Refuse(http.StatusInternalServerError, 20500, "Internal Server Error").Answer(), faultBefore
	}
	after, silent := s.happens(ErrorAfter, about) != nil, s.happens(NoRESTAnswer, about) != nil
	run := s.answerRoute
	if test {
		run = s.answerTest
	}
	answer, e := run(found, q)
	if e != nil {
		answer = e.Answer()
	}
	switch {
	case silent:
		return answer, faultNoAnswer
	case after:
		return rest.Refuse(http.StatusInternalServerError, 20500, "Internal Server Error").Answer(), faultErrorAfter
	}
	return answer, ""
}

// locate finds the resource and checks the credentials; test reports whether
// they are test credentials.
func (s *Sim) locate(q *rest.Request, r *http.Request) (found *route, test bool, e *rest.Error) {
	found = rest.Find(routes, q, r.URL.EscapedPath())
	if found == nil {
		return nil, false, rest.NotFound(r.URL.Path)
	}
	user, secret, ok := r.BasicAuth()
	want, known := s.secretOf(user)
	own := s.o.AccountSID
	if user == s.o.TestAccountSID {
		own = user
	}
	account := cmp.Or(q.Vars["AccountSid"], own)
	if !ok && isMedia(q) && r.Header.Get("Authorization") == "" {
		return found, false, nil // Twilio lets everybody who knows the URL have the file
	}
	if !ok || !known || subtle.ConstantTimeCompare([]byte(secret), []byte(want)) != 1 || account != own {
		return nil, false, rest.Refuse(http.StatusUnauthorized, 20003, "Authenticate")
	}
	return found, own == s.o.TestAccountSID, nil
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

// answerRoute runs the handler of a request.
func (s *Sim) answerRoute(found *route, q *rest.Request) (rest.Answer, *rest.Error) {
	return found.Answer(s, q, s.unknownParameter(q))
}

// unknownParameter makes the warning about a parameter that a resource ignores.
func (s *Sim) unknownParameter(q *rest.Request) func(name string) {
	return func(name string) {
		s.alert(rest.CodeParameter, callSIDOf(q), "", "unknown parameter "+name, fetched{method: q.Method, url: q.Path})
	}
}

// resourceParts are the parts of the path below the account, or below the version
// of an API without one.
func resourceParts(q *rest.Request) []string {
	switch above := strings.Count(accountPath, "/"); {
	case len(q.Parts) == 0:
		return nil
	case q.Parts[1] != apiVersion:
		return q.Parts[2:]
	default:
		return q.Parts[min(len(q.Parts), above):]
	}
}

// callSIDOf is the call that the request is about, for the log.
func callSIDOf(q *rest.Request) string {
	parts := resourceParts(q)
	if len(parts) > 1 && parts[0] == "Calls" {
		return parts[1]
	}
	if len(parts) > 3 && parts[2] == "Participants" {
		return parts[3]
	}
	return ""
}

func endpointOf(q *rest.Request, name string) endpoint {
	return endpoint{q.Get(name), q.Get(name + "Method")}
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
