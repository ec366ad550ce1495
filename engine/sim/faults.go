package sim

import "time"

// Faults are what networks and busy services do. Probabilities are 0 to 1 and
// are decided by Options.Seed: in virtual time the same seed gives the same
// faults.
type Faults struct {
	// Asynchronous callbacks (status, conference, recording, detection ...).
	LoseCallback   float64       // never delivered
	RepeatCallback float64       // delivered twice
	DelayCallback  time.Duration // each is late by an even spread of 0 to this; large values reorder them

	// Webhooks that want TwiML.
	RepeatWebhook float64 // the first answer is lost, the request is sent again with the same idempotency token
	LoseAnswer    float64 // the answer is lost for good: error 11200, the fallback URL is next

	// REST requests.
	TooManyRequests float64 // refused with 429 and code 20429, not processed
	ServerError     float64 // answered 500, not processed
	ErrorAfter      float64 // processed, but answered 500
	NoAnswer        float64 // processed, but the connection breaks before the answer
}

// SetFaults replaces the faults from now on.
func (s *Sim) SetFaults(f Faults) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.o.Faults = f
}

// happens decides one fault; mu must be held. A probability of zero takes
// nothing from the random source, so that switching one fault on leaves the
// decisions of runs without it alone.
func (s *Sim) happens(p float64) bool { return p > 0 && s.chance.Float64() < p }

// lateness is how much later than usual the next callback comes.
func (s *Sim) lateness() time.Duration {
	if s.o.Faults.DelayCallback <= 0 {
		return 0
	}
	return time.Duration(s.chance.Int64N(int64(s.o.Faults.DelayCallback) + 1))
}
