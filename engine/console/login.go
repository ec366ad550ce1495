package console

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// stay is how long a login lasts.
const stay = 12 * time.Hour

const cookieName = "ringdown_console"

// cookieKey is made of the token, so that every server with the same token knows the
// cookies of the others, and a new token ends all logins.
func cookieKey(token string) [sha256.Size]byte {
	return sha256.Sum256([]byte("ringdown console cookie\n" + token))
}

// Admits reports whether a request comes from the page of somebody who has logged in. A
// request that another site has caused and that would change something does not. Where
// nobody has to log in, it is the browser that says that the page sends it: programs use
// the token there as elsewhere.
func (c *Console) Admits(r *http.Request) bool {
	if c.cfg.Open {
		return r.Header.Get("Sec-Fetch-Site") == "same-origin"
	}
	return c.known(r) && c.cross.Check(r) == nil
}

func (c *Console) known(r *http.Request) bool {
	if c.cfg.Open {
		return true
	}
	if c.cfg.Token == "" {
		return false
	}
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return false
	}
	until, sum, _ := strings.Cut(cookie.Value, ".")
	seconds, err := strconv.ParseInt(until, 10, 64)
	return err == nil && hmac.Equal([]byte(sum), []byte(c.sign(until))) && c.cfg.Clock.Now().Before(time.Unix(seconds, 0))
}

func (c *Console) sign(until string) string {
	mac := hmac.New(sha256.New, c.key[:])
	mac.Write([]byte(until))
	return hex.EncodeToString(mac.Sum(nil))
}

// askToken writes the form of the login, or says that there is none.
func (c *Console) askToken(w http.ResponseWriter, status int, problem string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if c.cfg.Token == "" && status == http.StatusOK {
		status = http.StatusForbidden
	}
	w.WriteHeader(status)
	_ = c.login.Execute(w, map[string]any{"Closed": c.cfg.Token == "", "Problem": problem}) // who has gone does not read
}

func (c *Console) logIn(w http.ResponseWriter, r *http.Request) {
	if err := c.cross.Check(r); err != nil {
		c.askToken(w, http.StatusForbidden, "Please log in on this page itself.")
		return
	}
	if c.cfg.Token == "" {
		c.askToken(w, http.StatusForbidden, "")
		return
	}
	from, _, _ := net.SplitHostPort(r.RemoteAddr)
	if wait := c.limit.wait(from); wait > 0 {
		seconds := int(wait/time.Second) + 1
		w.Header().Set("Retry-After", strconv.Itoa(seconds))
		c.askToken(w, http.StatusTooManyRequests, "Too many attempts. Try again in "+strconv.Itoa(seconds)+" seconds.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	given := sha256.Sum256([]byte(strings.TrimSpace(r.PostFormValue("token"))))
	if want := sha256.Sum256([]byte(c.cfg.Token)); subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
		c.limit.failed(from)
		c.cfg.Log.Warn("a login to the console failed", "from", from)
		c.askToken(w, http.StatusUnauthorized, "That is not the token.")
		return
	}
	until := c.cfg.Clock.Now().Add(stay)
	text := strconv.FormatInt(until.Unix(), 10)
	c.setCookie(w, r, text+"."+c.sign(text), int(stay/time.Second))
	http.Redirect(w, r, Path, http.StatusSeeOther)
}

func (c *Console) logOut(w http.ResponseWriter, r *http.Request) {
	if c.cross.Check(r) == nil {
		c.setCookie(w, r, "", -1)
	}
	http.Redirect(w, r, Path, http.StatusSeeOther)
}

func (c *Console) setCookie(w http.ResponseWriter, r *http.Request, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: r.TLS != nil || slices.Contains(c.secured, r.Host),
	})
}

// How many logins may fail, from one address and from all together, in which time.
const (
	failuresFrom = 5
	failuresAll  = 60
	failureTime  = time.Minute
)

// limiter counts logins that have failed. It remembers no more than failuresAll of them.
type limiter struct {
	now func() time.Time

	mu   sync.Mutex
	list []failure // oldest first
}

type failure struct {
	from string
	at   time.Time
}

// wait gives how long an address has to wait until it may try again; 0: not at all.
func (l *limiter) wait(from string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.list = slices.DeleteFunc(l.list, func(f failure) bool { return now.Sub(f.at) >= failureTime })
	var own []failure
	for _, f := range l.list {
		if f.from == from {
			own = append(own, f)
		}
	}
	switch {
	case len(own) >= failuresFrom:
		return own[len(own)-failuresFrom].at.Add(failureTime).Sub(now)
	case len(l.list) >= failuresAll:
		return l.list[0].at.Add(failureTime).Sub(now)
	}
	return 0
}

func (l *limiter) failed(from string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.list) < failuresAll {
		l.list = append(l.list, failure{from, l.now()})
	}
}
