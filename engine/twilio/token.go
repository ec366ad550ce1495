package twilio

import (
	"fmt"
	"regexp"
	"time"

	"github.com/twilio/twilio-go/client/jwt"
)

// tokenLife is how long an access token is good for. The library gives none that ends
// earlier; Twilio takes none that lasts longer than a day.
const tokenLife = time.Hour

// Voice mints access tokens for phones in a browser (Voice SDK). APIKey and APISecret sign
// them; AppSID is the TwiML application whose Voice URL Twilio asks when such a phone calls.
type Voice struct {
	AccountSID, APIKey, APISecret, AppSID string
}

var identity = regexp.MustCompile(`^[A-Za-z0-9_]{1,60}$`)

// Token gives an access token for a phone that is called client:NAME, and when it ends. A
// name consists of letters, digits and _, 60 at most: Twilio advises against others.
// https://www.twilio.com/docs/iam/access-tokens
func (v Voice) Token(name string, now time.Time) (token string, ends time.Time, err error) {
	if !identity.MatchString(name) {
		return "", ends, fmt.Errorf("the name of a phone has letters, digits and _, at most 60, not %q", name)
	}
	ends = now.Add(tokenLife).Truncate(time.Second)
	t := jwt.CreateAccessToken(jwt.AccessTokenParams{
		AccountSid: v.AccountSID, SigningKeySid: v.APIKey, Secret: v.APISecret, Identity: name,
		Nbf: float64(now.Unix()), ValidUntil: float64(ends.Unix()),
		Grants: []jwt.BaseGrant{&jwt.VoiceGrant{
			Incoming: jwt.Incoming{Allow: true}, Outgoing: jwt.Outgoing{ApplicationSid: v.AppSID},
		}},
	})
	token, err = t.ToJwt()
	return token, ends, err
}
