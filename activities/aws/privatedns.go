package aws

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// SetPrivateDNS implements [activities.Consumer].
func (c *Consumer) SetPrivateDNS(ctx context.Context, req activities.SetPrivateDNSRequest) (activities.Endpoint, error) {
	s, err := c.config.at(ctx, req.Place)
	if err != nil {
		return activities.Endpoint{}, err
	}
	e, err := s.endpoint(ctx, req.Endpoint)
	if err != nil {
		return activities.Endpoint{}, err
	}
	view := endpointView(e)
	switch {
	case view.State == activities.EndpointDeleting:
		return activities.Endpoint{}, activities.Gone("endpoint "+view.ID+" is being deleted", nil)
	case view.State.Over():
		return activities.Endpoint{}, activities.Changed(fmt.Sprintf("endpoint %s is %s %s", view.ID, view.State, view.LastError))
	case view.State != activities.EndpointAvailable:
		return activities.Endpoint{}, s.pending(fmt.Sprintf("endpoint %s is %s", view.ID, view.State))
	case view.PrivateDNS == req.Enabled:
		return view, nil
	}
	if req.Enabled {
		if err := s.checkPrivateDNS(ctx, view.Network, sdk.ToString(e.ServiceName), sdk.ToString(e.ServiceRegion)); err != nil {
			return activities.Endpoint{}, err
		}
	}
	change := ec2.ModifyVpcEndpointInput{PrivateDnsEnabled: sdk.Bool(req.Enabled)}
	if err := modifyEndpoint(ctx, s.EC2, req.Endpoint, change); err != nil {
		return activities.Endpoint{}, s.failed(err)
	}
	return activities.Endpoint{}, s.pending("endpoint " + req.Endpoint + " is changing its private DNS")
}

// checkPrivateDNS makes sure of what AWS needs for private DNS at an endpoint: both DNS attributes of the VPC,
// and a service with a name whose domain is verified (AWS PrivateLink Guide, "Manage DNS names for VPC endpoint
// services"). A service that this account no longer sees is left to what AWS says of the change itself.
func (s *site) checkPrivateDNS(ctx context.Context, vpc, serviceName, serviceRegion string) error {
	if err := s.checkVPCResolves(ctx, vpc); err != nil {
		return err
	}
	service, err := s.serviceDetails(ctx, serviceName, serviceRegion)
	switch {
	case err != nil:
		return s.failed(err)
	case service == nil:
		return nil
	case sdk.ToString(service.PrivateDnsName) == "":
		return s.blocked(link.Problem{
			Reason:  link.ReasonNoPrivateDNSName,
			Message: "service " + serviceName + " has no private DNS name",
			Remedy:  "give the service a privateDNS name, or set the connection's dns.mode to none",
		}, nil)
	case domainState(service.PrivateDnsNameVerificationState) != activities.DomainVerified:
		return s.blocked(link.Problem{
			Reason: link.ReasonDomainNotVerified,
			Message: fmt.Sprintf("the domain of %s is not verified: it is %s",
				sdk.ToString(service.PrivateDnsName), service.PrivateDnsNameVerificationState),
			Remedy: "look at what the service's flow waits for: its provider has to prove the domain",
		}, nil)
	}
	return nil
}

// checkVPCResolves makes sure that a VPC has both DNS attributes.
func (s *site) checkVPCResolves(ctx context.Context, vpc string) error {
	for _, attribute := range []ec2types.VpcAttributeName{
		ec2types.VpcAttributeNameEnableDnsSupport, ec2types.VpcAttributeNameEnableDnsHostnames,
	} {
		on, err := s.vpcAttribute(ctx, vpc, attribute)
		if err != nil {
			return s.failed(err)
		}
		if !on {
			return s.blocked(link.Problem{
				Reason:  link.ReasonVPCWithoutDNS,
				Message: fmt.Sprintf("private DNS needs %s, which is off at %s", attribute, vpc),
				Remedy:  fmt.Sprintf("set enableDnsSupport and enableDnsHostnames on %s (aws ec2 modify-vpc-attribute)", vpc),
			}, nil)
		}
	}
	return nil
}

func (s *site) vpcAttribute(ctx context.Context, vpc string, attribute ec2types.VpcAttributeName) (bool, error) {
	out, err := s.EC2.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: sdk.String(vpc), Attribute: attribute})
	if err != nil {
		return false, err
	}
	value := out.EnableDnsSupport
	if attribute == ec2types.VpcAttributeNameEnableDnsHostnames {
		value = out.EnableDnsHostnames
	}
	return value != nil && sdk.ToBool(value.Value), nil
}
