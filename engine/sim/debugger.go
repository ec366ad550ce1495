package sim

import (
	_ "embed"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The levels of alerts.
const (
	LevelError   = "error"
	LevelWarning = "warning"
)

// Alert is a line of Twilio's debugger: an error or a warning with the request
// to the application and the answer that it is about, as far as there is one.
type Alert struct {
	SID     string // NO and 32 hexadecimal digits
	At      time.Time
	Code    int    // of Twilio's error dictionary
	Level   string // LevelError or LevelWarning
	Message string // the dictionary's words for the code
	Text    string // what it is here, with the place in the document where there is one
	Call    string // CallSid, "" for what concerns no call
	Method  string
	URL     string
	Params  url.Values
	Status  int // of the HTTP answer, 0 if there was none
	Body    string
}

// Alerts returns the debugger's log, oldest first.
func (s *Sim) Alerts() []Alert {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.alerts()
}

func (s *Sim) alerts() []Alert {
	var found []Alert
	for _, e := range s.log {
		if e.Kind == EntryWarning {
			found = append(found, e.alert())
		}
	}
	return found
}

func (e Entry) alert() Alert {
	return Alert{SID: fmt.Sprintf("NO%032x", e.Seq), At: e.At, Code: e.Code, Level: CodeLevel(e.Code), Message: CodeMessage(e.Code), Text: e.Text,
		Call: e.Call, Method: e.Method, URL: e.URL, Params: e.Params, Status: e.Status, Body: e.Body}
}

// codesFile lists the codes of Twilio's error dictionary that concern voice:
// code, level and words, separated by tabs.
//
//go:embed codes.tsv
var codesFile string

type codeInfo struct{ level, message string }

var codes = readCodes(codesFile)

func readCodes(file string) map[int]codeInfo {
	known := map[int]codeInfo{}
	for line := range strings.Lines(file) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		code, _ := strconv.Atoi(fields[0]) // the file is part of the program; a test reads all of it
		known[code] = codeInfo{fields[1], fields[2]}
	}
	return known
}

// CodeLevel returns whether Twilio has a code as an error or as a warning; a code
// that is not known here is an error.
func CodeLevel(code int) string {
	if info, ok := codes[code]; ok {
		return info.level
	}
	return LevelError
}

// CodeMessage returns the words of Twilio's error dictionary for a code, "" for one
// that is not known here.
func CodeMessage(code int) string { return codes[code].message }

// fetched is the last request for a document of a call with its answer: what an
// alert of the call is about.
type fetched struct {
	method, url string
	params      form
	status      int
	body        []byte
}

func (h *hook) fetched(answer reply) fetched {
	return fetched{h.method(), h.to.url, h.params, answer.status, answer.body}
}

// warn reports an error or a warning in the debugger; mu must be held.
func (c *Call) warn(code int, text string) { c.sim.alert(code, c.sid, "", text, c.fetched) }

// alert adds a line to the debugger's log.
func (s *Sim) alert(code int, call, room, text string, p fetched) {
	s.note(Entry{Kind: EntryWarning, Call: call, Room: room, Code: code, Text: text,
		Method: p.method, URL: p.url, Params: p.params.values(), Status: p.status, Body: string(p.body)})
}
