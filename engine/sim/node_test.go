package sim_test

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/sim"
)

// nodeModules is the environment variable that names a node_modules folder with
// the official helper library in it. The gate installs one; see .ci/run.
const nodeModules = "RINGDOWN_TEST_NODE_MODULES"

// TestNodeHelperLibrary runs testdata/helperlibrary.js, an application and REST
// client on Twilio's own Node library, against the simulator in real time.
func TestNodeHelperLibrary(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	modules := os.Getenv(nodeModules)
	if err != nil || modules == "" {
		t.Skipf("needs node and %s, a node_modules folder with the package twilio", nodeModules)
	}
	if _, err := os.Stat(filepath.Join(modules, "twilio")); err != nil {
		t.Fatalf("%s: %v", nodeModules, err)
	}
	quick := 5 * time.Millisecond
	s := sim.New(sim.Options{CPS: 1000, Default: &sim.Party{AnswerAfter: quick}, Timings: sim.Timings{Latency: quick, Callback: quick, PostDial: quick,
		Character: time.Millisecond, Play: time.Second, Recording: quick, Price: quick}})
	defer s.Close()
	s.AddParty(bob, sim.Party{AnswerAfter: quick, Script: sim.Replies(quick, "1")})
	s.AddNumber(ours, sim.Number{})
	s.AddNumber("+15550001001", sim.Number{})
	api := httptest.NewServer(s.Handler())
	defer api.Close()

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, node, "testdata/helperlibrary.js")
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules, "SIM_URL="+api.URL, "SIM_ACCOUNT="+s.AccountSID(), "SIM_TOKEN="+s.AuthToken(),
		"OURS="+ours, "SECOND=+15550001001", "BOB="+bob, "CAROL="+carol)
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("%v", err)
	}
}
