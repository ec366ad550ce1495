package schema

import (
	"bytes"
	"encoding/json"

	"github.com/ringdown/ringdown/engine/spec"
	"github.com/ringdown/ringdown/engine/steps"
	"github.com/ringdown/ringdown/engine/verbs"
)

// schemaID names the schema; it is an identifier, not an address.
const schemaID = "https://ringdown.dev/schema/flow.schema.json"

// JSONSchema returns the JSON Schema (draft 2020-12) of flow files as indented text: the
// same on every call, with a line end. It says less than the checker: an editor that
// reads a value of YAML as a number or a boolean sees what the flow sees as its text.
func JSONSchema() ([]byte, error) {
	return encodeSchema(newLanguage(verbs.All(), steps.All()).jsonSchema())
}

func encodeSchema(root spec.Schema) ([]byte, error) {
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(root); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func (l *language) jsonSchema() spec.Schema {
	root := l.file.Schema()
	root["$id"] = schemaID
	root["title"] = "Ringdown flow"
	defs := l.defs()
	for _, k := range l.verbs {
		defs["verb-"+k.Name] = withExample(k.Schema, k.Doc, k.Example)
	}
	root["$defs"] = defs
	return root
}

// defs are the shared parts, by the names that declarations refer to.
func (l *language) defs() spec.Schema {
	text := anyScalar()
	steps := spec.Schema{"type": "array", "items": ref("step")}
	target := spec.Schema{"anyOf": []any{ref("label"), ref("steps")}, "description": "a state, hangup, return, accept, or a list of steps"}
	return spec.Schema{
		"identifier":       spec.Schema{"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"},
		"label":            spec.Schema{"type": "string", "pattern": "^[a-z][a-z0-9-]{0,39}$"},
		"duration":         spec.Schema{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(h|m|s|ms))+$`, "examples": []any{"500ms", "30s", "1h30m"}},
		"prompt":           spec.Schema{"anyOf": []any{text, ref("prompt-item"), spec.Schema{"type": "array", "items": spec.Schema{"anyOf": []any{text, ref("prompt-item")}}}}},
		"prompt-item":      spec.PromptItemSchema(),
		"prompt-or-object": spec.Schema{"anyOf": []any{ref("prompt"), spec.Schema{"type": "object", "additionalProperties": ref("prompt")}}},
		"dial-to":          spec.Schema{"anyOf": []any{spec.Schema{"type": "string"}, ref("dial-party"), spec.Schema{"type": "array", "minItems": 1, "items": spec.Schema{"anyOf": []any{spec.Schema{"type": "string"}, ref("dial-party")}}}}},
		"dial-party":       spec.Schema{"type": "object", "required": []any{"to"}, "properties": spec.Schema{"to": spec.Schema{"type": "string"}}},
		"target":           target,
		"handlers":         spec.Schema{"type": "object", "propertyNames": spec.Schema{"pattern": `^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9-]*)?$`}, "additionalProperties": ref("target")},
		"steps":            steps,
		"step":             l.stepSchema(),
		"state":            l.stateSchema(),
	}
}

// stepSchema is a mapping with one action and, optionally, `if`.
func (l *language) stepSchema() spec.Schema {
	props := spec.Schema{"if": spec.Schema{"type": []any{"string", "boolean"}, "description": "only when this expression is true"}}
	actions := make([]any, 0, len(l.steps))
	for _, k := range l.steps {
		props[k.Name] = withExample(k.Schema, k.Doc, k.Example)
		actions = append(actions, spec.Schema{"required": []any{k.Name}})
	}
	return spec.Schema{"type": "object", "properties": props, "additionalProperties": false, "oneOf": actions}
}

// stateSchema allows at most one verb.
func (l *language) stateSchema() spec.Schema {
	s := l.state.Schema()
	var pairs []any
	for i, a := range l.verbs {
		for _, b := range l.verbs[i+1:] {
			pairs = append(pairs, spec.Schema{"required": []any{a.Name, b.Name}})
		}
	}
	if len(pairs) > 0 {
		s["not"] = spec.Schema{"anyOf": pairs}
	}
	return s
}

// withExample adds what an editor shows beside a word.
func withExample(s spec.Schema, doc, example string) spec.Schema {
	out := spec.Schema{}
	for k, v := range s {
		out[k] = v
	}
	if example != "" {
		doc += " Example: " + example
	}
	if doc != "" {
		out["description"] = doc
	}
	return out
}
