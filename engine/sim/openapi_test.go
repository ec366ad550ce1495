package sim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ringdown/ringdown/engine/sim"
)

// reference holds Twilio's OpenAPI documents beside the checkout; answers are
// checked against them where they are there.
const reference = "../../../shared/reference"

// openAPI is one of Twilio's OpenAPI documents.
type openAPI struct {
	doc      map[string]any
	compiler *jsonschema.Compiler
	url      string
}

// readOpenAPI reads a document, or returns nil where there is none.
func readOpenAPI(t *testing.T, name string) *openAPI {
	t.Helper()
	file, err := os.Open(filepath.Join(reference, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	doc, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	harden(doc)
	o := &openAPI{doc: doc.(map[string]any), compiler: jsonschema.NewCompiler(), url: "mem:" + name}
	o.compiler.AssertFormat()
	for format, valid := range map[string]func(string) bool{
		"date-time-rfc-2822": func(v string) bool { _, err := mail.ParseDate(v); return err == nil && strings.HasSuffix(v, "+0000") },
		"date-time": func(v string) bool {
			_, err := time.Parse(time.RFC3339, v)
			return err == nil && strings.HasSuffix(v, "Z")
		},
		// The 2010 API writes its own addresses without the host.
		"uri": func(v string) bool {
			u, err := url.Parse(v)
			return err == nil && (u.IsAbs() || strings.HasPrefix(v, "/"))
		},
	} {
		o.compiler.RegisterFormat(&jsonschema.Format{Name: format, Validate: func(v any) error {
			if s, ok := v.(string); ok && s != "" && !valid(s) {
				return fmt.Errorf("not a %s: %q", format, s)
			}
			return nil
		}})
	}
	if err := o.compiler.AddResource(o.url, doc); err != nil {
		t.Fatal(err)
	}
	return o
}

// undocumented are fields that Twilio's answers have in places where its document
// does not know them.
var undocumented = []string{"annotation", "media_url", "subresource_uris", "track", "type"}

// harden turns OpenAPI 3.0 schemas into JSON Schemas in place, stricter than they
// are: an answer must have every field that the document knows, and no other.
func harden(node any) {
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			harden(child)
		}
	case map[string]any:
		for key, child := range n {
			if key != "example" && key != "examples" && key != "requestBody" {
				harden(child)
			}
		}
		if ref, ok := n["$ref"]; ok {
			delete(n, "$ref")
			n["anyOf"] = []any{map[string]any{"$ref": ref}, map[string]any{"type": "null"}}
		}
		if kind, ok := n["type"].(string); ok && n["nullable"] == true {
			n["type"] = []any{kind, "null"}
			if enum, ok := n["enum"].([]any); ok {
				n["enum"] = append(enum, nil)
			}
		}
		if properties, ok := n["properties"].(map[string]any); ok && n["type"] != nil {
			var names []any
			for name := range properties {
				names = append(names, name)
			}
			if n["format"] != "ice-server" { // a STUN server has no credential
				n["required"] = names
			}
			n["additionalProperties"] = false
			for _, name := range undocumented {
				if properties[name] == nil {
					properties[name] = map[string]any{}
				}
			}
		}
	}
}

// operation finds the operation of a request by its path.
func (o *openAPI) operation(method, path string) (template string, op map[string]any) {
	paths := o.doc["paths"].(map[string]any)
	best := -1
	for candidate, item := range paths {
		_, ok := item.(map[string]any)[strings.ToLower(method)]
		literal, fits := fitsTemplate(candidate, path)
		if ok && fits && literal > best {
			template, best = candidate, literal
		}
	}
	if best < 0 {
		return "", nil
	}
	return template, paths[template].(map[string]any)[strings.ToLower(method)].(map[string]any)
}

// fitsTemplate compares part by part, and counts the literal ones.
func fitsTemplate(template, path string) (int, bool) {
	want, got := strings.Split(strings.TrimSuffix(template, ".json"), "/"), strings.Split(strings.TrimSuffix(path, ".json"), "/")
	if len(want) != len(got) {
		return 0, false
	}
	literal := 0
	for i := range want {
		switch {
		case want[i] == got[i]:
			literal++
		case !strings.HasPrefix(want[i], "{"):
			return 0, false
		}
	}
	return literal, true
}

// validate checks an answer; the document may know several statuses.
func (o *openAPI) validate(method, path string, status int, body []byte) error {
	template, op := o.operation(method, path)
	if op == nil {
		return fmt.Errorf("the OpenAPI document has no %s %s", method, path)
	}
	code := fmt.Sprint(status)
	responses := op["responses"].(map[string]any)
	if responses[code] == nil {
		return fmt.Errorf("status %d, the document knows %v", status, keys(responses))
	}
	if status == http.StatusNoContent {
		if len(body) > 0 {
			return fmt.Errorf("a body with 204: %s", body)
		}
		return nil
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
	at := o.url + "#/paths/" + escape.Replace(template) + "/" + strings.ToLower(method) + "/responses/" + code + "/content/application~1json/schema"
	schema, err := o.compiler.Compile(at)
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

func keys(m map[string]any) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// apiScene is a world whose endpoints are asked one after the other.
type apiScene struct {
	*world
	t       *testing.T
	docs    []*openAPI // 2010 and TaskRouter
	covered map[string]bool
}

// ask makes a request that must succeed, as a test of its own, and returns the answer.
func (a *apiScene) ask(method, path string, form url.Values) map[string]any {
	a.t.Helper()
	if !strings.HasPrefix(path, "/v1/") && !strings.HasPrefix(path, "/2010-04-01/") {
		path = "/2010-04-01/Accounts/" + a.AccountSID() + path
	}
	bare, _, _ := strings.Cut(path, "?")
	var answer map[string]any
	a.t.Run(routeOf(method, bare), func(t *testing.T) {
		status, body := a.request(method, path, form)
		if status < 200 || status > 299 {
			t.Fatalf("%s %s %v: %d %s", method, path, form, status, body)
		}
		a.covered[routeOf(method, bare)] = true
		_ = json.Unmarshal(body, &answer)
		doc := a.docs[0]
		if strings.HasPrefix(path, "/v1/") {
			doc = a.docs[1]
		}
		if doc == nil {
			t.Skip("no OpenAPI documents beside the checkout: only the status was checked")
		}
		if err := doc.validate(method, bare, status, body); err != nil {
			t.Errorf("%s %s %v: %v\n%s", method, path, form, err, body)
		}
	})
	return answer
}

// routeOf is the method and the resource of a request.
func routeOf(method, path string) string {
	found, best := "", -1
	for _, r := range sim.Resources() {
		if literal, ok := fitsTemplate(r.Path, path); ok && slices.Contains(r.Methods, method) && literal > best {
			found, best = method+" "+r.Path, literal
		}
	}
	return found
}

// field is a string field of an answer.
func field(answer map[string]any, name string) string {
	v, _ := answer[name].(string)
	return v
}

// TestEveryEndpoint asks every endpoint of the simulator at least once over HTTP,
// each with a scene behind it, and checks the answers against Twilio's OpenAPI
// documents. An endpoint that no scene asks fails the test.
func TestEveryEndpoint(t *testing.T) {
	docs := []*openAPI{readOpenAPI(t, "twilio_api_v2010.json"), readOpenAPI(t, "twilio_taskrouter_v1.json")}
	covered := map[string]bool{}
	for _, scene := range []struct {
		name string
		play func(*apiScene)
	}{
		{"calls", callScene}, {"conferences", conferenceScene}, {"queues", queueScene}, {"recordings", recordingScene},
		{"messages", messageScene}, {"numbers", numberScene}, {"account", accountScene}, {"workspaces", workspaceScene}, {"tasks", taskScene},
	} {
		t.Run(scene.name, func(t *testing.T) {
			w := newWorld(t, sim.Options{CPS: 100}, map[string]string{"/x": `<Pause length="3000"/>`, "/done": "", "/hold": `<Play>/music.mp3</Play>`})
			scene.play(&apiScene{world: w, t: t, docs: docs, covered: covered})
		})
	}
	for _, r := range sim.Resources() {
		for _, method := range r.Methods {
			if !covered[method+" "+r.Path] {
				t.Errorf("no scene asks %s %s", method, r.Path)
			}
		}
	}
}
