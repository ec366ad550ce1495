package node_test

import (
	"os"
	"testing"
)

// TestMain lets the test binary be started as one of the benchmark's servers.
func TestMain(m *testing.M) {
	serveAsChild()
	os.Exit(m.Run())
}
