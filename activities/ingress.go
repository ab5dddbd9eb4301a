package activities

import "context"

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
}

// TargetsRequest is about the targets that one connection has in a target group.
type TargetsRequest struct {
	Place
	TargetGroup string `json:"targetGroup"`
	Port        int32  `json:"port"`
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
