package expr

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Money is an exact amount in ten-thousandths, without a currency.
type Money int64

// moneyUnit is one whole unit of money.
const moneyUnit Money = 10_000

// maxMoney bounds amounts so that sums and products of rates stay exact.
const maxMoney = 100_000_000_000

// ParseMoney reads an amount from a text (decimal, at most 4 places, no currency
// sign, no exponent), or from a number: a float64 counts as the decimal that it
// prints as, where the noise of binary arithmetic beyond the fourth place is
// dropped. Amounts from a hundred milliards on are refused.
func ParseMoney(v any) (Money, error) {
	switch v := v.(type) {
	case Money:
		return v, nil
	case int:
		if v > maxMoney || v < -maxMoney {
			return 0, fmt.Errorf("%d is too large an amount", v)
		}
		return Money(v) * moneyUnit, nil
	case float64:
		return moneyFromFloat(v)
	case string:
		return moneyFromText(v)
	}
	return 0, fmt.Errorf("%s is no amount; use num(x, 0)", kindOf(v).phrase())
}

func moneyFromFloat(f float64) (Money, error) {
	if math.IsNaN(f) || math.Abs(f) > maxMoney {
		return 0, fmt.Errorf("%s is too large an amount", formatNumber(f))
	}
	scaled := f * float64(moneyUnit)
	whole := math.Round(scaled)
	if math.Abs(scaled-whole) > 1e-6*max(1, math.Abs(scaled)*1e-9) {
		return 0, fmt.Errorf("%s has more than 4 decimal places; use round()", formatNumber(f))
	}
	return Money(whole), nil
}

func moneyFromText(s string) (Money, error) {
	bad := fmt.Errorf("%q is no amount; write a decimal number with at most 4 places, like 0.10", s)
	digits, negative := strings.CutPrefix(strings.TrimSpace(s), "-")
	whole, frac, point := strings.Cut(digits, ".")
	if whole == "" || len(whole) > 12 || len(frac) > 4 || point && frac == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return 0, bad
	}
	n, err := strconv.ParseInt(whole+frac+"0000"[len(frac):], 10, 64)
	if err != nil || n > maxMoney*int64(moneyUnit) {
		return 0, bad
	}
	if negative {
		n = -n
	}
	return Money(n), nil
}

// Float gives the amount as the nearest number.
func (m Money) Float() float64 { return float64(m) / float64(moneyUnit) }

// String gives the amount with two decimal places, or with three or four where
// they are not zero: 5.00, 0.10, 0.0125.
func (m Money) String() string {
	sign, n := "", uint64(m)
	if m < 0 {
		sign, n = "-", uint64(-m)
	}
	s := fmt.Sprintf("%s%d.%04d", sign, n/uint64(moneyUnit), n%uint64(moneyUnit))
	for range 2 {
		s = strings.TrimSuffix(s, "0")
	}
	return s
}
