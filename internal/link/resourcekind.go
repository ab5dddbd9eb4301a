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
)

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
