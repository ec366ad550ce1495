package twilio

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestVoiceToken reads a token as Twilio does.
func TestVoiceToken(t *testing.T) {
	t.Parallel()
	v := Voice{AccountSID: "AC1", APIKey: "SK1", APISecret: "secret", AppSID: "AP1"}
	now := time.Date(2030, 3, 1, 9, 0, 0, 500, time.UTC)
	token, ends, err := v.Token("ann_1", now)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("a token has three parts: %s", token)
	}
	mac := hmac.New(sha256.New, []byte("secret"))
	mac.Write([]byte(parts[0] + "." + parts[1]))
	if sum := base64.RawURLEncoding.EncodeToString(mac.Sum(nil)); sum != parts[2] {
		t.Errorf("the signature is not made with the secret of the key")
	}
	part := func(text string) map[string]any {
		b, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]any{}
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatal(err)
		}
		return m
	}
	header := part(parts[0])
	if header["alg"] != "HS256" || header["typ"] != "JWT" || header["cty"] != "twilio-fpa;v=1" {
		t.Errorf("the header: %v", header)
	}
	claims := part(parts[1])
	if jti, _ := claims["jti"].(string); !strings.HasPrefix(jti, "SK1-") {
		t.Errorf("jti: %v", claims["jti"])
	}
	delete(claims, "jti")
	want := map[string]any{
		"iss": "SK1", "sub": "AC1", "nbf": float64(now.Unix()), "exp": float64(now.Unix() + 3600),
		"grants": map[string]any{"identity": "ann_1", "voice": map[string]any{
			"incoming": map[string]any{"allow": true}, "outgoing": map[string]any{"application_sid": "AP1"},
		}},
	}
	if d := cmp.Diff(want, claims); d != "" {
		t.Errorf("the claims (-want +got):\n%s", d)
	}
	if !ends.Equal(time.Date(2030, 3, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("it ends at %s", ends)
	}
}

func TestVoiceTokenRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "a b", "a-b", "ann@example.com", strings.Repeat("a", 61)} {
		if _, _, err := (Voice{APISecret: "x"}).Token(name, time.Now()); err == nil {
			t.Errorf("%q is taken for a name", name)
		}
	}
}
