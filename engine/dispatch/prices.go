package dispatch

import (
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine"
)

// priceGap is the least time between two questions for a price, of all sessions: they are
// never urgent, and must not use up what the account may ask for.
const priceGap = time.Second

// priceTries gives how long after the end of a call Twilio is asked for its price. It is
// there some time after the end, usually within minutes; nothing says by when at the
// latest. What nobody answered mostly has none.
// https://www.twilio.com/docs/voice/api/call-resource
func priceTries(answered bool) []time.Duration {
	tries := []time.Duration{10 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute}
	if answered {
		tries = append(tries, time.Hour, 2*time.Hour, 4*time.Hour, 8*time.Hour, 16*time.Hour, 24*time.Hour)
	}
	return tries
}

// priceTrouble is for how long after the end of a call it is asked for again when Twilio
// gave no answer at all.
const priceTrouble = 72 * time.Hour

// Price is a call that is over and whose price is not known yet.
type Price struct {
	Session  string
	Leg      int
	SID      string
	Ended    time.Time
	Answered bool // somebody was connected
}

// priceItem is a Price that is asked for; guarded by the dispatcher's mutex.
type priceItem struct {
	Price
	due    time.Time
	asking bool // a question is on its way, or waits for its second
}

// prices is guarded by the dispatcher's mutex.
type prices struct {
	items map[string][]*priceItem // by session
	next  time.Time               // the second of the next question
}

// RecoverPrices takes over, once, the prices that an earlier process did not get.
func (d *Dispatcher) RecoverPrices(list []Price) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range list {
		d.awaitPrice(p)
	}
}

// followPrices takes note of the calls of a session that are over; d.mu is held.
func (d *Dispatcher) followPrices(s *engine.Session) {
	known := d.prices.items[s.ID]
	for _, l := range s.Legs {
		i := slices.IndexFunc(known, func(p *priceItem) bool { return p.Leg == l.Number })
		switch awaits := l.AwaitsPrice(); {
		case awaits && i < 0:
			d.awaitPrice(Price{Session: s.ID, Leg: l.Number, SID: l.SID, Ended: l.EndedAt, Answered: !l.AnsweredAt.IsZero()})
		case !awaits && i >= 0:
			d.dropPrice(known[i])
		}
		known = d.prices.items[s.ID]
	}
}

func (d *Dispatcher) awaitPrice(p Price) {
	due := p.Ended.Add(priceTries(p.Answered)[0])
	d.prices.items[p.Session] = append(d.prices.items[p.Session], &priceItem{Price: p, due: due})
	d.costs.earlier(p.Session, due)
}

func (d *Dispatcher) dropPrice(p *priceItem) {
	left := slices.DeleteFunc(d.prices.items[p.Session], func(o *priceItem) bool { return o == p })
	if len(left) == 0 {
		delete(d.prices.items, p.Session)
		return
	}
	d.prices.items[p.Session] = left
}

// pricesDue asks for the prices of a session that are due, each in a second of its own.
func (d *Dispatcher) pricesDue(session string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closing {
		return
	}
	now := d.clock.Now()
	for _, p := range d.prices.items[session] {
		switch {
		case p.asking:
		case p.due.After(now):
			d.costs.earlier(session, p.due)
		default:
			p.asking = true
			slot := later(now, d.prices.next)
			d.prices.next = slot.Add(priceGap)
			d.clock.AfterFunc(slot.Sub(now), func() { d.askPrice(p) })
		}
	}
}

// askPrice asks once, and tells the session what is known for good.
func (d *Dispatcher) askPrice(p *priceItem) {
	if !d.begin() {
		return
	}
	defer d.end()
	ctx, cancel := d.limit(requestTime)
	call, err := d.cfg.Twilio.FetchCall(ctx, p.SID)
	cancel()
	fields := map[string]string{}
	switch {
	case err == nil && call.Price != "":
		fields["Price"], fields["PriceUnit"] = call.Price, call.PriceUnit
	case d.askPriceLater(p, err != nil && !twilioAnswer("", err).gone()):
		return
	default:
		d.log.Info("a call has no price", slog.String("session", p.Session), slog.Int("leg", p.Leg), slog.String("call", p.SID), slog.Any("error", err))
	}
	now := d.clock.Now()
	ok := d.deliver(p.Session, &engine.Event{
		ID:   "price-" + strconv.Itoa(p.Leg) + "-" + strconv.FormatInt(now.UnixMicro(), 36),
		Kind: engine.KindPrice, At: now, Leg: p.Leg, Fields: fields,
	})
	if !ok && !d.stopping() { // the session is not there any more
		d.mu.Lock()
		defer d.mu.Unlock()
		d.dropPrice(p)
	}
}

// askPriceLater sets the time of the next question, by the age of the call; false: there
// is none.
func (d *Dispatcher) askPriceLater(p *priceItem, trouble bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.clock.Now()
	next := time.Time{}
	for _, after := range priceTries(p.Answered) {
		if at := p.Ended.Add(after); at.After(now) {
			next = at
			break
		}
	}
	if at := now.Add(time.Hour); next.IsZero() && trouble && at.Before(p.Ended.Add(priceTrouble)) {
		next = at
	}
	if next.IsZero() {
		return false
	}
	p.due, p.asking = next, false
	d.costs.earlier(p.Session, next)
	return true
}
