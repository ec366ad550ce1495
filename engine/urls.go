package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
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
	URLHold     = "hold"   // holdUrl of a participant
	URLSay      = "say"    // say-N: an announcement
	URLRec      = "rec"    // recording callback
	URLTrans    = "trans"  // transcription callback
	URLPartial  = "part"   // partial speech
	URLRefer    = "refer"  // referUrl
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
