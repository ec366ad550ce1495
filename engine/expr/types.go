// Package expr compiles and runs the expressions of flow files: conditions, and
// texts that hold ${...}. All names and types are known when a flow is checked,
// so that a misspelt variable is an error in a file and never a silent nothing in
// a call. Every evaluation has a budget.
//
// It is the only package that knows the expression library.
package expr

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/expr-lang/expr/checker/nature"
)

// Kind is the sort of a value as the checker sees it.
type Kind int

// The kinds. Any is untyped JSON and the zero value; no operator but == nil,
// != nil and ?? takes it. Number stands for whole and decimal numbers. Object has
// named fields, Map any fields.
const (
	Any Kind = iota
	Text
	Number
	Bool
	Duration
	Time
	List
	Object
	Map
	Nil
)

// String gives the word that messages use.
func (k Kind) String() string {
	words := [...]string{"untyped", "text", "number", "boolean", "duration", "time", "list", "object", "map", "nothing"}
	if k < 0 || int(k) >= len(words) {
		return "unknown"
	}
	return words[k]
}

// phrase is the kind in a sentence: a text, an object, nothing.
func (k Kind) phrase() string {
	switch k {
	case Any:
		return "untyped"
	case Nil:
		return "nothing"
	case Object:
		return "an object"
	}
	return "a " + k.String()
}

// Type is the static type of an expression. Elem is what a List or Map holds
// (nil: untyped), Fields are the names of an Object.
type Type struct {
	Kind   Kind
	Elem   *Type
	Fields map[string]Type
}

// Of returns the plain type of kind k.
func Of(k Kind) Type { return Type{Kind: k} }

// ObjectOf returns the type of an object with exactly these fields. The map must
// not be changed afterwards.
func ObjectOf(fields map[string]Type) Type { return Type{Kind: Object, Fields: fields} }

// ListOf returns the type of a list of elem.
func ListOf(elem Type) Type { return Type{Kind: List, Elem: &elem} }

// MapOf returns the type of a map from any name to elem.
func MapOf(elem Type) Type { return Type{Kind: Map, Elem: &elem} }

// String gives the word that messages use.
func (t Type) String() string { return t.Kind.String() }

func (t Type) elem() Type {
	if t.Elem == nil {
		return Type{}
	}
	return *t.Elem
}

// names lists the fields of an Object in order.
func (t Type) names() []string { return slices.Sorted(maps.Keys(t.Fields)) }

// nature is t in the words of the expression library.
func (t Type) nature() nature.Nature {
	switch t.Kind {
	case Text:
		return nature.NatureOf("")
	case Number:
		return nature.NatureOf(float64(0))
	case Bool:
		return nature.NatureOf(false)
	case Duration:
		return nature.NatureOf(time.Duration(0))
	case Time:
		return nature.NatureOf(time.Time{})
	case List:
		n, elem := nature.NatureOf([]any{}), t.elem().nature()
		n.Ref = &elem
		return n
	case Map:
		n, elem := nature.NatureOf(map[string]any{}), t.elem().nature()
		n.TypeData = &nature.TypeData{DefaultMapValue: &elem}
		return n
	case Object:
		return objectNature(t.Fields)
	case Nil:
		return nature.NatureOf(nil)
	}
	return nature.Nature{}
}

func objectNature(fields map[string]Type) nature.Nature {
	n := nature.NatureOf(map[string]any{})
	n.Strict = true
	n.TypeData = &nature.TypeData{Fields: make(map[string]nature.Nature, len(fields))}
	for name, t := range fields {
		n.Fields[name] = t.nature()
	}
	return n
}

// typeOf reads a type back from the library. The field names of objects are lost.
func typeOf(n *nature.Nature) Type {
	if n.Nil {
		return Of(Nil)
	}
	if n.Type == nil {
		return Type{}
	}
	switch n.Type {
	case reflect.TypeFor[time.Duration]():
		return Of(Duration)
	case reflect.TypeFor[time.Time]():
		return Of(Time)
	}
	switch n.Kind {
	case reflect.String:
		return Of(Text)
	case reflect.Bool:
		return Of(Bool)
	case reflect.Slice, reflect.Array:
		if n.Ref == nil {
			if n.Type.Elem().Kind() == reflect.String {
				return ListOf(Of(Text))
			}
			return Of(List)
		}
		return ListOf(typeOf(n.Ref))
	case reflect.Map:
		if n.Strict {
			return Of(Object)
		}
		return Of(Map)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return Of(Number)
	}
	return Type{}
}

// zero is the value of a typed name that has not been set: typed names are never
// nothing while a flow runs, which is what lets the operators rely on the types.
func zero(k Kind) any {
	switch k {
	case Text:
		return ""
	case Number:
		return float64(0)
	case Bool:
		return false
	case Duration:
		return time.Duration(0)
	case Time:
		return time.Time{}
	case List:
		return []any{}
	case Object, Map:
		return map[string]any{}
	}
	return nil
}

// kindOf is the kind of a run-time value.
func kindOf(v any) Kind {
	switch v.(type) {
	case nil:
		return Nil
	case string:
		return Text
	case bool:
		return Bool
	case int, float64:
		return Number
	case time.Duration:
		return Duration
	case time.Time:
		return Time
	case []any:
		return List
	case map[string]any:
		return Map
	}
	return Any
}
