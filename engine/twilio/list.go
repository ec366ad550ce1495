package twilio

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/twilio/twilio-go/client"
)

// Bounds of a list: how many items are read if the caller says nothing, how many
// at most, and the size of a page (Twilio allows 1000).
const (
	defaultLimit = 200
	maxLimit     = 10000
	maxPageSize  = 200
)

// DayRange narrows a list to days, by UTC date; the time of day does not count.
// The zero times leave a side open. Twilio's own filters know only whole days.
type DayRange struct {
	From time.Time // this day and later
	To   time.Time // this day and earlier
}

// set adds the range to a query under Twilio's names: Name, Name>=, Name<=.
func (d DayRange) set(q url.Values, name string) {
	from, to := day(d.From), day(d.To)
	switch {
	case from != "" && from == to:
		q.Set(name, from)
		return
	case from != "":
		q.Set(name+">", from)
	}
	if to != "" {
		q.Set(name+"<", to)
	}
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// setIf adds the names whose value is not empty.
func setIf(q url.Values, pairs map[string]string) {
	for name, value := range pairs {
		if value != "" {
			q.Set(name, value)
		}
	}
}

// list reads pages of a resource until limit items are there or no page is left.
// P is twilio-go's page; of takes the items and the address of the next page from
// it. It exists because twilio-go's own lists run goroutines and send times where
// Twilio documents days.
func list[P, T any](ctx context.Context, c *Client, op, resource string, q url.Values, limit int, of func(*P) ([]T, *string)) ([]T, error) {
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxLimit)
	q.Set("PageSize", strconv.Itoa(min(limit, maxPageSize)))
	target := DefaultBaseURL + "/2010-04-01/Accounts/" + c.account + "/" + resource + ".json"
	var all []T
	for len(all) < limit {
		page, err := fetchPage[P](ctx, c, op, target, q)
		if err != nil {
			return nil, err
		}
		items, next := of(page)
		all = append(all, items...)
		if next == nil || *next == "" || len(items) == 0 {
			break
		}
		// The address of the next page has the whole query in it.
		target, q = DefaultBaseURL+*next, nil
	}
	return all[:min(len(all), limit)], nil
}

func fetchPage[P any](ctx context.Context, c *Client, op, target string, q url.Values) (*P, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var base client.BaseClient = &exchange{client: c, ctx: ctx, op: op}
	resp, err := base.SendRequest(http.MethodGet, target, q, nil)
	if err != nil {
		return nil, asError(op, err)
	}
	defer resp.Body.Close()
	page := new(P)
	if err := json.NewDecoder(resp.Body).Decode(page); err != nil {
		return nil, unreadable(op, err)
	}
	return page, nil
}

// str, num and yes read twilio-go's optional fields.
func str(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

func num(p *int) int {
	if p == nil {
		return 0
	}
	return *p
}

func yes(p *bool) bool { return p != nil && *p }

// secondsOf reads a length that Twilio writes as text in whole seconds; a
// recording still being made has -1.
func secondsOf(p *string) time.Duration {
	n, err := strconv.Atoi(str(p))
	if err != nil || n < 0 || n > maxSeconds {
		return 0
	}
	return time.Duration(n) * time.Second
}

// convert maps a page's items.
func convert[A, B any](items []A, f func(*A) *B) []B {
	out := make([]B, len(items))
	for i := range items {
		out[i] = *f(&items[i])
	}
	return out
}
