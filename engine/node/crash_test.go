package node_test

import (
	"flag"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/flowtest"
	"github.com/ringdown/ringdown/engine/sim"
	"github.com/ringdown/ringdown/schema"
)

var (
	kills     = flag.Int("kills", 36, "how often TestCrash kills the server")
	crashSeed = flag.Uint64("crash-seed", 0, "seed of TestCrash; 0 takes a new one")
)

// crashSpeed is how much faster than the wall clock telephones are: a process that is
// gone for half a second is gone for five seconds of a call.
const crashSpeed = 10

// TestCrash kills the server, which is a process of its own, again and again while calls
// are up, and starts it anew on the same address. Afterwards nothing may be lost, and
// nothing done twice.
func TestCrash(t *testing.T) {
	seed, n := *crashSeed, *kills
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	if testing.Short() {
		n = min(n, 12)
	}
	w := newCrashWorld(t, seed)
	defer func() {
		if t.Failed() {
			t.Logf("again with: -run TestCrash -crash-seed %d -kills %d; log of the server: %s", seed, n, w.keep(t))
		}
	}()
	stop, over := make(chan struct{}), make(chan struct{})
	go func() { defer close(over); w.load.run(seed, stop) }()
	r := rand.New(rand.NewPCG(seed, 1))
	for range n {
		time.Sleep(time.Duration(50+r.IntN(450)) * time.Millisecond)
		if err := w.trap.kill(trapMode(r.IntN(3)), w.server.kill); err != nil {
			t.Fatal(err)
		}
		if r.IntN(4) == 0 {
			time.Sleep(time.Duration(r.IntN(600)) * time.Millisecond)
		}
		if err := w.server.start(); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	<-over
	w.settle(t)
	w.check(t)
}

// crashWorld is everything around the server process.
type crashWorld struct {
	dir     string
	server  *crashServer
	trap    *trap
	sim     *sim.Sim
	billing *flowtest.Billing
	load    *crashLoad
	api     *flowtest.API
}

func newCrashWorld(t *testing.T, seed uint64) *crashWorld {
	t.Helper()
	origin := time.Now()
	clk := sharedClock(origin, crashSpeed)
	w := &crashWorld{dir: t.TempDir()}
	w.sim = sim.New(sim.Options{
		Clock: clk, Seed: seed, CPS: 100, Default: &sim.Party{AnswerAfter: time.Second, HangupAfter: 2 * time.Minute},
		Timings: sim.Timings{Character: 20 * time.Millisecond, Play: 3 * time.Second},
	})
	w.trap = &trap{next: w.sim.Handler()}
	rest := httptest.NewServer(w.trap)
	w.billing = flowtest.NewBilling(clk)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	public := "http://" + l.Addr().String()
	file, err := l.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(w.dir, "server.log"))
	if err != nil {
		t.Fatal(err)
	}
	flows := crashFlows(t)
	w.server = &crashServer{listener: file, log: log, settings: crashSettings{
		Account: w.sim.AccountSID(), Token: w.sim.AuthToken(), API: "crash", Flows: flows, Store: filepath.Join(w.dir, "ringdown.db"),
		REST: rest.URL, Public: public, Origin: origin, Speed: crashSpeed, CPS: 100,
		Env: crashEnvironment(t, w.billing.URL()),
	}}
	w.api = &flowtest.API{Base: public, Token: "crash", HTTP: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}, Timeout: 10 * time.Second}}
	w.load = &crashLoad{sim: w.sim, api: w.api, clock: clk, starts: map[string]string{}, signals: map[string]int{}}
	w.load.parties()
	for i := range callers {
		w.billing.SetBalance(number(111, i), "0.10")
	}
	w.billing.AnswerCharges(flowtest.Answer{Delay: 2 * time.Second})
	for _, n := range crashNumbers {
		w.sim.AddNumber(n, flowtest.NumberAt(public))
	}
	app := flowtest.NumberAt(public)
	app.VoiceURL += "/dialler"
	app.FallbackURL = app.VoiceURL // which finds the session that is there
	w.sim.AddNumber(crashApp, app)
	assignment := public + "/taskrouter/assignment"
	w.sim.AddWorkflow(crashWorkflow, sim.Workflow{AssignmentURL: assignment, FallbackURL: assignment, ReservationTimeout: 30 * time.Second})
	if err := w.load.workers(); err != nil {
		t.Fatal(err)
	}
	if err := w.server.start(); err != nil {
		t.Fatal(err)
	}
	if err := w.server.answers(20 * time.Second); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = w.server.cmd.Process.Kill()
		w.sim.Close()
		w.billing.Close()
		rest.Close()
		log.Close()
		file.Close()
		l.Close()
	})
	return w
}

// crashFlows is a folder with the shipped flows. Campaigns call at any time of the day
// there, and soon again.
func crashFlows(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../flows")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "campaign-target.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sooner := strings.NewReplacer("mon-sat: 10:00-20:00", "mon-sun: 00:00-24:00", "after: 30m", "after: 20s", "closed: [", "closed: [] # [")
	changed := sooner.Replace(string(text))
	if strings.Count(changed, "mon-sun")+strings.Count(changed, "20s")+strings.Count(changed, "closed: []") != 3 {
		t.Fatal("campaign-target has other calling hours than this test knows")
	}
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// crashEnvironment is what the flows read of the environment: what stands in dev.env, so
// that every flow can be loaded, with the numbers that this test knows.
func crashEnvironment(t *testing.T, billing string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../flows/dev.env")
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(name, "#") {
			env[name] = value
		}
	}
	maps.Copy(env, map[string]string{
		"CALLER_ID": crashMenu, "SALES": crashSales, "SUPPORT": "+15552220002", "OPERATOR": "+15552220003", "OFFICE": "+15552220004",
		"AGENT": crashAgent, "ANN": crashAnn, "BOB": crashBob, "CAT": crashCat, "BILLING_URL": billing, "BILLING_TOKEN": "crash",
		"MUSIC": "https://media.example.com/hold.mp3", "WORKFLOW_SID": crashWorkflow,
	})
	return env
}

// settle waits until every session has ended: a call whose end nobody reported is found
// out by asking Twilio, ten minutes of telephone time later.
func (w *crashWorld) settle(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(13 * time.Minute / crashSpeed); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		active, err := w.api.Sessions(true)
		if err == nil && len(active) == 0 && w.sim.Live() == 0 {
			time.Sleep(5 * time.Second / crashSpeed) // effects of the last commits
			return
		}
	}
}

func (w *crashWorld) check(t *testing.T) {
	t.Helper()
	if err := w.server.stop(); err != nil {
		t.Errorf("the server's end: %v", err)
	}
	c := &crashCheck{sim: w.sim, billing: w.billing, load: w.load, log: w.sim.Log(), history: map[string][]flowtest.Line{}}
	if err := c.read(w.server.settings.Store); err != nil {
		t.Fatal(err)
	}
	wrong := c.run()
	t.Logf("%d calls by people, %d sessions, %d messages, %d requests to the billing service; %s",
		w.load.calls, len(c.sessions), len(w.sim.Messages()), len(w.billing.Requests()), c.summary())
	for i, text := range wrong {
		if i == 30 {
			t.Errorf("and %d more", len(wrong)-i)
			break
		}
		t.Error(text)
	}
	flows := map[string]int{}
	for _, s := range c.sessions {
		flows[s.Flow]++
	}
	t.Logf("sessions by flow: %v", flows)
	paths, err := filepath.Glob(filepath.Join(w.server.settings.Flows, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if name := strings.TrimSuffix(filepath.Base(path), ".yaml"); schema.IsFlowFile(path) && flows[name] == 0 {
			t.Errorf("no session of %s", name)
		}
	}
	if len(c.sessions) < *kills/4 {
		t.Errorf("only %d sessions: the server hardly ran", len(c.sessions))
	}
}

// keep saves the log and the database of the server from the removal of their folder.
func (w *crashWorld) keep(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ringdown-crash-")
	if err != nil {
		return err.Error()
	}
	if err := os.CopyFS(dir, os.DirFS(w.dir)); err != nil {
		return err.Error()
	}
	return dir
}
