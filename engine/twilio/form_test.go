package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// sign is the signing side, written apart from the checking one.
func sign(t testing.TB, token, rawURL, form string) string {
	t.Helper()
	values, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	mac := hmac.New(sha1.New, []byte(token))
	io.WriteString(mac, rawURL)
	for _, name := range names {
		distinct := slices.Clone(values[name])
		slices.Sort(distinct)
		for _, value := range slices.Compact(distinct) {
			io.WriteString(mac, name+value)
		}
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestDecodeCorpus(t *testing.T) {
	t.Parallel()
	var file struct {
		Payloads []struct {
			ID, Method, Body string
			Params           [][2]string
		}
	}
	readCorpus(t, "payloads.json", &file)
	for _, p := range file.Payloads {
		t.Run(p.ID, func(t *testing.T) {
			t.Parallel()
			target, body := "/voice", p.Body
			if p.Method == http.MethodGet {
				target, body = "/voice?"+strings.ReplaceAll(p.Body, " ", "%20"), ""
			}
			got, err := Decode(signed(p.Method, target, formType, body, ""), []byte(body))
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{}
			for _, kv := range p.Params {
				if _, known := want[kv[0]]; !known {
					want[kv[0]] = kv[1]
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d fields, want %d", len(got), len(want))
			}
			for name, value := range want {
				if got[name] != value {
					t.Errorf("%s = %q, want %q", name, got[name], value)
				}
			}
			if s := got.CallStatus(); s != "" && !s.Known() {
				t.Errorf("call status %q is not known", s)
			}
			if text := got["Timestamp"]; text != "" {
				if _, ok := got.Time("Timestamp"); !ok {
					t.Errorf("time %q is not read", text)
				}
			}
		})
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want Params
		err  error
	}{
		"empty":            {"", Params{}, nil},
		"escapes":          {"a=%2B1+2&b%20c=%C3%A9", Params{"a": "+1 2", "b c": "é"}, nil},
		"first value":      {"a=1&a=2", Params{"a": "1"}, nil},
		"no sign":          {"a&b=", Params{"a": "", "b": ""}, nil},
		"semicolon":        {"a=1;2", Params{"a": "1;2"}, nil},
		"empty parts":      {"&&a=1&", Params{"a": "1"}, nil},
		"short escape":     {"a=%2", nil, ErrMalformed},
		"wrong escape":     {"a%=1", nil, ErrMalformed},
		"escape in a name": {"%G1=1", nil, ErrMalformed},
		"too many":         {strings.Repeat("a=1&", maxFields+1), nil, ErrMalformed},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := Decode(signed(http.MethodPost, "/voice", formType, tt.body, ""), []byte(tt.body))
			if !errors.Is(err, tt.err) {
				t.Fatalf("want error %v, got %v", tt.err, err)
			}
			if len(got) != len(tt.want) {
				t.Fatalf("got %v, want %v", got, tt.want)
			}
			for k, v := range tt.want {
				if got[k] != v {
					t.Errorf("%s = %q, want %q", k, got[k], v)
				}
			}
		})
	}
}

func TestParams(t *testing.T) {
	t.Parallel()
	p := Params{
		"CallStatus": "no-answer", "SequenceNumber": "3", "CallDuration": "61", "Muted": "true", "Confidence": "0.91",
		"Timestamp": "Fri, 20 Aug 2010 01:13:42 +0000", "Iso": "2010-08-20T01:13:42.5Z", "Bad": "x", "Minus": "-1",
	}
	if s := p.CallStatus(); s != NoAnswer || !s.Final() {
		t.Errorf("status %q", s)
	}
	if n, ok := p.Int("SequenceNumber"); n != 3 || !ok {
		t.Errorf("int %d %v", n, ok)
	}
	if d, ok := p.Seconds("CallDuration"); d != 61*time.Second || !ok {
		t.Errorf("seconds %v %v", d, ok)
	}
	if _, ok := p.Seconds("Minus"); ok {
		t.Error("negative seconds are none")
	}
	if b, ok := p.Bool("Muted"); !b || !ok {
		t.Errorf("bool %v %v", b, ok)
	}
	if f, ok := p.Float("Confidence"); f != 0.91 || !ok {
		t.Errorf("float %v %v", f, ok)
	}
	if at, ok := p.Time("Timestamp"); !ok || !at.Equal(time.Date(2010, 8, 20, 1, 13, 42, 0, time.UTC)) {
		t.Errorf("time %v %v", at, ok)
	}
	if _, ok := p.Time("Iso"); !ok {
		t.Error("ISO 8601 is not read")
	}
	for _, name := range []string{"Bad", "None"} {
		_, i := p.Int(name)
		_, s := p.Seconds(name)
		_, b := p.Bool(name)
		_, f := p.Float(name)
		_, at := p.Time(name)
		if i || s || b || f || at {
			t.Errorf("%s gives a value", name)
		}
	}
}

// FuzzDecode: no input panics; what is accepted agrees with net/url wherever that
// accepts it too; what is signed over is accepted, and refused after a change.
func FuzzDecode(f *testing.F) {
	f.Add(typicalCall, "")
	f.Add("a=1&a=2&b=%2B", "x=1")
	f.Add("a=%zz", "%")
	f.Add("a;b=1&&=&=1", "bodySHA256=0")
	v, err := NewValidator([]string{"12345"}, []string{"https://a.example"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body, query string) {
		r := signed(http.MethodPost, "/voice?"+query, formType, body, "")
		got, err := Decode(r, []byte(body))
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatalf("unclassified: %v", err)
			}
			return
		}
		std, err := url.ParseQuery(body)
		if err != nil || strings.Contains(query, bodyHashField) || strings.Contains(body, bodyHashField) || strings.Contains(query, "'") {
			return
		}
		for name, values := range std {
			if got[name] != values[0] {
				t.Fatalf("%q = %q, net/url has %q", name, got[name], values[0])
			}
		}
		r.Header.Set(SignatureHeader, sign(t, "12345", "https://a.example/voice?"+query, body))
		if _, err := v.Verify(r, []byte(body)); err != nil {
			t.Fatalf("signed form is refused: %v", err)
		}
		changed := body + "&Added=1"
		if _, err := v.Verify(r, []byte(changed)); err == nil && !slices.Contains(std["Added"], "1") {
			t.Fatal("a changed form is accepted")
		}
	})
}
