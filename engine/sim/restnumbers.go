package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
)

// numberJSON is an IncomingPhoneNumber with its voice settings.
type numberJSON struct {
	AccountSID           string `json:"account_sid"`
	APIVersion           string `json:"api_version"`
	FriendlyName         string `json:"friendly_name"`
	PhoneNumber          string `json:"phone_number"`
	SID                  string `json:"sid"`
	StatusCallback       string `json:"status_callback"`
	StatusCallbackMethod string `json:"status_callback_method"`
	VoiceFallbackMethod  string `json:"voice_fallback_method"`
	VoiceFallbackURL     string `json:"voice_fallback_url"`
	VoiceMethod          string `json:"voice_method"`
	VoiceURL             string `json:"voice_url"`
	URI                  string `json:"uri"`
}

func (s *Sim) numberJSON(phone string) numberJSON {
	n := s.numbers[phone]
	sum := sha256.Sum256([]byte(phone)) // the same number always has the same SID
	sid := "PN" + hex.EncodeToString(sum[:16])
	method := func(m string) string { return (&hook{to: endpoint{method: m}}).method() }
	return numberJSON{
		AccountSID: s.o.AccountSID, APIVersion: apiVersion, FriendlyName: phone, PhoneNumber: phone, SID: sid,
		StatusCallback: n.StatusCallback, StatusCallbackMethod: method(n.StatusMethod),
		VoiceFallbackMethod: method(n.FallbackMethod), VoiceFallbackURL: n.FallbackURL,
		VoiceMethod: method(n.VoiceMethod), VoiceURL: n.VoiceURL, URI: s.uri("IncomingPhoneNumbers", sid),
	}
}

// restNumbers lists the account's numbers and fetches one; its settings are
// changed with AddNumber.
func (s *Sim) restNumbers(q *restRequest) (restAnswer, *restError) {
	if q.method != http.MethodGet {
		return restAnswer{}, q.notAllowed()
	}
	phones := slices.Sorted(maps.Keys(s.numbers))
	if len(q.parts) > 1 {
		for _, phone := range phones {
			if n := s.numberJSON(phone); n.SID == q.parts[1] && len(q.parts) == 2 {
				return restAnswer{status: 200, body: n}, nil
			}
		}
		return restAnswer{}, notFound(q.path)
	}
	phones = slices.DeleteFunc(phones, func(phone string) bool { return !q.matches("PhoneNumber", phone) })
	return page(s, q, "incoming_phone_numbers", phones, s.numberJSON)
}
