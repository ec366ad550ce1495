package server

import (
	"net/http"
	"time"

	"github.com/ringdown/ringdown/engine/diag"
)

// EventFiles is the event of the stream whose data is the FilesView after a load.
const EventFiles = "files"

// FilesView says what came of loading the flow files, newest first. The version in force
// is that of the newest load that is Good.
type FilesView struct {
	Folder string     `json:"folder"`
	Flows  int        `json:"flows"` // in force
	Loads  []LoadView `json:"loads"`
}

// LoadView is one load of the flow folder.
type LoadView struct {
	At       time.Time     `json:"at"`
	Good     bool          `json:"good"` // it is, or was, in force
	Added    []string      `json:"added,omitempty"`
	Changed  []string      `json:"changed,omitempty"`
	Removed  []string      `json:"removed,omitempty"`
	Changes  []string      `json:"changes,omitempty"` // what that means, in words
	Error    string        `json:"error,omitempty"`   // of a load that has no problems to show
	Problems []ProblemView `json:"problems,omitempty"`
}

// ProblemView is one problem of a flow file.
type ProblemView struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Source   string `json:"source,omitempty"` // the line as it was
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
}

// ViewProblems gives the problems, sorted. line gives the source of a place.
func ViewProblems(list diag.List, line func(diag.Pos) string) []ProblemView {
	views := make([]ProblemView, 0, len(list))
	for _, d := range list.Sorted() {
		views = append(views, ProblemView{
			Severity: d.Severity.String(), Code: d.Code, File: d.Pos.File, Line: d.Pos.Line, Column: d.Pos.Column,
			Source: line(d.Pos), Message: d.Message, Hint: d.Hint,
		})
	}
	return views
}

func (s *Server) showFiles(w http.ResponseWriter, _ *http.Request) {
	if s.cfg.Files == nil {
		refuse(w, http.StatusNotFound, "not-found", "there is no such resource")
		return
	}
	reply(w, http.StatusOK, s.cfg.Files())
}
