package desk

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/ringdown/ringdown/engine/expr"
	"github.com/ringdown/ringdown/engine/sim"
)

// addWorkers gives the simulated TaskRouter the workflows that the env file names (WW...),
// and a worker for every phone in it that is called WORKER or WORKER_SOMETHING.
func (d *Desk) addWorkers() error {
	values := d.env.all()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values[name]
		switch {
		case isWorkflow(v):
			url := d.base + "/taskrouter/assignment"
			d.sim.AddWorkflow(v, sim.Workflow{AssignmentURL: url, FallbackURL: url})
		case isWorker(name, v):
			attributes, err := json.Marshal(map[string]string{"name": d.NameOf(v), "contact_uri": v})
			if err != nil {
				return err
			}
			if _, err := d.sim.AddWorker(d.NameOf(v), string(attributes)); err != nil {
				return err
			}
		}
	}
	return nil
}

// sidLength is the length of every SID of Twilio's.
const sidLength = 34

func isWorkflow(value string) bool { return strings.HasPrefix(value, "WW") && len(value) == sidLength }

func isWorker(name, value string) bool {
	return strings.HasPrefix(name, "WORKER") && expr.IsPhone(value)
}
