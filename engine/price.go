package engine

import (
	"math/big"
	"strings"
)

// AwaitsPrice reports whether Twilio is to be asked what the leg's call cost: it is over,
// and it was not told yet. Twilio knows the price some time after the end.
// https://www.twilio.com/docs/voice/api/call-resource
func (l *Leg) AwaitsPrice() bool { return l.Over() && l.SID != "" && l.PricedAt.IsZero() }

// price takes what a call cost. It changes nothing else, and is taken by a session that
// is over as well. An event without a price says that Twilio names none.
func (x *Exec) price(ev *Event) {
	l := x.s.Leg(ev.Leg)
	if l == nil || !l.AwaitsPrice() {
		x.note(Entry{What: "dropped", Name: ev.Kind, Leg: ev.Leg, Why: "the leg waits for no price"})
		return
	}
	l.PricedAt = x.now
	e := Entry{What: "price", Leg: l.Number}
	if _, ok := decimal(ev.Fields["Price"]); ok {
		l.Price, l.PriceUnit = ev.Fields["Price"], ev.Fields["PriceUnit"]
		e.Text = strings.TrimSpace(l.Price + " " + l.PriceUnit)
	} else {
		e.Why = "Twilio names none"
	}
	x.note(e)
}

// decimal reads a price as Twilio writes it: "-0.01400".
func decimal(s string) (*big.Rat, bool) {
	if s == "" || len(s) > 32 || strings.Trim(s, "+-.0123456789") != "" {
		return nil, false
	}
	return new(big.Rat).SetString(s)
}

// Cost is what the calls of a session cost together, as far as it is known.
type Cost struct {
	Price string // decimal, negative for a charge as Twilio gives it; "" while no price is known
	Unit  string // ISO 4217
	Open  int    // legs whose price Twilio is still asked for
}

// Cost adds up the prices of the legs. Prices in another unit than the first one are left
// out: an account has one unit.
func (s *Session) Cost() Cost {
	var c Cost
	sum, places := new(big.Rat), 0
	for _, l := range s.Legs {
		if l.AwaitsPrice() {
			c.Open++
		}
		price, ok := decimal(l.Price)
		if !ok || c.Price != "" && l.PriceUnit != c.Unit {
			continue
		}
		if _, fraction, found := strings.Cut(l.Price, "."); found {
			places = max(places, len(fraction))
		}
		sum.Add(sum, price)
		c.Price, c.Unit = sum.FloatString(places), l.PriceUnit
	}
	return c
}
