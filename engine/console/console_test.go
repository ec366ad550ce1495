package console

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
)

const secret = "a token that is long enough"

type rig struct {
	t     *testing.T
	clock *clock.Virtual
	c     *Console
}

func newRig(t *testing.T, cfg Config) *rig {
	t.Helper()
	v := clock.NewVirtual(time.Date(2030, 3, 1, 9, 0, 0, 0, time.UTC))
	cfg.Clock = v
	return &rig{t, v, New(cfg)}
}

// request makes a request with headers, given as name and value in turn.
func request(method, path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, "http://voice.example.com"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func (r *rig) do(req *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.c.ServeHTTP(w, req)
	return w
}

func (r *rig) login(token string, headers ...string) *httptest.ResponseRecorder {
	return r.do(request(http.MethodPost, "/console/login", url.Values{"token": {token}}.Encode(), headers...))
}

// cookie logs in and gives the cookie.
func (r *rig) cookie() *http.Cookie {
	r.t.Helper()
	cookies := r.login(secret).Result().Cookies()
	if len(cookies) != 1 {
		r.t.Fatalf("a login gives %d cookies", len(cookies))
	}
	return cookies[0]
}

func TestLogin(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Token: secret})
	if w := r.do(request("GET", "/console/", "")); !strings.Contains(w.Body.String(), `name="token"`) || strings.Contains(w.Body.String(), "main.js") {
		t.Errorf("somebody unknown is not asked for the token: %s", w.Body)
	}
	if w := r.login("another"); w.Code != http.StatusUnauthorized || len(w.Result().Cookies()) != 0 || !strings.Contains(w.Body.String(), "not the token") {
		t.Errorf("a wrong token: %d, %v", w.Code, w.Result().Cookies())
	}
	w := r.login(secret)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/console/" {
		t.Errorf("a login leads to %d %s", w.Code, w.Header().Get("Location"))
	}
	cookie := r.cookie()
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Secure || strings.Contains(cookie.Value, secret) {
		t.Errorf("the cookie: %+v", cookie)
	}
	page := request("GET", "/console/", "")
	page.AddCookie(cookie)
	if w := r.do(page); !strings.Contains(w.Body.String(), "main.js") {
		t.Errorf("who has logged in gets %s", w.Body)
	}
	if !r.c.Admits(page) {
		t.Error("who has logged in is not admitted")
	}
	r.clock.Advance(stay + time.Second)
	if r.c.Admits(page) {
		t.Error("the login lasts for ever")
	}
}

// TestForged: a cookie is good for its token and its time only.
func TestForged(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Token: secret})
	good := r.cookie().Value
	until, sum, _ := strings.Cut(good, ".")
	for name, value := range map[string]string{
		"none": "", "no sum": until, "another time": "99999999999." + sum, "a changed sum": good[:len(good)-1] + "x", "words": "a.b",
	} {
		req := request("GET", "/api/sessions", "")
		req.AddCookie(&http.Cookie{Name: cookieName, Value: value})
		if r.c.Admits(req) {
			t.Errorf("%s: admitted", name)
		}
	}
	other := newRig(t, Config{Token: secret + "!"})
	req := request("GET", "/api/sessions", "")
	req.AddCookie(&http.Cookie{Name: cookieName, Value: good})
	if other.c.Admits(req) {
		t.Error("a new token does not end the logins of the old one")
	}
	if again := newRig(t, Config{Token: secret}); !again.c.Admits(func() *http.Request { req := request("GET", "/", ""); req.AddCookie(r.cookie()); return req }()) {
		t.Error("another server with the same token does not know the login")
	}
}

// TestCrossSite: what another site causes changes nothing.
func TestCrossSite(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Token: secret})
	tests := []struct {
		method  string
		headers []string
		want    bool
	}{
		{"POST", []string{"Sec-Fetch-Site", "same-origin"}, true},
		{"POST", []string{"Sec-Fetch-Site", "cross-site"}, false},
		{"DELETE", []string{"Sec-Fetch-Site", "same-site"}, false},
		{"POST", []string{"Origin", "https://evil.example"}, false},
		{"POST", []string{"Origin", "http://voice.example.com"}, true},
		{"GET", []string{"Sec-Fetch-Site", "cross-site"}, true}, // nobody there can read the answer
	}
	for _, tt := range tests {
		req := request(tt.method, "/api/sessions/x", "", tt.headers...)
		req.AddCookie(r.cookie())
		if got := r.c.Admits(req); got != tt.want {
			t.Errorf("%s %v: admitted %v", tt.method, tt.headers, got)
		}
	}
	if w := r.login(secret, "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden || len(w.Result().Cookies()) != 0 {
		t.Errorf("another site can log in: %d", w.Code)
	}
}

// TestClosed: without a token there is no way in.
func TestClosed(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{})
	for _, w := range []*httptest.ResponseRecorder{r.do(request("GET", "/console/", "")), r.login(""), r.login("x")} {
		if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "RINGDOWN_API_TOKEN") || len(w.Result().Cookies()) != 0 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	}
	req := request("GET", "/api/sessions", "")
	text := "99999999999"
	req.AddCookie(&http.Cookie{Name: cookieName, Value: text + "." + r.c.sign(text)})
	if r.c.Admits(req) {
		t.Error("a cookie that is made of no token is admitted")
	}
}

// TestOpen: on the own machine the browser says that the page sends a request.
func TestOpen(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Token: secret, Open: true})
	for site, want := range map[string]bool{"same-origin": true, "same-site": false, "cross-site": false, "none": false, "": false} {
		if got := r.c.Admits(request("GET", "/api/sessions", "", "Sec-Fetch-Site", site)); got != want {
			t.Errorf("%q: admitted %v", site, got)
		}
	}
	if w := r.do(request("GET", "/console/", "")); !strings.Contains(w.Body.String(), "main.js") {
		t.Error("the page asks for a login")
	}
}

// TestLimit: guessing is slow, and what is remembered of it is bounded.
func TestLimit(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Token: secret})
	for range failuresFrom {
		r.login("wrong")
		r.clock.Advance(time.Second)
	}
	w := r.login(secret)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("after %d failures a login gets %d", failuresFrom, w.Code)
	}
	for i := range 10 * failuresAll {
		r.c.limit.failed(string(rune('a' + i)))
	}
	if n := len(r.c.limit.list); n > failuresAll {
		t.Errorf("%d failures are remembered", n)
	}
	r.clock.Advance(failureTime)
	if w := r.login(secret); w.Code != http.StatusSeeOther {
		t.Errorf("a minute later: %d", w.Code)
	}
}

// TestSecureCookie: where the server is public by https, the cookie is for that only.
func TestSecureCookie(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Token: secret, PublicURLs: []string{"https://voice.example.com/"}})
	if !r.cookie().Secure {
		t.Error("the cookie travels in the clear")
	}
}

// TestPages: nothing inline, nothing from elsewhere, and everything that is named is there.
func TestPages(t *testing.T) {
	t.Parallel()
	r := newRig(t, Config{Token: secret, Open: true, Desk: true})
	w := r.do(request("GET", "/console/", ""))
	if policy := w.Header().Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || !strings.Contains(policy, "default-src 'none'") {
		t.Errorf("the policy: %s", policy)
	}
	inline := regexp.MustCompile(`<script>|<style|\son[a-z]+=|\sstyle=`)
	for _, page := range []string{w.Body.String(), newRig(t, Config{Token: secret}).do(request("GET", "/console/", "")).Body.String()} {
		if found := inline.FindString(page); found != "" {
			t.Errorf("%q is inline", found)
		}
		for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if w := r.do(request("GET", m[1], "")); w.Code != http.StatusOK {
				t.Errorf("%s: %d", m[1], w.Code)
			}
		}
	}
	imports := regexp.MustCompile(`from '\./([^']*)'`)
	for name, a := range r.c.assets {
		for _, m := range imports.FindAllStringSubmatch(string(a.body), -1) {
			if _, ok := r.c.assets[m[1]]; !ok && !strings.Contains(name, "vendor") {
				t.Errorf("%s imports %s, which is not there", name, m[1])
			}
		}
	}
	first := r.do(request("GET", "/console/assets/main.js", ""))
	again := r.do(request("GET", "/console/assets/main.js", "", "If-None-Match", first.Header().Get("ETag")))
	if again.Code != http.StatusNotModified || !strings.HasPrefix(first.Header().Get("Content-Type"), "text/javascript") {
		t.Errorf("main.js: %s, then %d", first.Header().Get("Content-Type"), again.Code)
	}
}

// TestLicences: each library that is shipped has its licence beside it.
func TestLicences(t *testing.T) {
	t.Parallel()
	names, err := fs.Glob(files, "assets/vendor/*.js")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := files.ReadFile(strings.TrimSuffix(name, ".js") + ".LICENSE.txt")
		if err != nil || !strings.Contains(strings.ToLower(string(text)), "licen") {
			t.Errorf("%s has no licence: %v", name, err)
		}
	}
}
