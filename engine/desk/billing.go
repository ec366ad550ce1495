package desk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// BillingPath is where the billing service lives on the desk's address.
const BillingPath = "/play/billing"

// NoAccount is the ending of phone numbers that the billing service has no account for.
const NoAccount = "99"

// Bank is the billing service of the prepaid flows, played: every number has an account
// with the same balance, except those that end in NoAccount. Charges succeed until they
// are refused by Refuse. It moves no money and keeps none.
//
//	GET  /accounts/{phone}            -> 200 {"balance": "1.00"}, 404
//	POST /charges {"account","amount"} -> 200 {"ok": true}, 402
type Bank struct {
	tell func(text string)

	mu      sync.Mutex
	balance string
	refuse  bool
	charged map[string]int // answers by Idempotency-Key: a repeated charge is one charge
}

func newBank(tell func(text string)) *Bank {
	return &Bank{tell: tell, balance: "1.00", charged: map[string]int{}}
}

// SetBalance sets what every account holds, as decimal text such as 0.25.
func (b *Bank) SetBalance(amount string) error {
	whole, fraction, point := strings.Cut(amount, ".")
	if !digits(whole) || point && !digits(fraction) || len(fraction) > 4 || len(whole) > 9 {
		return fmt.Errorf("a balance is written like 0.25, not %q", amount)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.balance = amount
	return nil
}

// Refuse lets charges fail with 402, or succeed again.
func (b *Bank) Refuse(on bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refuse = on
}

// State gives the balance of the accounts, and whether charges are refused.
func (b *Bank) State() (balance string, refuse bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.balance, b.refuse
}

func (b *Bank) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+BillingPath+"/accounts/{phone}", b.account)
	mux.HandleFunc("POST "+BillingPath+"/charges", b.charge)
	return mux
}

func (b *Bank) account(w http.ResponseWriter, r *http.Request) {
	phone := r.PathValue("phone")
	balance, _ := b.State()
	if strings.HasSuffix(phone, NoAccount) {
		b.tell(phone + " has no account")
		answer(w, http.StatusNotFound, map[string]any{"error": "no account"})
		return
	}
	b.tell(phone + " has " + balance)
	answer(w, http.StatusOK, map[string]any{"balance": balance})
}

func (b *Bank) charge(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Account string      `json:"account"`
		Amount  json.Number `json:"amount"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&body); err != nil || body.Account == "" || body.Amount == "" {
		answer(w, http.StatusBadRequest, map[string]any{"error": `send {"account": "+1...", "amount": 5}`})
		return
	}
	status, first := b.settle(r.Header.Get("Idempotency-Key"))
	switch {
	case !first:
	case status == http.StatusOK:
		b.tell(body.Account + " was charged " + body.Amount.String())
	default:
		b.tell("a charge of " + body.Amount.String() + " to " + body.Account + " was refused")
	}
	answer(w, status, map[string]any{"ok": status == http.StatusOK})
}

// settle decides about a charge; one with a known key gets the answer of the first.
func (b *Bank) settle(key string) (status int, first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if known, ok := b.charged[key]; ok {
		return known, false
	}
	status = http.StatusOK
	if b.refuse {
		status = http.StatusPaymentRequired
	}
	if key != "" {
		b.charged[key] = status
	}
	return status, true
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller has gone if it fails
}

func digits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
