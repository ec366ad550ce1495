// Package taskrouter simulates Twilio's TaskRouter: workspaces with their workers,
// task queues and workflows, tasks on their way to a worker, events, statistics and
// the REST API of all that. It knows nothing of telephone calls: what an assignment
// wants to have done to them it leaves to Calls.
//
// A task is taken in (Router.AddTask or REST), its workflow (workflow.go) leads it
// from queue to queue (task.go), it is offered to the best worker there (offers.go),
// and the application is asked what to do with that reservation (reservation.go,
// assignment.go). Files that begin with rest hold the resources of the REST API.
package taskrouter
