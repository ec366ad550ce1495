package sim

import (
	"slices"
	"strconv"
	"time"
)

// fork is a copy of a call's audio that goes elsewhere until it is stopped or the
// call ends: a Media Stream, a SIPREC session or a real-time transcription.
type fork struct {
	call     *Call
	kind     *forkKind
	sid      string
	spec     forkSpec
	status   string // in-progress or stopped
	started  time.Time
	updated  time.Time
	sequence int // of its callbacks

	stream *mediaStream // the WebSocket of a stream

	// onStop lets whoever uses the fork, a WebSocket for example, take its end.
	onStop func()
}

// forkKind is what the three kinds of forks differ in.
type forkKind struct {
	noun   string // TwiML element below Start and Stop
	path   string // REST resource below a call
	prefix string // of its SIDs
	tracks string // default of track
	report func(f *fork, event string, extra form)
}

// forkSpec is how a fork is asked for, in TwiML or by REST.
type forkSpec struct {
	name       string // to stop it by; unique among the active ones of the call and kind
	url        string // of a stream
	both       bool   // the application speaks into the stream, too
	connector  string // of a SIPREC session
	track      string // inbound_track, outbound_track or both_tracks; "" for the default of the kind
	callback   endpoint
	parameters form // Parameter children, or ParameterN.Name and .Value

	transcription transcriptionSpec
}

// The errors of forks (Twilio's error dictionary; 20001 where it has none).
const (
	codeStreamURL   = 31923
	codeStreamWSS   = 31922
	codeStreamTrack = 31941
	codeForkName    = 20001
)

var forkTracks = []string{"inbound_track", "outbound_track", "both_tracks"}

// startFork begins a fork of a call in progress. code is 0, or the error that
// keeps it from beginning, which why explains.
func (c *Call) startFork(kind *forkKind, spec forkSpec) (f *fork, code int, why string) {
	if spec.track == "" {
		spec.track = kind.tracks
	}
	switch {
	case !slices.Contains(forkTracks, spec.track):
		return nil, codeStreamTrack, "track is not inbound_track, outbound_track or both_tracks: " + spec.track
	case spec.name != "" && c.forkNamed(kind, spec.name) != nil:
		return nil, codeForkName, "a " + kind.noun + " of that name is active: " + spec.name
	}
	s := c.sim
	f = &fork{call: c, kind: kind, sid: s.sid(kind.prefix), spec: spec, status: "in-progress", started: s.now(), updated: s.now()}
	c.forks = append(c.forks, f)
	c.note(EntryFork, kind.noun+" "+f.sid+" started")
	if kind == streams && spec.url != "" {
		f.openStream()
	} else {
		kind.report(f, "started", nil)
	}
	return f, 0, ""
}

// forkNamed is the active fork of that kind with that name or SID, or nil.
func (c *Call) forkNamed(kind *forkKind, name string) *fork {
	i := slices.IndexFunc(c.forks, func(f *fork) bool {
		return f.kind == kind && f.status == "in-progress" && (f.sid == name || f.spec.name != "" && f.spec.name == name)
	})
	if i < 0 {
		return nil
	}
	return c.forks[i]
}

// stop ends the fork; once it has ended it does nothing.
func (f *fork) stop() {
	if f.status != "in-progress" {
		return
	}
	f.status, f.updated = "stopped", f.call.sim.now()
	f.call.note(EntryFork, f.kind.noun+" "+f.sid+" stopped")
	f.kind.report(f, "stopped", nil)
	if f.onStop != nil {
		f.onStop()
	}
}

// stopForks ends whatever still copies the audio of a call that is over.
func (c *Call) stopForks() {
	for _, f := range c.forks {
		f.stop()
	}
}

// hearsTrack reports whether the fork carries that track.
func (f *fork) hearsTrack(track string) bool {
	return f.status == "in-progress" && (f.spec.track == track || f.spec.track == "both_tracks")
}

// send delivers a callback of the fork.
func (f *fork) send(params form) {
	if f.spec.callback.url == "" {
		return
	}
	f.call.sim.callback(hook{name: f.kind.noun, sid: f.call.sid, to: f.spec.callback, params: params})
}

// next numbers the callbacks of a fork from 1.
func (f *fork) next() string {
	f.sequence++
	return strconv.Itoa(f.sequence)
}
