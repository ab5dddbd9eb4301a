package link

import (
	"slices"
	"time"
)

// WithDefaults returns the spec with every documented default filled in. The spec itself is left as it is,
// and a second time changes nothing more.
func (s EndpointServiceSpec) WithDefaults() EndpointServiceSpec {
	if s.AWS != nil {
		aws := s.AWS.withDefaults()
		s.AWS = &aws
	}
	if s.Azure != nil {
		azure := s.Azure.withDefaults()
		s.Azure = &azure
	}
	if s.Publish != nil && s.Publish.SSMParameter != nil {
		parameter := *s.Publish.SSMParameter
		fill(&parameter.Region, s.Region)
		s.Publish = &Publish{SSMParameter: &parameter}
	}
	drift := DriftPolicy{}
	if s.Drift != nil {
		drift = *s.Drift
	}
	fill(&drift.Default, DriftRepair)
	s.Drift = &drift
	// Where nothing is to be accepted, nothing is to be approved.
	if s.AWS == nil || *s.AWS.AcceptanceRequired {
		policy := ApprovalPolicy{}
		if s.Approval != nil {
			policy = *s.Approval
		}
		fill(&policy.Mode, ApproveManually)
		if policy.Timeout != 0 {
			fill(&policy.OnTimeout, TimeoutWait)
		}
		if policy.Mode == ApproveManually {
			fill(&policy.Proof, ProofNone)
			if policy.Approvers == nil {
				policy.Approvers = new(int32(1))
			}
		}
		s.Approval = &policy
	}
	return s
}

func (s AWSEndpointService) withDefaults() AWSEndpointService {
	if s.AcceptanceRequired == nil {
		required := true
		s.AcceptanceRequired = &required
	}
	if len(s.IPAddressTypes) == 0 {
		s.IPAddressTypes = []IPAddressType{IPv4}
	}
	return s
}

func (s AzureEndpointService) withDefaults() AzureEndpointService {
	if s.PrivateLinkService != "" {
		return s
	}
	fill(&s.AccessMode, AccessDefault)
	if f := s.Frontends; f != nil && f.Kubernetes != nil {
		kubernetes := *f.Kubernetes
		fill(&kubernetes.LoadBalancer, "kubernetes-internal")
		s.Frontends = &AzureFrontends{Kubernetes: &kubernetes}
	}
	if n := s.NAT; n != nil && n.Count == nil {
		nat := *n
		nat.Count = new(int32(max(1, len(n.Addresses))))
		s.NAT = &nat
	}
	return s
}

// WithDefaults returns the spec with every documented default filled in. The spec itself is left as it is,
// and a second time changes nothing more.
func (s ConnectionSpec) WithDefaults() ConnectionSpec {
	if s.NameFrom != nil {
		from := s.NameFrom.withDefaults(s.Region)
		s.NameFrom = &from
	}
	if s.AWS != nil && s.AWS.SecurityGroup != nil {
		aws, group := *s.AWS, *s.AWS.SecurityGroup
		if len(group.Ports) == 0 {
			group.Ports = []int32{443}
		}
		aws.SecurityGroup = &group
		s.AWS = &aws
	}
	if s.Azure != nil {
		azure := *s.Azure
		if azure.PrivateEndpoint == "" {
			fill(&azure.ConnectBy, ByAlias)
		}
		fill(&azure.OnDisconnected, DisconnectedReplace)
		s.Azure = &azure
	}
	fill(&s.DNS.Mode, DNSNone)
	if s.DNS.HostedZone != nil {
		zone := s.DNS.HostedZone.withDefaults(s)
		s.DNS.HostedZone = &zone
	}
	if s.Ingress != nil {
		ingress := *s.Ingress
		fill(&ingress.Account, s.Account)
		if ingress.Route != nil {
			route := ingress.Route.withDefaults()
			ingress.Route = &route
		}
		s.Ingress = &ingress
	}
	return s
}

// group is the resource group of the private endpoint.
func (s AzureConnection) group() string {
	if id, ok := ParseAzureID(s.PrivateEndpoint); ok {
		return id.ResourceGroup
	}
	return s.ResourceGroup
}

func (f NameFrom) withDefaults(region string) NameFrom {
	fill(&f.ServiceRegion, region)
	if f.SSMParameter != nil {
		parameter := *f.SSMParameter
		fill(&parameter.Region, region)
		f.SSMParameter = &parameter
	}
	return f
}

func (z HostedZone) withDefaults(s ConnectionSpec) HostedZone {
	fill(&z.Account, s.Account)
	if s.Azure != nil && z.ZoneID == "" {
		fill(&z.ResourceGroup, s.Azure.group())
	}
	z.Records = slices.Clone(z.Records)
	for i := range z.Records {
		record := &z.Records[i]
		fill(&record.Name, z.Name)
		fill(&record.Type, s.usualRecord())
		if record.Type == RecordA {
			fill(&record.TTL, 60)
		}
	}
	z.VPCs = slices.Clone(z.VPCs)
	for i := range z.VPCs {
		fill(&z.VPCs[i].Account, s.Account)
		fill(&z.VPCs[i].Region, s.Region)
	}
	return z
}

func (r Route) withDefaults() Route {
	fill(&r.Targets.Protocol, TargetHTTP)
	check := &r.Targets.HealthCheck
	fill(&check.Path, "/")
	fill(&check.Codes, "200")
	fill(&check.Interval, Duration(30*time.Second))
	fill(&check.Timeout, Duration(5*time.Second))
	fill(&check.Healthy, 5)
	fill(&check.Unhealthy, 2)
	return r
}

// WithDefaults returns the spec with every documented default filled in: those of an inventory are what an empty
// field says already.
func (s VPCInventorySpec) WithDefaults() VPCInventorySpec { return s }

// fill sets what is empty.
func fill[T comparable](field *T, value T) {
	var empty T
	if *field == empty {
		*field = value
	}
}
