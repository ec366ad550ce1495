// Package flowtest plays flows end to end in one process: the server as it is run in
// earnest, a simulated Twilio, and a billing service, connected by HTTP over loopback
// with real signatures, in virtual time. An hour of telephony takes some milliseconds,
// and the same seed gives the same run.
package flowtest
