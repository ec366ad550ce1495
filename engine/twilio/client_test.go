package twilio

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const (
	testAccount = "AC00000000000000000000000000000000"
	testToken   = "t0ken-with_odd/chars:ü"
)

// newClient makes a client of a server that answers with handler.
func newClient(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	c, err := New(Config{AccountSID: testAccount, AuthToken: testToken, BaseURL: srv.URL + "/"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// seen is what a server got.
type seen struct {
	method, path string
	form         url.Values
}

// answering serves one body and passes on what it got.
func answering(t *testing.T, status int, body string, got *seen) *Client {
	return newClient(t, func(w http.ResponseWriter, r *http.Request) {
		if user, pass, _ := r.BasicAuth(); user != testAccount || pass != testToken {
			t.Errorf("credentials %q %q", user, pass)
		}
		if err := r.ParseForm(); err != nil {
			t.Error(err)
		}
		*got = seen{r.Method, r.URL.EscapedPath(), r.Form}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		io.WriteString(w, body)
	})
}

const callJSON = `{"sid":"CA1","status":"completed","from":"+1","to":"+2","direction":"outbound-api","answered_by":"human",
"date_created":"Tue, 31 Aug 2010 20:36:28 +0000","start_time":"Tue, 31 Aug 2010 20:36:29 +0000","end_time":null,
"duration":"15","price":"-0.03000","price_unit":"USD","parent_call_sid":null,"unknown_field":[1]}`

func TestMethods(t *testing.T) {
	t.Parallel()
	const root = "/2010-04-01/Accounts/" + testAccount
	ctx := context.Background()
	tests := map[string]struct {
		status int
		body   string
		call   func(c *Client) (string, error)
		want   seen
		result string
	}{
		"create call": {201, callJSON, func(c *Client) (string, error) {
			got, err := c.CreateCall(ctx, map[string]string{"To": "+2", "From": "+1", "Url": "https://a.example/x#rc=2", "Timeout": "30", "Record": "true", "StatusCallbackEvent": "initiated answered"})
			return sidOf(got), err
		}, seen{"POST", root + "/Calls.json", url.Values{"To": {"+2"}, "From": {"+1"}, "Url": {"https://a.example/x#rc=2"}, "Timeout": {"30"}, "Record": {"true"}, "StatusCallbackEvent": {"initiated", "answered"}}}, "CA1"},
		"fetch call": {200, callJSON, func(c *Client) (string, error) {
			got, err := c.FetchCall(ctx, "CA1")
			return sidOf(got), err
		}, seen{"GET", root + "/Calls/CA1.json", url.Values{}}, "CA1"},
		"update call": {200, callJSON, func(c *Client) (string, error) {
			got, err := c.UpdateCall(ctx, "CA1", map[string]string{"Status": "completed", "TimeLimit": "60"})
			return sidOf(got), err
		}, seen{"POST", root + "/Calls/CA1.json", url.Values{"Status": {"completed"}, "TimeLimit": {"60"}}}, "CA1"},
		"list conferences": {200, `{"conferences":[{"sid":"CF1","friendly_name":"r","status":"in-progress"}],"next_page_uri":null}`, func(c *Client) (string, error) {
			got, err := c.ListConferences(ctx, "r", "in-progress")
			if err != nil || len(got) != 1 {
				return "", err
			}
			return got[0].SID + got[0].Status, nil
		}, seen{"GET", root + "/Conferences.json", url.Values{"FriendlyName": {"r"}, "Status": {"in-progress"}, "PageSize": {"200"}}}, "CF1in-progress"},
		"end conference": {200, `{"sid":"CF1","status":"completed"}`, func(c *Client) (string, error) {
			got, err := c.UpdateConference(ctx, "CF1", map[string]string{"Status": "completed"})
			if err != nil {
				return "", err
			}
			return got.Status, nil
		}, seen{"POST", root + "/Conferences/CF1.json", url.Values{"Status": {"completed"}}}, "completed"},
		"participant by label": {200, `{"call_sid":"CA1","conference_sid":"CF1","muted":true,"end_conference_on_exit":false}`, func(c *Client) (string, error) {
			got, err := c.UpdateParticipant(ctx, "CF1", "a/b c", map[string]string{"Muted": "true"})
			if err != nil || !got.Muted {
				return "", err
			}
			return got.CallSID, nil
		}, seen{"POST", root + "/Conferences/CF1/Participants/a%2Fb%20c.json", url.Values{"Muted": {"true"}}}, "CA1"},
		"kick": {204, "", func(c *Client) (string, error) {
			return "", c.DeleteParticipant(ctx, "CF1", "CA1")
		}, seen{"DELETE", root + "/Conferences/CF1/Participants/CA1.json", url.Values{}}, ""},
		"message": {201, `{"sid":"SM1","status":"queued","error_code":null}`, func(c *Client) (string, error) {
			got, err := c.CreateMessage(ctx, map[string]string{"To": "+2", "From": "+1", "Body": "a b c"})
			if err != nil {
				return "", err
			}
			return got.SID, nil
		}, seen{"POST", root + "/Messages.json", url.Values{"To": {"+2"}, "From": {"+1"}, "Body": {"a b c"}}}, "SM1"},
		"list messages": {200, `{"messages":[{"sid":"SM1"}]}`, func(c *Client) (string, error) {
			got, err := c.ListMessages(ctx, MessageFilter{To: "+2", Limit: 5})
			if err != nil || len(got) != 1 {
				return "", err
			}
			return got[0].SID, nil
		}, seen{"GET", root + "/Messages.json", url.Values{"To": {"+2"}, "PageSize": {"5"}}}, "SM1"},
		"recording": {200, `{"sid":"RE1","duration":"7","status":"completed"}`, func(c *Client) (string, error) {
			got, err := c.FetchRecording(ctx, "RE1")
			if err != nil {
				return "", err
			}
			return got.SID + got.Duration.String(), nil
		}, seen{"GET", root + "/Recordings/RE1.json", url.Values{}}, "RE17s"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got seen
			result, err := tt.call(answering(t, tt.status, tt.body, &got))
			if err != nil {
				t.Fatal(err)
			}
			if result != tt.result {
				t.Errorf("result %q, want %q", result, tt.result)
			}
			if got.method != tt.want.method || got.path != tt.want.path || got.form.Encode() != tt.want.form.Encode() {
				t.Errorf("sent %v, want %v", got, tt.want)
			}
		})
	}
}

func sidOf(c *Call) string {
	if c == nil {
		return ""
	}
	return c.SID
}

func TestCallFields(t *testing.T) {
	t.Parallel()
	var got seen
	c, err := answering(t, 200, callJSON, &got).FetchCall(context.Background(), "CA1")
	if err != nil {
		t.Fatal(err)
	}
	created := time.Date(2010, 8, 31, 20, 36, 28, 0, time.UTC)
	want := Call{SID: "CA1", Status: Completed, From: "+1", To: "+2", Direction: "outbound-api", AnsweredBy: "human",
		DateCreated: created, StartTime: created.Add(time.Second), Duration: 15 * time.Second, Price: "-0.03000", PriceUnit: "USD"}
	if *c != want {
		t.Errorf("got  %+v\nwant %+v", *c, want)
	}
}

func TestListCallsPages(t *testing.T) {
	t.Parallel()
	var queries []string
	c := newClient(t, func(w http.ResponseWriter, r *http.Request) {
		queries = append(queries, r.URL.RawQuery)
		page := map[string]any{"calls": []any{map[string]any{"sid": "CA1"}, map[string]any{"sid": "CA2"}},
			"next_page_uri": r.URL.Path + "?Page=1&PageToken=x"}
		json.NewEncoder(w).Encode(page)
	})
	at := time.Date(2030, 1, 31, 23, 59, 0, 0, time.UTC)
	calls, err := c.ListCalls(context.Background(), ListFilter{To: "+2", Started: DayRange{From: at.AddDate(0, 0, -1), To: at}, Limit: 3})
	if err != nil || len(calls) != 3 {
		t.Fatalf("%d calls, %v", len(calls), err)
	}
	want := []string{"PageSize=3&StartTime%3C=2030-01-31&StartTime%3E=2030-01-30&To=%2B2", "Page=1&PageToken=x"}
	if strings.Join(queries, "\n") != strings.Join(want, "\n") {
		t.Errorf("queries %q, want %q", queries, want)
	}
}

func TestParametersAreChecked(t *testing.T) {
	t.Parallel()
	c := newClient(t, func(http.ResponseWriter, *http.Request) { t.Error("a wrong request was sent") })
	tests := map[string]map[string]string{
		"unknown name": {"StatusCallBack": "https://a.example"},
		"number":       {"Timeout": "soon"},
		"truth":        {"Record": "maybe"},
		"account":      {"PathAccountSid": "AC2"},
	}
	for name, params := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := c.CreateCall(context.Background(), params)
			if OutcomeOf(err) != Refused {
				t.Errorf("got %v", err)
			}
		})
	}
	for _, sid := range []string{"", ".", ".."} {
		if _, err := c.FetchCall(context.Background(), sid); OutcomeOf(err) != Refused {
			t.Errorf("SID %q: %v", sid, err)
		}
	}
}

func TestNewErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]Config{
		"account":     {AuthToken: "secret"},
		"token":       {AccountSID: testAccount},
		"half a key":  {AccountSID: testAccount, AuthToken: "secret", APIKey: "SK1"},
		"base":        {AccountSID: testAccount, AuthToken: "secret", BaseURL: "localhost:80"},
		"base secret": {AccountSID: testAccount, AuthToken: "secret", BaseURL: "https://u:secret@a.example"},
	}
	for name, cfg := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(cfg)
			if err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Credentials stay out of errors and logs, even if the other side repeats them.
func TestSecrets(t *testing.T) {
	t.Parallel()
	bodies := map[string]http.HandlerFunc{
		"json": func(w http.ResponseWriter, r *http.Request) {
			_, pass, _ := r.BasicAuth()
			w.WriteHeader(http.StatusUnauthorized)
			json.NewEncoder(w).Encode(map[string]any{"code": 20003, "message": "bad " + pass + " in " + r.Header.Get("Authorization")})
		},
		"html": func(w http.ResponseWriter, r *http.Request) {
			_, pass, _ := r.BasicAuth()
			w.WriteHeader(http.StatusBadGateway)
			io.WriteString(w, "<html>"+pass+r.Header.Get("Authorization"))
		},
		"reset": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	}
	for name, handler := range bodies {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(handler)
			defer srv.Close()
			var log bytes.Buffer
			c, err := New(Config{AccountSID: testAccount, AuthToken: testToken, BaseURL: srv.URL,
				Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.CreateCall(context.Background(), map[string]string{"To": "+2", "SipAuthPassword": "sip-secret"})
			if err == nil || log.Len() == 0 {
				t.Fatal("want an error and a log line")
			}
			req := &http.Request{Header: http.Header{}}
			req.SetBasicAuth(testAccount, testToken)
			basic := strings.TrimPrefix(req.Header.Get("Authorization"), "Basic ")
			for _, secret := range []string{testToken, basic, "sip-secret"} {
				if strings.Contains(err.Error(), secret) || strings.Contains(log.String(), secret) {
					t.Errorf("a secret shows in %v or in the log %s", err, log.String())
				}
			}
		})
	}
}

// The root package of twilio-go makes linking four times as slow.
func TestRootPackageIsNotImported(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.Lines(string(out)) {
		switch path = strings.TrimSpace(path); path {
		case "github.com/twilio/twilio-go", "github.com/twilio/twilio-go/twiml":
			t.Errorf("%s is imported", path)
		}
	}
}
