package testrun

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ringdown/ringdown/engine/diag"
	"github.com/ringdown/ringdown/engine/graph"
	"github.com/ringdown/ringdown/schema"
)

// Coverage is what of the flows was taken in all cases. It is safe for concurrent use.
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

// ran reports whether one of the places has run.
func (c *Coverage) ran(folder string, places ...diag.Pos) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.ContainsFunc(places, func(p diag.Pos) bool { return c.taken[folder][p] })
}

// FlowCoverage is what of one flow was taken.
type FlowCoverage struct {
	Flow     string
	File     string // as people open it
	All      map[schema.WayKind]int
	Taken    map[schema.WayKind]int
	Untested []schema.Way // places as people open them

	graph *graph.Graph
}

// Percent is how much was taken, rounded down: 100 means all.
func (f *FlowCoverage) Percent() int {
	all, taken := 0, 0
	for kind, n := range f.All {
		all, taken = all+n, taken+f.Taken[kind]
	}
	if all == 0 {
		return 100
	}
	return taken * 100 / all
}

// Draw gives the graph of the flow with what was taken, and what not, in colours.
func (f *FlowCoverage) Draw() graph.Graph { return *f.graph }

// Flows tells of the flows of the folders: of all that are in it, or of those alone that
// the test files read are about.
func (c *Coverage) Flows(folders []*Folder, all bool) ([]*FlowCoverage, error) {
	var list []*FlowCoverage
	for _, folder := range folders {
		for _, id := range folder.flows(all) {
			file := folder.Set.Closures[id].Flow.File
			src := folder.Sources[filepath.Join(folder.Path, filepath.FromSlash(file))]
			one, err := c.flow(folder, id, file, src)
			if err != nil {
				return nil, err
			}
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b *FlowCoverage) int { return cmp.Compare(a.File, b.File) })
	return list, nil
}

// flows are the ids of the flows that coverage is about.
func (f *Folder) flows(all bool) []string {
	var ids []string
	for id := range f.Set.Closures {
		if all && !strings.Contains("/"+f.Set.Closures[id].Flow.File, "/testdata/") || f.tests(id) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (f *Folder) tests(flow string) bool {
	for _, file := range f.Files {
		if file.Flow.Name == flow {
			return true
		}
	}
	return false
}

func (c *Coverage) flow(folder *Folder, id, file string, src []byte) (*FlowCoverage, error) {
	ways, diags := schema.Ways(file, src)
	if diags.HasErrors() {
		return nil, diags.Err()
	}
	f := &FlowCoverage{Flow: id, File: folder.located(diag.Pos{File: file}).File, All: map[schema.WayKind]int{}, Taken: map[schema.WayKind]int{}}
	for _, w := range ways {
		f.All[w.Kind]++
		if c.ran(folder.Path, w.Places...) {
			f.Taken[w.Kind]++
			continue
		}
		w.Pos = folder.located(w.Pos)
		f.Untested = append(f.Untested, w)
	}
	f.graph, diags = schema.CoverGraph(file, src, func(places ...diag.Pos) bool { return c.ran(folder.Path, places...) })
	return f, diags.Err()
}

// worthTelling leaves out what leads from a state that is not tested itself.
func (f *FlowCoverage) worthTelling() []schema.Way {
	missing := map[string]bool{}
	for _, w := range f.Untested {
		missing[w.State] = missing[w.State] || w.Kind == schema.StateWay
	}
	return slices.DeleteFunc(slices.Clone(f.Untested), func(w schema.Way) bool { return w.Kind != schema.StateWay && missing[w.State] })
}

// WriteCoverage writes for people how much of each flow was taken, and what was not.
func WriteCoverage(w io.Writer, flows []*FlowCoverage, color bool) error {
	var b strings.Builder
	wide := len("flow")
	for _, f := range flows {
		wide = max(wide, len(f.Flow))
	}
	fmt.Fprintf(&b, "\n%-*s  %8s  %11s  %8s\n", wide, "flow", "states", "transitions", "handlers")
	share := func(f *FlowCoverage, kind schema.WayKind) string {
		return fmt.Sprintf("%d of %d", f.Taken[kind], f.All[kind])
	}
	for _, f := range flows {
		shade := green
		if f.Percent() < 100 {
			shade = red
		}
		fmt.Fprintf(&b, "%-*s  %8s  %11s  %8s  %s\n", wide, f.Flow, share(f, schema.StateWay), share(f, schema.TransitionWay), share(f, schema.HandlerWay),
			paint(color, shade, fmt.Sprintf("%3d %%", f.Percent())))
	}
	for _, f := range flows {
		for _, way := range f.worthTelling() {
			fmt.Fprintf(&b, "%s: not tested: %s %s\n", paint(color, bold, way.Pos.String()), way.Kind, way.Name)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
