package testrun

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"strings"
	"time"
)

// The forms of a report for programs. Their words are for ever.
type (
	jsonReport struct {
		Cases   []jsonCase `json:"cases"`
		Failed  int        `json:"failed"`
		Seconds float64    `json:"seconds"` // that it took
	}
	jsonCase struct {
		Flow        string        `json:"flow"`
		Name        string        `json:"name"`
		File        string        `json:"file"`
		Line        int           `json:"line"`
		OK          bool          `json:"ok"`
		CallSeconds float64       `json:"call_seconds"` // of the case's own time
		Seconds     float64       `json:"seconds"`      // that it took to play
		Failures    []jsonFailure `json:"failures,omitempty"`
		Transcript  []string      `json:"transcript,omitempty"`
	}
	jsonFailure struct {
		File    string   `json:"file"`
		Line    int      `json:"line"`
		Column  int      `json:"column"`
		Message string   `json:"message"`
		Detail  []string `json:"detail,omitempty"`
		State   string   `json:"state,omitempty"`
		Faults  string   `json:"faults,omitempty"`
	}
)

// WriteJSON writes the results for programs.
func (r *Report) WriteJSON(w io.Writer) error {
	out := jsonReport{Cases: make([]jsonCase, 0, len(r.Results)), Failed: r.Failed(), Seconds: r.Took.Seconds()}
	for _, one := range r.Results {
		c := jsonCase{
			Flow: one.File.Flow.Name, Name: one.Case.Name, File: one.File.Path, Line: one.Case.Pos.Line, OK: len(one.Failures) == 0,
			CallSeconds: one.Call.Seconds(), Seconds: one.Took.Seconds(), Transcript: one.Script,
		}
		for _, f := range one.Failures {
			c.Failures = append(c.Failures, jsonFailure{f.Pos.File, f.Pos.Line, f.Pos.Column, f.Message, f.Detail, f.State, f.Faults})
		}
		out.Cases = append(out.Cases, c)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(out)
}

type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Time     float64      `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		File     string      `xml:"file,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Time     float64     `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr"`
		Time    float64       `xml:"time,attr"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// WriteJUnit writes the results as JUnit does: a suite for each test file.
func (r *Report) WriteJUnit(w io.Writer) error {
	all := junitSuites{Tests: len(r.Results), Failures: r.Failed(), Time: seconds(r.Took)}
	for _, one := range r.Results {
		if n := len(all.Suites); n == 0 || all.Suites[n-1].File != one.File.Path {
			all.Suites = append(all.Suites, junitSuite{Name: one.File.Flow.Name, File: one.File.Path})
		}
		s := &all.Suites[len(all.Suites)-1]
		c := junitCase{Name: one.Case.Name, Class: one.File.Flow.Name, File: one.File.Path, Line: one.Case.Pos.Line, Time: seconds(one.Took)}
		s.Tests++
		s.Time += c.Time
		if len(one.Failures) > 0 {
			var text strings.Builder
			one.write(&text, false)
			c.Failure = &junitFailure{one.Failures[0].Message, text.String()}
			s.Failures++
		}
		s.Cases = append(s.Cases, c)
	}
	text, err := xml.MarshalIndent(all, "", "  ")
	if err == nil {
		_, err = io.WriteString(w, xml.Header+string(text)+"\n")
	}
	return err
}

func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
