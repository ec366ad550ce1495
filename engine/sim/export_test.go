package sim

import (
	"maps"
	"slices"
)

// Routes lists the REST API for tests: "POST /2010-04-01/Accounts/{AccountSid}/Calls".
func Routes() []string {
	var all []string
	for _, r := range routes {
		for method, do := range map[string]handler{"GET": r.get, "POST": r.post, "DELETE": r.del} {
			if do != nil {
				all = append(all, method+" "+r.path)
			}
		}
	}
	return all
}

// Parameters lists what a route of Routes takes.
func Parameters(method, path string) []string {
	for _, r := range routes {
		if r.path != path {
			continue
		}
		known := r.filters
		if method == "POST" {
			known = r.takes
		}
		return slices.Collect(maps.Keys(known))
	}
	return nil
}
