package flowtest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
)

// Forever, as a delay, makes the billing service never answer.
const Forever = 24 * time.Hour

// delayHeader tells the client's side how long the answer is on its way; see slowly.
const delayHeader = "X-Flowtest-Delay"

// Answer is how the billing service treats a request.
type Answer struct {
	Status int           // 0: 200 (of an account: 200, or 404 when there is none)
	Delay  time.Duration // until the answer is sent; what was asked for is done at once
}

// BillingRequest is a request that the billing service got.
type BillingRequest struct {
	At     time.Time
	Method string
	Path   string // as sent
	Body   string
	Key    string // Idempotency-Key
	Status int    // of the answer
	Repeat bool   // the key was there before: nothing was done
}

// Billing is the service that prepaid flows ask: balances by phone number, and charges
// that are done once per Idempotency-Key. It is safe for concurrent use.
type Billing struct {
	clock clock.Clock
	srv   *httptest.Server

	mu       sync.Mutex
	balances map[string]string
	accounts Answer
	charges  []Answer
	keys     map[string]int // Idempotency-Key of a charge -> its status
	requests []BillingRequest
}

// NewBilling starts a billing service that knows nobody and charges everybody. In
// virtual time its delays need a client whose transport World has set up; in real time
// they are spent in the handler.
func NewBilling(c clock.Clock) *Billing {
	b := &Billing{clock: c, balances: map[string]string{}, keys: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /accounts/{phone}", b.account)
	mux.HandleFunc("POST /charges", b.charge)
	b.srv = httptest.NewServer(mux)
	return b
}

// URL is its address.
func (b *Billing) URL() string { return b.srv.URL }

// Close ends the service.
func (b *Billing) Close() { b.srv.Close() }

// SetBalance opens the account of a phone number: money as text, such as 1.00.
func (b *Billing) SetBalance(phone, balance string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.balances[phone] = balance
}

// AnswerAccounts says how questions for balances are answered from now on.
func (b *Billing) AnswerAccounts(a Answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.accounts = a
}

// AnswerCharges says how the next charges are answered; the last one counts for all
// that follow.
func (b *Billing) AnswerCharges(answers ...Answer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.charges = answers
}

// Requests gives all requests, oldest first.
func (b *Billing) Requests() []BillingRequest {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]BillingRequest(nil), b.requests...)
}

// Charges gives the bodies of the charges that were done, oldest first: those that were
// answered with success, once per Idempotency-Key.
func (b *Billing) Charges() []string {
	var done []string
	for _, r := range b.Requests() {
		if r.Method == http.MethodPost && r.Status == http.StatusOK && !r.Repeat {
			done = append(done, r.Body)
		}
	}
	return done
}

func (b *Billing) account(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	balance, known := b.balances[r.PathValue("phone")]
	a := b.accounts
	switch {
	case a.Status != 0:
	case known:
		a.Status = http.StatusOK
	default:
		a.Status = http.StatusNotFound
	}
	b.note(r, "", a.Status, false)
	b.mu.Unlock()
	body := map[string]string{"error": "no account"}
	if a.Status == http.StatusOK {
		body = map[string]string{"balance": balance}
	}
	b.answer(w, r, a, body)
}

func (b *Billing) charge(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	key := r.Header.Get("Idempotency-Key")
	b.mu.Lock()
	var a Answer
	status, repeat := b.keys[key]
	switch {
	case repeat && key != "":
		a.Status = status
	case len(b.charges) > 0:
		a = b.charges[0]
		if len(b.charges) > 1 {
			b.charges = b.charges[1:]
		}
	}
	if a.Status == 0 {
		a.Status = http.StatusOK
	}
	b.keys[key] = a.Status
	b.note(r, string(data), a.Status, repeat)
	b.mu.Unlock()
	b.answer(w, r, a, map[string]bool{"charged": a.Status == http.StatusOK})
}

// note writes a request down; mu is held.
func (b *Billing) note(r *http.Request, body string, status int, repeat bool) {
	b.requests = append(b.requests, BillingRequest{
		At: b.clock.Now(), Method: r.Method, Path: r.URL.EscapedPath(), Body: body, Key: r.Header.Get("Idempotency-Key"), Status: status, Repeat: repeat,
	})
}

func (b *Billing) answer(w http.ResponseWriter, r *http.Request, a Answer, body any) {
	if a.Delay > 0 {
		if _, virtual := b.clock.(*clock.Virtual); virtual {
			w.Header().Set(delayHeader, a.Delay.String())
		} else if b.clock.Sleep(r.Context(), a.Delay) != nil {
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.Status)
	_ = json.NewEncoder(w).Encode(body)
}

// slowly is a transport that lets the answers of the billing service arrive late, in
// virtual time. The delay is spent on this side because only here the end of the
// client's patience is a moment of the virtual clock: a handler would learn of it from
// its broken connection, some real time later, and the clock would have gone on.
type slowly struct {
	next  http.RoundTripper
	world *World
}

// RoundTrip implements http.RoundTripper.
func (s *slowly) RoundTrip(req *http.Request) (*http.Response, error) {
	// The client's limit is counted in real time; it is read before any of it is used up.
	patience := Patience(req)
	resp, err := s.next.RoundTrip(req)
	if err != nil || resp.Header.Get(delayHeader) == "" {
		return resp, err
	}
	delay, err := time.ParseDuration(resp.Header.Get(delayHeader))
	if err != nil {
		return nil, err
	}
	if err := s.world.Wait(delay, patience); err != nil {
		resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// Patience is how long the sender of a request waits for the answer, in whole seconds.
func Patience(req *http.Request) time.Duration {
	if at, ok := req.Context().Deadline(); ok {
		return time.Until(at).Round(time.Second)
	}
	return Forever
}

// Wait lets a request wait for its answer in virtual time; an error if the patience ends
// before, or the world.
func (w *World) Wait(delay, patience time.Duration) error {
	if delay < patience {
		return w.Clock.Sleep(w.end, delay)
	}
	if err := w.Clock.Sleep(w.end, patience); err != nil {
		return err
	}
	return context.DeadlineExceeded
}
