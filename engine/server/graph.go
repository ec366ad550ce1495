package server

import (
	"net/http"
	"strconv"

	"github.com/ringdown/ringdown/engine"
	"github.com/ringdown/ringdown/engine/graph"
)

// GraphView is a flow as boxes and lines: the flow itself first, then those that it runs.
type GraphView struct {
	Flow  string     `json:"flow"`
	Nodes []NodeView `json:"nodes"`
	Edges []EdgeView `json:"edges"`
}

// NodeView is a state, or where a session begins or ends.
type NodeView struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"` // state, entry or exit
	Detail string `json:"detail,omitempty"`
}

// EdgeView leads from one node to another. Other: another leg than that of From goes there.
type EdgeView struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Label string `json:"label,omitempty"`
	Other bool   `json:"other,omitempty"`
}

var nodeKinds = map[graph.Kind]string{graph.State: "state", graph.Entry: "entry", graph.Exit: "exit"}

func viewGraph(g graph.Graph) GraphView {
	g = g.Merged()
	v := GraphView{Flow: g.Title, Nodes: make([]NodeView, 0, len(g.Nodes)), Edges: make([]EdgeView, 0, len(g.Edges))}
	for _, n := range g.Nodes {
		v.Nodes = append(v.Nodes, NodeView{n.ID, nodeKinds[n.Kind], n.Detail})
	}
	for _, e := range g.Edges {
		v.Edges = append(v.Edges, EdgeView{e.From, e.To, e.Label, e.Other})
	}
	return v
}

func (s *Server) flowGraph(w http.ResponseWriter, r *http.Request) {
	for _, f := range s.cfg.Flows() {
		if f.Closure.Flow.Name == r.PathValue("flow") {
			s.drawGraphs(w, r, f.Closure)
			return
		}
	}
	refuse(w, http.StatusNotFound, "not-found", "there is no flow "+strconv.Quote(r.PathValue("flow")))
}

// sessionGraph draws the version that the session keeps, which may not be the newest.
func (s *Server) sessionGraph(w http.ResponseWriter, r *http.Request) {
	closure, err := s.rt.ClosureOf(r.Context(), r.PathValue("id"))
	if err != nil {
		s.refuseError(w, r, err)
		return
	}
	s.drawGraphs(w, r, closure)
}

func (s *Server) drawGraphs(w http.ResponseWriter, r *http.Request, c *engine.Closure) {
	if s.cfg.Graphs == nil {
		refuse(w, http.StatusNotFound, "not-found", "there is no such resource")
		return
	}
	graphs, err := s.cfg.Graphs(c.Source)
	if err != nil {
		s.refuseError(w, r, err)
		return
	}
	views := make([]GraphView, 0, len(graphs))
	for _, g := range graphs {
		views = append(views, viewGraph(g))
	}
	reply(w, http.StatusOK, map[string]any{"closure": c.ID, "graphs": views})
}
