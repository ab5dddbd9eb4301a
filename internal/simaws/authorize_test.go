package simaws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	route53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// limited is the ARN of a user of an account who has policies: withLimited gives each account one, who may do
// nothing.
func limited(account string) string { return "arn:aws:iam::" + account + ":user/limited" }

func withLimited(c *Config) {
	for i := range c.World.Accounts {
		account := &c.World.Accounts[i]
		account.Users = append(slices.Clone(account.Users), WorldUser{
			Name: "limited", AccessKey: "AKIALIMITED" + account.ID, SecretKey: "limited-secret", Policies: []PolicyDocument{},
		})
	}
}

func (tc testCloud) limitedConfig(account string) aws.Config {
	config := tc.config(account)
	config.Credentials = credentials.NewStaticCredentialsProvider("AKIALIMITED"+account, "limited-secret", "")
	return config
}

// permission is one statement's worth: an action on a resource.
type permission struct{ action, resource string }

// on are permissions for one action on several resources.
func on(action string, resources ...string) []permission {
	var all []permission
	for _, resource := range resources {
		all = append(all, permission{action, resource})
	}
	return all
}

// allow is a policy that allows an action on a resource under conditions, which are JSON, or "".
func allow(action, resource, conditions string) PolicyDocument {
	if conditions != "" {
		conditions = `, "Condition": ` + conditions
	}
	return PolicyDocument(fmt.Sprintf(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": %q, "Resource": %q%s}}`, action, resource, conditions))
}

// mayOnly gives the account's limited user these permissions and no others.
func (tc testCloud) mayOnly(account string, permissions ...permission) {
	tc.t.Helper()
	policies := []PolicyDocument{}
	for _, p := range permissions {
		policies = append(policies, allow(p.action, p.resource, ""))
	}
	tc.setPolicies(account, policies...)
}

func (tc testCloud) setPolicies(account string, policies ...PolicyDocument) {
	tc.t.Helper()
	if policies == nil {
		policies = []PolicyDocument{}
	}
	if err := tc.SetPolicies(limited(account), policies); err != nil {
		tc.t.Fatal(err)
	}
}

// wantRefusal checks that a call was refused in the form of its service, for want of an action.
func wantRefusal(t *testing.T, err error, action string) {
	t.Helper()
	var refused smithy.APIError
	var response *awshttp.ResponseError
	if !errors.As(err, &refused) || !errors.As(err, &response) {
		t.Fatalf("got %v, want a refusal for want of %s", err, action)
	}
	code, status := "AccessDenied", http.StatusForbidden
	call := new(smithy.OperationError)
	errors.As(err, &call)
	switch call.Service() {
	case "EC2":
		code = "UnauthorizedOperation"
	case "SSM", "ACM", "WAFV2":
		code, status = "AccessDeniedException", http.StatusBadRequest
	}
	if refused.ErrorCode() != code || response.HTTPStatusCode() != status {
		t.Errorf("got %d %s, want %d %s", response.HTTPStatusCode(), refused.ErrorCode(), status, code)
	}
	if !strings.Contains(refused.ErrorMessage(), "because no identity-based policy allows the "+action+" action") {
		t.Errorf("got the message %q, want it to name %s", refused.ErrorMessage(), action)
	}
}

// scene are things in the clouds that calls are about.
type scene struct {
	testCloud
	service           *ec2types.ServiceConfiguration
	endpoint          *ec2types.VpcEndpoint
	vpc, subnet       string
	group, zone       string
	balancer, targets string // ARNs
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{testCloud: startCloud(t, withLimited)}
	s.service = s.publishVerified("api.example.com")
	s.endpoint = s.connect(s.service)
	s.accept(s.service, s.endpoint)
	s.advance(time.Minute)
	s.vpc, s.subnet = s.id("consumer", "vpc", "main"), s.id("consumer", "subnet", "main/two")
	s.group, s.zone = s.id("consumer", "security-group", "main/https"), s.id("provider", "hosted-zone", "example.com")
	s.balancer = s.id("provider", "load-balancer", "other")
	group := must(s.elbOf(consumer).CreateTargetGroup(t.Context(), &awselb.CreateTargetGroupInput{
		Name: aws.String("web"), Protocol: elbtypes.ProtocolEnumTcp, Port: aws.Int32(443), VpcId: &s.vpc, TargetType: elbtypes.TargetTypeEnumIp,
	}))(t)
	s.targets = *group.TargetGroups[0].TargetGroupArn
	return s
}

// arn is that of a resource of EC2.
func (s *scene) arn(account, kind, id string) string {
	return "arn:aws:ec2:" + region + ":" + account + ":" + kind + "/" + id
}

func ec2Tags(kind ec2types.ResourceType, key, value string) []ec2types.TagSpecification {
	return []ec2types.TagSpecification{{ResourceType: kind, Tags: []ec2types.Tag{{Key: &key, Value: &value}}}}
}

// TestEachPermissionIsNeeded makes calls with exactly the permissions that they need, and with each of these missing.
func TestEachPermissionIsNeeded(t *testing.T) {
	zoneChange := func(s *scene) *awsroute53.ChangeResourceRecordSetsInput {
		return &awsroute53.ChangeResourceRecordSetsInput{HostedZoneId: &s.zone, ChangeBatch: &route53types.ChangeBatch{Changes: []route53types.Change{{
			Action: route53types.ChangeActionUpsert, ResourceRecordSet: &route53types.ResourceRecordSet{
				Name: aws.String("_x.example.com"), Type: route53types.RRTypeTxt, TTL: aws.Int64(60),
				ResourceRecords: []route53types.ResourceRecord{{Value: aws.String(`"vpce:x"`)}},
			},
		}}}}
	}
	for _, test := range []struct {
		name    string
		account string
		needs   func(s *scene) []permission
		call    func(ctx context.Context, s *scene, config aws.Config) error
	}{
		{"DescribeVpcs", consumer, func(*scene) []permission { return on("ec2:DescribeVpcs", "*") },
			func(ctx context.Context, _ *scene, config aws.Config) error {
				_, err := awsec2.NewFromConfig(config).DescribeVpcs(ctx, &awsec2.DescribeVpcsInput{})
				return err
			}},
		{"DescribeVpcAttribute", consumer, func(s *scene) []permission { return on("ec2:DescribeVpcAttribute", s.arn(consumer, "vpc", s.vpc)) },
			func(ctx context.Context, s *scene, config aws.Config) error {
				_, err := awsec2.NewFromConfig(config).DescribeVpcAttribute(ctx, &awsec2.DescribeVpcAttributeInput{VpcId: &s.vpc, Attribute: ec2types.VpcAttributeNameEnableDnsSupport})
				return err
			}},
		{"CreateVpcEndpointServiceConfiguration with tags", provider, func(s *scene) []permission {
			service := s.arn(provider, "vpc-endpoint-service", "*")
			return append(on("ec2:CreateVpcEndpointServiceConfiguration", service), on("ec2:CreateTags", service)...)
		}, func(ctx context.Context, s *scene, config aws.Config) error {
			_, err := awsec2.NewFromConfig(config).CreateVpcEndpointServiceConfiguration(ctx, &awsec2.CreateVpcEndpointServiceConfigurationInput{
				NetworkLoadBalancerArns: []string{s.balancer}, TagSpecifications: ec2Tags("vpc-endpoint-service", "owner", "me"),
			})
			return err
		}},
		{"CreateVpcEndpointServiceConfiguration for other Regions", provider, func(s *scene) []permission {
			service := s.arn(provider, "vpc-endpoint-service", "*")
			return append(on("ec2:CreateVpcEndpointServiceConfiguration", service), on("vpce:AllowMultiRegion", service)...)
		}, func(ctx context.Context, s *scene, config aws.Config) error {
			_, err := awsec2.NewFromConfig(config).CreateVpcEndpointServiceConfiguration(ctx, &awsec2.CreateVpcEndpointServiceConfigurationInput{
				NetworkLoadBalancerArns: []string{s.balancer}, SupportedRegions: []string{"eu-west-1"},
			})
			return err
		}},
		{"ModifyVpcEndpointServicePermissions", provider, func(s *scene) []permission {
			return on("ec2:ModifyVpcEndpointServicePermissions", s.arn(provider, "vpc-endpoint-service", *s.service.ServiceId))
		}, func(ctx context.Context, s *scene, config aws.Config) error {
			_, err := awsec2.NewFromConfig(config).ModifyVpcEndpointServicePermissions(ctx, &awsec2.ModifyVpcEndpointServicePermissionsInput{
				ServiceId: s.service.ServiceId, AddAllowedPrincipals: []string{"arn:aws:iam::" + stranger + ":root"},
			})
			return err
		}},
		{"RejectVpcEndpointConnections", provider, func(s *scene) []permission {
			return on("ec2:RejectVpcEndpointConnections", s.arn(provider, "vpc-endpoint-service", *s.service.ServiceId))
		}, func(ctx context.Context, s *scene, config aws.Config) error {
			_, err := awsec2.NewFromConfig(config).RejectVpcEndpointConnections(ctx, &awsec2.RejectVpcEndpointConnectionsInput{
				ServiceId: s.service.ServiceId, VpcEndpointIds: []string{*s.endpoint.VpcEndpointId},
			})
			return err
		}},
		{"CreateVpcEndpoint with tags, in a subnet, with a group", consumer, func(s *scene) []permission {
			endpoint := s.arn(consumer, "vpc-endpoint", "*")
			return append(on("ec2:CreateVpcEndpoint", s.arn(consumer, "vpc", s.vpc), endpoint, s.arn(consumer, "subnet", s.subnet), s.arn(consumer, "security-group", s.group)),
				on("ec2:CreateTags", endpoint)...)
		}, func(ctx context.Context, s *scene, config aws.Config) error {
			input := s.connectInput(s.service)
			input.SubnetIds, input.SecurityGroupIds = []string{s.subnet}, []string{s.group}
			input.TagSpecifications = ec2Tags("vpc-endpoint", "owner", "me")
			_, err := awsec2.NewFromConfig(config).CreateVpcEndpoint(ctx, input)
			return err
		}},
		{"ModifyVpcEndpoint with private DNS and a subnet", consumer, func(s *scene) []permission {
			return append(on("ec2:ModifyVpcEndpoint", s.arn(consumer, "vpc-endpoint", *s.endpoint.VpcEndpointId), s.arn(consumer, "subnet", s.subnet)),
				on("route53:AssociateVPCWithHostedZone", "arn:aws:route53:::hostedzone/*")...)
		}, func(ctx context.Context, s *scene, config aws.Config) error {
			_, err := awsec2.NewFromConfig(config).ModifyVpcEndpoint(ctx, &awsec2.ModifyVpcEndpointInput{
				VpcEndpointId: s.endpoint.VpcEndpointId, PrivateDnsEnabled: aws.Bool(true), AddSubnetIds: []string{s.subnet},
			})
			return err
		}},
		{"DeleteVpcEndpoints", consumer, func(s *scene) []permission {
			return on("ec2:DeleteVpcEndpoints", s.arn(consumer, "vpc-endpoint", *s.endpoint.VpcEndpointId))
		}, func(ctx context.Context, s *scene, config aws.Config) error {
			_, err := awsec2.NewFromConfig(config).DeleteVpcEndpoints(ctx, &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*s.endpoint.VpcEndpointId}})
			return err
		}},
		{"CreateTags on an endpoint that exists", consumer, func(s *scene) []permission {
			return on("ec2:CreateTags", s.arn(consumer, "vpc-endpoint", *s.endpoint.VpcEndpointId))
		}, func(ctx context.Context, s *scene, config aws.Config) error {
			_, err := awsec2.NewFromConfig(config).CreateTags(ctx, &awsec2.CreateTagsInput{
				Resources: []string{*s.endpoint.VpcEndpointId}, Tags: []ec2types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
			})
			return err
		}},
		{"AuthorizeSecurityGroupIngress with tags", consumer, func(s *scene) []permission {
			return append(on("ec2:AuthorizeSecurityGroupIngress", s.arn(consumer, "security-group", s.group)),
				on("ec2:CreateTags", s.arn(consumer, "security-group-rule", "*"))...)
		}, func(ctx context.Context, s *scene, config aws.Config) error {
			_, err := awsec2.NewFromConfig(config).AuthorizeSecurityGroupIngress(ctx, &awsec2.AuthorizeSecurityGroupIngressInput{
				GroupId: &s.group, TagSpecifications: ec2Tags("security-group-rule", "k", "v"),
				IpPermissions: []ec2types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}}}},
			})
			return err
		}},
		{"DescribeTargetGroups", consumer, func(*scene) []permission { return on("elasticloadbalancing:DescribeTargetGroups", "*") },
			func(ctx context.Context, _ *scene, config aws.Config) error {
				_, err := awselb.NewFromConfig(config).DescribeTargetGroups(ctx, &awselb.DescribeTargetGroupsInput{})
				return err
			}},
		{"RegisterTargets", consumer, func(s *scene) []permission { return on("elasticloadbalancing:RegisterTargets", s.targets) },
			func(ctx context.Context, s *scene, config aws.Config) error {
				_, err := awselb.NewFromConfig(config).RegisterTargets(ctx, &awselb.RegisterTargetsInput{
					TargetGroupArn: &s.targets, Targets: []elbtypes.TargetDescription{{Id: aws.String("10.1.1.9")}},
				})
				return err
			}},
		{"CreateTargetGroup with tags", consumer, func(*scene) []permission {
			group := "arn:aws:elasticloadbalancing:us-east-1:222222222222:targetgroup/new/*"
			return append(on("elasticloadbalancing:CreateTargetGroup", group), on("elasticloadbalancing:AddTags", group)...)
		}, func(ctx context.Context, s *scene, config aws.Config) error {
			_, err := awselb.NewFromConfig(config).CreateTargetGroup(ctx, &awselb.CreateTargetGroupInput{
				Name: aws.String("new"), Protocol: elbtypes.ProtocolEnumTcp, Port: aws.Int32(443), VpcId: &s.vpc, TargetType: elbtypes.TargetTypeEnumIp,
				Tags: []elbtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
			})
			return err
		}},
		{"ListHostedZones", provider, func(*scene) []permission { return on("route53:ListHostedZones", "*") },
			func(ctx context.Context, _ *scene, config aws.Config) error {
				_, err := awsroute53.NewFromConfig(config).ListHostedZones(ctx, &awsroute53.ListHostedZonesInput{})
				return err
			}},
		{"ChangeResourceRecordSets", provider, func(s *scene) []permission {
			return on("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/"+s.zone)
		}, func(ctx context.Context, s *scene, config aws.Config) error {
			_, err := awsroute53.NewFromConfig(config).ChangeResourceRecordSets(ctx, zoneChange(s))
			return err
		}},
		{"CreateHostedZone for a VPC", consumer, func(*scene) []permission {
			return append(on("route53:CreateHostedZone", "*"), on("ec2:DescribeVpcs", "*")...)
		}, func(ctx context.Context, s *scene, config aws.Config) error {
			_, err := awsroute53.NewFromConfig(config).CreateHostedZone(ctx, &awsroute53.CreateHostedZoneInput{
				Name: aws.String("internal.example"), CallerReference: aws.String("x"), VPC: &route53types.VPC{VPCId: &s.vpc, VPCRegion: region},
			})
			return err
		}},
		{"PutParameter with tags", provider, func(*scene) []permission {
			parameter := "arn:aws:ssm:us-east-1:111111111111:parameter/links/api"
			return append(on("ssm:PutParameter", parameter), on("ssm:AddTagsToResource", parameter)...)
		}, func(ctx context.Context, _ *scene, config aws.Config) error {
			_, err := awsssm.NewFromConfig(config).PutParameter(ctx, &awsssm.PutParameterInput{
				Name: aws.String("/links/api"), Value: aws.String("x"), Type: ssmtypes.ParameterTypeString,
				Tags: []ssmtypes.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
			})
			return err
		}},
		{"DescribeParameters", provider, func(*scene) []permission { return on("ssm:DescribeParameters", "*") },
			func(ctx context.Context, _ *scene, config aws.Config) error {
				_, err := awsssm.NewFromConfig(config).DescribeParameters(ctx, &awsssm.DescribeParametersInput{})
				return err
			}},
		{"GetRole", provider, func(*scene) []permission { return on("iam:GetRole", "arn:aws:iam::111111111111:role/open") },
			func(ctx context.Context, _ *scene, config aws.Config) error {
				_, err := awsiam.NewFromConfig(config).GetRole(ctx, &awsiam.GetRoleInput{RoleName: aws.String("open")})
				return err
			}},
		{"AssumeRole of a role that trusts the account", provider, func(*scene) []permission {
			return on("sts:AssumeRole", "arn:aws:iam::111111111111:role/open")
		}, func(ctx context.Context, _ *scene, config aws.Config) error {
			_, err := assume(ctx, awssts.NewFromConfig(config), "arn:aws:iam::111111111111:role/open")
			return err
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene(t)
			config, needs := s.limitedConfig(test.account), test.needs(s)
			for i, missing := range needs {
				s.mayOnly(test.account, slices.Delete(slices.Clone(needs), i, i+1)...)
				wantRefusal(t, test.call(t.Context(), s, config), missing.action)
			}
			s.mayOnly(test.account, needs...)
			if err := test.call(t.Context(), s, config); err != nil {
				t.Errorf("with all permissions: %v", err)
			}
		})
	}
}

func TestRefusalsAreWordedAsByAWS(t *testing.T) {
	s := newScene(t)
	client := awsec2.NewFromConfig(s.limitedConfig(consumer))
	message := func(err error) string {
		var e smithy.APIError
		if !errors.As(err, &e) {
			t.Fatalf("got %v", err)
		}
		return e.ErrorMessage()
	}
	_, err := client.DeleteVpcEndpoints(t.Context(), &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*s.endpoint.VpcEndpointId}})
	arn := s.arn(consumer, "vpc-endpoint", *s.endpoint.VpcEndpointId)
	want := "You are not authorized to perform this operation. User: arn:aws:iam::222222222222:user/limited is not authorized to perform: ec2:DeleteVpcEndpoints on resource: " +
		arn + " because no identity-based policy allows the ec2:DeleteVpcEndpoints action. Encoded authorization failure message: "
	if got := message(err); !strings.HasPrefix(got, want) || len(got) == len(want) {
		t.Errorf("got %q", got)
	}
	_, err = client.DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{})
	if got := message(err); !strings.Contains(got, "perform: ec2:DescribeVpcs because") {
		t.Errorf("an action without resources is refused with %q", got)
	}
	s.setPolicies(consumer, `{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "ec2:Delete*", "Resource": "*"}]}`)
	_, err = client.DeleteVpcEndpoints(t.Context(), &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*s.endpoint.VpcEndpointId}})
	if got := message(err); !strings.Contains(got, arn+" with an explicit deny in an identity-based policy. Encoded") {
		t.Errorf("a denied action is refused with %q", got)
	}
	s.setPolicies(consumer, allow("ec2:CreateVpcEndpoint", "*", ""))
	input := s.connectInput(s.service)
	input.ServiceRegion = aws.String("eu-west-1")
	_, err = client.CreateVpcEndpoint(t.Context(), input)
	if got := message(err); !strings.Contains(got, "perform: ec2:CreateVpcEndpoint on resource: "+s.arn(consumer, "vpc-endpoint", "*")+" because no identity-based policy allows the vpce:AllowMultiRegion action") {
		t.Errorf("a permission that is no action is refused with %q", got)
	}
}

func TestDryRunTellsWhetherOneMay(t *testing.T) {
	s := newScene(t)
	client := awsec2.NewFromConfig(s.limitedConfig(consumer))
	delete := &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{*s.endpoint.VpcEndpointId}, DryRun: aws.Bool(true)}
	_, err := client.DeleteVpcEndpoints(t.Context(), delete)
	wantRefusal(t, err, "ec2:DeleteVpcEndpoints")
	s.mayOnly(consumer, permission{"ec2:DeleteVpcEndpoints", "*"})
	_, err = client.DeleteVpcEndpoints(t.Context(), delete)
	wantError(t, err, "DryRunOperation")
}

func TestNobodyIsDeniedWhoHeIs(t *testing.T) {
	tc := startCloud(t, withLimited)
	tc.setPolicies(provider, `{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}`)
	must(awssts.NewFromConfig(tc.limitedConfig(provider)).GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{}))(t)
}
