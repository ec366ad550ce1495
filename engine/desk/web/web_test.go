package web_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ringdown/ringdown/engine/desk"
	"github.com/ringdown/ringdown/engine/desk/web"
)

// ask sends a request as the page does, unless headers say otherwise.
func ask(t *testing.T, d *desk.Desk, method, path, body string, headers ...string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, d.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text), res.Header
}

// TestGuard: only the page on this machine plays with the phones.
func TestGuard(t *testing.T) {
	t.Parallel()
	d, _ := openDesk(t, 100)
	port := d.URL()[strings.LastIndexByte(d.URL(), ':'):]
	tests := []struct {
		name    string
		headers []string
		want    int
	}{
		{"the page", nil, 200},
		{"the page, by name", []string{"Host", "localhost" + port}, 200},
		{"a name that leads here", []string{"Host", "evil.example" + port}, http.StatusMisdirectedRequest},
		{"another port", []string{"Host", "127.0.0.1:1"}, http.StatusMisdirectedRequest},
		{"another site", []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden},
		{"another server on this machine", []string{"Sec-Fetch-Site", "same-site"}, http.StatusForbidden},
		{"a program", []string{"Sec-Fetch-Site", ""}, http.StatusForbidden},
	}
	for _, tt := range tests {
		if status, text, _ := ask(t, d, "POST", "/desk/call", `{"to":"menu"}`, tt.headers...); status != tt.want {
			t.Errorf("%s: %d %s", tt.name, status, text)
		}
	}
}

// TestElsewhere: a desk that others reach asks for the token.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	d, err := desk.Open(t.Context(), desk.Options{Flows: t.TempDir(), Listen: "0.0.0.0:0", Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	web.New(t.Context(), d)
	if status, text, _ := ask(t, d, "GET", "/console/", ""); status != 200 || !strings.Contains(text, `name="token"`) {
		t.Errorf("the page: %d %s", status, text)
	}
	if status, _, _ := ask(t, d, "GET", "/desk/phones", ""); status != http.StatusForbidden {
		t.Errorf("the phones: %d", status)
	}
}

// TestRefusals: what cannot be done is said, with the status that programs expect.
func TestRefusals(t *testing.T) {
	t.Parallel()
	d, _ := openDesk(t, 100)
	tests := []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/desk/call", `{"to":"nothing"}`, 422, "there is no flow"},
		{"POST", "/desk/call", `{"to":"+15005559999"}`, 422, "no flow answers"},
		{"POST", "/desk/call", `{"to":"menu","from":"me"}`, 422, "a number is written like"},
		{"POST", "/desk/call", `{"to":"dialler","input":{"what":"x"}}`, 422, "has no input"},
		{"POST", "/desk/call", `{"too":1}`, 400, "too"},
		{"POST", "/desk/phones/7/answer", "", 404, "no such phone"},
		{"POST", "/desk/phones/x/answer", "", 404, "no such phone"},
		{"PUT", "/desk/billing", `{"balance":"much"}`, 422, "a balance is written like"},
		{"GET", "/desk/traffic/99", "", 404, "not kept"},
		{"GET", "/desk/media?url=http://127.0.0.1/secret", "", 403, "no phone plays"},
		{"GET", "/desk/other", "", 404, ""},
	}
	for _, tt := range tests {
		if status, text, _ := ask(t, d, tt.method, tt.path, tt.body); status != tt.status || !strings.Contains(text, tt.want) {
			t.Errorf("%s %s %s: %d %s", tt.method, tt.path, tt.body, status, text)
		}
	}
}

// TestKept: what a page finds when it comes later: the transcript, the requests with the
// session that they belong to, and music for a file that cannot be had.
func TestKept(t *testing.T) {
	t.Parallel()
	d, _ := openDesk(t, 100)
	_, text, _ := ask(t, d, "POST", "/desk/call", `{"to":"hold-loop"}`)
	var called struct{ Phone int }
	if err := json.Unmarshal([]byte(text), &called); err != nil || called.Phone != 1 {
		t.Fatal(text, err)
	}
	if !d.Await(t.Context(), patience, func() bool { return len(d.Ring()) == 1 }) {
		t.Fatal("the agent's phone does not ring")
	}
	said := func() (lines string) {
		_, text, _ := ask(t, d, "GET", "/desk/phones", "")
		var list struct{ Phones []web.PhoneView }
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatal(text, err)
		}
		for _, p := range list.Phones {
			for _, l := range p.Lines {
				lines += fmt.Sprintf("%s %s %s\n", p.Name, l.Kind, l.Text)
			}
		}
		return lines
	}
	see := func(wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !d.Await(t.Context(), patience, func() bool { return strings.Contains(said(), want) }) {
				t.Fatalf("%q is not in the transcripts:\n%s", want, said())
			}
		}
	}
	see("you calls", "you music https://example.com/hold.mp3", "agent rings")
	ring := d.Ring()[0]
	if status, text, _ := ask(t, d, "POST", fmt.Sprintf("/desk/phones/%d/machine", ring.Number), `{"greeting":"Not here."}`); status != 200 {
		t.Fatal(status, text)
	}
	see("agent says Not here.", "agent says beep")
	status, sound, header := ask(t, d, "GET", "/desk/media?url=https://example.com/hold.mp3", "")
	if status != 200 || !strings.HasPrefix(header.Get("Content-Type"), "audio/") || len(sound) < 1000 {
		t.Errorf("the music: %d %s, %d bytes", status, header.Get("Content-Type"), len(sound))
	}
	exchanges := func() (list []web.Exchange, rest, webhooks int) {
		_, text, _ := ask(t, d, "GET", "/desk/traffic?session="+d.Sessions(t.Context(), false)[0].ID, "")
		var got struct{ Exchanges []web.Exchange }
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(text, err)
		}
		for _, e := range got.Exchanges {
			if e.REST {
				rest++
			} else {
				webhooks++
			}
			if e.Body != "" || e.Params != "" {
				t.Errorf("the list has the whole exchange: %+v", e)
			}
		}
		return got.Exchanges, rest, webhooks
	}
	if !d.Await(t.Context(), patience, func() bool { _, rest, webhooks := exchanges(); return rest >= 1 && webhooks >= 3 }) {
		t.Fatal("the requests of the session are not there")
	}
	list, _, _ := exchanges()
	first := slices.IndexFunc(list, func(e web.Exchange) bool { return strings.HasSuffix(e.URL, "/voice") }) // the answer may be noted after what it causes
	if first < 0 {
		t.Fatalf("the call's first webhook does not belong to the session: %+v", list)
	}
	var whole web.Exchange
	_, text, _ = ask(t, d, "GET", fmt.Sprintf("/desk/traffic/%d", list[first].Number), "")
	if err := json.Unmarshal([]byte(text), &whole); err != nil || !strings.Contains(whole.Params, "CallSid=") || !strings.Contains(whole.Body, "<Response>") {
		t.Errorf("the first exchange: %s", text)
	}
}
