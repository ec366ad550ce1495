package dispatch

import (
	"sync"
	"time"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/clock"
)

// pacer hands out slots for calls, one per gap: to sessions that have somebody on the
// line before all others, and among equals to who asked first.
type pacer struct {
	clock clock.Clock
	gap   time.Duration

	mu      sync.Mutex
	next    time.Time // the next slot
	waiting []*ticket // in the order of asking
	timer   clock.Timer
	stopped bool
}

// ticket is a place in the queue. Its fields are guarded by the pacer's mutex.
type ticket struct {
	urgent  bool
	granted bool
	grant   func() // called without locks held
}

func newPacer(c clock.Clock, gap time.Duration) *pacer { return &pacer{clock: c, gap: gap} }

// ask queues up.
func (p *pacer) ask(urgent bool, grant func()) *ticket {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := &ticket{urgent: urgent, grant: grant}
	p.waiting = append(p.waiting, t)
	p.arm()
	return t
}

// granted reports whether the ticket has its slot; urgent is how it stands now.
func (p *pacer) granted(t *ticket, urgent bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	t.urgent = urgent
	return t.granted
}

// leave gives the place, or an unused slot, back.
func (p *pacer) leave(t *ticket) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.granted {
		p.next = p.clock.Now()
		if p.timer != nil {
			p.timer.Stop()
			p.timer = nil
		}
	}
	for i, w := range p.waiting {
		if w == t {
			p.waiting = append(p.waiting[:i], p.waiting[i+1:]...)
			break
		}
	}
	p.arm()
}

// arm sets the timer of the next slot while somebody waits for it; p.mu is held. It is
// a timer also when the slot is free at once, so that all who ask at the same moment
// are compared.
func (p *pacer) arm() {
	if p.timer != nil || p.stopped || len(p.waiting) == 0 {
		return
	}
	p.timer = p.clock.AfterFunc(p.next.Sub(p.clock.Now()), p.slot)
}

// slot gives the slot of now to the best ticket.
func (p *pacer) slot() {
	p.mu.Lock()
	p.timer = nil
	now := p.clock.Now()
	if p.stopped || len(p.waiting) == 0 || now.Before(p.next) {
		p.arm()
		p.mu.Unlock()
		return
	}
	best := 0
	for i, t := range p.waiting {
		if t.urgent {
			best = i
			break
		}
	}
	t := p.waiting[best]
	p.waiting = append(p.waiting[:best], p.waiting[best+1:]...)
	t.granted = true
	p.next = now.Add(p.gap)
	p.arm()
	p.mu.Unlock()
	t.grant()
}

func (p *pacer) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	if p.timer != nil {
		p.timer.Stop()
	}
}

// needSlot waits for the effect's turn among all calls that are to be placed.
func (j *job) needSlot(s *engine.Session) time.Time {
	urgent := false
	for _, l := range s.Legs {
		urgent = urgent || l.Live()
	}
	if j.ticket == nil {
		j.ticket = j.d.pace.ask(urgent, j.lane.wake.Wake)
	}
	if j.d.pace.granted(j.ticket, urgent) {
		return time.Time{}
	}
	return j.never()
}

// leavePace gives back a slot that was not used.
func (j *job) leavePace() {
	if j.ticket != nil {
		j.d.pace.leave(j.ticket)
		j.ticket = nil
	}
}
