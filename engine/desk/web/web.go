// Package web plays a desk for a page: what happens on its phones goes to the stream that
// pages read, and what people do on the page comes back as requests under Path. The page
// itself is that of package console, which shows phones where a desk is.
package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/ringdown/ringdown/engine/desk"
)

// Path is where the requests of the page go.
const Path = "/desk/"

// Events of the stream.
const (
	eventPhone   = "phone"   // a PhoneView without lines has changed
	eventLine    = "line"    // a line is added to a phone's transcript
	eventTraffic = "traffic" // an exchange of a session was added
)

// Bounds of what is kept.
const (
	maxLines = 300
	maxText  = 4000 // of a line, in bytes
)

// Web is the page's side of a desk.
type Web struct {
	desk    *desk.Desk
	traffic traffic
	media   media

	mu     sync.Mutex
	phones map[int]*phone
}

// phone is what the page is shown of a phone.
type phone struct {
	told  PhoneView
	lines []Line // the newest
	next  int
}

// PhoneView is a phone.
type PhoneView struct {
	Number    int       `json:"number"`
	Name      string    `json:"name"`
	Address   string    `json:"address"`
	State     string    `json:"state"` // idle, calling, ringing or talking
	With      []string  `json:"with,omitempty"`
	Room      string    `json:"room,omitempty"`
	From      string    `json:"from,omitempty"` // who calls
	Listening bool      `json:"listening,omitempty"`
	Up        time.Time `json:"up,omitzero"`
	Lines     []Line    `json:"lines,omitempty"`
}

func (p PhoneView) equal(o PhoneView) bool {
	return p.Number == o.Number && p.Name == o.Name && p.Address == o.Address && p.State == o.State && p.Room == o.Room &&
		p.From == o.From && p.Listening == o.Listening && p.Up.Equal(o.Up) && slices.Equal(p.With, o.With)
}

// Line is one line of a phone's transcript: an event of the desk.
type Line struct {
	N      int       `json:"n"` // from 1, without gaps
	At     time.Time `json:"at"`
	Kind   desk.Kind `json:"kind"`
	Text   string    `json:"text,omitempty"`
	Lang   string    `json:"lang,omitempty"` // of the words, if it is known
	From   string    `json:"from,omitempty"`
	To     string    `json:"to,omitempty"`
	Flow   string    `json:"flow,omitempty"`
	Took   float64   `json:"took,omitempty"` // seconds
	Called bool      `json:"called,omitempty"`
}

// New plays a desk for pages until ctx ends.
func New(ctx context.Context, d *desk.Desk) *Web {
	w := &Web{desk: d, phones: map[int]*phone{}}
	w.traffic.tell = func(e Exchange) { d.Stream().Publish(eventTraffic, e.head()) }
	d.Subscribe(w.take)
	d.Mount(Path, w.handler())
	go w.watch(ctx)
	return w
}

// take adds what an event tells to the transcript of its phone.
func (w *Web) take(e desk.Event) {
	if e.Request != nil {
		w.traffic.add(e)
		return
	}
	if e.Kind == desk.Music {
		w.media.allow(e.Text)
	}
	if e.Phone == 0 {
		return
	}
	line := Line{
		At: e.At, Kind: e.Kind, Text: e.Text[:min(len(e.Text), maxText)], Lang: e.Language, From: e.From, To: e.To, Flow: e.Flow,
		Took: e.Took.Seconds(), Called: e.Called,
	}
	w.look()
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.phone(e.Phone)
	p.next++
	line.N = p.next
	p.lines = append(p.lines, line)
	if len(p.lines) > maxLines {
		p.lines = append(p.lines[:0], p.lines[len(p.lines)-maxLines:]...)
	}
	w.desk.Stream().Publish(eventLine, map[string]any{"phone": e.Phone, "line": line})
}

// phone gives the phone with that number, a new one if need be: w.mu is held.
func (w *Web) phone(number int) *phone {
	p := w.phones[number]
	if p == nil {
		p = &phone{}
		w.phones[number] = p
	}
	return p
}

// watch tells of phones that have changed without an event of their own: somebody else
// has come to the other end, or a question waits for keys.
func (w *Web) watch(ctx context.Context) {
	for {
		changed := w.desk.Changed()
		w.look()
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// look tells of all phones that have changed.
func (w *Web) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, is := range w.desk.Phones() {
		view, p := viewPhone(is), w.phone(is.Number)
		if !view.equal(p.told) {
			p.told = view
			w.desk.Stream().Publish(eventPhone, view)
		}
	}
}

func viewPhone(p desk.Phone) PhoneView {
	return PhoneView{
		Number: p.Number, Name: p.Name, Address: p.Address, State: p.State, With: p.With, Room: p.Room, From: p.From,
		Listening: p.Listening, Up: p.Up,
	}
}

func (w *Web) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path+"phones", w.listPhones)
	mux.HandleFunc("POST "+Path+"call", w.call)
	mux.HandleFunc("POST "+Path+"phones/{number}/{action}", w.act)
	mux.HandleFunc("POST "+Path+"sessions/{id}/save", w.save)
	mux.HandleFunc("GET "+Path+"traffic", w.listTraffic)
	mux.HandleFunc("GET "+Path+"traffic/{number}", w.showTraffic)
	mux.HandleFunc("GET "+Path+"media", w.media.ServeHTTP)
	mux.HandleFunc("GET "+Path+"billing", w.showBilling)
	mux.HandleFunc("PUT "+Path+"billing", w.setBilling)
	return mux
}

func (w *Web) listPhones(rw http.ResponseWriter, _ *http.Request) {
	w.look()
	w.mu.Lock()
	list := make([]PhoneView, 0, len(w.phones))
	for _, p := range w.phones {
		v := p.told
		v.Lines = slices.Clone(p.lines)
		list = append(list, v)
	}
	w.mu.Unlock()
	slices.SortFunc(list, func(a, b PhoneView) int { return a.Number - b.Number })
	reply(rw, map[string]any{"you": desk.You, "now": w.desk.Now(), "phones": list})
}

// call lets a phone call a number or a flow.
func (w *Web) call(rw http.ResponseWriter, r *http.Request) {
	var body struct {
		To    string            `json:"to"`
		From  string            `json:"from"`
		Input map[string]string `json:"input"`
	}
	if !read(rw, r, &body) {
		return
	}
	number, err := w.desk.Call(body.To, body.From, body.Input)
	if err != nil {
		refuse(rw, http.StatusUnprocessableEntity, err.Error())
		return
	}
	reply(rw, map[string]any{"phone": number})
}

// act does something on a phone.
func (w *Web) act(rw http.ResponseWriter, r *http.Request) {
	number, err := strconv.Atoi(r.PathValue("number"))
	if err != nil {
		refuse(rw, http.StatusNotFound, desk.ErrNoPhone.Error())
		return
	}
	var body struct {
		Keys     string `json:"keys"`
		Text     string `json:"text"`
		Greeting string `json:"greeting"`
	}
	if !read(rw, r, &body) {
		return
	}
	switch r.PathValue("action") {
	case "answer":
		err = w.desk.Answer(number)
	case "decline":
		err = w.desk.Decline(number)
	case "machine":
		err = w.desk.Machine(number, body.Greeting)
	case "press":
		err = w.desk.Press(number, body.Keys)
	case "say":
		err = w.desk.Say(number, body.Text)
	case "hangup":
		err = w.desk.Hangup(number)
	default:
		http.NotFound(rw, r)
		return
	}
	switch {
	case errors.Is(err, desk.ErrNoPhone):
		refuse(rw, http.StatusNotFound, err.Error())
	case err != nil:
		refuse(rw, http.StatusConflict, err.Error())
	default:
		reply(rw, map[string]any{})
	}
}

// save makes a test case of a session that is over.
func (w *Web) save(rw http.ResponseWriter, r *http.Request) {
	var body struct {
		Name string `json:"name"`
	}
	if !read(rw, r, &body) {
		return
	}
	saved, err := w.desk.Save(r.Context(), r.PathValue("id"), body.Name, "")
	if err != nil {
		refuse(rw, http.StatusUnprocessableEntity, err.Error())
		return
	}
	reply(rw, map[string]any{"file": saved.File, "name": saved.Name, "text": saved.Text})
}

// showBilling gives the state of the billing service that the desk plays.
func (w *Web) showBilling(rw http.ResponseWriter, _ *http.Request) {
	balance, refuse := w.desk.Bank().State()
	reply(rw, map[string]any{"balance": balance, "refuse": refuse})
}

func (w *Web) setBilling(rw http.ResponseWriter, r *http.Request) {
	var body struct {
		Balance string `json:"balance"`
		Refuse  bool   `json:"refuse"`
	}
	if !read(rw, r, &body) {
		return
	}
	if err := w.desk.Bank().SetBalance(body.Balance); err != nil {
		refuse(rw, http.StatusUnprocessableEntity, err.Error())
		return
	}
	w.desk.Bank().Refuse(body.Refuse)
	w.showBilling(rw, r)
}
