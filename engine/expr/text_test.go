package expr

import (
	"math"
	"testing"
	"time"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]time.Duration{
		"500ms": 500 * time.Millisecond, "30s": 30 * time.Second, "5m": 5 * time.Minute, "1h30m": 90 * time.Minute,
		"0s": 0, "90s": 90 * time.Second, "1h1m1s1ms": time.Hour + time.Minute + time.Second + time.Millisecond,
	} {
		if got, err := ParseDuration(in); err != nil || got != want {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "5", "-5s", "1.5s", "5m1h", "5s5s", "5 s", "s", "5d", "h5", "9999999999999h", "1h30", "99999999999999999999s"} {
		if got, err := ParseDuration(in); err == nil {
			t.Errorf("%q was read as %v", in, got)
		}
	}
}

func TestFormatText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   any
		want string
	}{
		{nil, ""}, {"x", "x"}, {true, "true"}, {3, "3"}, {3.0, "3"}, {0.1, "0.1"}, {-2.50, "-2.5"}, {1e20, "100000000000000000000"},
		{1e-7, "1e-07"}, {math.Copysign(0, -1), "0"}, {90 * time.Minute, "1h30m"}, {time.Hour, "1h"}, {10 * time.Second, "10s"},
		{20 * time.Minute, "20m"}, {time.Duration(0), "0s"}, {time.Hour + time.Second, "1h0m1s"}, {Money(12500), "1.25"},
	} {
		if got, err := FormatText(tt.in); err != nil || got != tt.want {
			t.Errorf("%v: %q, %v", tt.in, got, err)
		}
	}
	for _, in := range []any{[]any{1}, map[string]any{}, struct{}{}} {
		if got, err := FormatText(in); err == nil {
			t.Errorf("%v became %q", in, got)
		}
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   any
		want Money
		text string
	}{
		{"0.10", 1000, "0.10"}, {"5", 50_000, "5.00"}, {"-1.2345", -12345, "-1.2345"}, {0.1 + 0.2, 3000, "0.30"}, {0.0125, 125, "0.0125"},
		{3, 30_000, "3.00"}, {1e9 + 0.1, 10_000_000_001_000, "1000000000.10"}, {"0.005", 50, "0.005"}, {0.0, 0, "0.00"},
	} {
		got, err := ParseMoney(tt.in)
		if err != nil || got != tt.want || got.String() != tt.text {
			t.Errorf("%v: %d, %s, %v", tt.in, got, got, err)
		}
	}
	for _, in := range []any{"", "$5", "1.", ".5", "1e3", "1.23456", 0.00001, "--1", "1,5", nil, true, math.Inf(1), math.NaN(), 1e15, "9999999999999"} {
		if got, err := ParseMoney(in); err == nil {
			t.Errorf("%v was read as %s", in, got)
		}
	}
	if Money(12500).Float() != 1.25 {
		t.Error("Float")
	}
}

func TestIsPhone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"+15005550006": true, "+4930123456": true, "+1234567": true, "+123456": false, "+1234567890123456": false, "+05551234567": false,
		"15005550006": false, "+1500555000a": false, "": false, "+": false,
	} {
		if IsPhone(in) != want {
			t.Errorf("%q: %v", in, !want)
		}
	}
}

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, country, want string }{
		{"2025550123", "US", "+12025550123"}, {"1 (202) 555-0123", "us", "+12025550123"}, {"5005550006", "US", "+15005550006"},
		{"202555012", "US", ""}, {"1025550123", "US", ""}, {"011442071234567", "US", "+442071234567"}, {"+1 202 555 0123", "", "+12025550123"},
		{"+1202555012", "US", ""}, {"030 1234567", "DE", "+49301234567"}, {"0049 30 1234567", "DE", "+49301234567"}, {"+49 (0)30 1234567", "DE", "+49301234567"},
		{"020 7123 4567", "GB", "+442071234567"}, {"06 12 34 56 78", "FR", "+33612345678"}, {"612345678", "ES", "+34612345678"},
		{"06 1234 5678", "IT", "+390612345678"}, {"0412 345 678", "AU", "+61412345678"}, {"0612345678", "NL", "+31612345678"},
		{"12345", "DE", "+4912345"}, {"1234", "DE", ""}, {"2025550123", "", ""}, {"2025550123", "XX", ""}, {"call me", "US", ""}, {"", "US", ""}, {"+", "US", ""}, {"0", "DE", ""},
	} {
		if got := ParsePhone(tt.in, tt.country); got != tt.want {
			t.Errorf("%q in %s: %q, want %q", tt.in, tt.country, got, tt.want)
		}
	}
	for _, c := range []string{"US", "CA", "GB", "DE", "FR", "ES", "IT", "NL", "AU", "mx"} {
		if !IsCountry(c) {
			t.Error(c)
		}
	}
}

func TestSpoken(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"+15551234": "1 5 5 5 1 2 3 4", "555-12 34": "5 5 5, 1 2, 3 4", "": "", "AB-1": "A B, 1", "+": "",
	} {
		if got := Spoken(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}
