package sim

import (
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// What a started minute costs in USD 1/100000, by the kind of call. The figures
// are examples: Twilio's differ by country and contract.
const (
	rateOutbound = 1400
	rateInbound  = 850
	rateClient   = 400
	rateMessage  = 790
)

// price is the cost of a call, or nil while it is not known (documentation: Call
// resource, "price": populated after the call is completed, not necessarily at
// once). It is negative: a charge.
func (c *Call) price() *string {
	s := c.sim
	if !c.over() || s.now().Before(c.ended.Add(s.o.Timings.Price)) {
		return nil
	}
	minutes := int((c.talk() + time.Minute - 1) / time.Minute)
	if minutes == 0 {
		if s.o.Switches.UnansweredPriced {
			return rest.Text("0")
		}
		return nil
	}
	rate := rateOutbound
	switch {
	case strings.HasPrefix(c.address(), "client:") || strings.HasPrefix(c.address(), "sip:"):
		rate = rateClient
	case c.direction == "inbound":
		rate = rateInbound
	}
	return charge(minutes * rate)
}

// charge writes 1/100000 of a dollar as Twilio does.
func charge(units int) *string {
	v := strconv.Itoa(units)
	if pad := 6 - len(v); pad > 0 {
		v = strings.Repeat("0", pad) + v
	}
	return rest.Text("-" + v[:len(v)-5] + "." + v[len(v)-5:])
}

// messagePrice is the cost of a message, known some time after its delivery.
func (s *Sim) messagePrice(m *Message) *string {
	if m.Status != "delivered" || s.now().Before(m.updated.Add(s.o.Timings.Price)) {
		return nil
	}
	return charge(rateMessage * segments(m.Body))
}
