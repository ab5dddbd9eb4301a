package simaws

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func TestConditions(t *testing.T) {
	for _, test := range []struct {
		name      string
		account   string
		action    string
		condition string
		call      func(ctx context.Context, s *scene, config aws.Config) error
		allowed   bool
	}{
		{"when the resource has the tag, it is allowed", consumer, "ec2:DeleteVpcEndpoints", `{"StringEquals": {"aws:ResourceTag/team": "net"}}`, deleteTagged("team", "net"), true},
		{"when the tag has another value, it is refused", consumer, "ec2:DeleteVpcEndpoints", `{"StringEquals": {"aws:ResourceTag/team": "net"}}`, deleteTagged("team", "web"), false},
		{"when EC2's own key names the tag, it is allowed", consumer, "ec2:DeleteVpcEndpoints", `{"StringEquals": {"ec2:ResourceTag/team": "net"}}`, deleteTagged("team", "net"), true},
		{"when the private DNS name is the permitted one, it is allowed", provider, "ec2:CreateVpcEndpointServiceConfiguration",
			`{"StringLike": {"ec2:VpceServicePrivateDnsName": "*.example.com"}}`, publishAs("api.example.com"), true},
		{"when the private DNS name is another, it is refused", provider, "ec2:CreateVpcEndpointServiceConfiguration",
			`{"StringLike": {"ec2:VpceServicePrivateDnsName": "*.example.com"}}`, publishAs("api.example.net"), false},
		{"when the Region may be supported, it is allowed", provider, "*", `{"ForAllValues:StringEquals": {"ec2:VpceSupportedRegion": ["eu-west-1"]}}`, publishIn("eu-west-1"), true},
		{"when one of the Regions may not be supported, it is refused", provider, "*", `{"ForAllValues:StringEquals": {"ec2:VpceSupportedRegion": ["eu-west-1"]}}`, publishIn("eu-west-1", "eu-west-2"), false},
		{"when the record is of the permitted name and type, it is allowed", provider, "route53:ChangeResourceRecordSets",
			`{"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": "TXT", "route53:ChangeResourceRecordSetsActions": ["UPSERT"]},
			  "ForAllValues:StringLike": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": "_*.example.com"}}`, putRecord("_X.example.com.", "TXT"), true},
		{"when the record is of another type, it is refused", provider, "route53:ChangeResourceRecordSets",
			`{"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": "TXT"}}`, putRecord("_x.example.com", "SPF"), false},
		{"when the record is of another name, it is refused", provider, "route53:ChangeResourceRecordSets",
			`{"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsNormalizedRecordNames": "_x.example.com"}}`, putRecord("_y.example.com", "TXT"), false},
		{"when the Region is the permitted one, it is allowed", consumer, "ec2:DescribeVpcs", `{"StringEquals": {"aws:RequestedRegion": "us-east-1", "aws:PrincipalAccount": "222222222222"}}`, describeVPCs, true},
		{"when the Region is another, it is refused", consumer, "ec2:DescribeVpcs", `{"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}`, describeVPCs, false},
		{"when the principal is meant, it is allowed", consumer, "ec2:DescribeVpcs", `{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/lim*"}}`, describeVPCs, true},
		{"when the parameter has the tag, it is allowed", provider, "ssm:DeleteParameter", `{"StringEquals": {"ssm:resourceTag/team": "net"}}`, deleteParameter("net"), true},
		{"when the parameter lacks the tag, it is refused", provider, "ssm:DeleteParameter", `{"StringEquals": {"ssm:resourceTag/team": "net"}}`, deleteParameter("web"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			s.setPolicies(test.account, allow(test.action, "*", test.condition))
			err := test.call(t.Context(), s, s.limitedConfig(test.account))
			if test.allowed && err != nil {
				t.Error(err)
			}
			if !test.allowed {
				action := test.action
				if action == "*" {
					action = "ec2:CreateVpcEndpointServiceConfiguration"
				}
				wantRefusal(t, err, action)
			}
		})
	}
}

func deleteTagged(key, value string) func(context.Context, *scene, aws.Config) error {
	return func(ctx context.Context, s *scene, config aws.Config) error {
		must(s.ec2Of(consumer).CreateTags(ctx, &awsec2.CreateTagsInput{Resources: []string{*s.endpoint.VpcEndpointId}, Tags: []ec2types.Tag{{Key: &key, Value: &value}}}))(s.t)
		_, err := awsec2.NewFromConfig(config).DeleteVpcEndpoints(ctx, &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*s.endpoint.VpcEndpointId}})
		return err
	}
}

func publishAs(name string) func(context.Context, *scene, aws.Config) error {
	return func(ctx context.Context, s *scene, config aws.Config) error {
		_, err := awsec2.NewFromConfig(config).CreateVpcEndpointServiceConfiguration(ctx, &awsec2.CreateVpcEndpointServiceConfigurationInput{
			NetworkLoadBalancerArns: []string{s.balancer}, PrivateDnsName: &name,
		})
		return err
	}
}

func publishIn(regions ...string) func(context.Context, *scene, aws.Config) error {
	return func(ctx context.Context, s *scene, config aws.Config) error {
		_, err := awsec2.NewFromConfig(config).CreateVpcEndpointServiceConfiguration(ctx, &awsec2.CreateVpcEndpointServiceConfigurationInput{
			NetworkLoadBalancerArns: []string{s.balancer}, SupportedRegions: regions,
		})
		return err
	}
}

func putRecord(name string, kind route53types.RRType) func(context.Context, *scene, aws.Config) error {
	return func(ctx context.Context, s *scene, config aws.Config) error {
		_, err := awsroute53.NewFromConfig(config).ChangeResourceRecordSets(ctx, &awsroute53.ChangeResourceRecordSetsInput{
			HostedZoneId: &s.zone, ChangeBatch: &route53types.ChangeBatch{Changes: []route53types.Change{{
				Action: route53types.ChangeActionUpsert, ResourceRecordSet: &route53types.ResourceRecordSet{
					Name: &name, Type: kind, TTL: aws.Int64(60), ResourceRecords: []route53types.ResourceRecord{{Value: aws.String(`"x"`)}},
				},
			}}},
		})
		return err
	}
}

func describeVPCs(ctx context.Context, _ *scene, config aws.Config) error {
	_, err := awsec2.NewFromConfig(config).DescribeVpcs(ctx, &awsec2.DescribeVpcsInput{})
	return err
}

func deleteParameter(team string) func(context.Context, *scene, aws.Config) error {
	return func(ctx context.Context, s *scene, config aws.Config) error {
		must(awsssm.NewFromConfig(s.config(provider)).PutParameter(ctx, &awsssm.PutParameterInput{
			Name: aws.String("/x"), Value: aws.String("x"), Type: ssmtypes.ParameterTypeString, Tags: []ssmtypes.Tag{{Key: aws.String("team"), Value: &team}},
		}))(s.t)
		_, err := awsssm.NewFromConfig(config).DeleteParameter(ctx, &awsssm.DeleteParameterInput{Name: aws.String("/x")})
		return err
	}
}
