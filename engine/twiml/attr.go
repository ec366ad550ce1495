package twiml

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

var (
	languageTag = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	sidDigits   = regexp.MustCompile(`^[0-9a-fA-F]{32}$`)
	amount      = regexp.MustCompile(`^[0-9]+(\.[0-9]{1,2})?$`)
)

// maxHint is the length in characters of an entry of a comma list with a limited
// number of entries (hints of Gather).
const maxHint = 100

// Check says what is wrong with a value, as it would stand in the document, or
// nil. The message names neither element nor attribute. A relative URL passes,
// as do the empty URL and the empty Keys, which have a meaning of their own.
func (a *AttrSpec) Check(value string) error {
	switch a.Type {
	case Bool:
		return oneOf(value, []string{"true", "false"})
	case Int, Seconds, Millis:
		return a.checkInt(value)
	case Decimal:
		return a.checkAmount(value)
	case Enum:
		if a.Open && value != "" {
			return nil
		}
		return oneOf(value, a.Values)
	case EnumList, IntList:
		return a.checkList(value)
	case CommaList:
		return a.checkCommas(value)
	case URL:
		return a.checkURL(value)
	case Digits:
		return keys(value, "0123456789ABCDwW#*")
	case Keys:
		if err := keys(value, "0123456789#*"); err != nil {
			return err
		}
		return a.checkLength(value)
	case SID:
		return a.checkSID(value)
	case Language:
		return a.checkLanguage(value)
	}
	return a.checkLength(value)
}

// Known says whether the value is one of Values. It differs from Check for an
// Open attribute only: there an unknown word passes Check, but is worth a second
// look.
func (a *AttrSpec) Known(value string) bool {
	return len(a.Values) == 0 || oneOf(value, a.Values) == nil
}

// oneOf compares exactly, as Twilio does; a word that ends in * is a prefix of
// one character more at least.
func oneOf(value string, words []string) error {
	for _, w := range words {
		if w == value {
			return nil
		}
		if stem, ok := strings.CutSuffix(w, "*"); ok && len(value) > len(stem) && strings.HasPrefix(value, stem) {
			return nil
		}
	}
	for _, w := range words {
		if strings.EqualFold(w, value) {
			return fmt.Errorf("%q has to be written %q", value, w)
		}
	}
	if len(words) > 12 {
		return fmt.Errorf("%q is not known; allowed are %s and more", value, strings.Join(words[:12], ", "))
	}
	return fmt.Errorf("%q is not known; allowed are %s", value, strings.Join(words, ", "))
}

func (a *AttrSpec) checkInt(value string) error {
	if slices.Contains(a.Values, value) {
		return nil
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		if len(a.Values) > 0 {
			return fmt.Errorf("%q is neither a whole number nor %s", value, strings.Join(a.Values, ", "))
		}
		return fmt.Errorf("%q is not a whole number", value)
	}
	return a.inRange(n, value)
}

func (a *AttrSpec) inRange(n int, value string) error {
	switch {
	case n < a.Min && a.Max == 0:
		return fmt.Errorf("%s%s is too small; the least is %d", value, a.unit(), a.Min)
	case n < a.Min || a.Max > 0 && n > a.Max:
		return fmt.Errorf("%s%s is out of range; allowed are %d to %d", value, a.unit(), a.Min, a.Max)
	}
	return nil
}

func (a *AttrSpec) unit() string {
	switch a.Type {
	case Seconds:
		return " seconds"
	case Millis:
		return " milliseconds"
	}
	return ""
}

func (a *AttrSpec) checkAmount(value string) error {
	if !amount.MatchString(value) {
		return fmt.Errorf("%q is not an amount such as 20 or 20.45", value)
	}
	f, err := strconv.ParseFloat(value, 64)
	if err != nil || f < float64(a.Min) || a.Max > 0 && f > float64(a.Max) {
		return fmt.Errorf("%s is out of range; allowed are %d to %d", value, a.Min, a.Max)
	}
	return nil
}

func (a *AttrSpec) checkList(value string) error {
	words := strings.Fields(value)
	if len(words) == 0 {
		return errors.New("the list is empty; leave the attribute out")
	}
	for _, w := range words {
		if a.Type == EnumList && a.Open {
			continue
		}
		if a.Type == EnumList {
			if err := oneOf(w, a.Values); err != nil {
				return fmt.Errorf("%w; separate with blanks", err)
			}
			continue
		}
		if err := a.checkInt(w); err != nil {
			return err
		}
	}
	return nil
}

func (a *AttrSpec) checkCommas(value string) error {
	if a.Max == 0 {
		return nil
	}
	entries := strings.Split(value, ",")
	if len(entries) > a.Max {
		return fmt.Errorf("%d entries; at most %d are allowed", len(entries), a.Max)
	}
	for _, e := range entries {
		if n := utf8.RuneCountInString(strings.TrimSpace(e)); n > maxHint {
			return fmt.Errorf("an entry has %d characters; at most %d are allowed", n, maxHint)
		}
	}
	return nil
}

func (a *AttrSpec) checkURL(value string) error {
	if value == "" {
		if a.Required {
			return errors.New("the URL is empty")
		}
		return nil
	}
	u, err := url.Parse(value)
	if err != nil {
		return fmt.Errorf("%q is not a URL: %w", value, errors.Unwrap(err))
	}
	schemes := a.Values
	if len(schemes) == 0 {
		schemes = []string{"http", "https"}
	}
	if u.Scheme == "ws" && slices.Contains(schemes, "wss") && Loopback(u.Hostname()) {
		return nil
	}
	if u.Scheme != "" && !slices.Contains(schemes, strings.ToLower(u.Scheme)) {
		return fmt.Errorf("%q: the scheme has to be %s", value, strings.Join(schemes, " or "))
	}
	if u.Scheme == "" && len(a.Values) > 0 {
		return fmt.Errorf("%q has to be absolute and start with %s://", value, a.Values[0])
	}
	if u.Scheme != "" && u.Host == "" {
		return fmt.Errorf("%q names no host", value)
	}
	if strings.Contains(u.Hostname(), "_") {
		return fmt.Errorf("%q: Twilio refuses a host name with an underscore", value)
	}
	return nil
}

// Loopback says whether a host is the own machine, which only a simulator
// reaches: there Twilio's demand for TLS (wss, and https for Pay) has no point.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func keys(value, alphabet string) error {
	for _, r := range value {
		if !strings.ContainsRune(alphabet, r) {
			return fmt.Errorf("%q is not a key in %q; allowed are %s", r, value, alphabet)
		}
	}
	return nil
}

func (a *AttrSpec) checkSID(value string) error {
	for _, prefix := range a.Values {
		if rest, ok := strings.CutPrefix(value, prefix); ok && sidDigits.MatchString(rest) {
			return nil
		}
	}
	return fmt.Errorf("%q is not a SID; it is %s and 32 hexadecimal digits", value, strings.Join(a.Values, " or "))
}

func (a *AttrSpec) checkLanguage(value string) error {
	if slices.Contains(a.Values, value) {
		return nil
	}
	for _, known := range a.Values {
		if strings.EqualFold(known, value) {
			return fmt.Errorf("%q has to be written %q", value, known)
		}
	}
	if !languageTag.MatchString(value) {
		return fmt.Errorf("%q is not a language tag such as en-GB", value)
	}
	return nil
}

func (a *AttrSpec) checkLength(value string) error {
	n := utf8.RuneCountInString(value)
	switch {
	case n < a.Min:
		return fmt.Errorf("%d characters; at least %d are needed", n, a.Min)
	case a.Max > 0 && n > a.Max:
		return fmt.Errorf("%d characters; at most %d are allowed", n, a.Max)
	}
	return nil
}
