package sim

import (
	"cmp"
	"slices"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
)

// application is a TwiML application: webhooks under a SID, for numbers, calls and
// clients to share.
type application struct {
	sim      *Sim
	sid      string
	name     string
	voice    Number
	settings settings
	public   bool
	created  time.Time
	updated  time.Time
}

// settings are what numbers and applications keep for others: the simulator does
// not act on them.
type settings struct {
	lookup                         bool // VoiceCallerIdLookup
	smsURL, smsMethod              string
	smsFallback, smsFallbackMethod string // URL and method
	smsStatus, messageStatus       string
}

// webhookParams are the parameters that numbers and applications share.
var webhookParams = rest.Join(
	rest.Plain("ApiVersion FriendlyName VoiceCallerIdLookup"),
	rest.WebURLs(21502, "VoiceUrl VoiceFallbackUrl"),
	rest.WebURLs(21503, "SmsUrl SmsFallbackUrl"),
	rest.WebURLs(21609, "StatusCallback"),
	rest.Methods("VoiceMethod VoiceFallbackMethod StatusCallbackMethod SmsMethod SmsFallbackMethod"),
)

var applicationParams = rest.Join(webhookParams, rest.Short(20002, 64, "FriendlyName"), rest.Plain("PublicApplicationConnectEnabled"),
	rest.WebURLs(21503, "SmsStatusCallback MessageStatusCallback"))

// setVoice changes the voice webhooks that the request names; an empty value
// removes one.
func setVoice(q *rest.Request, n *Number) {
	for name, to := range map[string]*string{
		"VoiceUrl": &n.VoiceURL, "VoiceMethod": &n.VoiceMethod, "VoiceFallbackUrl": &n.FallbackURL, "VoiceFallbackMethod": &n.FallbackMethod,
		"StatusCallback": &n.StatusCallback, "StatusCallbackMethod": &n.StatusMethod,
	} {
		q.SetText(name, to)
	}
}

func setSettings(q *rest.Request, o *settings) {
	for name, to := range map[string]*string{
		"SmsUrl": &o.smsURL, "SmsMethod": &o.smsMethod, "SmsFallbackUrl": &o.smsFallback, "SmsFallbackMethod": &o.smsFallbackMethod,
		"SmsStatusCallback": &o.smsStatus, "MessageStatusCallback": &o.messageStatus,
	} {
		q.SetText(name, to)
	}
	q.SetFlag("VoiceCallerIdLookup", &o.lookup)
}

// webhooksJSON are the fields that numbers and applications share.
func webhooksJSON(n Number, o settings) object {
	return object{
		"voice_url": n.VoiceURL, "voice_method": verbOf(n.VoiceMethod), "voice_fallback_url": rest.Text(n.FallbackURL),
		"voice_fallback_method": verbOf(n.FallbackMethod), "status_callback": rest.Text(n.StatusCallback), "status_callback_method": verbOf(n.StatusMethod),
		"voice_caller_id_lookup": o.lookup, "sms_url": rest.Text(o.smsURL), "sms_method": verbOf(o.smsMethod),
		"sms_fallback_url": rest.Text(o.smsFallback), "sms_fallback_method": verbOf(o.smsFallbackMethod), "api_version": apiVersion,
	}
}

// verbOf is the method of a webhook, POST if none is set.
func verbOf(method string) string { return (&hook{to: endpoint{method: method}}).method() }

func (a *application) JSON() any {
	o := webhooksJSON(a.voice, a.settings)
	o["voice_url"] = rest.Text(a.voice.VoiceURL)
	o["sid"], o["account_sid"], o["friendly_name"] = a.sid, a.sim.o.AccountSID, a.name
	o["date_created"], o["date_updated"], o["uri"] = date(a.created), date(a.updated), a.sim.uri("Applications", a.sid)
	o["sms_status_callback"], o["message_status_callback"] = rest.Text(a.settings.smsStatus), rest.Text(a.settings.messageStatus)
	o["public_application_connect_enabled"] = a.public
	return o
}

// applicationAt finds an application by its SID, or nil.
func (s *Sim) applicationAt(sid string) *application {
	if i := slices.IndexFunc(s.applications, func(a *application) bool { return a.sid == sid }); i >= 0 {
		return s.applications[i]
	}
	return nil
}

func theApplication(s *Sim, q *rest.Request) (*application, *rest.Error) {
	return rest.Among(s.applications, q, func(a *application) bool { return a.sid == q.Vars["Sid"] })
}

func (s *Sim) listApplications(q *rest.Request) (rest.Answer, *rest.Error) {
	found := slices.DeleteFunc(slices.Clone(s.applications), func(a *application) bool { return !q.Matches("FriendlyName", a.name) })
	slices.Reverse(found)
	return rest.Page(q, "applications", found)
}

func (s *Sim) createApplication(q *rest.Request) (rest.Answer, *rest.Error) {
	a := &application{sim: s, sid: s.sid("AP"), created: s.now(), updated: s.now()}
	a.name = cmp.Or(q.Get("FriendlyName"), a.sid)
	s.applications = append(s.applications, a)
	_, _ = a.update(q)
	return rest.Created(a)
}

func (a *application) update(q *rest.Request) (rest.Answer, *rest.Error) {
	if name := q.Get("FriendlyName"); name != "" {
		a.name = name
	}
	setVoice(q, &a.voice)
	setSettings(q, &a.settings)
	q.SetFlag("PublicApplicationConnectEnabled", &a.public)
	a.updated = a.sim.now()
	return rest.Show(a, q)
}

func (a *application) remove(*rest.Request) (rest.Answer, *rest.Error) {
	a.sim.applications = slices.DeleteFunc(a.sim.applications, func(o *application) bool { return o == a })
	return rest.Deleted()
}

// AddApplication gives the account a TwiML application and returns its SID
// (AP...). StatusCallback is requested at the end of its calls.
func (s *Sim) AddApplication(name string, n Number) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &application{sim: s, sid: s.sid("AP"), name: name, voice: n, created: s.now(), updated: s.now()}
	s.applications = append(s.applications, a)
	return a.sid
}
