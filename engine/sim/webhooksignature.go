package sim

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"slices"
	"strings"
)

// Signature computes X-Twilio-Signature (documentation: Webhooks security): the
// URL as configured, without its fragment, and for a POST every form field in
// byte order of the names, each as name and value. values holds name and value
// pairs and is nil for a GET.
func Signature(token, url string, values map[string][]string) string {
	url, _, _ = strings.Cut(url, "#")
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(url))
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		distinct := slices.Clone(values[name])
		slices.Sort(distinct)
		for _, value := range slices.Compact(distinct) {
			mac.Write([]byte(name))
			mac.Write([]byte(value))
		}
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
