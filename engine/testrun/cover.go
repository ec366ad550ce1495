package testrun

import (
	"sync"

	"github.com/ringdown/ringdown/engine/diag"
)

// Coverage is what of the flows was taken in all cases.
type Coverage struct {
	mu    sync.Mutex
	taken map[string]map[diag.Pos]bool // places within a folder, by its path
}

func newCoverage() *Coverage { return &Coverage{taken: map[string]map[diag.Pos]bool{}} }

func (c *Coverage) add(folder string, places []diag.Pos) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.taken[folder] == nil {
		c.taken[folder] = map[diag.Pos]bool{}
	}
	for _, p := range places {
		c.taken[folder][p] = true
	}
}
