// Package azure takes the steps of package activities in Azure Private Link, and in the private DNS zones beside it.
//
// There is one struct for each contract that Azure has a counterpart for: [Provider], [Consumer], [HostedZones],
// [Watcher], [Planner], [Operations]. The steps of the others (proofs of domains, published names, load balancers in
// front of endpoints, inventories, peerings) are refused in words (missing.go). [Register] makes and registers all of
// them under the names "azure.<Step>".
//
// A step observes, plans and applies. Plans are pure functions from what is there and what is wanted to what is to be
// changed (*_plan.go). Azure carries most changes out on its own time: a step begins one, answers with what asks after
// it (operations.go), and is taken again once it is over. It always looks first, so that one that died in between
// begins nothing twice. Every error goes through one classifier (classify.go), by its code.
//
// [Auditor] plans once more what flows stand by (drift.go), in a subscription that it has looked at in lists for all of
// them (snapshot.go).
//
// What belongs to a flow is known by its tag "linkwrightOwner" (tags.go), record sets by the same key in their
// metadata. Azure writes resource ids in whichever case somebody once used, so each is brought to one form where it
// comes in (id.go).
//
// Which step comes when, and what happens between them, is not here; see package workflows.
package azure
