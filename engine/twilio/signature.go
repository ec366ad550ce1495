package twilio

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha1" // the algorithm that Twilio signs with
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// SignatureHeader carries Twilio's signature of a webhook.
const SignatureHeader = "X-Twilio-Signature"

// bodyHashField is the query field with the SHA-256 of a body that is no form.
const bodyHashField = "bodySHA256"

// ErrSignature is what Verify gives for a request that Twilio did not sign with
// any of the tokens for any of the public addresses. Answer it with 403.
var ErrSignature = errors.New("the request carries no valid X-Twilio-Signature")

// Validator checks X-Twilio-Signature. It is safe for concurrent use and keeps
// the prepared keys, so that one check costs one or two HMACs.
//
// Signed are the public address, the path and the query exactly as sent, then the
// form fields sorted by name, each as name and value; of a repeated name the
// distinct values in sorted order. A body that is no form is covered by its hash
// in the query. Source: twilio.com/docs/usage/webhooks/webhooks-security.
type Validator struct {
	keys    []*signingKey
	origins []string
}

// NewValidator prepares a Validator for the account's auth tokens (several while
// one replaces another) and the public addresses under which Twilio reaches this
// server, such as https://voice.example.com, without a trailing slash or with one.
// Every pair counts, the first one is tried first. An error means that a list is
// empty or that an address is not an absolute http or https URL.
func NewValidator(tokens []string, bases []string) (*Validator, error) {
	v := &Validator{}
	for _, token := range tokens {
		if token == "" {
			return nil, errors.New("an auth token is empty; leave it out of the list")
		}
		v.keys = append(v.keys, newSigningKey(token))
	}
	if len(v.keys) == 0 {
		return nil, errors.New("no auth token: webhooks cannot be verified without one")
	}
	// The addresses as they are configured come before their variants, so that the
	// usual request is settled by the first HMAC.
	var variants []string
	for _, base := range bases {
		base = strings.TrimRight(base, "/")
		variant, err := otherPort(base)
		if err != nil {
			return nil, err
		}
		v.origins = append(v.origins, base)
		variants = append(variants, variant)
	}
	if len(v.origins) == 0 {
		return nil, errors.New("no public address: webhooks cannot be verified without one")
	}
	v.origins = append(v.origins, variants...)
	return v, nil
}

// otherPort gives base without its port, or with the default one if it has none:
// Twilio is inconsistent about which of both it signs.
func otherPort(base string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("public address %.80q: write it as https://voice.example.com", redactUser(base))
	}
	// The scheme and the host are signed in the letters they are configured with,
	// hence the cutting of the text instead of printing u.
	head, rest, _ := strings.Cut(base, "://")
	host, path := rest, ""
	if slash := strings.IndexByte(rest, '/'); slash >= 0 {
		host, path = rest[:slash], rest[slash:]
	}
	if port := u.Port(); port != "" {
		return head + "://" + strings.TrimSuffix(host, ":"+port) + path, nil
	}
	switch u.Scheme {
	case "https":
		return head + "://" + host + ":443" + path, nil
	case "http":
		return head + "://" + host + ":80" + path, nil
	}
	return "", fmt.Errorf("public address %.80q: only http and https are possible", redactUser(base))
}

// redactUser leaves the credentials of an address out of an error text.
func redactUser(base string) string {
	if at := strings.LastIndexByte(base, '@'); at >= 0 {
		return base[at+1:]
	}
	return base
}

// Verify checks the signature of r, whose whole body is body, and decodes its
// fields as Decode does. The error is ErrSignature, or wraps ErrMalformed.
func (v *Validator) Verify(r *http.Request, body []byte) (Params, error) {
	given, ok := givenMAC(r.Header.Get(SignatureHeader))
	if !ok {
		return nil, ErrSignature
	}
	form, err := bodyFields(r, body)
	if err != nil {
		return nil, err
	}
	p, err := paramsOf(r, form)
	if err != nil {
		return nil, err
	}
	signed := form
	if want, hashed := queryValue(r.URL.RawQuery, bodyHashField); hashed {
		if !bodyMatches(body, want) {
			return nil, ErrSignature
		}
		signed = nil
	} else if len(body) > 0 && (r.Method == http.MethodGet || !isForm(r)) {
		// Nothing that is signed covers this body.
		return nil, ErrSignature
	}
	if !v.matches(target(r), signed, given) {
		return nil, ErrSignature
	}
	return p, nil
}

// matches tries every key with every address. The form is put in order once.
func (v *Validator) matches(target string, form []field, given [sha1.Size]byte) bool {
	slices.SortFunc(form, func(a, b field) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
	})
	size := len(target)
	for _, f := range form {
		size += len(f.name) + len(f.value)
	}
	text := make([]byte, 0, size+len("%27")*strings.Count(target, "'"))
	text = appendSigned(text, target, form)
	if v.anyKey(text, given) {
		return true
	}
	// Some versions of Twilio's back end sign a quote as its escape.
	if !strings.Contains(target, "'") {
		return false
	}
	return v.anyKey(appendSigned(text[:0], strings.ReplaceAll(target, "'", "%27"), form), given)
}

func appendSigned(text []byte, target string, form []field) []byte {
	text = append(text, target...)
	for i, f := range form {
		if i > 0 && f == form[i-1] {
			continue
		}
		text = append(text, f.name...)
		text = append(text, f.value...)
	}
	return text
}

func (v *Validator) anyKey(text []byte, given [sha1.Size]byte) bool {
	for _, origin := range v.origins {
		for _, key := range v.keys {
			if key.matches(origin, text, given) {
				return true
			}
		}
	}
	return false
}

// target is the path and query as they came over the wire. A router or a prefix
// handler may have rewritten r.URL; r.RequestURI nobody touches.
func target(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return r.RequestURI
	}
	if r.URL.RawQuery == "" && !r.URL.ForceQuery {
		return r.URL.EscapedPath()
	}
	return r.URL.EscapedPath() + "?" + r.URL.RawQuery
}

// givenMAC decodes the header: 20 bytes in standard base64.
func givenMAC(header string) (mac [sha1.Size]byte, ok bool) {
	if len(header) != base64.StdEncoding.EncodedLen(sha1.Size) {
		return mac, false
	}
	var buf [sha1.Size + 2]byte
	n, err := base64.StdEncoding.Strict().Decode(buf[:], []byte(header))
	if err != nil || n != sha1.Size {
		return mac, false
	}
	return [sha1.Size]byte(buf[:sha1.Size]), true
}

// queryValue finds the first value of a field in a raw query. A query that is
// malformed was refused before.
func queryValue(query, name string) (string, bool) {
	if !strings.Contains(query, name) {
		return "", false
	}
	fields, err := parseFields(query)
	if err != nil {
		return "", false
	}
	for _, f := range fields {
		if f.name == name {
			return f.value, true
		}
	}
	return "", false
}

func bodyMatches(body []byte, want string) bool {
	sum := sha256.Sum256(body)
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	return subtle.ConstantTimeCompare(text[:], bytes.ToLower([]byte(want))) == 1
}

// signingKey keeps HMACs whose key is already worked in: resetting one costs a
// copy of its state, making one costs two blocks of SHA-1.
type signingKey struct{ macs sync.Pool }

// macState is one HMAC with room for its sum and for the text of an address.
type macState struct {
	hash.Hash
	sum [sha1.Size]byte
	buf []byte
}

func newSigningKey(token string) *signingKey {
	key := []byte(token)
	return &signingKey{macs: sync.Pool{New: func() any {
		return &macState{Hash: hmac.New(sha1.New, key)}
	}}}
}

func (k *signingKey) matches(origin string, text []byte, given [sha1.Size]byte) bool {
	m := k.macs.Get().(*macState)
	defer k.macs.Put(m)
	m.Reset()
	m.buf = append(m.buf[:0], origin...)
	m.Write(m.buf)
	m.Write(text)
	return hmac.Equal(m.Sum(m.sum[:0]), given[:])
}
