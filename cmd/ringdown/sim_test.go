package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestSim starts the simulator on a free port and calls a number over its control API.
func TestSim(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	out, in := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- Main(ctx, []string{"sim", "--listen", "127.0.0.1:0", "--log", "json", "--number", "+15550001000=http://127.0.0.1:1/voice"}, Streams{Out: in, Err: io.Discard})
		in.Close()
	}()
	lines := bufio.NewScanner(out)
	var ready struct{ Kind, URL string }
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &ready) != nil || ready.Kind != "ready" {
		t.Fatalf("the first line is %q", lines.Text())
	}
	resp, err := http.Post(ready.URL+"/sim/v1/calls", "application/json", strings.NewReader(`{}`))
	if err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("%v %v", resp, err)
	}
	resp.Body.Close()
	var e struct{ Kind, Message string }
	for e.Kind != "warning" {
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), &e) != nil {
			t.Fatalf("line %q, %v", lines.Text(), lines.Err())
		}
	}
	if e.Message != "TCP connection refused" {
		t.Errorf("the debugger says %q", e.Message)
	}
	stop()
	for lines.Scan() {
	}
	select {
	case got := <-code:
		if got != exitOK {
			t.Errorf("exit code %d", got)
		}
	case <-time.After(10 * time.Second):
		t.Error("it does not end")
	}
}

// TestSimCommand: a command beside the simulator knows where it is, and gives its exit code.
func TestSimCommand(t *testing.T) {
	t.Parallel()
	var out, log strings.Builder
	code := Main(context.Background(), []string{"sim", "--listen", "127.0.0.1:0", "--", "sh", "-c", `echo "$TWILIO_ACCOUNT_SID $RINGDOWN_SIM_URL"; exit 7`},
		Streams{Out: &out, Err: &log})
	if code != 7 || !strings.HasPrefix(out.String(), "AC00000000000000000000000000000001 http://127.0.0.1:") || !strings.Contains(log.String(), "Simulated Twilio at") {
		t.Errorf("code %d\n%s\n%s", code, out.String(), log.String())
	}
}

// TestSimCommandQuiet: of a command that succeeds only its own output is seen.
func TestSimCommandQuiet(t *testing.T) {
	t.Parallel()
	var out, log strings.Builder
	code := Main(context.Background(), []string{"sim", "--listen", "127.0.0.1:0", "--", "echo", "done"}, Streams{Out: &out, Err: &log})
	if code != 0 || out.String() != "done\n" || log.String() != "" {
		t.Errorf("code %d, %q, %q", code, out.String(), log.String())
	}
}

// TestSimByHand: typed commands are carried out, and quit ends the simulator.
func TestSimByHand(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	code := Main(context.Background(), []string{"sim", "-i", "--listen", "127.0.0.1:0", "--number", "+15550001000=http://127.0.0.1:1/voice"},
		Streams{In: strings.NewReader("calls\n12\ncall\nquit\n"), Out: &out, Err: io.Discard})
	for _, want := range []string{"Type call, and then keys", "no calls\n", "there is no call of yours", "+15551110001 → +15550001000"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("code %d, no %q in\n%s", code, want, out.String())
		}
	}
}

// TestSimBanner: what a newcomer is told; an auth token of the environment is not shown.
func TestSimBanner(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args      []string
		env       map[string]string
		want, not string
	}{
		{nil, nil, "export TWILIO_AUTH_TOKEN=0123456789abcdef0123456789abcdef", "Bearer"},
		{nil, nil, `curl -X PUT -d '{"voice_url": "http://localhost:3000/voice"}' http://127.0.0.1:`, "\x1b["},
		{[]string{"--number", "+15550001000=http://localhost:3000/voice,status=http://localhost:3000/s"}, nil, "Number +15550001000 calls http://localhost:3000/voice", "No numbers"},
		{nil, map[string]string{"TWILIO_AUTH_TOKEN": "topsecret", "TWILIO_ACCOUNT_SID": "AC99"}, "export TWILIO_ACCOUNT_SID=AC99", "topsecret"},
		{[]string{"--listen", "0.0.0.0:0"}, map[string]string{"RINGDOWN_SIM_TOKEN": "opensesame"}, `-H "Authorization: Bearer $RINGDOWN_SIM_TOKEN"`, "opensesame"},
		{[]string{"--listen", "0.0.0.0:0"}, map[string]string{"RINGDOWN_SIM_TOKEN": "opensesame"}, "at http://127.0.0.1:", "0123456789abcdef0123456789abcdef"},
	} {
		var log strings.Builder
		args := append([]string{"sim", "--listen", "127.0.0.1:0", "--log", "text"}, tc.args...)
		code := Main(context.Background(), append(args, "--", "true"), Streams{Out: io.Discard, Err: &log, Env: func(name string) (string, bool) { v, ok := tc.env[name]; return v, ok }})
		if code != 0 || !strings.Contains(log.String(), tc.want) || strings.Contains(log.String(), tc.not) {
			t.Errorf("%v: code %d, want %q and not %q in\n%s", tc.args, code, tc.want, tc.not, log.String())
		}
	}
}

// TestSimUsage: what is wrong with a flag is told, with what is right.
func TestSimUsage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args string
		want string
	}{
		{"voice", `"voice" is no flag; a command to run stands behind --`},
		{"--listen 8090", `the address to listen on is like 127.0.0.1:8090, not "8090"`},
		{"--listen 0.0.0.0:0", "0.0.0.0:0 is reached from other machines: set RINGDOWN_SIM_TOKEN"},
		{"--number 123=http://x/", `--number 123=http://x/: a phone number is + and 2 to 15 digits, like +15550001000, not "123"`},
		{"--number +15550001000", "the voice URL is missing: +15550001000=http://localhost:3000/voice"},
		{"--number +15550001000=voice", `"voice" is no absolute http or https URL`},
		{"--number +15550001000=http://x/,after=2", `behind a comma stands fallback=URL, status=URL or method=GET, not "after=2"`},
		{"--number +15550001000=http://x/,method=PUT", "method is GET or POST, not PUT"},
		{"--party maybe", `an outcome is answer, busy, decline, no-answer, unreachable or ring, not "maybe", nor machine or fax`},
		{"--switch magic", `there is no switch "magic"; see ringdown sim reference`},
		{"--fault plague", `there is no fault "plague"; see ringdown sim reference`},
		{"--speed 0", "--speed, --pace and --cps are above 0"},
		{"--log xml", `--log is text, json, none or failure, not "xml"`},
	} {
		var log strings.Builder
		code := Main(context.Background(), append([]string{"sim"}, strings.Fields(tc.args)...), Streams{Out: io.Discard, Err: &log})
		if code != exitUsage || !strings.Contains(log.String(), tc.want) {
			t.Errorf("%s: code %d, %s", tc.args, code, log.String())
		}
	}
	var log strings.Builder
	if code := Main(context.Background(), []string{"sim", "--listen", "127.0.0.1:0", "--", "no-such-command"}, Streams{Out: io.Discard, Err: &log}); code != exitProblems || !strings.Contains(log.String(), "no-such-command") {
		t.Errorf("code %d, %s", code, log.String())
	}
	var page strings.Builder
	if code := Main(context.Background(), []string{"sim", "reference"}, Streams{Out: &page}); code != 0 || !strings.HasPrefix(page.String(), "# The simulator") {
		t.Errorf("code %d, %.60s", code, page.String())
	}
}
