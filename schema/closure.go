package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/steps"
	"github.com/ringdown/ringdown/engine/verbs"
)

// sourceFormat numbers the stored form of a closure's source. Forms that ever shipped
// stay readable.
const sourceFormat = 1

// storedSource is what is stored with the first session that runs on a closure: enough
// to compile it again when the file has changed or is gone.
type storedSource struct {
	Format   int          `json:"format"`
	Language int          `json:"language"`
	Files    []storedFile `json:"files"`
}

type storedFile struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// closureID is the hash of what a flow means: its text and the language version. It does
// not depend on the name of the file, so that it is the same on every node.
func closureID(src []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "ringdown %d\n%d\n", engine.LanguageVersion, len(src))
	h.Write(src)
	return hex.EncodeToString(h.Sum(nil))[:32]
}

func encodeSource(file string, src []byte) []byte {
	b, err := json.Marshal(storedSource{sourceFormat, engine.LanguageVersion, []storedFile{{file, string(src)}}})
	if err != nil { // a struct of texts always encodes
		return nil
	}
	return b
}

// Compile compiles the stored source of a closure again, without the rules that are for
// people who write flows. env looks up the values of its variables on this node; nil
// knows none. The error says why it cannot be compiled.
func Compile(source []byte, env func(name string) (string, bool)) (*engine.Closure, error) {
	var s storedSource
	if err := json.Unmarshal(source, &s); err != nil {
		return nil, fmt.Errorf("the stored flow cannot be read: %w", err)
	}
	if s.Format != sourceFormat || s.Language != engine.LanguageVersion || len(s.Files) != 1 {
		return nil, fmt.Errorf("the stored flow has format %d and language version %d with %d files; this program reads format %d and version %d with one",
			s.Format, s.Language, len(s.Files), sourceFormat, engine.LanguageVersion)
	}
	lang := newLanguage(verbs.All(), steps.All())
	u := lang.compileFile(s.Files[0].Name, []byte(s.Files[0].Text), false)
	if u.flow == nil {
		return nil, fmt.Errorf("the stored flow does not compile: %w", u.diags.Err())
	}
	l := NewLoader(Options{Env: env})
	return l.closure(cached{unit: u}, &u.diags), nil
}
