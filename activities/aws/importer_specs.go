package aws

import (
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

// finding turns what EC2 says into specs:
//
//	a service, or an endpoint to one, that              is
//	---------------------------------------------------------------------
//	carries an ownership tag                            left out
//	is failed, rejected, expired, or on its way out     left out
//	stands on gateway load balancers                    left out
//	another tool manages, as its tags say               left out, or said so
//	is any other                                        a spec
type finding struct {
	activities.DiscoverRequest
	found activities.Discovered
}

// serviceLeftOut is why a service has no spec; empty when it has one.
func (f *finding) serviceLeftOut(c ec2types.ServiceConfiguration) string {
	switch state := serviceState(c.ServiceState); {
	case ownerOf(c.Tags) != "":
		return activities.LeftToOwner(ownerOf(c.Tags))
	case state.Over():
		return "it is " + string(state)
	case len(c.GatewayLoadBalancerArns) > 0:
		return "it stands on gateway load balancers, which Linkwright does not publish"
	case !f.IncludeManaged && activities.ManagedBy(tagMap(c.Tags)) != "":
		return activities.LeftToTool(activities.ManagedBy(tagMap(c.Tags)))
	}
	return ""
}

func (f *finding) leaveServiceOut(c ec2types.ServiceConfiguration, why string) {
	f.found.LeftOut = append(f.found.LeftOut, link.LeftOut{
		Kind: link.KindService, ID: sdk.ToString(c.ServiceId), ServiceName: sdk.ToString(c.ServiceName),
		Account: f.Account, Region: f.Region, Owner: string(ownerOf(c.Tags)), Why: why,
	})
}

// service says a service as a spec that takes it over.
func (f *finding) service(c ec2types.ServiceConfiguration, principals []string) {
	found := activities.FoundService{
		ID: sdk.ToString(c.ServiceId), Name: sdk.ToString(c.ServiceName), Called: tagMap(c.Tags)["Name"],
		Spec: link.EndpointServiceSpec{Account: f.Account, Region: f.Region, AWS: &link.AWSEndpointService{
			Service:           sdk.ToString(c.ServiceId),
			LoadBalancers:     link.LoadBalancers{ARNs: sets.Sorted(c.NetworkLoadBalancerArns)},
			AllowedPrincipals: sets.Sorted(principals),
			SupportedRegions:  sets.Sorted(openRegions(c, f.Region)),
		}},
	}
	spec := found.Spec.AWS
	if !sdk.ToBool(c.AcceptanceRequired) {
		spec.AcceptanceRequired = new(false)
	}
	if types := sets.Sorted(addressTypes(c)); len(types) != 1 || types[0] != string(link.IPv4) {
		for _, t := range types {
			spec.IPAddressTypes = append(spec.IPAddressTypes, link.IPAddressType(t))
		}
	}
	if domain := domainView(c); domain != nil {
		spec.PrivateDNS = &link.ServicePrivateDNS{
			Name: strings.ToLower(domain.Name), Verification: link.DomainVerification{ByHand: &link.ByHand{}},
		}
		found.Remarks = append(found.Remarks, fmt.Sprintf("the private DNS name is %s; its TXT record %s, wherever it is, stays with whoever wrote it",
			domain.State, domain.Proof.Name))
	}
	if tool := activities.ManagedBy(tagMap(c.Tags)); tool != "" {
		spec.AllowManaged = true
		found.Remarks = append(found.Remarks, activities.TakenFromTool(tool))
	}
	f.found.Services = append(f.found.Services, found)
}

// endpoint says an endpoint as a spec that takes it over, or why there is none.
func (f *finding) endpoint(e ec2types.VpcEndpoint) {
	id := sdk.ToString(e.VpcEndpointId)
	if why := f.endpointLeftOut(e); why != "" {
		f.found.LeftOut = append(f.found.LeftOut, link.LeftOut{
			Kind: link.KindEndpoint, ID: id, ServiceName: sdk.ToString(e.ServiceName),
			Account: f.Account, Region: f.Region, Owner: string(ownerOf(e.Tags)), Why: why,
		})
		return
	}
	found := activities.FoundEndpoint{
		ID: id, Called: tagMap(e.Tags)["Name"], Service: sdk.ToString(e.ServiceName), ServiceRegion: sdk.ToString(e.ServiceRegion),
		Spec: link.ConnectionSpec{Account: f.Account, Region: f.Region, AWS: &link.AWSConnection{
			VPC: sdk.ToString(e.VpcId), Subnets: sets.Sorted(e.SubnetIds), SecurityGroups: sets.Sorted(groupIDs(e)), Endpoint: id,
		}},
	}
	if sdk.ToBool(e.PrivateDnsEnabled) {
		found.Spec.DNS.Mode = link.DNSPrivate
	}
	if tool := activities.ManagedBy(tagMap(e.Tags)); tool != "" {
		found.Spec.AWS.AllowManaged = true
		found.Remarks = append(found.Remarks, activities.TakenFromTool(tool))
	}
	f.found.Endpoints = append(f.found.Endpoints, found)
}

func (f *finding) endpointLeftOut(e ec2types.VpcEndpoint) string {
	switch state := endpointState(e.State); {
	case ownerOf(e.Tags) != "":
		return activities.LeftToOwner(ownerOf(e.Tags))
	case state.Over():
		return "it is " + string(state)
	case sdk.ToBool(e.RequesterManaged):
		return "a service of AWS has made it, and manages it"
	case !f.IncludeManaged && activities.ManagedBy(tagMap(e.Tags)) != "":
		return activities.LeftToTool(activities.ManagedBy(tagMap(e.Tags)))
	}
	return ""
}
