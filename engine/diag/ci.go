package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"strings"
)

// WriteGitHub writes the problems, sorted, as workflow commands of GitHub Actions, which
// shows them beside the lines of a change: one line each, with the hint in the message.
func WriteGitHub(w io.Writer, list List) error {
	var b bytes.Buffer
	for _, d := range list.Sorted() {
		properties := []string{}
		if d.Pos.File != "" {
			properties = append(properties, "file="+escapeProperty(d.Pos.File))
		}
		if d.Pos.Line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d", d.Pos.Line))
		}
		if d.Pos.Line > 0 && d.Pos.Column > 0 {
			properties = append(properties, fmt.Sprintf("col=%d", d.Pos.Column))
		}
		properties = append(properties, "title="+escapeProperty(d.Code))
		fmt.Fprintf(&b, "::%s %s::%s\n", d.Severity, strings.Join(properties, ","), escapeData(withHint(d)))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// withHint is the message with the hint on a line of its own.
func withHint(d Diagnostic) string {
	if d.Hint == "" {
		return d.Message
	}
	return d.Message + "\nHint: " + d.Hint
}

// escapeData keeps the message of a workflow command on its line.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// escapeProperty also keeps a property from ending early.
func escapeProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(s)
}

// The parts of SARIF 2.1.0 that are written.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID string `json:"id"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
)

// WriteSARIF writes the problems, sorted, as a SARIF 2.1.0 log with one run, for tools
// that collect the findings of checkers. The rules are the codes that occur, sorted.
func WriteSARIF(w io.Writer, list List) error {
	sorted := list.Sorted()
	codes := make([]string, 0, len(sorted))
	for _, d := range sorted {
		codes = append(codes, d.Code)
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	// Empty lists are written as [], not null: null says that nothing was checked.
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "ringdown", Rules: make([]sarifRule, 0, len(codes))}},
		ColumnKind: "unicodeCodePoints",
		Results:    make([]sarifResult, 0, len(sorted)),
	}
	for _, c := range codes {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{c})
	}
	for _, d := range sorted {
		index, _ := slices.BinarySearch(codes, d.Code)
		run.Results = append(run.Results, sarifResult{
			RuleID: d.Code, RuleIndex: index, Level: d.Severity.String(),
			Message: sarifMessage{withHint(d)}, Locations: sarifPlace(d.Pos),
		})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

// sarifPlace is the location of a place; none where the file is not known.
func sarifPlace(p Pos) []sarifLocation {
	if p.File == "" {
		return nil
	}
	at := sarifLocation{sarifPhysical{Artifact: sarifArtifact{fileURI(p.File)}}}
	if p.Line > 0 {
		at.Physical.Region = &sarifRegion{StartLine: p.Line, StartColumn: max(0, p.Column)}
	}
	return []sarifLocation{at}
}

// fileURI is the reference to a file: relative where the path is.
func fileURI(file string) string {
	u := url.URL{Path: file}
	if path.IsAbs(file) {
		u.Scheme = "file"
	}
	return u.String()
}
