package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

const region = "eu-central-1"

// inventory is everything that a link can leave in an account, as each account's own administrator sees it.
type inventory []string

// leftIn lists what differs between two looks.
func (before inventory) leftIn(after inventory) []string {
	var left []string
	for _, line := range after {
		if !slices.Contains(before, line) {
			left = append(left, line)
		}
	}
	for _, line := range before {
		if !slices.Contains(after, line) {
			left = append(left, "missing now: "+line)
		}
	}
	return left
}

// inventory looks into every account.
func (d *demo) inventory(ctx context.Context) (inventory, error) {
	var all inventory
	for _, account := range []string{"provider", "consumer", "dns"} {
		found, err := look(ctx, aws.Config{Region: region, Credentials: d.stack.Admin(account), BaseEndpoint: aws.String(d.stack.Cloud.URL())})
		if err != nil {
			return nil, fmt.Errorf("look into account %s: %w", account, err)
		}
		for _, line := range found {
			all = append(all, account+": "+line)
		}
	}
	slices.Sort(all)
	return all, nil
}

func look(ctx context.Context, cfg aws.Config) ([]string, error) {
	var found []string
	add := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	for _, part := range []func(context.Context, aws.Config, func(string, ...any)) error{links, targets, records, parameters} {
		if err := part(ctx, cfg, add); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// links are endpoint services, endpoints, and network interfaces.
func links(ctx context.Context, cfg aws.Config, add func(string, ...any)) error {
	client := ec2.NewFromConfig(cfg)
	services := ec2.NewDescribeVpcEndpointServiceConfigurationsPaginator(client, &ec2.DescribeVpcEndpointServiceConfigurationsInput{})
	for services.HasMorePages() {
		page, err := services.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, s := range page.ServiceConfigurations {
			add("endpoint service %s", aws.ToString(s.ServiceId))
		}
	}
	endpoints := ec2.NewDescribeVpcEndpointsPaginator(client, &ec2.DescribeVpcEndpointsInput{})
	for endpoints.HasMorePages() {
		page, err := endpoints.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, e := range page.VpcEndpoints {
			if !strings.EqualFold(string(e.State), "deleted") {
				add("endpoint %s", aws.ToString(e.VpcEndpointId))
			}
		}
	}
	interfaces := ec2.NewDescribeNetworkInterfacesPaginator(client, &ec2.DescribeNetworkInterfacesInput{})
	for interfaces.HasMorePages() {
		page, err := interfaces.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, i := range page.NetworkInterfaces {
			add("network interface %s", aws.ToString(i.NetworkInterfaceId))
		}
	}
	return nil
}

// targets are those that are registered in target groups.
func targets(ctx context.Context, cfg aws.Config, add func(string, ...any)) error {
	client := elasticloadbalancingv2.NewFromConfig(cfg)
	groups := elasticloadbalancingv2.NewDescribeTargetGroupsPaginator(client, &elasticloadbalancingv2.DescribeTargetGroupsInput{})
	for groups.HasMorePages() {
		page, err := groups.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, g := range page.TargetGroups {
			health, err := client.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
			if err != nil {
				return err
			}
			for _, t := range health.TargetHealthDescriptions {
				add("target %s of %s", aws.ToString(t.Target.Id), aws.ToString(g.TargetGroupName))
			}
		}
	}
	return nil
}

// records are those of every hosted zone.
func records(ctx context.Context, cfg aws.Config, add func(string, ...any)) error {
	client := route53.NewFromConfig(cfg)
	zones := route53.NewListHostedZonesPaginator(client, &route53.ListHostedZonesInput{})
	for zones.HasMorePages() {
		page, err := zones.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, z := range page.HostedZones {
			sets := route53.NewListResourceRecordSetsPaginator(client, &route53.ListResourceRecordSetsInput{HostedZoneId: z.Id})
			for sets.HasMorePages() {
				page, err := sets.NextPage(ctx)
				if err != nil {
					return err
				}
				for _, set := range page.ResourceRecordSets {
					add("record %s %s", set.Type, aws.ToString(set.Name))
				}
			}
		}
	}
	return nil
}

// parameters are those of Parameter Store.
func parameters(ctx context.Context, cfg aws.Config, add func(string, ...any)) error {
	pages := ssm.NewDescribeParametersPaginator(ssm.NewFromConfig(cfg), &ssm.DescribeParametersInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, p := range page.Parameters {
			add("parameter %s", aws.ToString(p.Name))
		}
	}
	return nil
}
