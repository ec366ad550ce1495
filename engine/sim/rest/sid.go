package rest

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// IsSID reports whether a string has the form of an SID.
func IsSID(v, prefix string) bool {
	digits, ok := strings.CutPrefix(v, prefix)
	return ok && len(digits) == 32 && strings.Trim(digits, "0123456789abcdefABCDEF") == ""
}

// FixedSID is the SID of what a name identifies for ever.
func FixedSID(prefix, name string) string {
	sum := sha256.Sum256([]byte(name))
	return prefix + hex.EncodeToString(sum[:16])
}
