package ec2

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// createsEndpointService is the need of CreateVpcEndpointServiceConfiguration.
func (s *Service) createsEndpointService(r *sim.Request, f query.Form) []sim.Need {
	const kind = "vpc-endpoint-service"
	needs := s.creates(kind)(r, f)
	regions := f.List("SupportedRegion")
	for i := range needs {
		setSupportedRegions(needs[i].Context, r, regions)
		if name := f.String("PrivateDnsName"); name != "" {
			needs[i].Context.Set("ec2:VpceServicePrivateDnsName", name)
		}
	}
	return append(needs, acrossRegions(r, needs[0], regions)...)
}

// modifiesEndpointService is the need of ModifyVpcEndpointServiceConfiguration. Assumed: the private DNS name that
// policies look at is the one that the request sets or, when it sets none, the one that the service has; the
// Regions are those that the request adds or, when it adds none, those that the service has.
func (s *Service) modifiesEndpointService(r *sim.Request, f query.Form) []sim.Need {
	needs := s.on("ServiceId")(r, f)
	added := f.List("AddSupportedRegion")
	for i := range needs {
		context := needs[i].Context
		name := f.String("PrivateDnsName")
		if service, ok := s.state.EndpointServices[f.String("ServiceId")]; ok && service.ownedBy(r) && service.PrivateDNS != nil {
			name = cmp.Or(name, service.PrivateDNS.Name)
		}
		if name != "" {
			context.Set("ec2:VpceServicePrivateDnsName", name)
		}
		if len(added) > 0 {
			setSupportedRegions(context, r, added)
		}
	}
	return append(needs, acrossRegions(r, needs[0], added)...)
}

// createsEndpoint is the need of CreateVpcEndpoint: on the VPC, the subnets and the security groups that it names,
// and on the new endpoint, with the facts about the service as condition keys. Assumed: the VPC's default security
// group, which the endpoint gets when the request names none, needs no permission.
func (s *Service) createsEndpoint(r *sim.Request, f query.Form) []sim.Need {
	const kind = "vpc-endpoint"
	region := cmp.Or(f.String("ServiceRegion"), r.Region)
	context := requestTags(f, kind)
	if name := f.String("ServiceName"); name != "" {
		context.Set("ec2:VpceServiceName", name)
		context.Set("ec2:VpceServiceRegion", region)
	}
	service := s.visible(r, f.String("ServiceName"), region)
	if service != nil {
		context.Set("ec2:VpceServiceOwner", service.Owner)
	}
	endpoint := sim.Need{Action: action(r), Resource: arn(r, kind, "*"), Context: context}
	needs := s.onNamed(r, f, "VpcId")
	needs = append(needs, endpoint)
	needs = append(needs, s.onNamed(r, f, "SubnetId", "SecurityGroupId", "RouteTableId")...)
	needs = append(needs, tagging(r, f, kind)...)
	if s.wantsPrivateDNS(r, f, service) {
		needs = append(needs, privateZone(r, f.String("VpcId")))
	}
	return append(needs, acrossRegions(r, endpoint, []string{region})...)
}

// modifiesEndpoint is the need of ModifyVpcEndpoint: on the endpoint, and on the subnets and security groups that
// it gains or loses. That an endpoint to another Region takes the permission for it here too is known from a service
// that modifies such endpoints (AWS FIS User Guide, aws:network:disrupt-vpc-endpoint).
func (s *Service) modifiesEndpoint(r *sim.Request, f query.Form) []sim.Need {
	needs := s.on("VpcEndpointId")(r, f)
	needs = append(needs, s.onNamed(r, f, "AddSubnetId", "RemoveSubnetId", "AddSecurityGroupId", "RemoveSecurityGroupId",
		"AddRouteTableId", "RemoveRouteTableId")...)
	endpoint, ok := s.state.Endpoints[f.String("VpcEndpointId")]
	if !ok || !endpoint.ownedBy(r) {
		return needs
	}
	if isTrue(f, "PrivateDnsEnabled") {
		needs = append(needs, privateZone(r, endpoint.VPC))
	}
	return append(needs, acrossRegions(r, needs[0], []string{endpoint.ServiceRegion})...)
}

// privateZone is the need of private DNS: behind an endpoint's private name stands a private hosted zone that EC2
// makes, and associates with the VPC in the caller's name. Documented is that CreateVpcEndpoint depends on this
// action. Assumed is the rest: that ModifyVpcEndpoint depends on it as well (without it, switching private DNS on
// was seen to hang), that neither depends on it without private DNS, and the zone's ARN, whose id nobody knows.
func privateZone(r *sim.Request, vpc string) sim.Need {
	context := policy.Context{}
	if vpc != "" {
		context.Set("route53:VPCs", "VPCId="+vpc+",VPCRegion="+r.Region)
	}
	return sim.Need{
		Action: "route53:AssociateVPCWithHostedZone", Resource: "arn:" + r.Partition + ":route53:::hostedzone/*", Context: context,
	}
}

// wantsPrivateDNS reports whether a new endpoint will have private DNS: when the request says so, or when it does
// not say and the service is one with which an endpoint gets it by itself.
func (s *Service) wantsPrivateDNS(r *sim.Request, f query.Form, service *EndpointService) bool {
	if f.Has("PrivateDnsEnabled") {
		return isTrue(f, "PrivateDnsEnabled")
	}
	vpc, ok := s.state.VPCs[f.String("VpcId")]
	if !ok || !vpc.ownedBy(r) || service == nil || service.Acceptance {
		return false
	}
	return s.privateDNSPossible(&Endpoint{Resource: Resource{Region: r.Region}, VPC: vpc.ID}, service) == nil
}

func isTrue(f query.Form, name string) bool {
	on, err := f.True(name)
	return err == nil && on
}

// acrossRegions is the need of a request that reaches from one Region into others: a permission that no API action
// has, on the same resource, refused in the name of the action that was called (AWS PrivateLink Guide, "Share your
// services through AWS PrivateLink": cross-Region access).
func acrossRegions(r *sim.Request, of sim.Need, regions []string) []sim.Need {
	for _, region := range regions {
		if region != r.Region {
			return []sim.Need{{Action: "vpce:AllowMultiRegion", Resource: of.Resource, Context: of.Context, Operation: of.Action}}
		}
	}
	return nil
}

// visible finds the service of a name that the caller may connect to, nil when there is none.
func (s *Service) visible(r *sim.Request, name, region string) *EndpointService {
	for _, service := range s.state.EndpointServices {
		if service.Name() == name && service.offered(r, []string{region}) {
			return service
		}
	}
	return nil
}

// onNotified is the need of actions on notifications: on the service or endpoint that is notified of.
func (s *Service) onNotified(r *sim.Request, f query.Form) []sim.Need {
	needs := s.onNamed(r, f, "ServiceId", "VpcEndpointId")
	for _, id := range named(f, "ConnectionNotificationId") {
		n, ok := s.state.Notifications[id]
		switch {
		case !ok || !n.ownedBy(r):
			continue // it will not be found
		case n.Service != "":
			needs = append(needs, s.existing(r, action(r), "vpc-endpoint-service", n.Service))
		default:
			needs = append(needs, s.existing(r, action(r), "vpc-endpoint", n.Endpoint))
		}
	}
	if len(needs) == 0 {
		return s.anywhere(r, f)
	}
	return needs
}

// setSupportedRegions gives the keys by which policies limit the Regions of an endpoint service.
func setSupportedRegions(context policy.Context, r *sim.Request, regions []string) {
	remote := slices.ContainsFunc(regions, func(region string) bool { return region != r.Region })
	context.Set("ec2:VpceMultiRegion", strconv.FormatBool(remote))
	context.Set("ec2:VpceSupportedRegion", regions...)
}
