package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// connection is the fragment of every URL that Twilio gets: connect within 2 s, read
// within 7 s, two more tries on any failure. It is an aid; correctness never needs it.
// https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
const connection = "#ct=2000&rt=7000&rc=2&rp=all"

// Kinds of URLs under /t/{session}/{leg}/{turn}/. They stand in live calls, so the words
// are for ever.
const (
	URLDoc      = "doc"    // fetch the turn's document
	URLAct      = "act"    // the verb's action
	URLEnd      = "end"    // the document ran out
	URLStart    = "start"  // of a call that we place
	URLLoop     = "loop"   // next round of a wait in the main context
	URLWait     = "wait"   // waitUrl of a room or queue
	URLWaitKey  = "wact"   // wact-N: keys number N in the wait of a queue
	URLQueue    = "queue"  // of the Queue noun: a queued caller is about to be connected
	URLHold     = "hold"   // holdUrl of a participant
	URLSay      = "say"    // say-N: an announcement
	URLRec      = "rec"    // recording callback
	URLTrans    = "trans"  // transcription callback
	URLPartial  = "part"   // partial speech
	URLRefer    = "refer"  // referUrl
	URLBack     = "back"   // return from a foreign server
	URLFallback = "fb"     // fallback
	URLStatus   = "status" // call progress
	URLAMD      = "amd"    // answering machine detection
)

// Path is the path of a URL of a leg, with the connection fragment. Only [a-z0-9-]
// stands in it, so that no proxy can rewrite what was signed.
func Path(session string, leg, turn int, kind string) string {
	var buf [160]byte // enough for every path that the engine makes, so that it stays on the stack
	b := append(buf[:0], "/t/"...)
	b = append(b, session...)
	b = append(b, '/')
	b = strconv.AppendInt(b, int64(leg), 10)
	b = append(b, '/')
	b = strconv.AppendInt(b, int64(turn), 10)
	b = append(b, '/')
	b = append(b, kind...)
	b = append(b, connection...)
	return string(b)
}

// RoomPath is the path of the callbacks of a private room.
func RoomPath(session, room string) string { return "/r/" + session + "/" + slug(room) + connection }

// RoomName is the name at Twilio of a private room.
func RoomName(session, room string) string { return "rd-" + session + "-" + slug(room) }

// TwilioName is the room's name at Twilio.
func (r *Room) TwilioName(session string) string {
	if r.Shared != "" {
		return "rd-" + r.Shared
	}
	return RoomName(session, r.Name)
}

// Path is the path of the room's callbacks.
func (r *Room) Path(session string) string {
	if r.Shared != "" {
		return "/r/-/" + r.Shared + connection
	}
	return RoomPath(session, r.Name)
}

// SharedRoomEvent is how an event names a shared room, whose callbacks carry this name in
// their URL; a private room stands there as it is.
func SharedRoomEvent(name string) string { return "-/" + name }

// maxShared is the longest name of a shared room that stays as it is.
const maxShared = 60

// sharedName makes any text fit for a path. Different texts stay different: where
// characters were replaced, a part of the text's hash is added.
func sharedName(text string) string {
	b := []byte(text)
	for i, c := range b {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			b[i] = '-'
		}
	}
	if string(b) == text && len(b) <= maxShared {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return strings.Trim(string(b[:min(len(b), maxShared)]), "-") + "-" + hex.EncodeToString(sum[:6])
}

// slug makes an identifier fit for a path: rooms are identifiers, whose _ is written -.
func slug(name string) string {
	b := []byte(name)
	for i, c := range b {
		if c == '_' {
			b[i] = '-'
		}
	}
	return string(b)
}

// SessionID is the id of the session of an inbound call: the same call finds the same
// session, whichever URL Twilio uses for it.
func SessionID(account, callSID string) string {
	sum := sha256.Sum256([]byte(account + "\x00" + callSID))
	return hex.EncodeToString(sum[:10])
}
