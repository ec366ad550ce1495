package expr

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// FormatText gives v as it is written into a text: plain numbers without exponent,
// true and false, nothing for nil, durations like 1h30m, times as RFC 3339. Lists
// and objects are errors.
func FormatText(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		return formatNumber(v), nil
	case time.Duration:
		return formatDuration(v), nil
	case time.Time:
		return v.Format(time.RFC3339), nil
	case Money:
		return v.String(), nil
	}
	return "", fmt.Errorf("%s cannot stand in a text; take one value out of it, or use toJSON()", kindOf(v).phrase())
}

func formatNumber(f float64) string {
	if abs := math.Abs(f); abs != 0 && (abs >= 1e21 || abs < 1e-6) {
		return strconv.FormatFloat(f, 'g', -1, 64)
	}
	if f == 0 {
		return "0" // and not "-0"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// formatDuration is time.Duration.String without zero units at the end.
func formatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// ParseDuration reads a duration as flow files write it: whole numbers with the
// units h, m, s and ms, each at most once and in this order, as in 500ms, 30s,
// 1h30m. A bare number is refused. The result is never negative.
func ParseDuration(s string) (time.Duration, error) {
	if s == "" {
		return 0, fmt.Errorf("an empty text is no duration; write for example 30s")
	}
	units := []struct {
		name string
		unit time.Duration
	}{{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}}
	var total time.Duration
	rest := s
	for rest != "" {
		n := 0
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		u := n
		for u < len(rest) && rest[u] >= 'a' && rest[u] <= 'z' {
			u++
		}
		if n > 0 && u == n && u == len(rest) && rest == s {
			return 0, fmt.Errorf("%q has no unit; write %ss for seconds, or use ms, m or h", s, s)
		}
		i := 0
		for i < len(units) && units[i].name != rest[n:u] {
			i++
		}
		value, err := strconv.ParseInt(rest[:n], 10, 64)
		if i == len(units) || err != nil || value > int64(math.MaxInt64-total)/int64(units[i].unit) {
			return 0, fmt.Errorf("%q is no duration; write for example 500ms, 30s, 5m or 1h30m", s)
		}
		total += time.Duration(value) * units[i].unit
		units, rest = units[i+1:], rest[u:]
	}
	return total, nil
}

// Spoken spells s so that a voice reads it character by character:
// "+15551234" becomes "1 5 5 5 1 2 3 4". A leading plus is dropped; blanks,
// hyphens, dots, slashes and brackets become a pause.
func Spoken(s string) string {
	var b strings.Builder
	pause := false
	for _, r := range s {
		switch {
		case strings.ContainsRune(" -./()\t", r):
			pause = true
			continue
		case r == '+' && b.Len() == 0:
			continue
		}
		if b.Len() > 0 {
			if pause {
				b.WriteByte(',')
			}
			b.WriteByte(' ')
		}
		pause = false
		b.WriteRune(r)
	}
	return b.String()
}

// mask hides all but the last four characters; of a text of up to seven, all.
func mask(s string) string {
	runes := []rune(s)
	shown := 4
	if len(runes) < 8 {
		shown = 0
	}
	return strings.Repeat("*", len(runes)-shown) + string(runes[len(runes)-shown:])
}

// parseNumber reads a decimal number as JSON or a person writes it.
func parseNumber(s string) (float64, bool) {
	s = strings.TrimSpace(s)
	if s == "" || strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil && !math.IsInf(f, 0)
}

// shorten keeps an expression readable inside a message.
func shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
