package activities

import (
	"context"

	"github.com/linkwright/linkwright/internal/link"
)

// Ingress is what the owner of a load balancer does, so that it fronts an endpoint.
type Ingress interface {
	// EnsureTargets registers the wanted targets and deregisters those of Owned that are wanted no longer.
	// Targets of others in the same group are left alone.
	EnsureTargets(context.Context, TargetsRequest) error
	// AwaitHealthy looks at the health of the wanted targets. Pending until all are healthy; Changed when some
	// stay away, so that they have to be registered again; blocked when they stay unhealthy, or when no load
	// balancer uses the group.
	AwaitHealthy(context.Context, TargetsRequest) ([]TargetHealth, error)
	// RemoveTargets deregisters Owned. Pending until they have drained; nothing happens when they are gone.
	RemoveTargets(context.Context, TargetsRequest) error
	// RouteRoom looks whether the load balancer of a listener has room for one more route: rules, target groups,
	// certificates. It changes nothing.
	RouteRoom(context.Context, RouteRoomRequest) (RouteRoom, error)
	// EnsureTargetGroup makes the target group of a route be there, once, and brings its health check and attributes
	// in step. It is found by its ownership tag, and by nothing else. What cannot be changed (protocol, port, load
	// balancer) takes another group, beside the one that was.
	EnsureTargetGroup(context.Context, TargetGroupRequest) (TargetGroup, error)
	// RemoveTargetGroup deletes the groups of Owner, but for the one to keep. Pending while rules use them; nothing
	// happens when they are gone.
	RemoveTargetGroup(context.Context, TargetGroupRequest) error
	// FindCertificate finds the issued certificate that covers the hosts of a route; blocked when there is none.
	FindCertificate(context.Context, RouteRequest) (Certificate, error)
	// EnsureRoute makes the listener send requests to the target group: checks that the web ACL protects the load
	// balancer, puts the certificate on the listener where it is missing, and makes the rule, or brings it in step.
	EnsureRoute(context.Context, RouteRequest) (Route, error)
	// RemoveRoute deletes the rule of Owner, and takes the certificate off the listener when Owner has put it there and
	// no other rule there needs it; nothing happens when they are gone.
	RemoveRoute(context.Context, RouteRequest) error
}

// RouteRoomRequest asks about the load balancer of a listener.
type RouteRoomRequest struct {
	Place
	Owner    Owner  `json:"owner"`
	Listener string `json:"listener"`
	// Want is the route to come. A certificate of the listener that covers its hosts takes no room.
	Want link.Route `json:"want,omitzero"`
}

// RouteRoom is whether a load balancer has room for one more route.
type RouteRoom struct {
	// Free is true when it has, or when Owner has its route there already.
	Free bool `json:"free"`
	// Full says what is used up: "100 of 100 rules".
	Full string `json:"full,omitempty"`
}

// TargetGroupRequest is about the target group of a route.
type TargetGroupRequest struct {
	Place
	Owner Owner  `json:"owner"`
	Name  string `json:"name"` // a readable name: "payments/shop"
	// Listener is that of the route; the group is made in the VPC of its load balancer.
	Listener string            `json:"listener,omitempty"`
	Port     int32             `json:"port,omitempty"`
	Want     link.RouteTargets `json:"want,omitzero"` // with defaults
	// Keep is the ARN of a group that RemoveTargetGroup leaves: the one that another has made way for.
	Keep string `json:"keep,omitempty"`
	// Only is the ARN of the one group that RemoveTargetGroup deletes; empty for all of Owner.
	Only string `json:"only,omitempty"`
}

// TargetGroup is the target group of a route.
type TargetGroup struct {
	ARN string `json:"arn"`
	// Changes tells what EnsureTargetGroup did this time; empty when everything was as specified.
	Changes []string `json:"changes,omitempty"`
}

// RouteRequest is about the rule that sends requests to a target group.
type RouteRequest struct {
	Place
	Owner       Owner  `json:"owner"`
	Name        string `json:"name"` // a readable name: "payments/shop"
	Listener    string `json:"listener"`
	TargetGroup string `json:"targetGroup,omitempty"`
	// Want is the route of the spec, with defaults.
	Want link.Route `json:"want,omitzero"`
	// Certificate is the one that FindCertificate has found.
	Certificate string `json:"certificate,omitempty"`
	// AddedCertificate is true when the flow has put the certificate on the listener, or was about to.
	AddedCertificate bool `json:"addedCertificate,omitempty"`
	// FormerCertificates are those that the flow has put on the listener before, and that Certificate has taken the
	// place of.
	FormerCertificates []string `json:"formerCertificates,omitempty"`
	// Only is the ARN of the one rule that RemoveRoute deletes; empty for all of Owner.
	Only string `json:"only,omitempty"`
}

// Certificate is a certificate that covers the hosts of a route.
type Certificate struct {
	ARN string `json:"arn"`
	// OnListener is true when the listener has it already.
	OnListener bool `json:"onListener,omitempty"`
}

// Route is the rule of a route.
type Route struct {
	Rule     string `json:"rule"` // ARN
	Priority int    `json:"priority"`
	// Changes tells what EnsureRoute did this time; empty when everything was as specified.
	Changes []string `json:"changes,omitempty"`
}

// TargetsRequest is about the targets that one connection has in a target group.
type TargetsRequest struct {
	Place
	TargetGroup string `json:"targetGroup"`
	Port        int32  `json:"port"`
	// Listener is that of the route, for a group that is made for one. Its load balancer's availability zones are
	// needed when no rule uses the group yet.
	Listener string `json:"listener,omitempty"`
	// Wanted are the addresses to have as targets; Owned those that this flow has registered, or was about to.
	Wanted []string `json:"wanted,omitempty"`
	Owned  []string `json:"owned,omitempty"`
}

// TargetHealth is what the load balancer says of one target.
type TargetHealth struct {
	IP     string `json:"ip"`
	State  string `json:"state"`            // healthy, initial, unhealthy, …
	Reason string `json:"reason,omitempty"` // Target.FailedHealthChecks, …
}
