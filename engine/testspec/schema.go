package testspec

import (
	"encoding/json"
	"fmt"

	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/spec"
)

var (
	textSchema    = spec.Schema{"type": []any{"string", "number", "boolean"}}
	onOffSchema   = spec.Schema{"enum": []any{"on", "off", true, false}}
	nameSchema    = spec.Schema{"type": "string", "pattern": `^[a-z][a-z0-9_-]{0,49}$`}
	mocksSchema   = spec.Schema{"type": "array", "items": ref("mock")}
	answersSchema = spec.Schema{"anyOf": []any{ref("answer"), spec.Schema{"type": "array", "minItems": 1, "items": ref("answer")}}}
)

func ref(def string) spec.Schema { return spec.Schema{"$ref": "#/$defs/" + def} }

func mapSchema(value spec.Schema) spec.Schema {
	return spec.Schema{"type": "object", "additionalProperties": value}
}

func listOf(item spec.Schema) spec.Schema { return spec.Schema{"type": "array", "items": item} }

func oneOrList(item spec.Schema) spec.Schema { return spec.Schema{"anyOf": []any{item, listOf(item)}} }

// Schema is the JSON Schema of test files.
func Schema() spec.Schema {
	root := FileObject.Schema()
	root["$id"] = "https://ringdown.dev/schema/test.schema.json"
	root["title"] = "Tests of a Ringdown flow"
	root["$defs"] = spec.Schema{
		"duration": spec.Schema{"type": "string", "pattern": `^([0-9]+(\.[0-9]+)?(h|m|s|ms))+$`, "examples": []any{"500ms", "30s", "1h30m"}},
		"mock":     MockObject.Schema(),
		"answer":   AnswerObject.Schema(),
		"expect":   ExpectObject.Schema(),
		"line":     lineSchema(),
	}
	return root
}

// Text writes a value as a test file does.
func Text(v any) string {
	if text, err := expr.FormatText(v); err == nil {
		return text
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
