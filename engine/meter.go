package engine

import (
	"fmt"
	"math/big"
	"strconv"
	"time"

	"github.com/ringdown/ringdown/engine/expr"
)

// meterGrace is how long the end of the money waits for a meter.low list that is still
// at work.
const meterGrace = 10 * time.Second

// enterMeter sets the session's meter up at the first entry of a meter state; its
// numbers are taken once. Entering such a state again goes on with it.
func (x *Exec) enterMeter(l *Leg, st *State) error {
	if x.s.Meter != nil {
		return nil
	}
	spec := st.Meter
	defer x.as(l, l.here().frame)()
	balance, err := x.money(spec.Balance)
	if err != nil {
		return err
	}
	rate, err := x.money(spec.Rate)
	if err != nil {
		return err
	}
	if rate <= 0 || balance < 0 {
		return x.Fault(spec.Pos, "expression", "the meter needs a rate above 0 and a balance of at least 0, not %s and %s", rate, balance)
	}
	x.s.Meter = &Meter{
		State: st.Name, Leg: l.Number, Name: x.nameOf(spec.Leg), Balance: int64(balance), Rate: int64(rate),
		Per: spec.Per, Step: spec.Step, Warn: spec.Warn, Strategy: spec.Strategy, HardStop: spec.HardStop,
	}
	if spec.Leg != "" {
		if counted := x.LegNamed(spec.Leg); counted != nil && counted.Live() {
			return x.startMeter(counted)
		}
	}
	return nil
}

func (x *Exec) money(t *expr.Template) (expr.Money, error) {
	v, err := t.Value(x.Env())
	if err != nil {
		return 0, err
	}
	if m, ok := v.(expr.Money); ok {
		return m, nil
	}
	return expr.ParseMoney(v)
}

// meterAnswered starts the meter when the call that it counts is up, whichever request
// brought the news.
func (x *Exec) meterAnswered(l *Leg) error {
	m := x.s.Meter
	if m == nil || !m.Since.IsZero() || !m.Stopped.IsZero() {
		return nil
	}
	counts := m.Name != "" && l.Name == m.Name || m.Name == "" && l.Parent == m.Leg
	if !counts {
		return nil
	}
	return x.startMeter(l)
}

func (x *Exec) startMeter(counted *Leg) error {
	m := x.s.Meter
	m.Counted, m.Since = counted.Number, counted.AnsweredAt
	x.note(Entry{What: "meter", Leg: m.Leg, Name: "start", Text: expr.Money(m.Balance).String()})
	return x.meterChanged()
}

// Bought is the time that the meter's money buys, in whole steps.
func (m *Meter) Bought() time.Duration {
	if m.Rate <= 0 || m.Step <= 0 {
		return 0
	}
	n := new(big.Int).Mul(big.NewInt(m.Balance), big.NewInt(int64(m.Per)))
	n.Quo(n, new(big.Int).Mul(big.NewInt(m.Rate), big.NewInt(int64(m.Step))))
	steps := n.Int64()
	if !n.IsInt64() || steps > int64(24*365*time.Hour/m.Step) {
		steps = int64(24 * 365 * time.Hour / m.Step)
	}
	return time.Duration(steps) * m.Step
}

// Left is the time that is left at now.
func (m *Meter) Left(now time.Time) time.Duration {
	if m.Since.IsZero() {
		return m.Bought()
	}
	return max(0, m.End.Sub(now))
}

// Remaining is the money that is left at now, in ten-thousandths.
func (m *Meter) Remaining(now time.Time) int64 {
	if m.Since.IsZero() {
		return m.Balance
	}
	steps := (int64(now.Sub(m.Since)) + int64(m.Step) - 1) / int64(m.Step)
	n := new(big.Int).Mul(big.NewInt(steps), big.NewInt(int64(m.Step)))
	n.Mul(n, big.NewInt(m.Rate))
	n.Quo(n, big.NewInt(int64(m.Per)))
	return max(0, m.Balance-n.Int64())
}

// meterChanged computes the end anew and arms the timers for it.
func (x *Exec) meterChanged() error {
	m := x.s.Meter
	m.End = m.Since.Add(m.Bought())
	m.Warned, m.Empty = false, false
	x.disarm("meter-grace", m.Leg)
	x.disarm("meter-guard", m.Leg)
	m.Grace = time.Time{}
	x.rearm("meter-end", m.Leg, m.End)
	if m.HardStop {
		x.hardStop(m)
	}
	x.armClear()
	low := m.End.Add(-m.Warn)
	if low.After(x.now) {
		x.rearm("meter-low", m.Leg, low)
		return nil
	}
	x.disarm("meter-low", m.Leg)
	return x.meterLow()
}

// hardStop keeps Twilio's own limit a minute behind the end of the money, for the case
// that this server is dead then.
func (x *Exec) hardStop(m *Meter) {
	l := x.s.Leg(m.Leg)
	from := l.AnsweredAt
	if from.IsZero() {
		from = m.Since
	}
	limit := m.End.Add(time.Minute).Sub(from)
	x.Emit(Effect{Kind: UpdateCall, Leg: m.Leg, Params: map[string]string{"TimeLimit": strconv.Itoa(int(limit / time.Second))}})
}

// Credit tops the meter up.
func (x *Exec) Credit(amount expr.Money) error {
	m := x.s.Meter
	if m == nil || !m.Stopped.IsZero() {
		x.note(Entry{What: "dropped", Name: "credit", Why: "no meter runs"})
		return nil
	}
	m.Balance += int64(amount)
	m.Credits += int64(amount)
	x.note(Entry{What: "meter", Leg: m.Leg, Name: "credit", Text: amount.String()})
	if m.Since.IsZero() {
		return nil
	}
	return x.meterChanged()
}

func (x *Exec) meterData() Values {
	m := x.s.Meter
	return Values{"left": m.Left(x.now).Seconds(), "balance": expr.Money(m.Remaining(x.now)).Float()}
}

// meterLow raises meter.low, once for each credit.
func (x *Exec) meterLow() error {
	m := x.s.Meter
	if m == nil || m.Warned || !m.Stopped.IsZero() {
		return nil
	}
	m.Warned = true
	return x.raise(&Raised{Name: "meter.low", Leg: m.Leg, Time: x.now, Data: x.meterData()})
}

// meterEnd raises meter.empty; a meter.low list that still waits gets a little time.
func (x *Exec) meterEnd(graceOver bool) error {
	m := x.s.Meter
	if m == nil || m.Empty || m.Parked || !m.Stopped.IsZero() && m.hasCredit(m.Stopped) || x.now.Before(m.End) {
		return nil
	}
	if !graceOver && x.twilioEnds(m) {
		x.rearm("meter-guard", m.Leg, m.End.Add(limitSlack))
		return nil
	}
	if x.charging(m) && x.now.Before(m.End.Add(meterGrace)) {
		m.Grace = m.End.Add(meterGrace)
		x.rearm("meter-grace", m.Leg, m.Grace)
		return nil
	}
	m.Empty = true
	return x.raise(&Raised{Name: "meter.empty", Leg: m.Leg, Time: x.now, Data: x.meterData()})
}

// lateTimer is how long a timer of the meter that comes late waits for news of the calls.
const lateTimer = 5 * time.Second

// meterLate puts off a timer of the meter that an outage has made late: nobody is
// charged for calls that ended meanwhile, so Twilio is asked about them first.
func (x *Exec) meterLate(t Timer) bool {
	m := x.s.Meter
	if m == nil || !m.Stopped.IsZero() || t.Index != 0 || t.Name != "meter-low" && t.Name != "meter-end" {
		return false
	}
	for _, number := range []int{m.Leg, m.Counted} {
		if l := x.s.Leg(number); l != nil && l.Live() {
			l.EvidenceAt = x.now.Add(-silentTime)
		}
	}
	x.disarm(t.Name, t.Leg)
	x.arm(Timer{Name: t.Name, Due: x.now.Add(lateTimer), Scope: ScopeEngine, Leg: t.Leg, Index: 1}) // once
	return true
}

// meterLegGone stops the meter when the leg that it counts or its own leg is over.
func (x *Exec) meterLegGone(l *Leg) {
	m := x.s.Meter
	if m == nil || !m.Stopped.IsZero() || l.Number != m.Leg && l.Number != m.Counted {
		return
	}
	m.Stopped = x.now
	for _, name := range []string{"meter-low", "meter-end", "meter-grace", "meter-clear", "meter-guard"} {
		x.disarm(name, m.Leg)
	}
	if metered := x.s.Leg(m.Leg); l != metered && x.awaitsLimit(metered) {
		x.rearm("meter-guard", m.Leg, m.End.Add(limitSlack))
	}
	used := ""
	if !m.Since.IsZero() {
		used = fmt.Sprintf("%s used", x.now.Sub(m.Since).Round(time.Second))
	}
	x.note(Entry{What: "meter", Leg: m.Leg, Name: "stop", Text: used})
}
