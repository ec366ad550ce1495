package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"strings"

	"github.com/ringdown/ringdown/engine/twiml"
)

// Seal is how a secret stands in an effect or a document: it is opened when the request
// or the answer is written.
// The tag makes it impossible to forge: a text like ${secrets.NAME} that a caller or a
// service brings is a text and nothing else.
func Seal(session, name, value string) string {
	return "${secrets." + name + "." + SealTag(session, name, value) + "}"
}

// SealTag is the proof, in 16 hexadecimal digits, that a session sealed a secret: only
// who knows its value can make it.
func SealTag(session, name, value string) string {
	mac := hmac.New(sha256.New, []byte(value))
	mac.Write([]byte(session + "\x00" + name))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}

// Sealed secrets: as they are written, and as the encoding of a query writes that.
var sealed = regexp.MustCompile(`\$\{secrets\.([A-Za-z_][A-Za-z0-9_]*)\.([0-9a-f]{16})\}|%24%7Bsecrets\.([A-Za-z_][A-Za-z0-9_]*)\.([0-9a-f]{16})%7D`)

// Unsealer opens the secrets that a session sealed.
type Unsealer struct {
	Session string
	Secret  func(name string) (value string, ok bool)
	Unknown string   // name of a secret that is not set
	Opened  []string // the values
}

// Open replaces the sealed secrets of a text, each escaped for its place.
func (u *Unsealer) Open(text string, escape func(string) string) string {
	if !strings.Contains(text, "secrets.") {
		return text
	}
	return sealed.ReplaceAllStringFunc(text, func(match string) string {
		groups := sealed.FindStringSubmatch(match)
		name, tag, how := groups[1], groups[2], escape
		if name == "" {
			name, tag, how = groups[3], groups[4], url.QueryEscape
		}
		value, ok := u.Secret(name)
		if tag != SealTag(u.Session, name, value) {
			return match // the flow did not seal it: it is somebody's text
		}
		if !ok {
			u.Unknown = name
			return ""
		}
		if value != "" {
			u.Opened = append(u.Opened, value)
		}
		return how(value)
	})
}

// Document opens the secrets of a TwiML document, as a SIP password is one.
func (u *Unsealer) Document(doc string) string { return u.Open(doc, twiml.Escape) }
