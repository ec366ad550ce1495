package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/steps"
	"github.com/ringdown/ringdown/engine/verbs"
)

// sourceFormat numbers the stored form of a closure's source. Forms that ever shipped
// stay readable.
const sourceFormat = 2

// storedSource is what is stored with the first session that runs on a closure: enough
// to compile it again when the file has changed or is gone.
type storedSource struct {
	Format   int          `json:"format"`
	Language int          `json:"language"`
	Files    []storedFile `json:"files"`
}

type storedFile struct {
	Name   string      `json:"name"`
	Text   string      `json:"text"`
	Shared *storedFile `json:"shared,omitempty"` // what it shares with other flows; since format 2
}

// closureID is the hash of what a flow means: its text, those of the flows that it runs,
// what these share with others, and the language version. It does not depend on the names of the files, so that it is
// the same on every node.
func closureID(u *unit, subs []*unit) string {
	h := sha256.New()
	fmt.Fprintf(h, "ringdown %d", engine.LanguageVersion)
	for _, part := range slices.Concat([]*unit{u}, subs) {
		fmt.Fprintf(h, "\n%d\n", len(part.text))
		h.Write(part.text)
		if part.shared != nil {
			fmt.Fprintf(h, "\nshared %d\n", len(part.shared.text))
			h.Write(part.shared.text)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}

// encodeSource is the stored form: the flow first, then those that it runs.
func encodeSource(u *unit, subs []*unit) []byte {
	var files []storedFile
	for _, part := range slices.Concat([]*unit{u}, subs) {
		f := storedFile{Name: part.file, Text: string(part.text)}
		if part.shared != nil {
			f.Shared = &storedFile{Name: part.shared.file, Text: string(part.shared.text)}
		}
		files = append(files, f)
	}
	b, err := json.Marshal(storedSource{sourceFormat, engine.LanguageVersion, files})
	if err != nil { // a struct of texts always encodes
		return nil
	}
	return b
}

func readSource(source []byte) (s storedSource, err error) {
	if err := json.Unmarshal(source, &s); err != nil {
		return s, fmt.Errorf("the stored flow cannot be read: %w", err)
	}
	if s.Format < 1 || s.Format > sourceFormat || s.Language != engine.LanguageVersion || len(s.Files) == 0 {
		return s, fmt.Errorf("the stored flow has format %d and language version %d with %d files; this program reads formats up to %d and version %d",
			s.Format, s.Language, len(s.Files), sourceFormat, engine.LanguageVersion)
	}
	return s, nil
}

// Compile compiles the stored source of a closure again, without the rules that are for
// people who write flows. env looks up the values of its variables on this node; nil
// knows none. The error says why it cannot be compiled.
func Compile(source []byte, env func(name string) (string, bool)) (*engine.Closure, error) {
	s, err := readSource(source)
	if err != nil {
		return nil, err
	}
	lang := newLanguage(verbs.All(), steps.All())
	units := make(map[string]*unit, len(s.Files))
	names := make([]string, len(s.Files)) // of different folders two files may be called the same
	for i, f := range s.Files {
		names[i] = strconv.Itoa(i)
		var from *shared
		if f.Shared != nil {
			from = lang.readShared(f.Shared.Name, []byte(f.Shared.Text))
		}
		units[names[i]] = lang.read(f.Name, []byte(f.Text), from)
	}
	flows := signatures(names, func(n string) *unit { return units[n] })
	byFlow := map[string]*unit{}
	for _, n := range names {
		u := units[n].compile(flows, false)
		if u.flow == nil {
			return nil, fmt.Errorf("the stored flow does not compile: %w", u.diags.Err())
		}
		byFlow[u.flow.Name] = u
	}
	var diags diag.List
	return NewLoader(Options{Env: env}).closure(cached{unit: units["0"]}, byFlow, &diags), nil
}
