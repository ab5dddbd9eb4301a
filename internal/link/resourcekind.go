package link

// The kinds of resources that a status lists.
const (
	KindService          = "vpc-endpoint-service"
	KindTXTRecord        = "txt-record"
	KindParameter        = "ssm-parameter"
	KindEndpoint         = "vpc-endpoint"
	KindNetworkInterface = "network-interface"
	KindTarget           = "target"
	KindSecurityGroup    = "security-group"
	KindHostedZone       = "hosted-zone"
	KindZoneRecord       = "zone-record"
	KindZoneVPC          = "zone-association"
	KindTargetGroup      = "target-group"
	KindListenerRule     = "listener-rule"
	KindCertificate      = "listener-certificate"
	KindWebACL           = "web-acl-association"
	KindVPC              = "vpc"
	KindPeering          = "vpc-peering-connection"
	KindRoute            = "route"
	KindSecurityRule     = "security-group-rule"
	KindFlow             = "connection" // a Connection that a service looks after

	KindPrivateLinkService = "private-link-service"
	KindPrivateEndpoint    = "private-endpoint"
	KindPrivateDNSZone     = "private-dns-zone"
	KindVirtualNetworkLink = "virtual-network-link"
	KindSubnet             = "subnet"
)

// ServiceKind is what a cloud calls a published service.
func (c Cloud) ServiceKind() string { return c.kind(KindService, KindPrivateLinkService) }

// EndpointKind is what a cloud calls an endpoint.
func (c Cloud) EndpointKind() string { return c.kind(KindEndpoint, KindPrivateEndpoint) }

// ZoneKind is what a cloud calls a private zone.
func (c Cloud) ZoneKind() string { return c.kind(KindHostedZone, KindPrivateDNSZone) }

// ZoneNetworkKind is what a cloud calls it that a network sees a private zone.
func (c Cloud) ZoneNetworkKind() string { return c.kind(KindZoneVPC, KindVirtualNetworkLink) }

func (c Cloud) kind(aws, azure string) string {
	if c == Azure {
		return azure
	}
	return aws
}

// Cloud of the service; empty for a spec that is none.
func (s EndpointServiceSpec) Cloud() Cloud { return cloudOf(s.AWS != nil, s.Azure != nil) }

// Cloud of the connection; empty for a spec that is none.
func (s ConnectionSpec) Cloud() Cloud { return cloudOf(s.AWS != nil, s.Azure != nil) }

// Cloud of the inventory; empty for a spec that is none.
func (s VPCInventorySpec) Cloud() Cloud { return cloudOf(s.AWS != nil, false) }

func cloudOf(aws, azure bool) Cloud {
	switch {
	case azure:
		return Azure
	case aws:
		return AWS
	}
	return ""
}

// ExistingService is the id of the service that was there before, and is left when the flow ends; empty when one is
// made.
func (s EndpointServiceSpec) ExistingService() string {
	switch {
	case s.Azure != nil:
		return s.Azure.PrivateLinkService
	case s.AWS != nil:
		return s.AWS.Service
	}
	return ""
}

// ExistingEndpoint is the id of the endpoint that the connection is to take over; empty when it makes one.
func (s ConnectionSpec) ExistingEndpoint() string {
	switch {
	case s.Azure != nil:
		return s.Azure.PrivateEndpoint
	case s.AWS != nil:
		return s.AWS.Endpoint
	}
	return ""
}

// DefaultGroupEffect says what it means that an endpoint has no security groups but its VPC's default one, which
// admits its own members alone unless somebody has changed it (Amazon VPC User Guide, "Default security groups for
// your VPCs").
func DefaultGroupEffect(vpc string) string {
	return "no security group is named, so the endpoint has the default one of " + vpc +
		": unless its rules were changed, only what is in the same group reaches the endpoint"
}
