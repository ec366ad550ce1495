package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// CallState is what there is to see of a call at one moment.
type CallState struct {
	SID, ParentSID string
	From, To       string
	Direction      string // inbound, outbound-api or outbound-dial
	Status         string // of the Call resource
	AnsweredBy     string // of answering-machine detection, "" if it has not ended
	Heard          []string
	Recorded       []string // by a machine, behind its beep
	Listening      bool     // a Gather or Record waits for the party
	Conference     string   // name
	Queue          string   // name
	Muted, Hold    bool     // in the conference
	Peers          []string // CallSids of those that it can talk to
	Created        time.Time
	Answered       time.Time // zero before
	Ended          time.Time // zero before
}

// State returns what there is to see of the call now.
func (c *Call) State() CallState { return locked(c, c.state) }

// States returns the states of all calls at one moment, oldest first.
func (s *Sim) States() []CallState {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]CallState, len(s.calls))
	for i, c := range s.calls {
		all[i] = c.state()
	}
	return all
}

func (c *Call) state() CallState {
	st := CallState{
		SID: c.sid, From: c.from, To: c.to, Direction: c.direction, Status: c.status, AnsweredBy: c.answeredBy,
		Heard: slices.Clone(c.heard), Listening: c.keys != nil || c.voice != nil,
		Created: c.created, Answered: c.answered, Ended: c.ended,
	}
	if c.parent != nil {
		st.ParentSID = c.parent.sid
	}
	if c.afterBeep >= 0 {
		st.Recorded = slices.Clone(c.heard[c.afterBeep:])
	}
	if c.member != nil {
		st.Conference, st.Muted, st.Hold = c.member.room.name, c.member.muted, c.member.hold
	}
	if c.waiting != nil {
		st.Queue = c.waiting.queue.name
	}
	for _, peer := range c.peers() {
		st.Peers = append(st.Peers, peer.sid)
	}
	return st
}

// LogSince returns the entries behind the one with that Seq, oldest first; 0 is all.
func (s *Sim) LogSince(seq int) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq < 0 || seq >= len(s.log) {
		return nil
	}
	return slices.Clone(s.log[seq:])
}

// Numbers returns the numbers of the account with their own settings.
func (s *Sim) Numbers() map[string]Number {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]Number, len(s.numbers))
	for phone, n := range s.numbers {
		all[phone] = n.own
	}
	return all
}

// RemoveNumber takes a number from the account. False: it had none like that.
func (s *Sim) RemoveNumber(phone string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.numbers[phone]
	delete(s.numbers, phone)
	return ok
}

// Parties returns who is at which address; the first party of each meets the next call.
func (s *Sim) Parties() map[string][]Party {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.parties)
}

// Default returns who answers all other addresses.
func (s *Sim) Default() Party {
	s.mu.Lock()
	defer s.mu.Unlock()
	return *s.o.Default
}

// SetDefault says who answers all addresses that AddParty does not know.
func (s *Sim) SetDefault(p Party) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.o.Default = &p
}

// Media returns the lengths of the files that AddMedia knows, by URL.
func (s *Sim) Media() map[string]time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.media)
}

var (
	outcomeNames = []string{"answer", "busy", "decline", "no-answer", "unreachable", "ring"}
	kindNames    = []string{"human", "machine", "fax", "unclear"}
)

// MarshalText writes answer, busy, decline, no-answer, unreachable, or ring for Manual.
func (o Outcome) MarshalText() ([]byte, error) { return nameOf(outcomeNames, int(o)) }

// UnmarshalText reads what MarshalText writes; empty is answer.
func (o *Outcome) UnmarshalText(text []byte) error {
	n, err := numbered("an outcome", outcomeNames, string(text))
	*o = Outcome(n)
	return err
}

// MarshalText writes human, machine, fax or unclear.
func (k Kind) MarshalText() ([]byte, error) { return nameOf(kindNames, int(k)) }

// UnmarshalText reads what MarshalText writes; empty is human.
func (k *Kind) UnmarshalText(text []byte) error {
	n, err := numbered("a kind of party", kindNames, string(text))
	*k = Kind(n)
	return err
}

func nameOf(names []string, n int) ([]byte, error) {
	if n < 0 || n >= len(names) {
		return nil, fmt.Errorf("sim: no name for %d", n)
	}
	return []byte(names[n]), nil
}

func numbered(what string, names []string, text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	if n := slices.Index(names, text); n >= 0 {
		return n, nil
	}
	return 0, fmt.Errorf("%s is %s or %s, not %q", what, strings.Join(names[:len(names)-1], ", "), names[len(names)-1], text)
}

// Keys reports whether a text is keys as Call.Press takes them.
func Keys(text string) bool { return strings.Trim(text, "0123456789*#ABCDabcdwW") == "" }

// Check tells what is wrong with a party, for those that get one from outside.
func (p Party) Check() error {
	if p.AnswerAfter < 0 || p.HangupAfter < 0 {
		return fmt.Errorf("durations of a party are not below 0")
	}
	for i, m := range p.Script {
		where := fmt.Sprintf("move %d", i+1)
		switch {
		case m.When != "" && !slices.Contains(Moments(), m.When):
			return fmt.Errorf("%s: there is no moment %q; it is one of %v", where, m.When, Moments())
		case m.After < 0:
			return fmt.Errorf("%s: after is not below 0", where)
		case !Keys(m.Press):
			return fmt.Errorf("%s: %q has characters that are no keys: 0 to 9, *, #, A to D, and w and W to wait", where, m.Press)
		case i == 0 && m.When == Next:
			return fmt.Errorf("%s: there is no move before it that next could follow", where)
		}
	}
	return nil
}
