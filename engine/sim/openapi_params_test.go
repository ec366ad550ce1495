package sim_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/sim"
)

// TestEveryParameter: each parameter that Twilio's OpenAPI documents know for an
// endpoint of the simulator is known to it, and no other.
func TestEveryParameter(t *testing.T) {
	t.Parallel()
	docs := []*openAPI{readOpenAPI(t, "twilio_api_v2010.json"), readOpenAPI(t, "twilio_taskrouter_v1.json")}
	if docs[0] == nil || docs[1] == nil {
		t.Skip("no OpenAPI documents beside the checkout")
	}
	// In prose, not in the document: a recording's media takes RequestedChannels,
	// and Participants refuses AsyncAmd with a warning of its own.
	extra := map[string]string{"GET Recordings/{Sid}": "RequestedChannels", "POST Conferences/{ConferenceSid}/Participants": "AsyncAmd",
		"GET Calls/{CallSid}/Recordings/{Sid}": "IncludeSoftDeleted", "POST IncomingPhoneNumbers/Local": "AreaCode",
		"POST IncomingPhoneNumbers/Mobile": "AreaCode", "POST IncomingPhoneNumbers/TollFree": "AreaCode"}
	for _, r := range sim.Resources() {
		doc := docs[0]
		if strings.HasPrefix(r.Path, "/v1/") {
			doc = docs[1]
		}
		for method, got := range map[string][]string{"GET": r.Filters, "POST": r.Takes} {
			short := method + " " + strings.TrimPrefix(r.Path, "/2010-04-01/Accounts/{AccountSid}/")
			if !slices.Contains(r.Methods, method) {
				continue
			}
			want := doc.parameters(method, r.Path)
			for _, name := range want {
				if !slices.Contains(got, name) {
					t.Errorf("%s: does not know %s", short, name)
				}
			}
			for _, name := range got {
				if !slices.Contains(want, name) && extra[short] != name {
					t.Errorf("%s: knows %s, which the document does not", short, name)
				}
			}
		}
	}
}

// parameters are the names of the query or form parameters of an operation; the
// numbered ones count as one.
func (o *openAPI) parameters(method, path string) []string {
	_, op := o.operation(method, path)
	var names []string
	list, _ := op["parameters"].([]any)
	for _, p := range list {
		if p := p.(map[string]any); p["in"] == "query" {
			names = append(names, p["name"].(string))
		}
	}
	body, _ := op["requestBody"].(map[string]any)
	content, _ := body["content"].(map[string]any)
	encoded, _ := content["application/x-www-form-urlencoded"].(map[string]any)
	schema, _ := encoded["schema"].(map[string]any)
	properties, _ := schema["properties"].(map[string]any)
	for name := range properties {
		if strings.HasPrefix(name, "Parameter") && strings.Contains(name, ".") {
			name = "ParameterN"
		}
		names = append(names, name)
	}
	return names
}
