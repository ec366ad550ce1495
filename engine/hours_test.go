package engine

import (
	"math/rand/v2"
	"testing"
	"time"
	_ "time/tzdata" // the table must be the same everywhere
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// every is a week with the same spans each day.
func every(spans ...Span) (w [7][]Span) {
	for i := range w {
		w[i] = spans
	}
	return w
}

func clockSpan(from, to int) Span { return Span{from/100*60 + from%100, to/100*60 + to%100} }

func office(t testing.TB) *Hours {
	h := &Hours{Zone: zone(t, "Europe/Berlin"), Closed: map[Date]bool{{2026, time.December, 24}: true, {2026, time.December, 25}: true}}
	for d := time.Monday; d <= time.Thursday; d++ {
		h.Week[d] = []Span{clockSpan(900, 1200), clockSpan(1300, 1800)}
	}
	h.Week[time.Friday] = []Span{clockSpan(900, 1600)}
	return h
}

func night(t testing.TB, zoneName string) *Hours {
	return &Hours{Zone: zone(t, zoneName), Week: every(clockSpan(2200, 3000)), Closed: map[Date]bool{{2026, time.December, 25}: true}}
}

func TestHours(t *testing.T) {
	t.Parallel()
	berlin := func(from, to int) *Hours {
		return &Hours{Zone: zone(t, "Europe/Berlin"), Week: every(clockSpan(from, to))}
	}
	for _, tc := range []struct {
		what string
		h    *Hours
		at   string
		next string // "": it is open
	}{
		{"a minute before", office(t), "2026-03-02T08:59:59+01:00", "2026-03-02T09:00:00+01:00"},
		{"on the minute", office(t), "2026-03-02T09:00:00+01:00", ""},
		{"another zone", office(t), "2026-03-02T03:00:00-05:00", ""},
		{"lunch", office(t), "2026-03-02T12:00:00+01:00", "2026-03-02T13:00:00+01:00"},
		{"the last second", office(t), "2026-03-02T17:59:59+01:00", ""},
		{"the end", office(t), "2026-03-02T18:00:00+01:00", "2026-03-03T09:00:00+01:00"},
		{"over the weekend", office(t), "2026-03-06T16:00:00+01:00", "2026-03-09T09:00:00+01:00"},
		{"over the weekend of the change", office(t), "2026-03-27T16:00:00+01:00", "2026-03-30T09:00:00+02:00"},
		{"a holiday", office(t), "2026-12-24T10:00:00+01:00", "2026-12-28T09:00:00+01:00"},

		{"before midnight", night(t, "Europe/Berlin"), "2026-03-02T23:59:59+01:00", ""},
		{"after midnight", night(t, "Europe/Berlin"), "2026-03-03T00:00:00+01:00", ""},
		{"the end in the morning", night(t, "Europe/Berlin"), "2026-03-03T06:00:00+01:00", "2026-03-03T22:00:00+01:00"},
		{"a closed date cuts the night before", night(t, "Europe/Berlin"), "2026-12-25T00:00:00+01:00", "2026-12-26T22:00:00+01:00"},
		{"a night that would begin on it", night(t, "Europe/Berlin"), "2026-12-26T03:00:00+01:00", "2026-12-26T22:00:00+01:00"},

		{"whole days", berlin(0, 2400), "2026-03-29T03:00:00+02:00", ""},
		{"the hour that is left out begins it", berlin(230, 400), "2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00"},
		{"the whole span is left out", berlin(215, 245), "2026-03-29T01:00:00+01:00", "2026-03-30T02:15:00+02:00"},
		{"the first of two hours", berlin(230, 400), "2026-10-25T02:30:00+02:00", ""},
		{"back before it begins", berlin(230, 400), "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00"},
		{"open again, as the clock goes back", berlin(130, 230), "2026-10-25T02:45:00+02:00", "2026-10-25T02:00:00+01:00"},
		{"the longest night", night(t, "Europe/Berlin"), "2026-10-25T05:59:59+01:00", ""},
		{"no midnight", &Hours{Zone: zone(t, "Africa/Cairo"), Week: every(clockSpan(0, 600))}, "2026-04-23T23:59:59+02:00", "2026-04-24T01:00:00+03:00"},
		{"midnight comes twice", &Hours{Zone: zone(t, "America/St_Johns"), Week: every(clockSpan(2330, 2400))}, "2006-10-29T00:00:30-02:30", "2006-10-28T23:30:00-03:30"},
	} {
		at, err := time.Parse(time.RFC3339, tc.at)
		if err != nil {
			t.Fatal(err)
		}
		if open := tc.h.Open(at); open != (tc.next == "") {
			t.Errorf("%s: open is %v", tc.what, open)
		}
		want := at
		if tc.next != "" {
			if want, err = time.Parse(time.RFC3339, tc.next); err != nil {
				t.Fatal(err)
			}
		}
		if next, ok := tc.h.NextOpen(at); !ok || !next.Equal(want) {
			t.Errorf("%s: next is %v, %v, want %v", tc.what, next.In(tc.h.Zone), ok, want)
		}
	}
	if at, ok := (&Hours{Zone: time.UTC}).NextOpen(time.Unix(0, 0)); ok {
		t.Errorf("a calendar without hours opens at %v", at)
	}
}

// TestNextOpenIsTheFirst compares with a look at every minute, around changes of the
// clocks of zones that change them in odd ways.
func TestNextOpenIsTheFirst(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	around := []struct {
		zone string
		day  time.Time
	}{
		{"Europe/Berlin", time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)},
		{"Europe/Berlin", time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC)},
		{"Australia/Lord_Howe", time.Date(2026, 4, 4, 12, 0, 0, 0, time.UTC)}, // by half an hour
		{"Africa/Cairo", time.Date(2026, 10, 29, 18, 0, 0, 0, time.UTC)},      // at midnight
		{"Pacific/Apia", time.Date(2011, 12, 30, 6, 0, 0, 0, time.UTC)},       // a whole day is left out
		{"America/St_Johns", time.Date(2006, 10, 29, 0, 0, 0, 0, time.UTC)},   // a minute after midnight
	}
	for range 60 {
		c := around[r.IntN(len(around))]
		h := &Hours{Zone: zone(t, c.zone), Closed: map[Date]bool{}}
		for d := range h.Week {
			if r.IntN(3) > 0 {
				from := r.IntN(48) * 30
				h.Week[d] = []Span{{from, from + 15 + r.IntN(600)}}
			}
		}
		h.Week[r.IntN(7)] = []Span{{60, 200}}
		if r.IntN(2) == 0 {
			h.Closed[dateOf(c.day.In(h.Zone))] = true
		}
		at := c.day.Add(time.Duration(r.IntN(48*60)-24*60) * time.Minute)
		want := at
		for !h.Open(want) {
			want = want.Add(time.Minute)
		}
		if got, ok := h.NextOpen(at); !ok || !got.Equal(want) {
			t.Fatalf("%s %v from %v: %v, want %v", c.zone, h.Week, at, got.In(h.Zone), want.In(h.Zone))
		}
	}
}
