package aws

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
)

// Inventories surveys VPCs.
type Inventories struct{ config Config }

var _ activities.Inventories = (*Inventories)(nil)

// NewInventories returns the steps about inventories.
func NewInventories(c Config) *Inventories { return &Inventories{c.withDefaults()} }

// The quota of interface endpoints in Service Quotas, and what it is where nobody has had it raised (AWS PrivateLink
// Guide, "AWS PrivateLink quotas").
const (
	endpointQuotaService = "vpc"
	endpointQuotaCode    = "L-29B6F2EB"
	endpointQuotaDefault = 50
)

// fromServiceQuotas is the source of a quota that is no guess.
const fromServiceQuotas = "Service Quotas"

// Survey implements [activities.Inventories]. It looks by filters, which leave out what does not exist where ids would
// fail the call: five calls for an inventory of up to 200 VPCs, subnets and security groups each.
func (i *Inventories) Survey(ctx context.Context, req activities.SurveyRequest) (activities.Survey, error) {
	s, err := i.config.at(ctx, req.Place)
	if err != nil {
		return activities.Survey{}, err
	}
	if req.Spec.AWS == nil {
		return activities.Survey{}, s.blocked(specWithoutAWS, nil)
	}
	is, err := s.network(ctx, req.Spec.AWS.VPCs)
	if err != nil {
		return activities.Survey{}, s.failed(err)
	}
	found := activities.Survey{VPCs: roomIn(req.Spec.AWS.VPCs, is)}
	if found.Quota, found.QuotaSource, err = s.endpointQuota(ctx); err != nil {
		return activities.Survey{}, s.failed(err)
	}
	return found, nil
}

// network looks at all that an inventory names.
func (s *site) network(ctx context.Context, want []link.InventoryVPC) (network, error) {
	var vpcs, subnets, groups []string
	for _, w := range want {
		vpcs = append(vpcs, w.VPC)
		groups = append(groups, w.SecurityGroups...)
		for _, subnet := range w.Subnets {
			subnets = append(subnets, subnet.Subnet)
		}
	}
	is := network{vpcs: map[string]ec2types.Vpc{}, subnets: map[string]ec2types.Subnet{}, groups: map[string]ec2types.SecurityGroup{}}
	err := inBatches(once(vpcs), "vpc-id", func(f ec2types.Filter) error { return s.lookAtVPCs(ctx, f, &is) })
	if err != nil {
		return is, err
	}
	err = inBatches(once(subnets), "subnet-id", func(f ec2types.Filter) error {
		pages := ec2.NewDescribeSubnetsPaginator(s.EC2, &ec2.DescribeSubnetsInput{Filters: []ec2types.Filter{f}})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for _, subnet := range page.Subnets {
				is.subnets[sdk.ToString(subnet.SubnetId)] = subnet
			}
		}
		return nil
	})
	if err != nil {
		return is, err
	}
	return is, inBatches(once(groups), "group-id", func(f ec2types.Filter) error {
		found, err := s.groups(ctx, f)
		for _, g := range found {
			is.groups[sdk.ToString(g.GroupId)] = g
		}
		return err
	})
}

// once is a list with each item once.
func once(ids []string) []string { return slices.Compact(sets.Sorted(ids)) }

// lookAtVPCs looks at VPCs, and at the endpoints in them that count against the quota.
func (s *site) lookAtVPCs(ctx context.Context, which ec2types.Filter, is *network) error {
	pages := ec2.NewDescribeVpcsPaginator(s.EC2, &ec2.DescribeVpcsInput{Filters: []ec2types.Filter{which}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, vpc := range page.Vpcs {
			is.vpcs[sdk.ToString(vpc.VpcId)] = vpc
		}
	}
	endpoints, err := s.endpoints(ctx, which, countedEndpoints())
	is.endpoints = append(is.endpoints, endpoints...)
	return err
}

// endpointQuota asks how many endpoints a VPC of this account and region may have. Where that may not be asked, or cannot
// be for long, AWS's default is the best guess: when it is too high, AWS refuses an endpoint, and its connection turns to
// another VPC.
func (s *site) endpointQuota(ctx context.Context) (quota int, source string, err error) {
	out, err := s.Quotas.GetServiceQuota(ctx, &servicequotas.GetServiceQuotaInput{
		ServiceCode: sdk.String(endpointQuotaService), QuotaCode: sdk.String(endpointQuotaCode),
	})
	switch {
	case err == nil && out.Quota != nil && out.Quota.Value != nil:
		return int(*out.Quota.Value), fromServiceQuotas, nil
	case err == nil:
		return endpointQuotaDefault, "AWS's default, as Service Quotas gives no value", nil
	case hasCode(err, unauthorized...), hasCode(err, "DependencyAccessDeniedException"):
		return endpointQuotaDefault, "AWS's default, as " + s.identity() + " is not allowed servicequotas:GetServiceQuota", nil
	case hasCode(err, "NoSuchResourceException"):
		return endpointQuotaDefault, "AWS's default, as Service Quotas does not know the quota here", nil
	case s.age() > s.Patience && passes(err) && !accounts.Throttled(err):
		return endpointQuotaDefault, "AWS's default, as Service Quotas does not answer: " + err.Error(), nil
	}
	return 0, "", err
}
