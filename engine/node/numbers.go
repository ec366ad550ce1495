package node

import (
	"context"
	"strings"
	"time"

	"github.com/ringdown/ringdown/engine"
)

// numbersEvery is how often the settings of the account's numbers are looked at, and
// numbersTime how long that may take.
const (
	numbersEvery = 10 * time.Minute
	numbersTime  = 30 * time.Second
)

// world is what events may read now.
func (n *Node) world() engine.World { return *n.worldNow.Load() }

// watchNumbers finds out, now and from time to time, whose status callbacks come here.
// A call to any other number gets the callback by REST, one request for each call.
func (n *Node) watchNumbers() {
	n.cfg.Clock.Go(func() {
		n.checkNumbers()
		n.mu.Lock()
		defer n.mu.Unlock()
		if !n.closed {
			n.numbers = n.cfg.Clock.AfterFunc(numbersEvery, n.watchNumbers)
		}
	})
}

func (n *Node) checkNumbers() {
	ctx, cancel := context.WithTimeout(context.Background(), numbersTime)
	defer cancel()
	list, err := n.rest.ListNumbers(ctx)
	if err != nil {
		n.cfg.Log.Warn("the settings of the account's numbers cannot be read; status callbacks are asked for with each call", "error", err)
		return
	}
	reports := make(map[string]bool, len(list))
	for _, number := range list {
		if n.isOurs(number.StatusCallback, "/voice/status") {
			reports[number.Phone] = true
		}
	}
	n.changeWorld(func(w *engine.World) { w.Reports = reports })
}

// changeWorld changes what events read from now on. Events in hand keep what they have.
func (n *Node) changeWorld(change func(*engine.World)) {
	for {
		old := n.worldNow.Load()
		w := *old
		change(&w)
		if n.worldNow.CompareAndSwap(old, &w) {
			return
		}
	}
}

// isOurs reports whether an address is a path of this server.
func (n *Node) isOurs(address, path string) bool {
	for _, base := range n.cfg.PublicURLs {
		if a, _, _ := strings.Cut(address, "#"); a == strings.TrimRight(base, "/")+path {
			return true
		}
	}
	return false
}
