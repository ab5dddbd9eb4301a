// Package aws takes the steps of package activities in AWS PrivateLink, and in the services around it: Elastic
// Load Balancing, Certificate Manager, WAF, Route 53, Systems Manager, Service Quotas.
//
// There is one struct for each contract: [Provider], [Consumer], [Inventories], [Ingress], [Zones], [HostedZones], [Names],
// [Peerings], [Watcher], [Planner], [Auditor]. Each is made from a [Config] (NewProvider, NewConsumer, …), and [Register] makes and registers all of them under
// the names "aws.<Step>".
//
// A step observes, plans and applies. Plans are pure functions from what is there and what is wanted to a list
// of small changes (*_plan.go); applying a change is one call. Every error goes through one classifier
// (classify.go), which decides whether Temporal tries again or a person has to help.
//
// What belongs to a flow is known by its tag "linkwright:owner" (tags.go), and not by name. A service, an endpoint or a
// security group that the flow has made, and that has no owner any more, gets its tag back. DNS records, which have no
// tags, have a note beside them (zonerecords_plan.go).
//
// An audit takes the plans of all flows in a place on a snapshot: what can be looked at together is looked at once, and
// what cannot is read as far as the audit may (auditor.go).
//
// Which step comes when, and what happens between them, is not here; see package workflows.
package aws
