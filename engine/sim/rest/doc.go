// Package rest is the shell of a simulated REST API: a table of routes, the check
// of parameters, lists in pages, and answers and errors in Twilio's form. It knows
// no resource; those belong to whoever makes the table.
//
// A request is taken apart (Read), its route is found (Find) and answered
// (Route.Answer): the parameters are checked by the rules of the route, then the
// handler of the method runs. What is simulated is a type parameter: the handlers
// of an account are Handler[*sim.Sim].
package rest
