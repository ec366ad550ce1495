package node

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/server"
)

// maxLoads is how many loads of the flow folder are remembered.
const maxLoads = 20

// loads remembers what came of the newest loads, for pages.
type loads struct {
	mu   sync.Mutex
	seen server.FilesView
}

func (l *loads) view() server.FilesView {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := l.seen
	v.Loads = slices.Clone(v.Loads)
	return v
}

func (l *loads) add(folder string, flows int, load server.LoadView) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen.Folder, l.seen.Flows = folder, flows
	l.seen.Loads = append([]server.LoadView{load}, l.seen.Loads...)
	l.seen.Loads = l.seen.Loads[:min(len(l.seen.Loads), maxLoads)]
}

// reported takes what came of a load, and passes it on.
func (n *Node) reported(r Report) {
	load := server.LoadView{
		At: n.cfg.Clock.Now().UTC(), Good: r.Err == nil, Added: r.Added, Changed: r.Changed, Removed: r.Removed, Changes: r.Changes,
		Problems: server.ViewProblems(r.Diagnostics, n.sourceLine),
	}
	if r.Err != nil && len(r.Diagnostics) == 0 {
		load.Error = r.Err.Error()
	}
	n.loads.add(n.cfg.Flows, r.Flows, load)
	n.stream.Publish(server.EventFiles, n.loads.view())
	n.cfg.Loaded(r)
}

// sourceLine gives the line of a flow file at a place; "" if it cannot be read.
func (n *Node) sourceLine(p diag.Pos) string {
	text, err := os.ReadFile(filepath.Join(n.cfg.Flows, filepath.FromSlash(p.File)))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n")
	if p.Line < 1 || p.Line > len(lines) {
		return ""
	}
	return strings.TrimSuffix(lines[p.Line-1], "\r")
}
