// Package activities states the steps that flows take in the world, as contracts: what each is asked, what
// it answers, and how it fails. The workflows know only this package; activities/<cloud> implements it for
// one cloud, and registers each step under the cloud's name ("aws.EnsureService").
//
// Every step is an ensure: it looks for what is ours, adopts or makes it, and answers what is there. Running
// it twice, or dying anywhere inside it, changes nothing more. A step never waits: what is not ready yet is
// answered with [Pending], and Temporal asks again.
package activities
