package node_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/ringdown/ringdown/engine/clock"
	"github.com/ringdown/ringdown/engine/node"
)

// crashEnv carries a crashSettings to the server process.
const crashEnv = "RINGDOWN_CRASH_SERVER"

// crashSettings are what the server process is told.
type crashSettings struct {
	Account, Token, API string
	Flows, Store        string
	REST, Public        string
	Env                 map[string]string
	Origin              time.Time // of the clock that both processes share
	Speed               float64
	CPS                 float64
}

// shifted is a clock that is ahead of another one.
type shifted struct {
	clock.Clock
	by time.Duration
}

func (s shifted) Now() time.Time { return s.Clock.Now().Add(s.by) }

// sharedClock runs speed times as fast as the machine's, counted from origin: the same
// in every process.
func sharedClock(origin time.Time, speed float64) clock.Clock {
	own := clock.Scaled(speed)
	now := origin.Add(time.Duration(float64(time.Since(origin)) * speed))
	return shifted{own, now.Sub(own.Now())}
}

// TestCrashServer is the server process of TestCrash and nothing by itself. It answers
// on the listener that it inherits, until it is killed.
func TestCrashServer(t *testing.T) {
	text := os.Getenv(crashEnv)
	if text == "" {
		t.Skip("only as a process of TestCrash")
	}
	var c crashSettings
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		t.Fatal(err)
	}
	l, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	n, err := openCrashNode(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("ready")
	if err := n.Serve(ctx, l); err != nil {
		t.Fatal(err)
	}
}

// openCrashNode puts the server of one process together.
func openCrashNode(ctx context.Context, c crashSettings) (*node.Node, error) {
	return node.Open(ctx, node.Config{
		Flows: c.Flows, AccountSID: c.Account, AuthTokens: []string{c.Token}, APIToken: c.API,
		TwilioURL: c.REST, PublicURLs: []string{c.Public}, Store: c.Store, CPS: c.CPS,
		Env:          func(name string) (string, bool) { v, ok := c.Env[name]; return v, ok },
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Clock:        sharedClock(c.Origin, c.Speed),
		Log:          slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
}

// crashServer is the server process that is running now.
type crashServer struct {
	settings crashSettings
	listener *os.File
	log      *os.File
	cmd      *exec.Cmd
}

// start starts the process. It does not wait until it answers: connections queue up.
func (s *crashServer) start() error {
	env, err := json.Marshal(s.settings)
	if err != nil {
		return err
	}
	s.cmd = exec.Command(os.Args[0], "-test.run=^TestCrashServer$", "-test.timeout=0")
	s.cmd.Env = append(os.Environ(), crashEnv+"="+string(env))
	s.cmd.ExtraFiles = []*os.File{s.listener}
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	return s.cmd.Start()
}

// kill ends the process without warning.
func (s *crashServer) kill() error {
	if err := s.cmd.Process.Kill(); err != nil {
		return err
	}
	if err := s.cmd.Wait(); s.cmd.ProcessState.Exited() {
		return fmt.Errorf("the server ended by itself: %w", err) // it was not killed
	}
	return nil
}

// stop ends the process gracefully.
func (s *crashServer) stop() error {
	return errors.Join(s.cmd.Process.Signal(syscall.SIGTERM), s.cmd.Wait())
}

// answers waits until the server does.
func (s *crashServer) answers(limit time.Duration) error {
	client := &http.Client{Timeout: limit}
	defer client.CloseIdleConnections()
	resp, err := client.Get(s.settings.Public + "/healthz")
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
