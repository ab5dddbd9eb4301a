// Package permissions says what Linkwright must be allowed to do in AWS, and nothing besides: the policies of the roles
// that it assumes, who may assume them, and the policy of the worker that does.
//
// Each part that an account can play in a link has a file (provider.go, consumer.go, …), which lists the calls of the
// steps in package aws and what they can be narrowed to. A call that a step makes and no file lists fails a test of
// package aws; one that is listed and not needed, or needed and narrowed too far, fails the tests of dev/e2e, which run
// with exactly these policies.
//
// Which resource types and condition keys an action knows is taken from the Service Authorization Reference, "Actions,
// resources, and condition keys" of Amazon EC2, AWS PrivateLink (prefix vpce), Elastic Load Balancing V2, AWS Certificate
// Manager, AWS WAF V2, Service Quotas, Amazon Route 53, AWS Systems Manager and AWS Security Token Service, as of September 2026. An action for which it names no resource
// type takes no resource but "*".
//
// How a policy gets into an account is not here: nothing in this package talks to anybody.
package permissions
