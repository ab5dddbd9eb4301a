// Package aws takes the steps of package activities in AWS PrivateLink, and in the services around it: Elastic
// Load Balancing, Certificate Manager, WAF, Route 53, Systems Manager, Service Quotas.
//
// There is one struct for each contract: [Provider], [Consumer], [Inventories], [Ingress], [Zones], [HostedZones], [Names],
// [Watcher]. Each is made from a [Config] (NewProvider, NewConsumer, …), and [Register] makes and registers all of them under
// the names "aws.<Step>".
//
// A step observes, plans and applies. Plans are pure functions from what is there and what is wanted to a list
// of small changes (*_plan.go); applying a change is one call. Every error goes through one classifier
// (classify.go), which decides whether Temporal tries again or a person has to help.
//
// What belongs to a flow is known by its tag "linkwright:owner" (tags.go) and by nothing else: not by name, and
// not by an id that somebody remembers. DNS records, which have no tags, have a note beside them (zonerecords_plan.go).
//
// Which step comes when, and what happens between them, is not here; see package workflows.
package aws
