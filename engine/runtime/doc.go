// Package runtime takes one event of a session from its arrival to its answer: it
// finds the session that a URL names, serialises its events, loads it, runs
// engine.Step, commits what came out, and only then answers or hands the effects on.
//
// It meets the store, the loaded flows and the dispatcher through small interfaces of
// its own. It does no network I/O, and waits for none while it holds a session's lock.
package runtime
