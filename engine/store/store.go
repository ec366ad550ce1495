// Package store keeps what must survive the process: sessions, their history, the
// effects that are still to be done, which call belongs to which session, the
// closures that sessions are pinned to, idempotency keys and switches.
//
// The store knows rows, not the engine: session, history and effect bodies are
// bytes to it. Everything one event changes is one [Commit] and is durable when
// Commit returns, or not there at all. [SQLite] is the store of one process.
package store

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The reasons for which a commit, a claim or a look-up is refused. They come
// wrapped; compare with errors.Is. A refusal leaves the store as it was.
var (
	// ErrNotFound: no such session, call, closure, key or effect.
	ErrNotFound = errors.New("not found")
	// ErrConflict: the session is not at the revision before the commit's, or the
	// effect is not at the attempt before the claim's. Read again and retry.
	ErrConflict = errors.New("changed meanwhile")
	// ErrExists: a new session's id is taken. Read the session that has it.
	ErrExists = errors.New("session exists already")
	// ErrSIDTaken: a call of the commit belongs to another session or leg. The
	// error is a *SIDTakenError.
	ErrSIDTaken = errors.New("call belongs to another leg")
	// ErrKeyTaken: the idempotency key is in use. The error is a *KeyTakenError.
	ErrKeyTaken = errors.New("idempotency key is in use")
	// ErrInvalid: the request can never be stored, such as an effect id that is
	// not "rev.n".
	ErrInvalid = errors.New("invalid")
	// ErrClosed: the store is closed or closing.
	ErrClosed = errors.New("store is closed")
	// ErrLocked: another process has the database open.
	ErrLocked = errors.New("database is in use by another process")
)

// SIDTakenError says whose call it is: the first one that named the SID keeps it.
type SIDTakenError struct {
	SID     string
	Session string
	Leg     int
}

// Error names the call and the leg that has it.
func (e *SIDTakenError) Error() string {
	return fmt.Sprintf("call %s belongs to leg %d of session %s", e.SID, e.Leg, e.Session)
}

// Is makes errors.Is(err, ErrSIDTaken) true.
func (e *SIDTakenError) Is(target error) bool { return target == ErrSIDTaken }

// KeyTakenError carries the key as it is stored, with the first use's result.
type KeyTakenError struct{ Key Key }

// Error names scope and key.
func (e *KeyTakenError) Error() string {
	return fmt.Sprintf("idempotency key %q of %q is in use", e.Key.Key, e.Key.Scope)
}

// Is makes errors.Is(err, ErrKeyTaken) true.
func (e *KeyTakenError) Is(target error) bool { return target == ErrKeyTaken }

// Session is one row. Times are kept to the microsecond, in UTC.
type Session struct {
	ID   string
	Rev  int64  // counts commits; a new session's first commit sets the first value
	Mark string // id of the event that made this revision

	Flow, Closure      string // fixed by the first commit
	Condition, Outcome string
	Active             bool      // false once closed, and never true again
	Due                time.Time // earliest own timer; zero = none
	Started, Updated   time.Time // Started is fixed by the first commit
	States             string    // names of the states its legs are in, separated by spaces
	Data               []byte    // the session itself, encoded
}

// Effect is something still to be done to the world. ID is "rev.n": the revision
// that made it and its number there; both decide the order.
type Effect struct {
	Session, ID         string
	Lane, Kind          string
	Leg                 int
	NotBefore, Deadline time.Time // zero = at once, none
	Attempt             int       // claims so far
	Lease               time.Time // end of the newest claim; zero = not claimed
	Data                []byte
}

// History is what one commit wrote down. Data is a JSON array of entries.
type History struct {
	Session string
	Rev     int64
	At      time.Time
	Data    []byte
}

// Call says which leg of which session a call is.
type Call struct {
	SID     string
	Session string
	Leg     int
}

// Price is a call that is over and whose price is not known yet.
type Price struct {
	Session  string
	Leg      int
	SID      string
	Ended    time.Time
	Answered bool // somebody was connected: it costs something
}

// Closure is the source of everything that a pinned session needs, by hash.
type Closure struct {
	ID     string
	Source []byte
}

// Key is an idempotency key of one scope and what its first use came to.
type Key struct {
	Scope, Key, Result string
	Expires            time.Time
}

// Commit is everything that one event changes. It is stored whole or not at all.
type Commit struct {
	// Session is the row as it shall be. With New it is inserted (ErrExists when
	// the id is there), otherwise it replaces the row at Rev-1 (ErrConflict when
	// the row is not there, is at another revision, or is inactive and would
	// become active).
	Session Session
	New     bool
	// History, a JSON array, becomes the history row of Session.Rev; nil = none.
	History []byte
	// Effects are added. Their Session may be left empty.
	Effects []Effect
	// Done are ids of this session's effects that are finished. They are removed;
	// one that is not there is no error.
	Done []string
	// Calls bind SIDs to legs. A SID that is bound to the same leg already is no
	// error; any other fails the whole commit with ErrSIDTaken: the first one
	// keeps it. Session may be left empty.
	Calls []Call
	// Prices are calls whose price is asked for from now on, and Priced are legs of
	// which it is known, or will never be. Their Session may be left empty.
	Prices []Price
	Priced []int
	// Closure is stored if it is not there yet.
	Closure *Closure
	// Key is taken in the same transaction. One that has not expired at
	// Session.Updated fails the whole commit with ErrKeyTaken.
	Key *Key
	// Reply: somebody waits for an answer (a webhook); goes before what may wait.
	Reply bool
}

// Filter chooses sessions. The zero Filter chooses all.
type Filter struct {
	Flow   string // "" = any
	State  string // one of the words in Session.States; "" = any
	Active *bool  // nil = both
	Limit  int    // at most so many; 0 = 1000
	Data   bool   // load Session.Data as well
}

// Stats tells how the store is doing. Oldest is how long the first waiting
// request has been waiting: more than 2 s means that new load should be refused.
type Stats struct {
	Queued  int
	Oldest  time.Duration
	Groups  uint64 // transactions since opening
	Commits uint64 // requests since opening, refused ones included
	Failed  error  // why the newest transaction failed; nil if it did not
}

// Pruned counts what Prune removed.
type Pruned struct{ Keys, Sessions, Closures int64 }

// parseEffectID takes "rev.n" apart.
func parseEffectID(id string) (rev, n int64, err error) {
	a, b, ok := strings.Cut(id, ".")
	if ok {
		if rev, err = strconv.ParseInt(a, 10, 64); err == nil {
			n, err = strconv.ParseInt(b, 10, 64)
		}
	}
	if !ok || err != nil || rev < 0 || n < 0 {
		return 0, 0, fmt.Errorf("effect id %q: %w: it must be \"rev.n\"", id, ErrInvalid)
	}
	return rev, n, nil
}

func formatEffectID(rev, n int64) string {
	return strconv.FormatInt(rev, 10) + "." + strconv.FormatInt(n, 10)
}

// toMicro and fromMicro keep the zero time as 0.
func toMicro(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicro(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
