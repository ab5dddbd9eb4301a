// Package flows is the client's side of the flows: it names them, starts and changes them, finds them, asks
// them how they are, and carries decisions to them, all through one Temporal client. Its errors say in plain
// words what went wrong and what to do next.
//
// How a status looks to a person is package render; what a flow does is package workflows.
package flows
