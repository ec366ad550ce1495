package sim

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/sim/rest"
	"github.com/ringdown/ringdown/engine/twiml"
)

// queueLimit is the longest that a call may wait for its turn.
const queueLimit = 24 * time.Hour

// sendDigits are the tones that are played to who answers.
var sendDigits = regexp.MustCompile(`^[0-9A-Da-d#*wW]{1,32}$`)

// legParams are those that Calls and Participants share.
var legParams = rest.Join(
	rest.Plain("To From CallerId CallToken Byoc Record SipAuthUsername SipAuthPassword ClientNotificationUrl StatusCallbackEvent"),
	rest.WebURLs(21609, "StatusCallback RecordingStatusCallback"),
	rest.Methods("StatusCallbackMethod RecordingStatusCallbackMethod"),
	rest.Wholes(rest.CodeParameter, 1, 86400, "TimeLimit"),
	rest.Short(rest.CodeParameter, 50, "CallReason"),
	rest.Words(rest.CodeParameter, "mono dual", "RecordingChannels"),
	rest.Words(rest.CodeParameter, "inbound outbound both", "RecordingTrack"),
	rest.Words(rest.CodeParameter, "trim-silence do-not-trim", "Trim"),
	rest.Words(21234, "Enable DetectMessageEnd None", "MachineDetection"),
	rest.Wholes(21234, 3, 60, "MachineDetectionTimeout"),
	rest.Wholes(21234, 1000, 6000, "MachineDetectionSpeechThreshold"),
	rest.Wholes(21234, 500, 5000, "MachineDetectionSpeechEndThreshold"),
	rest.Wholes(21234, 2000, 10000, "MachineDetectionSilenceTimeout"),
)

// createCallParams are those of POST /Calls (documentation: Call resource).
var createCallParams = rest.Join(legParams,
	rest.Plain("Twiml ApplicationSid AsyncAmd"),
	rest.WebURLs(21205, "Url FallbackUrl"),
	rest.WebURLs(21609, "AsyncAmdStatusCallback"),
	rest.Methods("Method FallbackMethod AsyncAmdStatusCallbackMethod"),
	rest.Wholes(21208, 1, 600, "Timeout"),
	rest.EventLists("in-progress completed absent", "RecordingStatusCallbackEvent"),
	rest.Patterns(21206, sendDigits, "is not up to 32 of 0-9 A-D # * w W", "SendDigits"),
)

func (s *Sim) createCall(q *rest.Request) (rest.Answer, *rest.Error) {
	if e := s.checkAddresses(q); e != nil {
		return rest.Answer{}, e
	}
	app, e := s.sourceApplication(q)
	if e != nil {
		return rest.Answer{}, e
	}
	if e := s.checkBacklog(); e != nil {
		return rest.Answer{}, e
	}
	c := s.newCall(nil, "outbound-api", q.Get("From"), q.Get("To"))
	if app != nil {
		c.answeredAs(app.voice)
	} else {
		c.source, c.fallback, c.progress = sourceOf(q), fallbackOf(q), progressOf(q, c)
	}
	c.detect = detectionOf(q, s)
	c.tones, c.shownAs = q.Get("SendDigits"), q.Get("CallerId")
	c.timeLimit = q.Seconds("TimeLimit", 0)
	warnSIP(q, c)
	record := recordsLeg(q)
	c.onAnswer = func() {
		record(c)
		c.runMain()
	}
	warnTwoSources(q, c)
	s.dialInTurn(c, q.Seconds("Timeout", 60))
	return rest.Created(c)
}

// answeredAs gives a call the webhooks of a number or an application.
func (c *Call) answeredAs(n Number) {
	c.source = source{endpoint: endpoint{n.VoiceURL, n.VoiceMethod}}
	c.fallback = endpoint{n.FallbackURL, n.FallbackMethod}
	c.progress = subscription{endpoint{n.StatusCallback, n.StatusMethod}, map[string]bool{"completed": true}}
}

// checkAddresses validates To and From.
func (s *Sim) checkAddresses(q *rest.Request) *rest.Error {
	to, from := q.Get("To"), q.Get("From")
	switch {
	case to == "":
		return rest.BadRequest(21201, "No 'To' number is specified")
	case from == "":
		return rest.BadRequest(21213, "No 'From' number specified")
	case !addressOK(to) && !(q.Vars["ConferenceSid"] != "" && s.isApplication(to)), to == from:
		return rest.BadRequest(21211, "Invalid 'To' Phone Number: "+to)
	case !addressOK(from):
		return rest.BadRequest(21212, "Invalid 'From' Number: "+from)
	case e164.MatchString(to) && !e164.MatchString(from):
		return rest.BadRequest(21212, "Invalid 'From' Number: "+from)
	case e164.MatchString(from) && !s.mayCallFrom(from, q.Get("CallToken")):
		return rest.BadRequest(21210, "The source phone number provided, "+from+", is not yet verified for your account")
	}
	return nil
}

// isApplication reports whether an address is app: and the SID of an application,
// which only Participants may call.
func (s *Sim) isApplication(address string) bool {
	_, own := s.ownAt(address)
	return own && strings.HasPrefix(address, "app:")
}

// mayCallFrom reports whether a number is the account's, is verified, or is that
// of the caller whose call has brought the token. An account without numbers may
// call from any.
func (s *Sim) mayCallFrom(from, token string) bool {
	if s.numbers[from] != nil || len(s.numbers) == 0 || s.callerIDAt(from) != nil {
		return true
	}
	return slices.ContainsFunc(s.calls, func(c *Call) bool { return c.token != "" && strings.Contains(token, c.token) && c.from == from })
}

// sourceApplication checks what the call is to run. It is an application, if
// ApplicationSid names one, or Url, or else Twiml.
func (s *Sim) sourceApplication(q *rest.Request) (*application, *rest.Error) {
	sid := q.Get("ApplicationSid")
	switch app := s.applicationAt(sid); {
	case sid != "" && app == nil:
		return nil, rest.BadRequest(21218, "Invalid ApplicationSid: "+sid)
	case sid != "":
		return app, nil
	case q.Get("Url") == "" && q.Get("Twiml") == "":
		return nil, rest.BadRequest(21205, "Url parameter is required")
	}
	return nil, checkInline(q)
}

// checkInline validates Twiml.
func checkInline(q *rest.Request) *rest.Error {
	if len([]rune(q.Get("Twiml"))) > twiml.MaxInline {
		return rest.BadRequest(32018, "Twiml parameter is too long: at most 4000 characters")
	}
	return nil
}

func sourceOf(q *rest.Request) source {
	if q.Get("Url") != "" { // wins over Twiml
		return source{endpoint: endpoint{q.Get("Url"), q.Get("Method")}}
	}
	return source{twiml: q.Get("Twiml")}
}

// warnTwoSources tells of TwiML that is not used.
func warnTwoSources(q *rest.Request, c *Call) {
	if q.Get("Url") != "" && q.Get("Twiml") != "" {
		c.warn(32019, "Url and Twiml are both set; Twiml is ignored")
	}
}

func fallbackOf(q *rest.Request) endpoint {
	return endpoint{q.Get("FallbackUrl"), q.Get("FallbackMethod")}
}

// checkBacklog refuses a call that could not start within a day.
func (s *Sim) checkBacklog() *rest.Error {
	if s.nextSlot.Sub(s.now()) > queueLimit {
		return rest.BadRequest(22005, "Call queue is full: the next call would start in more than 24 hours")
	}
	return nil
}

// dialInTurn places a call of the REST API when its turn has come.
func (s *Sim) dialInTurn(c *Call, timeout time.Duration) {
	c.setStatus("queued")
	slot := s.now()
	if s.nextSlot.After(slot) {
		slot = s.nextSlot
	}
	s.nextSlot = slot.Add(time.Duration(float64(time.Second) / s.o.CPS))
	c.queueTime = slot.Sub(s.now())
	s.after(c.queueTime, func() {
		if !c.over() {
			c.dialOut(timeout)
		}
	})
}

// recordsLeg begins the recording that Record asks for, once the leg answers.
func recordsLeg(q *rest.Request) func(*Call) {
	record, track, to := q.Flag("Record"), trackOf(q), subscriptionOf(q, "RecordingStatusCallback", "completed")
	channels := pick1or2(q.Get("RecordingChannels") == "dual")
	return func(c *Call) {
		if !record {
			return
		}
		c.record = c.recordTrack("OutboundAPI", channels, track, to)
	}
}

// trackOf reads RecordingTrack, whose value was checked.
func trackOf(q *rest.Request) string { return strings.ToLower(cmp.Or(q.Get("RecordingTrack"), "both")) }

func pick1or2(dual bool) int {
	if dual {
		return 2
	}
	return 1
}

// warnSIP tells of SIP credentials that Twilio drops.
func warnSIP(q *rest.Request, c *Call) {
	user, password := q.Get("SipAuthUsername"), q.Get("SipAuthPassword")
	switch {
	case len(user) > 255:
		c.warn(21221, "SipAuthUsername must be fewer than 256 characters")
	case len(password) > 255:
		c.warn(21223, "SipAuthPassword must be fewer than 256 characters")
	case user != "" && password == "":
		c.warn(21225, "SipAuthPassword is required with SipAuthUsername")
	}
}

// progressOf reads StatusCallback and its events, one parameter per event. A bad
// value (several in one, for example) costs all callbacks, not the call.
func progressOf(q *rest.Request, c *Call) subscription {
	p := subscription{endpointOf(q, "StatusCallback"), map[string]bool{}}
	for _, event := range q.Form["StatusCallbackEvent"] {
		if !slices.Contains([]string{"initiated", "ringing", "answered", "completed"}, event) {
			c.warn(21626, "StatusCallbackEvent "+strconv.Quote(event)+" is not valid; no status callbacks are sent")
			c.silent = true
			continue
		}
		p.events[event] = true
	}
	if len(p.events) == 0 {
		p.events["completed"] = true
	}
	return p
}

func detectionOf(q *rest.Request, s *Sim) detection {
	mode := q.Get("MachineDetection")
	if (mode != "Enable" && mode != "DetectMessageEnd") || q.Get("SendDigits") != "" {
		return detection{}
	}
	to := endpointOf(q, "AsyncAmdStatusCallback")
	if s.o.Switches.AsyncDetectionPosts {
		to.method = http.MethodPost
	}
	return detection{mode: mode, async: q.Flag("AsyncAmd"), callback: to,
		timeout: ranges{3, 60, 30}.of(q.Get("MachineDetectionTimeout"), time.Second),
		quiet:   ranges{500, 5000, 1200}.of(q.Get("MachineDetectionSpeechEndThreshold"), time.Millisecond)}
}
