package e2e

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	smithy "github.com/aws/smithy-go"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// Whoever gets hold of the roles can do no more with them than Linkwright does: each call goes a step too far in one
// respect, and is refused for it.
func TestThePoliciesAllowNothingBesides(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	zone := s.id(s.dns(), "hosted-zone", domainOf(s.name))
	s.publish(openToAll, func(spec *link.EndpointServiceSpec) { spec.AWS.PrivateDNS.Verification.Route53.ZoneID = zone })
	shop := s.connect("shop", func(spec *link.ConnectionSpec) { spec.AWS.Subnets = s.subnets("a", "b") })
	ours := s.resource(s.awaitArrival(shop), link.KindEndpoint).ID
	serving := s.awaitArrival(s.service())
	service := s.resource(serving, link.KindService).ID
	foreignService, foreignName := s.foreignService("spare")
	foreignEndpoint := s.openEndpoint(foreignName)
	own, ownName := s.ownService()
	otherVPC, otherSubnet := s.networkIn(region)
	otherZone := s.publicZone("other." + domainOf(s.name))

	provider, consumer, dns := s.session(s.provider()), s.session(s.consumer()), s.session(s.dns())
	inEC2, inConsumerEC2 := ec2.NewFromConfig(provider), ec2.NewFromConfig(consumer)
	elsewhere := provider.Copy()
	elsewhere.Region = otherRegion

	create := func(change func(*ec2.CreateVpcEndpointServiceConfigurationInput)) error {
		in := &ec2.CreateVpcEndpointServiceConfigurationInput{
			NetworkLoadBalancerArns: []string{s.id(s.provider(), "load-balancer", "main")}, PrivateDnsName: aws.String(s.privateName()),
			TagSpecifications: tagsOf(ec2types.ResourceTypeVpcEndpointService, s.owner(s.service())),
		}
		change(in)
		_, err := inEC2.CreateVpcEndpointServiceConfiguration(s.ctx, in)
		return err
	}
	open := func(change func(*ec2.CreateVpcEndpointInput)) error {
		in := &ec2.CreateVpcEndpointInput{
			VpcEndpointType: ec2types.VpcEndpointTypeInterface, VpcId: aws.String(s.vpc()), ServiceName: aws.String(serving.ServiceName),
			SubnetIds: s.subnets("a"), SecurityGroupIds: []string{s.group("endpoints")}, PrivateDnsEnabled: aws.Bool(false),
			TagSpecifications: tagsOf(ec2types.ResourceTypeVpcEndpoint, s.owner(shop)),
		}
		change(in)
		_, err := inConsumerEC2.CreateVpcEndpoint(s.ctx, in)
		return err
	}
	write := func(zone, name string, kind r53types.RRType, value string) error {
		_, err := route53.NewFromConfig(dns).ChangeResourceRecordSets(s.ctx, &route53.ChangeResourceRecordSetsInput{
			HostedZoneId: &zone,
			ChangeBatch: &r53types.ChangeBatch{Changes: []r53types.Change{{Action: r53types.ChangeActionUpsert, ResourceRecordSet: &r53types.ResourceRecordSet{
				Name: &name, Type: kind, TTL: aws.Int64(60), ResourceRecords: []r53types.ResourceRecord{{Value: &value}},
			}}}},
		})
		return err
	}
	proof := "_x." + strings.TrimPrefix(s.privateName(), "*.")

	for _, c := range []struct {
		name, action string
		call         func() error
	}{
		{"a service without an owner", "ec2:CreateVpcEndpointServiceConfiguration",
			func() error {
				return create(func(in *ec2.CreateVpcEndpointServiceConfigurationInput) { in.TagSpecifications = nil })
			}},
		{"a service of another flow", "ec2:CreateVpcEndpointServiceConfiguration", func() error {
			return create(func(in *ec2.CreateVpcEndpointServiceConfigurationInput) {
				in.TagSpecifications = tagsOf(ec2types.ResourceTypeVpcEndpointService, "default/endpoint-service/other")
			})
		}},
		{"a service with another name", "ec2:CreateVpcEndpointServiceConfiguration", func() error {
			return create(func(in *ec2.CreateVpcEndpointServiceConfigurationInput) {
				in.PrivateDnsName = aws.String("bank.example")
			})
		}},
		{"a service with another tag", "ec2:CreateTags", func() error {
			return create(func(in *ec2.CreateVpcEndpointServiceConfigurationInput) {
				in.TagSpecifications[0].Tags = append(in.TagSpecifications[0].Tags, ec2types.Tag{Key: aws.String("cost"), Value: aws.String("none")})
			})
		}},
		{"a service for other regions", "vpce:AllowMultiRegion", func() error {
			return create(func(in *ec2.CreateVpcEndpointServiceConfigurationInput) { in.SupportedRegions = []string{otherRegion} })
		}},
		{"a tag on a service that is there", "ec2:CreateTags", func() error {
			_, err := inEC2.CreateTags(s.ctx, &ec2.CreateTagsInput{Resources: []string{service}, Tags: tagsOf("", s.owner(s.service()))[0].Tags})
			return err
		}},
		{"a change of somebody else's service", "ec2:ModifyVpcEndpointServiceConfiguration", func() error {
			_, err := inEC2.ModifyVpcEndpointServiceConfiguration(s.ctx, &ec2.ModifyVpcEndpointServiceConfigurationInput{
				ServiceId: &foreignService, AcceptanceRequired: aws.Bool(true)})
			return err
		}},
		{"a principal for somebody else's service", "ec2:ModifyVpcEndpointServicePermissions", func() error {
			_, err := inEC2.ModifyVpcEndpointServicePermissions(s.ctx, &ec2.ModifyVpcEndpointServicePermissionsInput{
				ServiceId: &foreignService, AddAllowedPrincipals: []string{"*"}})
			return err
		}},
		{"the principals of somebody else's service", "ec2:DescribeVpcEndpointServicePermissions", func() error {
			_, err := inEC2.DescribeVpcEndpointServicePermissions(s.ctx, &ec2.DescribeVpcEndpointServicePermissionsInput{ServiceId: &foreignService})
			return err
		}},
		{"a connection to somebody else's service", "ec2:RejectVpcEndpointConnections", func() error {
			_, err := inEC2.RejectVpcEndpointConnections(s.ctx, &ec2.RejectVpcEndpointConnectionsInput{
				ServiceId: &foreignService, VpcEndpointIds: []string{foreignEndpoint}})
			return err
		}},
		{"the end of somebody else's service", "ec2:DeleteVpcEndpointServiceConfigurations", func() error {
			_, err := inEC2.DeleteVpcEndpointServiceConfigurations(s.ctx, &ec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{foreignService}})
			return err
		}},
		{"services of another region", "ec2:DescribeVpcEndpointServiceConfigurations", func() error {
			_, err := ec2.NewFromConfig(elsewhere).DescribeVpcEndpointServiceConfigurations(s.ctx, &ec2.DescribeVpcEndpointServiceConfigurationsInput{})
			return err
		}},
		{"another parameter", "ssm:PutParameter", func() error {
			_, err := ssm.NewFromConfig(provider).PutParameter(s.ctx, &ssm.PutParameterInput{
				Name: aws.String("/linkwright/" + s.name + "/more"), Value: aws.String("x"), Type: ssmtypes.ParameterTypeString})
			return err
		}},
		{"targets in the provider's account", "elasticloadbalancing:RegisterTargets", func() error {
			_, err := elasticloadbalancingv2.NewFromConfig(provider).RegisterTargets(s.ctx, &elasticloadbalancingv2.RegisterTargetsInput{
				TargetGroupArn: aws.String(s.id(s.provider(), "target-group", "pods")), Targets: []elbtypes.TargetDescription{{Id: aws.String("10.1.0.9")}}})
			return err
		}},

		{"an endpoint without an owner", "ec2:CreateVpcEndpoint",
			func() error { return open(func(in *ec2.CreateVpcEndpointInput) { in.TagSpecifications = nil }) }},
		{"an endpoint of another flow", "ec2:CreateVpcEndpoint", func() error {
			return open(func(in *ec2.CreateVpcEndpointInput) {
				in.TagSpecifications = tagsOf(ec2types.ResourceTypeVpcEndpoint, "default/connection/other/shop")
			})
		}},
		{"an endpoint to a service of another account", "ec2:CreateVpcEndpoint", func() error {
			return open(func(in *ec2.CreateVpcEndpointInput) {
				in.ServiceName = &ownName
			})
		}},
		{"an endpoint in another subnet", "ec2:CreateVpcEndpoint",
			func() error { return open(func(in *ec2.CreateVpcEndpointInput) { in.SubnetIds = s.subnets("c") }) }},
		{"an endpoint in another VPC", "ec2:CreateVpcEndpoint",
			func() error { return open(func(in *ec2.CreateVpcEndpointInput) { in.VpcId = &otherVPC }) }},
		{"an endpoint with another security group", "ec2:CreateVpcEndpoint", func() error {
			return open(func(in *ec2.CreateVpcEndpointInput) { in.SecurityGroupIds = []string{s.group("other")} })
		}},
		{"an endpoint with another tag", "ec2:CreateTags", func() error {
			return open(func(in *ec2.CreateVpcEndpointInput) {
				in.TagSpecifications[0].Tags = append(in.TagSpecifications[0].Tags, ec2types.Tag{Key: aws.String("cost"), Value: aws.String("none")})
			})
		}},
		{"a change of somebody else's endpoint", "ec2:ModifyVpcEndpoint", func() error {
			_, err := inConsumerEC2.ModifyVpcEndpoint(s.ctx, &ec2.ModifyVpcEndpointInput{VpcEndpointId: &foreignEndpoint, PrivateDnsEnabled: aws.Bool(false)})
			return err
		}},
		{"a subnet of another VPC", "ec2:ModifyVpcEndpoint", func() error {
			_, err := inConsumerEC2.ModifyVpcEndpoint(s.ctx, &ec2.ModifyVpcEndpointInput{VpcEndpointId: &ours, AddSubnetIds: []string{otherSubnet}})
			return err
		}},
		{"the end of somebody else's endpoint", "ec2:DeleteVpcEndpoints", func() error {
			_, err := inConsumerEC2.DeleteVpcEndpoints(s.ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{foreignEndpoint}})
			return err
		}},
		{"the tag of somebody else's endpoint", "ec2:CreateTags", func() error {
			_, err := inConsumerEC2.CreateTags(s.ctx, &ec2.CreateTagsInput{
				Resources: []string{foreignEndpoint}, Tags: tagsOf("", s.owner(shop))[0].Tags})
			return err
		}},
		{"the attributes of another VPC", "ec2:DescribeVpcAttribute", func() error {
			_, err := inConsumerEC2.DescribeVpcAttribute(s.ctx, &ec2.DescribeVpcAttributeInput{
				VpcId: &otherVPC, Attribute: ec2types.VpcAttributeNameEnableDnsSupport})
			return err
		}},
		{"targets of another group", "elasticloadbalancing:DeregisterTargets", func() error {
			_, err := elasticloadbalancingv2.NewFromConfig(consumer).DeregisterTargets(s.ctx, &elasticloadbalancingv2.DeregisterTargetsInput{
				TargetGroupArn: aws.String(s.targetGroup("lonely")), Targets: []elbtypes.TargetDescription{{Id: aws.String("10.2.0.9")}}})
			return err
		}},

		{"a record of another name", "route53:ChangeResourceRecordSets",
			func() error { return write(zone, "www."+domainOf(s.name), r53types.RRTypeTxt, `"x"`) }},
		{"a record of another type", "route53:ChangeResourceRecordSets",
			func() error { return write(zone, proof, r53types.RRTypeCname, "bank.example") }},
		{"a record in another zone", "route53:ChangeResourceRecordSets",
			func() error { return write(otherZone, "_x.other."+domainOf(s.name), r53types.RRTypeTxt, `"x"`) }},
		{"all zones", "route53:ListHostedZones", func() error {
			_, err := route53.NewFromConfig(dns).ListHostedZones(s.ctx, &route53.ListHostedZonesInput{})
			return err
		}},

		{"the worker itself in its account", "ec2:DescribeVpcs", func() error {
			_, err := ec2.NewFromConfig(s.worker()).DescribeVpcs(s.ctx, &ec2.DescribeVpcsInput{})
			return err
		}},
		{"the worker with another external ID", "sts:AssumeRole", func() error {
			_, err := s.assume(s.provider(), "guessed")
			return err
		}},
		{"the worker in a role that trusts another", "sts:AssumeRole", func() error {
			_, err := s.assume(splitName+"-consumer", splitName+"-consumer-agreed")
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := c.call()
			var refused smithy.APIError
			if !errors.As(err, &refused) || !slices.Contains([]string{"UnauthorizedOperation", "AccessDenied", "AccessDeniedException"}, refused.ErrorCode()) {
				t.Fatalf("it is not refused: %v", err)
			}
			if !strings.Contains(refused.ErrorMessage(), c.action) {
				t.Errorf("it is not refused for want of %s: %v", c.action, err)
			}
		})
	}
	s.deleteEndpoints(foreignEndpoint)
	s.deleteForeignService(foreignService)
	s.deleteService(s.consumerEC2(), own)
	s.deleteZone(s.dns(), otherZone)
	s.takeDown()
}

// A spec is applied before its policy: the flow says what it lacks, and goes on once the policy is there.
func TestWhenASpecComesBeforeItsPolicyTheFlowWaitsForThePolicy(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(bare, openToAll)
	shop := s.connect("shop", plain)
	s.awaitArrival(shop)
	before := maps.Clone(s.policies.granted)
	doc := s.connectionSpec("shop", func(spec *link.ConnectionSpec) { spec.DNS = link.ConnectionDNS{} })
	after := s.policies.granted
	s.policies.granted = before
	s.enforce()
	if _, err := s.flows.ApplyConnection(s.ctx, doc, "tester"); err != nil {
		t.Fatal(err)
	}
	s.survive(shop, func() {
		s.policies.granted = after
		s.enforce()
	}, link.ReasonMissingPermission, "elasticloadbalancing:DescribeTargetGroups", "allow elasticloadbalancing:DescribeTargetGroups for "+roleARN(s.consumerID))
	s.takeDown()
}

func tagsOf(kind ec2types.ResourceType, owner string) []ec2types.TagSpecification {
	return []ec2types.TagSpecification{{ResourceType: kind, Tags: []ec2types.Tag{
		{Key: aws.String("linkwright:owner"), Value: &owner}, {Key: aws.String("Name"), Value: aws.String("x")},
	}}}
}

// intruder is what somebody who has got hold of the roles calls his sessions.
const intruder = "somebody"

// worker acts as the worker's own identity.
func (s *scene) worker() aws.Config {
	user := userOf(workerUser, workerUser)
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(s.cloud.URL()),
		Credentials: credentials.NewStaticCredentialsProvider(user.AccessKey, user.SecretKey, ""),
	}
}

// assume has the worker assume an account's role.
func (s *scene) assume(account, externalID string) (*sts.AssumeRoleOutput, error) {
	id := s.idOf(account)
	if id == "" {
		id = consumerID(sceneCount() + 1)
	}
	return sts.NewFromConfig(s.worker()).AssumeRole(s.ctx, &sts.AssumeRoleInput{
		RoleArn: aws.String(roleARN(id)), RoleSessionName: aws.String(intruder), ExternalId: &externalID,
	})
}

// session acts under an account's role, as somebody who has got hold of it.
func (s *scene) session(account string) aws.Config {
	s.t.Helper()
	out, err := s.assume(account, account+"-agreed")
	if err != nil {
		s.t.Fatal(err)
	}
	cfg := s.worker()
	cfg.Credentials = credentials.NewStaticCredentialsProvider(
		aws.ToString(out.Credentials.AccessKeyId), aws.ToString(out.Credentials.SecretAccessKey), aws.ToString(out.Credentials.SessionToken))
	return cfg
}

// publicZone has the owner of the domain make another zone.
func (s *scene) publicZone(name string) (id string) {
	s.t.Helper()
	made, err := route53.NewFromConfig(s.admin(s.dns())).CreateHostedZone(s.ctx, &route53.CreateHostedZoneInput{
		Name: aws.String(name), CallerReference: aws.String(name),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return strings.TrimPrefix(aws.ToString(made.HostedZone.Id), "/hostedzone/")
}

// What the worker's own policy lacks is said of its credentials: without them, no call is made.
func TestWhenTheWorkerMayNotAssumeARoleTheFlowWaitsUntilItMay(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	mend := s.forbidAssuming(roleARN(s.providerID))
	s.publish(bare, openToAll)
	s.survive(s.service(), mend, link.ReasonBadCredentials, "sts:AssumeRole", "give these sts:AssumeRole on it")
	s.takeDown()
}

// forbidAssuming takes a role out of the policy of the shared worker, and returns what puts it back. No other test
// changes that policy.
func (s *scene) forbidAssuming(role string) (mend func()) {
	s.t.Helper()
	set := func(document simaws.PolicyDocument) {
		s.t.Helper()
		if err := s.cloud.SetPolicies(workerARN(workerUser), []simaws.PolicyDocument{document}); err != nil {
			s.t.Fatal(err)
		}
	}
	for _, principal := range s.cloud.Policies() {
		if principal.ARN != workerARN(workerUser) {
			continue
		}
		whole := simaws.PolicyDocument(principal.Policies[0].String())
		var p policy
		if err := json.Unmarshal([]byte(whole), &p); err != nil {
			s.t.Fatal(err)
		}
		p.Statement[0].Resource = slices.DeleteFunc(p.Statement[0].Resource, func(r string) bool { return r == role })
		text, err := json.Marshal(p)
		if err != nil {
			s.t.Fatal(err)
		}
		set(simaws.PolicyDocument(text))
		return func() { set(whole) }
	}
	s.t.Fatal("the worker has no policy")
	return nil
}
