// Package dispatch does what sessions ask of the world, after it was committed:
// REST calls to Twilio and HTTP requests, in the order of their lanes, paced, within
// their deadlines, repeated only where that does no harm. It also fires the sessions'
// timers and asks Twilio about calls that have been silent for too long.
//
// What became of an effect returns to its session as an event, delivered until it is
// committed. An attempt is written down, with a lease, before its request goes out; so
// after a crash nobody believes that nothing was sent. What is done then, and after
// any answer that says neither yes nor no, is declared per kind in engine.EffectSpecs.
package dispatch
