package testrun

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Report is what is told of a run.
type Report struct {
	Results []*Result
	Took    time.Duration
}

// Failed counts the cases that do not hold.
func (r *Report) Failed() int {
	n := 0
	for _, one := range r.Results {
		if len(one.Failures) > 0 {
			n++
		}
	}
	return n
}

// Colours of a terminal.
const (
	red   = "\x1b[1;31m"
	green = "\x1b[32m"
	bold  = "\x1b[1m"
	dim   = "\x1b[2m"
	plain = "\x1b[0m"
)

func paint(on bool, color, text string) string {
	if !on {
		return text
	}
	return color + text + plain
}

// WriteText writes for people what has failed, and a line for all.
func (r *Report) WriteText(w io.Writer, color bool) error {
	var b strings.Builder
	flows := map[string]int{}
	var call time.Duration
	for _, one := range r.Results {
		flows[one.File.Flow.Name]++
		call += one.Call
		if len(one.Failures) > 0 {
			one.write(&b, color)
		}
	}
	word, verdict := green, "all hold"
	if n := r.Failed(); n > 0 {
		word, verdict = red, fmt.Sprintf("%d failed", n)
	}
	fmt.Fprintf(&b, "%s of %s: %s. %s of calls in %s\n", count(len(r.Results), "case"), count(len(flows), "flow"), paint(color, word, verdict),
		call.Round(time.Second), r.Took.Round(10*time.Millisecond))
	_, err := io.WriteString(w, b.String())
	return err
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// write tells of a case that has failed: what does not hold, then the call.
func (r *Result) write(b *strings.Builder, color bool) {
	fmt.Fprintf(b, "%s %s\n", paint(color, red, "FAIL"), paint(color, bold, r.Name()))
	for _, f := range r.Failures {
		fmt.Fprintf(b, "  %s: %s\n", paint(color, bold, f.Pos.String()), f.Message)
		for _, d := range f.Detail {
			fmt.Fprintf(b, "      %s\n", d)
		}
		if f.State != "" {
			fmt.Fprintf(b, "      %s\n", f.State)
		}
		if f.Faults != "" {
			fmt.Fprintf(b, "      under %s\n", f.Faults)
		}
	}
	if len(r.Script) > 0 {
		b.WriteString("  the call:\n")
		for _, line := range r.Script {
			fmt.Fprintf(b, "    %s\n", line)
		}
	}
	b.WriteString("\n")
}
