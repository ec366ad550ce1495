package sim

import (
	"time"

	"github.com/ringdown/ringdown/engine/twiml"
)

// roomAttributes are the parameters of the instruction conference that become
// attributes of the Conference that the worker joins.
var roomAttributes = []struct{ name, param string }{
	{"muted", "muted"}, {"beep", "beep"}, {"startConferenceOnEnter", "start_conference_on_enter"}, {"endConferenceOnExit", "end_conference_on_exit"},
	{"waitUrl", "wait_url"}, {"waitMethod", "wait_method"}, {"maxParticipants", "max_participants"}, {"region", "region"},
	{"jitterBufferSize", "jitter_buffer_size"}, {"record", "conference_record"}, {"trim", "conference_trim"},
	{"statusCallback", "conference_status_callback"}, {"statusCallbackMethod", "conference_status_callback_method"},
	{"statusCallbackEvent", "conference_status_callback_event"}, {"recordingStatusCallback", "conference_recording_status_callback"},
	{"recordingStatusCallbackMethod", "conference_recording_status_callback_method"},
}

// conference rings the worker and brings it and the caller into a conference
// named by the task.
func (i instruction) conference() int {
	w, to, from := i.sim.taskWaits[i.r.Task()], i.contact(), i.get("from")
	switch {
	case w == nil:
		return 40142
	case to == "" || !addressOK(to):
		return 40137
	}
	if from == "" {
		from = w.call.to
	}
	i.r.SetPostWork(i.get("post_work_activity_sid"))
	own := twiml.El("Conference", twiml.Text(i.r.Task().SID())).Set("endConferenceOnExit", "false")
	for _, a := range roomAttributes {
		if v := i.get(a.param); v != "" {
			own.Set(a.name, v)
		}
	}
	customer := twiml.El("Conference", twiml.Text(i.r.Task().SID())).
		Set("endConferenceOnExit", pick(i.get("end_conference_on_customer_exit") == "true", "true", "false")).
		Set("beep", pick(i.get("beep_on_customer_entrance") == "false", "false", "true"))
	if v := i.get("wait_url"); v != "" {
		customer.Set("waitUrl", v)
	}
	i.ring(to, from, func(c *Call) {
		if w.call.waiting != w {
			c.end("completed")
			return
		}
		i.r.Accept()
		if i.get("record") == "true" {
			c.record = c.recordFrom("OutboundAPI", pick1or2(i.get("recording_channels") == "dual"), subscription{
				endpoint{i.get("recording_status_callback"), i.get("recording_status_callback_method")}, map[string]bool{"completed": true}})
		}
		c.onEnd = func() { i.r.Task().Finish("completed", "") }
		c.runInline(twiml.El("Dial", own))
		w.call.redirect(source{twiml: inline(twiml.El("Dial", customer))})
	})
	return 0
}

// supervise rings another worker into the conference of a reservation that was
// accepted: to monitor it, to whisper to the worker, or to barge in.
func (i instruction) supervise() int {
	s, rm := i.sim, i.sim.liveRoom(i.r.Task().SID())
	to, leg := i.r.SupervisorContact(i.get("supervisor")), s.taskLegs[i.r]
	switch {
	case !i.r.Accepted():
		return 40146
	case to == "" || !addressOK(to):
		return 40147
	case rm == nil || leg == nil:
		return 40149
	}
	noun := twiml.El("Conference", twiml.Text(i.r.Task().SID()))
	switch i.get("supervisor_mode") {
	case "whisper":
		noun.Set("coach", leg.sid)
	case "barge":
	default:
		noun.Set("muted", "true")
	}
	c := s.newCall(nil, "outbound-api", leg.from, to)
	c.onAnswer = func() { c.runInline(twiml.El("Dial", noun)) }
	c.setStatus("queued")
	c.dialOut(time.Minute)
	return 0
}
