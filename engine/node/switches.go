package node

import (
	"context"
	"maps"

	"github.com/ringdown/ringdown/engine"
)

// switchboard is the node as the server turns switches on and off.
type switchboard struct{ n *Node }

// Switches implements server.Switches.
func (b switchboard) Switches() map[string]bool { return b.n.world().Switches }

// SetSwitch implements server.Switches. What is stored is seen by every event from then
// on; two changes at a time are made one after the other, so that memory and store agree.
func (b switchboard) SetSwitch(ctx context.Context, name string, on bool) error {
	b.n.switching.Lock()
	defer b.n.switching.Unlock()
	if err := b.n.store.SetSwitch(ctx, name, on); err != nil {
		return err
	}
	b.n.changeWorld(func(w *engine.World) {
		next := maps.Clone(w.Switches)
		if next == nil {
			next = map[string]bool{}
		}
		next[name] = on
		w.Switches = next
	})
	return nil
}
