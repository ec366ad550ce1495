package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// Seal is how a secret stands in an effect: it is opened when the request is written.
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
