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
	KindVPC              = "vpc"
	KindPeering          = "vpc-peering-connection"
	KindRoute            = "route"
	KindSecurityRule     = "security-group-rule"
	KindFlow             = "connection" // a Connection that a service looks after
)

// ExistingEndpoint is the id of the endpoint that the connection is to take over; empty when it makes one.
func (s ConnectionSpec) ExistingEndpoint() string {
	if s.AWS == nil {
		return ""
	}
	return s.AWS.Endpoint
}
