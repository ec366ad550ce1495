package sim

import (
	"net/url"
	"time"
)

// streams are Media Streams: the audio of a call over a WebSocket.
var streams = &forkKind{noun: "Stream", path: "Streams", prefix: "MZ", tracks: "inbound_track", report: reportStream}

// siprecs are SIPREC sessions: the audio of a call to a recording server that a
// connector names.
var siprecs = &forkKind{noun: "Siprec", path: "Siprec", prefix: "SR", tracks: "both_tracks", report: reportSiprec}

// checkStreamURL returns the error code of a URL that no stream can go to, or 0.
func checkStreamURL(raw string) int {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "":
		return codeStreamURL
	case u.Scheme != "wss" && u.Scheme != "ws": // ws, so that a desk needs no certificate
		return codeStreamWSS
	}
	return 0
}

// reportStream sends stream-started, stream-stopped or stream-error.
func reportStream(f *fork, event string, extra form) {
	p := form{{"AccountSid", f.call.sim.o.AccountSID}, {"CallSid", f.call.sid}, {"StreamSid", f.sid}, {"StreamName", f.spec.label(f)},
		{"StreamEvent", "stream-" + event}, {"Timestamp", isoMillis(f.call.sim.now())}}
	f.send(append(p, extra...))
}

// reportSiprec sends siprec-started or siprec-stopped.
func reportSiprec(f *fork, event string, extra form) {
	p := form{{"AccountSid", f.call.sim.o.AccountSID}, {"CallSid", f.call.sid}, {"SiprecSid", f.sid}, {"SiprecName", f.spec.label(f)},
		{"SiprecEvent", "siprec-" + event}, {"Timestamp", isoMillis(f.call.sim.now())}}
	f.send(append(p, extra...))
}

// label is the name of a fork, or its SID where it was given none.
func (spec *forkSpec) label(f *fork) string {
	if spec.name == "" {
		return f.sid
	}
	return spec.name
}

// fail reports an error of a stream that is under way, and ends it.
func (f *fork) fail(code int, why string) {
	if f.status != "in-progress" {
		return
	}
	f.call.warn(code, why)
	f.kind.report(f, "error", form{{f.kind.noun + "Error", why}})
	f.stop()
}

// isoMillis is how callbacks of forks write times.
func isoMillis(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
