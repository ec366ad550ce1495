package engine

import "strings"

// partial takes in what has been said so far in a Gather. The callbacks are not in order;
// what is older than the last one, or of a try that is over, says nothing new.
// https://www.twilio.com/docs/voice/twiml/gather#partialresultcallback
func (x *Exec) partial(ev *Event) error {
	l := x.s.Leg(ev.Leg)
	if err := x.evidence(l, ev.Fields); err != nil {
		return err
	}
	if ev.Turn != l.Turn || l.Over() || l.Leaving || !x.newest(l, ev.Fields) {
		x.note(Entry{What: "late", Name: "partial", Leg: l.Number, Turn: ev.Turn})
		return nil
	}
	speech := strings.TrimSpace(ev.Fields["StableSpeechResult"] + " " + ev.Fields["UnstableSpeechResult"])
	return x.raise(&Raised{Name: "partial", Leg: l.Number, Time: x.now, Data: Values{"speech": speech}})
}

// newest reports whether a numbered partial result is later than all that came of its try.
func (x *Exec) newest(l *Leg, fields map[string]string) bool {
	const source = "partial"
	n := int(number(fields["SequenceNumber"])) + 1 // 0 is no number yet
	for i := range l.Seen {
		w := &l.Seen[i]
		if w.Source != source {
			continue
		}
		if fields["SequenceNumber"] != "" && w.Turn == l.Turn && n <= w.High {
			return false
		}
		w.High, w.Turn = n, l.Turn
		return true
	}
	l.Seen = append(l.Seen, Window{Source: source, High: n, Turn: l.Turn})
	return true
}
