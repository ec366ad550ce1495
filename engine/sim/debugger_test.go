package sim

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/twiml"
)

// TestCodesAreTwilios compares the table with Twilio's dictionary.
func TestCodesAreTwilios(t *testing.T) {
	t.Parallel()
	f, err := os.Open("../../../shared/reference/twilio_error_codes_voice.tsv")
	if err != nil {
		t.Skip("no reference beside the checkout")
	}
	defer f.Close()
	lines := map[string]bool{}
	for rows := bufio.NewScanner(f); rows.Scan(); {
		if part := strings.Split(rows.Text(), "\t"); len(part) > 3 {
			lines[part[0]+"\t"+strings.ToLower(part[1])+"\t"+part[3]] = true
		}
	}
	for line := range strings.Lines(codesFile) {
		if !lines[strings.TrimSpace(line)] {
			t.Errorf("not in the dictionary: %s", line)
		}
	}
}

// TestCodesOfTwiML: whatever the checker reports has words and a level.
func TestCodesOfTwiML(t *testing.T) {
	t.Parallel()
	all := []int{twiml.CodeMarkup, twiml.CodeRoot, twiml.CodeSchema, twiml.CodeTooLarge, codeURL, codeRetrieval, codeRefused, codeConnection, codeProtocol, codeRedirects, codeContentType}
	for _, spec := range twiml.All() {
		all = append(all, spec.NestCode, spec.Text.Code, spec.Text.CodeShort)
		for i := range spec.Attrs {
			all = append(all, spec.Attrs[i].Code)
		}
	}
	for _, code := range all {
		if code != 0 && CodeMessage(code) == "" {
			t.Errorf("%d is not in codes.tsv", code)
		}
	}
	if CodeLevel(1) != LevelError || CodeLevel(12200) != LevelWarning {
		t.Error("wrong level")
	}
}
