package spec

import "github.com/ringdown/ringdown/engine/diag"

// Detection is a place where the flow asks who answers a call.
type Detection struct {
	Leg    string
	Mode   string // as written: Enable, DetectMessageEnd or computed
	Sync   bool   // certainly: the result is there before the first state
	State  string // where the call begins, "" for a dialled party
	Screen string // where its party is asked first
	Pos    diag.Pos
}

// Detect records that the flow asks who answers a call.
func (d *Decoder) Detect(found Detection) { d.Detections = append(d.Detections, found) }

// Inline is a place where the first document of a call travels with its request.
type Inline struct {
	State   string
	Detects bool // synchronously who answers
	Pos     diag.Pos
}

// ScreenedBy says what a screening belongs to.
type ScreenedBy string

// A placed call is screened in a document of its own, a dialled party in one that may
// hold less.
const (
	ByCall ScreenedBy = "call"
	ByDial ScreenedBy = "dial"
)

// Screening is a place where a state is named in which a called party is asked whether
// it takes the call.
type Screening struct {
	State string
	By    ScreenedBy
	Use   Use
}

// Screening says that the state of the field screens a called party.
func (f Field[T]) Screening(by ScreenedBy) Field[T] {
	inner := f.decode
	f.decode = func(d *Decoder, n *Node, dst *T) {
		before := len(d.Referred)
		inner(d, n, dst)
		for _, u := range d.Referred[before:] {
			d.Screenings = append(d.Screenings, Screening{State: u.Name, By: by, Use: u})
		}
	}
	return f
}
