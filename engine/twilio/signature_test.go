package twilio

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
)

const corpus = "../../../shared/corpus/webhooks/"

// readCorpus decodes a file of the corpus, which is not part of the repository.
func readCorpus(t *testing.T, name string, into any) {
	t.Helper()
	data, err := os.ReadFile(corpus + name)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the corpus is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// encodePairs writes a form in the order given.
func encodePairs(pairs [][2]string) string {
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		parts[i] = url.QueryEscape(p[0]) + "=" + url.QueryEscape(p[1])
	}
	return strings.Join(parts, "&")
}

// split cuts a URL into its origin and the path with query.
func split(t testing.TB, rawURL string) (origin, target string) {
	t.Helper()
	scheme := strings.Index(rawURL, "://") + len("://")
	slash := strings.IndexByte(rawURL[scheme:], '/')
	if slash < 0 {
		t.Fatalf("no path in %s", rawURL)
	}
	return rawURL[:scheme+slash], rawURL[scheme+slash:]
}

// signed makes a webhook request.
func signed(method, target, contentType, body, signature string) *http.Request {
	r := &http.Request{Method: method, RequestURI: target, Header: http.Header{}, URL: &url.URL{Path: "/rewritten"}}
	_, r.URL.RawQuery, _ = strings.Cut(target, "?")
	r.Header.Set("Content-Type", contentType)
	r.Header.Set(SignatureHeader, signature)
	return r
}

const formType = "application/x-www-form-urlencoded; charset=UTF-8"

func TestVerifyCorpus(t *testing.T) {
	t.Parallel()
	var file struct {
		Vectors []struct {
			ID, Token, URL, Signature string
			Params                    [][2]string
			Body                      string
			Valid                     bool
		}
	}
	readCorpus(t, "signatures.json", &file)
	for _, vec := range file.Vectors {
		t.Run(vec.ID, func(t *testing.T) {
			t.Parallel()
			origin, target := split(t, vec.URL)
			body, kind := encodePairs(vec.Params), formType
			if vec.Body != "" && len(vec.Params) == 0 {
				body, kind = vec.Body, "application/json"
			}
			v, err := NewValidator([]string{"another", vec.Token}, []string{"https://other.example", origin})
			if err != nil {
				t.Fatal(err)
			}
			p, err := v.Verify(signed(http.MethodPost, target, kind, body, vec.Signature), []byte(body))
			if vec.Valid != (err == nil) {
				t.Fatalf("valid %v, got error %v", vec.Valid, err)
			}
			if err != nil && !errors.Is(err, ErrSignature) {
				t.Fatalf("want ErrSignature, got %v", err)
			}
			if err == nil && len(vec.Params) > 0 && p[vec.Params[0][0]] != vec.Params[0][1] {
				t.Errorf("first parameter lost: %v", p)
			}
		})
	}
}

// The documented vectors, and the rules beside them.
func TestVerify(t *testing.T) {
	t.Parallel()
	const (
		target = "/myapp.php?foo=1&bar=2"
		call   = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
		hash   = "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
		jsonB  = `{"property": "value", "boolean": true}`
		urlSig = "zYQTYrRWXE7LtzbG4PfP7/bkkGo=" // over the URL alone
		callS  = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
		jsonS  = "a9nBmqA0ju/hNViExpshrM61xv4="
	)
	tests := map[string]struct {
		method, target, kind, body, signature string
		want                                  error
	}{
		"form":                      {"POST", target, formType, call, callS, nil},
		"form, other order":         {"POST", target, formType, "To=%2B18005551212&From=%2B14158675309&Digits=1234&Caller=%2B14158675309&CallSid=CA1234567890ABCDE", callS, nil},
		"form without a type":       {"POST", target, "", call, callS, nil},
		"prefix names":              {"POST", target, formType, call + "&Reason=Participant&ReasonConferenceEnded=test", "vOEb5UThFn24KEfnOFLQY2AE5FY=", nil},
		"get":                       {"GET", target, "", "", urlSig, nil},
		"json":                      {"POST", target + hash, "application/json", jsonB, jsonS, nil},
		"json, other body":          {"POST", target + hash, "application/json", jsonB + " ", jsonS, ErrSignature},
		"json without a hash":       {"POST", target, "application/json", jsonB, urlSig, ErrSignature},
		"get with an unsigned body": {"GET", target, "", call, urlSig, ErrSignature},
		"other field":               {"POST", target, formType, call + "&Digits2=1", callS, ErrSignature},
		"other path":                {"POST", "/x?foo=1&bar=2", formType, call, callS, ErrSignature},
		"no signature":              {"POST", target, formType, call, "", ErrSignature},
		"not base64":                {"POST", target, formType, call, "****************************", ErrSignature},
		"percent":                   {"POST", target, formType, call + "&a=%zz", callS, ErrMalformed},
		"method":                    {"PUT", target, formType, call, callS, ErrMalformed},
		"too large":                 {"POST", target, formType, "a=" + strings.Repeat("x", MaxBody), callS, ErrMalformed},
	}
	v, err := NewValidator([]string{"12345"}, []string{"https://mycompany.com/"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := v.Verify(signed(tt.method, tt.target, tt.kind, tt.body, tt.signature), []byte(tt.body))
			if !errors.Is(err, tt.want) {
				t.Fatalf("want %v, got %v", tt.want, err)
			}
			if err == nil && p["foo"] != "1" {
				t.Errorf("the query is missing in %v", p)
			}
			if _, leaked := p[bodyHashField]; leaked {
				t.Error("the hash of the body is no parameter")
			}
		})
	}
}

func TestNewValidatorErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ tokens, bases []string }{
		"no token":    {nil, []string{"https://a.example"}},
		"empty token": {[]string{"x", ""}, []string{"https://a.example"}},
		"no base":     {[]string{"x"}, nil},
		"no scheme":   {[]string{"x"}, []string{"a.example"}},
		"wss":         {[]string{"x"}, []string{"wss://a.example"}},
		"query":       {[]string{"x"}, []string{"https://a.example?x=1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := NewValidator(tt.tokens, tt.bases); err == nil {
				t.Fatal("want an error")
			}
		})
	}
}

// A router that strips a prefix changes r.URL but not the signed target.
func TestVerifyTarget(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/a%2Fb?x=%20", nil)
	if got := target(r); got != "/a%2Fb?x=%20" {
		t.Errorf("RequestURI: %s", got)
	}
	r.RequestURI = ""
	if got := target(r); got != "/a%2Fb?x=%20" {
		t.Errorf("rebuilt: %s", got)
	}
}

const typicalCall = "Called=%2B19255550153&ToState=CA&CallerCountry=US&Direction=inbound&CallerState=CA&ToZip=94596&CallSid=CA00def0f7a3da3074421c009bf17b12a5&To=%2B19255550153&CallerZip=94514&ToCountry=US&ApiVersion=2010-04-01&CalledZip=94596&CalledCity=PLEASANTON&CallStatus=ringing&From=%2B19255550142&AccountSid=AC14dd82faa230502f0de49860b7a964a4&CalledCountry=US&CallerCity=BRENTWOOD&Caller=%2B19255550142&FromCountry=US&ToCity=PLEASANTON&FromCity=BRENTWOOD&CalledState=CA&FromZip=94514&FromState=CA"

func BenchmarkVerify(b *testing.B) {
	v, err := NewValidator([]string{"12345"}, []string{"https://mycompany.com"})
	if err != nil {
		b.Fatal(err)
	}
	body := []byte(typicalCall)
	r := signed(http.MethodPost, "/t/s1/0/1/act", formType, typicalCall, sign(b, "12345", "https://mycompany.com/t/s1/0/1/act", typicalCall))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(r, body); err != nil {
			b.Fatal(err)
		}
	}
}
