package node_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The benchmark of a whole signed webhook over HTTP: three servers, each a process of
// its own, under the same load. A constant handler says what HTTP itself costs; a
// hand-written one (twilio-go's TwiML and validator, one FULL SQLite transaction for
// each webhook) what people write without Ringdown.

const (
	benchToken    = "12345678901234567890123456789012"
	benchAccount  = "AC00000000000000000000000000000001"
	benchCallers  = 32
	benchServeEnv = "RINGDOWN_BENCH_SERVER"
)

// benchServers are what the benchmark's process can be started as.
var benchServers = map[string]func(dir string, l net.Listener) error{
	"constant": serveConstant,
	"by-hand":  serveByHand,
	"ringdown": serveRingdown,
}

// serveAsChild runs the server that the environment names, if it does.
func serveAsChild() {
	name, dir, ok := strings.Cut(os.Getenv(benchServeEnv), ":")
	if !ok {
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	if err := benchServers[name](dir, l); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// BenchmarkWebhook drives each server with calls that press a wrong key for ever.
func BenchmarkWebhook(b *testing.B) {
	for _, name := range []string{"constant", "by-hand", "ringdown"} {
		b.Run(name, func(b *testing.B) {
			child := startChild(b, name)
			load := newLoad(child.addr)
			load.run(b, 300*time.Millisecond, 0) // warm
			cpu := child.cpu()
			b.ResetTimer()
			n := load.forN(b, b.N)
			elapsed := b.Elapsed()
			used := child.cpu() - cpu
			rate := float64(n) / elapsed.Seconds()
			b.ReportMetric(rate, "webhooks/s")
			b.ReportMetric(float64(used.Microseconds())/float64(n), "server-µs/webhook")
			b.StopTimer()
			if b.N > 1000 {
				load.run(b, 2*time.Second, rate/2)
				b.ReportMetric(float64(load.quantile(0.99).Microseconds()), "p99-µs-at-half-rate")
			}
		})
	}
}

type child struct {
	addr string
	cmd  *exec.Cmd
}

func startChild(b *testing.B, name string) *child {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), benchServeEnv+"="+name+":"+b.TempDir())
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatalf("%s did not start: %v", name, err)
	}
	return &child{addr: strings.TrimSpace(line), cmd: cmd}
}

// cpu is the processor time of the child, where /proc tells it.
func (c *child) cpu() time.Duration {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(c.cmd.Process.Pid) + "/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// load is a crowd of callers, each with one call at a time.
type load struct {
	base   string
	client *http.Client
	calls  atomic.Int64
	mu     sync.Mutex
	times  []time.Duration
}

func newLoad(addr string) *load {
	return &load{base: "http://" + addr, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchCallers, MaxConnsPerHost: benchCallers}}}
}

// forN makes about n webhooks as fast as they are answered.
func (l *load) forN(b *testing.B, n int) int64 {
	var left, done atomic.Int64
	left.Store(int64(n))
	l.crowd(func(c *caller) bool {
		if left.Add(-1) < 0 {
			return false
		}
		c.next(b)
		done.Add(1)
		return true
	})
	return max(1, done.Load())
}

// run makes webhooks for a time, at a rate per second in all; 0 is as fast as possible.
func (l *load) run(b *testing.B, d time.Duration, rate float64) {
	l.times = l.times[:0]
	end := time.Now().Add(d)
	var gap time.Duration
	if rate > 0 {
		gap = time.Duration(float64(benchCallers) / rate * float64(time.Second))
	}
	l.crowd(func(c *caller) bool {
		begun := time.Now()
		if begun.After(end) {
			return false
		}
		c.next(b)
		took := time.Since(begun)
		c.times = append(c.times, took)
		if gap > took {
			time.Sleep(gap - took)
		}
		return true
	})
}

func (l *load) crowd(step func(*caller) bool) {
	var wg sync.WaitGroup
	for range benchCallers {
		wg.Go(func() {
			c := &caller{l: l}
			for step(c) {
			}
			l.mu.Lock()
			l.times = append(l.times, c.times...)
			l.mu.Unlock()
		})
	}
	wg.Wait()
}

func (l *load) quantile(q float64) time.Duration {
	if len(l.times) == 0 {
		return 0
	}
	slices.Sort(l.times)
	return l.times[int(q*float64(len(l.times)-1))]
}

// caller is one call: it follows the action of each document with a wrong key, and
// calls again when the flow has had enough of it.
type caller struct {
	l     *load
	sid   string
	path  string
	times []time.Duration
}

func (c *caller) next(b *testing.B) {
	form := url.Values{
		"AccountSid": {benchAccount}, "ApiVersion": {"2010-04-01"}, "CallStatus": {"in-progress"}, "Called": {"+15005550006"}, "Caller": {"+15550001111"},
		"Direction": {"inbound"}, "From": {"+15550001111"}, "To": {"+15005550006"}, "FromCity": {"BERLIN"}, "FromCountry": {"US"}, "ToCountry": {"US"},
	}
	if c.path == "" {
		c.sid = fmt.Sprintf("CA%032x", c.l.calls.Add(1))
		c.path = "/voice"
		form.Set("CallStatus", "ringing")
	} else {
		form.Set("Digits", "7")
		form.Set("msg", "Gather End")
	}
	form.Set("CallSid", c.sid)
	c.path = action(c.l.post(b, c.path, form))
}

// action finds the address that a Gather goes to; "" for any other document.
func action(doc []byte) string {
	_, rest, ok := bytes.Cut(doc, []byte(`<Gather `))
	if !ok {
		return ""
	}
	_, rest, _ = bytes.Cut(rest, []byte(`action="`))
	path, _, _ := bytes.Cut(rest, []byte(`"`))
	path, _, _ = bytes.Cut(path, []byte("#"))
	return string(path)
}

func (l *load) post(b *testing.B, path string, form url.Values) []byte {
	req, err := http.NewRequest(http.MethodPost, l.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.Error(err)
		return nil
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("X-Twilio-Signature", sign(benchBase+path, form))
	res, err := l.client.Do(req)
	if err != nil {
		b.Error(err)
		return nil
	}
	defer res.Body.Close()
	doc, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		b.Errorf("%s: %d %v", path, res.StatusCode, err)
	}
	return doc
}

// benchBase is the public address in whose name webhooks are signed.
const benchBase = "https://bench.example.com"

func sign(url string, form url.Values) string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	mac := hmac.New(sha1.New, []byte(benchToken))
	io.WriteString(mac, url)
	for _, name := range names {
		io.WriteString(mac, name)
		io.WriteString(mac, form.Get(name))
	}
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
