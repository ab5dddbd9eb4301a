package link

// Ingress makes the addresses of the endpoint's network interfaces targets: of a target group that is there, or of
// one that is made for the connection and routed to by a load balancer that is there.
type Ingress struct {
	// Account that owns the load balancer, by its name in the workers' accounts file. Default: the connection's
	// account.
	Account string `json:"account,omitempty"`
	// TargetGroup is the ARN of a target group with target type ip, in the connection's region.
	TargetGroup string `json:"targetGroup,omitempty" jsonschema:"oneof_required=targetGroup,example=arn:aws:elasticloadbalancing:eu-central-1:444455556666:targetgroup/payments/0a1b2c3d4e5f6789"`
	// Route makes a target group, and a rule at a listener that sends requests to it.
	Route *Route `json:"route,omitempty" jsonschema:"oneof_required=route"`
	// Port on which the service answers behind the endpoint.
	Port int32 `json:"port" jsonschema:"required,minimum=1,maximum=65535"`
}

// Route sends requests that arrive at an application load balancer to the endpoint.
type Route struct {
	// Listeners are HTTPS listeners of application load balancers. The route is made at the first one whose load
	// balancer has room.
	Listeners []RouteListener `json:"listeners" jsonschema:"required,minItems=1"`
	// Hosts are the host names of the requests, in lower case; a leading "*." covers all names below it.
	Hosts []string `json:"hosts" jsonschema:"required,minItems=1,uniqueItems=true,maxLength=128,example=payments.example.com"`
	// Paths of the requests, such as /api/*. Default: all.
	Paths []string `json:"paths,omitempty" jsonschema:"minItems=1,uniqueItems=true,maxLength=128,pattern=^/[a-zA-Z0-9_.$/~\"'@:+*?&-]*$,example=/api/*"`
	// Targets says how the load balancer talks to the endpoint.
	Targets RouteTargets `json:"targets,omitzero"`
	// Certificate is the ARN of an ACM certificate that covers the hosts. It is added to the listener where it is
	// not there. Default: an issued one of the account that covers the hosts, one at the listener first.
	Certificate string `json:"certificate,omitempty" jsonschema:"example=arn:aws:acm:eu-central-1:444455556666:certificate/0a1b2c3d-4e5f-6789-abcd-ef0123456789"`
	// WebACL is the ARN of a regional AWS WAF web ACL that must protect the load balancer. Default: none is asked for.
	WebACL string `json:"webACL,omitempty" jsonschema:"example=arn:aws:wafv2:eu-central-1:444455556666:regional/webacl/edge/0a1b2c3d-4e5f-6789-abcd-ef0123456789"`
	// AssociateWebACL puts the web ACL before a load balancer that has none, where it stays. Default: false, which
	// waits for somebody to do so.
	AssociateWebACL bool `json:"associateWebACL,omitempty"`
}

// RouteListener is a place where a route may be made.
type RouteListener struct {
	// Listener is the ARN of an HTTPS listener in the connection's region.
	Listener string `json:"listener" jsonschema:"required,example=arn:aws:elasticloadbalancing:eu-central-1:444455556666:listener/app/edge/0a1b2c3d4e5f6789/0a1b2c3d4e5f6789"`
	// Inventory is the one of aws.inventories whose VPCs this load balancer reaches. Where listeners name inventories,
	// the endpoint and its route are placed together. Default: it reaches all of them.
	Inventory string `json:"inventory,omitempty" jsonschema:"maxLength=63,pattern=^[a-z0-9]([a-z0-9-]*[a-z0-9])?$,example=hub"`
}

// RouteTargets is how a load balancer talks to its targets.
type RouteTargets struct {
	// Protocol is HTTP or HTTPS. Default: HTTP.
	Protocol TargetProtocol `json:"protocol,omitempty" jsonschema:"enum=HTTP,enum=HTTPS,default=HTTP"`
	// HealthCheck says when a target is healthy.
	HealthCheck HealthCheck `json:"healthCheck,omitzero"`
	// Attributes of the target group, by the names that AWS gives them, such as
	// deregistration_delay.timeout_seconds: "30". Default: AWS's.
	Attributes map[string]string `json:"attributes,omitempty"`
}

// TargetProtocol is how a load balancer talks to its targets.
type TargetProtocol string

const (
	TargetHTTP  TargetProtocol = "HTTP"
	TargetHTTPS TargetProtocol = "HTTPS"
)

// HealthCheck is the request that a healthy target answers.
type HealthCheck struct {
	// Path that is asked for. Default: /.
	Path string `json:"path,omitempty" jsonschema:"maxLength=1024,pattern=^/,example=/healthz,default=/"`
	// Port that is asked. Default: the targets' own.
	Port int32 `json:"port,omitempty" jsonschema:"minimum=1,maximum=65535"`
	// Codes are the HTTP status codes of a healthy answer, such as 200-299 or 200,204, within 200-499. Default: 200.
	Codes string `json:"codes,omitempty" jsonschema:"pattern=^[2-4][0-9][0-9](-[2-4][0-9][0-9])?(\\,[2-4][0-9][0-9](-[2-4][0-9][0-9])?)*$,example=200-299,default=200"`
	// Interval between two checks of a target, such as 30s: from 5s to 5m. Default: 30s.
	Interval Duration `json:"interval,omitempty" jsonschema:"default=30s"`
	// Timeout is how long an answer may take: from 2s to 2m, and less than the interval. Default: 5s.
	Timeout Duration `json:"timeout,omitempty" jsonschema:"default=5s"`
	// Healthy is how many good answers in a row make a target healthy. Default: 5.
	Healthy int32 `json:"healthy,omitempty" jsonschema:"minimum=2,maximum=10,default=5"`
	// Unhealthy is how many failures in a row make it unhealthy. Default: 2.
	Unhealthy int32 `json:"unhealthy,omitempty" jsonschema:"minimum=2,maximum=10,default=2"`
}
