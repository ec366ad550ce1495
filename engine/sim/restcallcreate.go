package sim

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// queueLimit is the longest that a call may wait for its turn.
const queueLimit = 24 * time.Hour

// sendDigits are the tones that are played to who answers.
var sendDigits = regexp.MustCompile(`^[0-9A-Da-d#*wW]{1,32}$`)

// legParams are those that Calls and Participants share.
var legParams = params(
	plain("To From CallerId CallToken Byoc Record SipAuthUsername SipAuthPassword ClientNotificationUrl StatusCallbackEvent"),
	webURLs(21609, "StatusCallback RecordingStatusCallback"),
	methods("StatusCallbackMethod RecordingStatusCallbackMethod"),
	wholes(codeParameter, 1, 86400, "TimeLimit"),
	short(codeParameter, 50, "CallReason"),
	words(codeParameter, "mono dual", "RecordingChannels"),
	words(codeParameter, "inbound outbound both", "RecordingTrack"),
	words(codeParameter, "trim-silence do-not-trim", "Trim"),
	words(21234, "Enable DetectMessageEnd None", "MachineDetection"),
	wholes(21234, 3, 60, "MachineDetectionTimeout"),
	wholes(21234, 1000, 6000, "MachineDetectionSpeechThreshold"),
	wholes(21234, 500, 5000, "MachineDetectionSpeechEndThreshold"),
	wholes(21234, 2000, 10000, "MachineDetectionSilenceTimeout"),
)

// createCallParams are those of POST /Calls (documentation: Call resource).
var createCallParams = params(legParams,
	plain("Twiml ApplicationSid AsyncAmd"),
	webURLs(21205, "Url FallbackUrl"),
	webURLs(21609, "AsyncAmdStatusCallback"),
	methods("Method FallbackMethod AsyncAmdStatusCallbackMethod"),
	wholes(21208, 1, 600, "Timeout"),
	eventLists("in-progress completed absent", "RecordingStatusCallbackEvent"),
	patterns(21206, sendDigits, "is not up to 32 of 0-9 A-D # * w W", "SendDigits"),
)

func (s *Sim) createCall(q *restRequest) (restAnswer, *restError) {
	if e := s.checkAddresses(q); e != nil {
		return restAnswer{}, e
	}
	app, e := s.sourceApplication(q)
	if e != nil {
		return restAnswer{}, e
	}
	if e := s.checkBacklog(); e != nil {
		return restAnswer{}, e
	}
	c := s.newCall(nil, "outbound-api", q.get("From"), q.get("To"))
	if app != nil {
		c.answeredAs(app.voice)
	} else {
		c.source, c.fallback, c.progress = q.source(), q.fallback(), q.progress(c)
	}
	c.detect = q.detection(s)
	c.tones, c.shownAs = q.get("SendDigits"), q.get("CallerId")
	c.timeLimit = q.seconds("TimeLimit", 0)
	q.warnSIP(c)
	record := q.recordsLeg()
	c.onAnswer = func() {
		record(c)
		c.runMain()
	}
	q.warnTwoSources(c)
	s.dialInTurn(c, q.seconds("Timeout", 60))
	return made(c)
}

// answeredAs gives a call the webhooks of a number or an application.
func (c *Call) answeredAs(n Number) {
	c.source = source{endpoint: endpoint{n.VoiceURL, n.VoiceMethod}}
	c.fallback = endpoint{n.FallbackURL, n.FallbackMethod}
	c.progress = subscription{endpoint{n.StatusCallback, n.StatusMethod}, map[string]bool{"completed": true}}
}

// checkAddresses validates To and From.
func (s *Sim) checkAddresses(q *restRequest) *restError {
	to, from := q.get("To"), q.get("From")
	switch {
	case to == "":
		return badRequest(21201, "No 'To' number is specified")
	case from == "":
		return badRequest(21213, "No 'From' number specified")
	case !addressOK(to) && !(q.vars["ConferenceSid"] != "" && s.isApplication(to)), to == from:
		return badRequest(21211, "Invalid 'To' Phone Number: "+to)
	case !addressOK(from):
		return badRequest(21212, "Invalid 'From' Number: "+from)
	case e164.MatchString(to) && !e164.MatchString(from):
		return badRequest(21212, "Invalid 'From' Number: "+from)
	case e164.MatchString(from) && !s.mayCallFrom(from, q.get("CallToken")):
		return badRequest(21210, "The source phone number provided, "+from+", is not yet verified for your account")
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
func (s *Sim) sourceApplication(q *restRequest) (*application, *restError) {
	sid := q.get("ApplicationSid")
	switch app := s.applicationAt(sid); {
	case sid != "" && app == nil:
		return nil, badRequest(21218, "Invalid ApplicationSid: "+sid)
	case sid != "":
		return app, nil
	case q.get("Url") == "" && q.get("Twiml") == "":
		return nil, badRequest(21205, "Url parameter is required")
	}
	return nil, checkInline(q)
}

// checkInline validates Twiml.
func checkInline(q *restRequest) *restError {
	if len([]rune(q.get("Twiml"))) > twiml.MaxInline {
		return badRequest(32018, "Twiml parameter is too long: at most 4000 characters")
	}
	return nil
}

func (q *restRequest) source() source {
	if q.get("Url") != "" { // wins over Twiml
		return source{endpoint: endpoint{q.get("Url"), q.get("Method")}}
	}
	return source{twiml: q.get("Twiml")}
}

// warnTwoSources tells of TwiML that is not used.
func (q *restRequest) warnTwoSources(c *Call) {
	if q.get("Url") != "" && q.get("Twiml") != "" {
		c.warn(32019, "Url and Twiml are both set; Twiml is ignored")
	}
}

func (q *restRequest) fallback() endpoint {
	return endpoint{q.get("FallbackUrl"), q.get("FallbackMethod")}
}

// checkBacklog refuses a call that could not start within a day.
func (s *Sim) checkBacklog() *restError {
	if s.nextSlot.Sub(s.now()) > queueLimit {
		return badRequest(22005, "Call queue is full: the next call would start in more than 24 hours")
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
func (q *restRequest) recordsLeg() func(*Call) {
	record, track, to := q.flag("Record"), q.track(), q.subscription("RecordingStatusCallback", "completed")
	channels := pick1or2(q.get("RecordingChannels") == "dual")
	return func(c *Call) {
		if !record {
			return
		}
		c.record = c.recordTrack("OutboundAPI", channels, track, to)
	}
}

// track reads RecordingTrack, whose value was checked.
func (q *restRequest) track() string { return strings.ToLower(cmp.Or(q.get("RecordingTrack"), "both")) }

func pick1or2(dual bool) int {
	if dual {
		return 2
	}
	return 1
}

// warnSIP tells of SIP credentials that Twilio drops.
func (q *restRequest) warnSIP(c *Call) {
	user, password := q.get("SipAuthUsername"), q.get("SipAuthPassword")
	switch {
	case len(user) > 255:
		c.warn(21221, "SipAuthUsername must be fewer than 256 characters")
	case len(password) > 255:
		c.warn(21223, "SipAuthPassword must be fewer than 256 characters")
	case user != "" && password == "":
		c.warn(21225, "SipAuthPassword is required with SipAuthUsername")
	}
}

// seconds reads a number of seconds whose range was checked.
func (q *restRequest) seconds(name string, def int) time.Duration {
	if n, err := strconv.Atoi(q.get(name)); err == nil {
		def = n
	}
	return time.Duration(def) * time.Second
}

// progress reads StatusCallback and its events, one parameter per event. A bad
// value (several in one, for example) costs all callbacks, not the call.
func (q *restRequest) progress(c *Call) subscription {
	p := subscription{q.endpoint("StatusCallback"), map[string]bool{}}
	for _, event := range q.form["StatusCallbackEvent"] {
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

func (q *restRequest) detection(s *Sim) detection {
	mode := q.get("MachineDetection")
	if (mode != "Enable" && mode != "DetectMessageEnd") || q.get("SendDigits") != "" {
		return detection{}
	}
	to := q.endpoint("AsyncAmdStatusCallback")
	if s.o.Switches.AsyncDetectionPosts {
		to.method = http.MethodPost
	}
	return detection{mode: mode, async: q.flag("AsyncAmd"), callback: to,
		timeout: ranges{3, 60, 30}.of(q.get("MachineDetectionTimeout"), time.Second),
		quiet:   ranges{500, 5000, 1200}.of(q.get("MachineDetectionSpeechEndThreshold"), time.Millisecond)}
}
