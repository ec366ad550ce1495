package testrun

import (
	"slices"

	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/schema"
)

// Update gives test files the expectations that would hold, by file: new texts of those
// files that change. Comments and layout stay. What is no value under `expect` is left
// alone: a script that breaks off, texts that are not heard. The error says what cannot
// be rewritten.
func Update(folders []*Folder, results []*Result) (map[string][]byte, error) {
	edits := map[string][]schema.Edit{}
	var order []string
	for _, r := range results {
		for _, f := range r.Failures {
			if f.Fix == nil || rewritten(edits[r.File.Path], f.Fix.Node) {
				continue
			}
			if !slices.Contains(order, r.File.Path) {
				order = append(order, r.File.Path)
			}
			edits[r.File.Path] = append(edits[r.File.Path], schema.Edit{Node: f.Fix.Node, Want: f.Fix.Want})
		}
	}
	out := map[string][]byte{}
	for _, path := range order {
		for _, folder := range folders {
			src, ok := folder.Sources[path]
			if !ok {
				continue
			}
			text, err := schema.Rewrite(path, src, edits[path])
			if err != nil {
				return nil, err
			}
			out[path] = text
		}
	}
	return out, nil
}

// rewritten reports whether a value is changed already: an anchor that several cases use.
func rewritten(edits []schema.Edit, n *spec.Node) bool {
	return slices.ContainsFunc(edits, func(e schema.Edit) bool { return e.Node.Pos == n.Pos })
}
