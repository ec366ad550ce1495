package twiml

import (
	"fmt"
	"slices"
)

// Context says who asked for a document, and with that which verbs may stand
// in it.
type Context int

const (
	// Main is the document of a call: all verbs.
	Main Context = iota
	// Whisper is the url document of Number, Client, Sip and the like, heard by
	// the called side before it is connected. When it runs out the two are
	// connected; Hangup refuses the call. Twilio documents neither that Redirect
	// works there nor that it does not.
	Whisper
	// QueueWait is the waitUrl document of Enqueue, requested again when it ends.
	QueueWait
	// RoomWait is the waitUrl document of a conference, played once.
	RoomWait
	// Hold is the HoldUrl document of a conference participant.
	Hold
	// Announcement is the AnnounceUrl document of a conference or participant.
	Announcement
	// QueueNoun is the url document of Dial's Queue noun, heard by the queued
	// caller before the connection.
	QueueNoun
)

// String gives the context's name for messages.
func (c Context) String() string {
	names := [...]string{"call", "whisper", "queue wait", "room wait", "hold", "announcement", "queue connection"}
	if c < 0 || int(c) >= len(names) {
		return fmt.Sprintf("context %d", int(c))
	}
	return names[c]
}

// Verbs gives the names of the verbs that may stand in a document of the
// context, nil for all. A Whisper's list leaves Redirect out, see Whisper.
func (c Context) Verbs() []string {
	switch c {
	case Main:
		return nil
	case Whisper:
		return []string{"Say", "Play", "Pause", "Gather", "Hangup"}
	case QueueWait:
		return []string{"Say", "Play", "Pause", "Gather", "Redirect", "Hangup", "Leave"}
	}
	return []string{"Say", "Play", "Pause", "Redirect"}
}

// Allows says whether a verb may stand in a document of the context.
func (c Context) Allows(verb string) bool {
	verbs := c.Verbs()
	return verbs == nil || slices.Contains(verbs, verb)
}

// forbidden gives Twilio's code for a verb that may not stand in the context. A
// verb that Twilio names no code for is a schema problem.
func (c Context) forbidden(verb string) int {
	switch {
	case c == Whisper && verb == "Dial":
		return 13201
	case c == RoomWait || c == Hold || c == Announcement:
		return 13238
	}
	return CodeSchema
}
