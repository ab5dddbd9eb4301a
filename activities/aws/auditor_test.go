package aws

import (
	"slices"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// What its roles allow the flows is enough for the audit of all that they stand by.
func TestAnAuditOfALinkThatWorksFindsNothing(t *testing.T) {
	a := newAudited(t)
	a.allowRoles("111111111111", permissions.Provider)
	a.allowRoles("222222222222", permissions.Parameter, permissions.Consumer, permissions.Zone, permissions.Network, permissions.Ingress)
	a.allowRoles("333333333333", permissions.DNS)
	a.wantDrift()
}

type driftCase struct {
	happens func(*audited) error
	want    []string
}

func testDrift(t *testing.T, cases map[string]driftCase) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := newAudited(t)
			if err := c.happens(a); err != nil {
				t.Fatal(err)
			}
			a.wantDrift(c.want...)
		})
	}
}

func TestAnAuditFindsWhatHappenedToAService(t *testing.T) {
	testDrift(t, map[string]driftCase{
		"acceptance is switched off": {func(a *audited) error {
			return a.modifyService(ec2.ModifyVpcEndpointServiceConfigurationInput{AcceptanceRequired: sdk.Bool(false)})
		}, []string{"endpoint-service acceptance: acceptance is required again"}},
		"a principal is added": {func(a *audited) error {
			return a.permit(ec2.ModifyVpcEndpointServicePermissionsInput{AddAllowedPrincipals: []string{"arn:aws:iam::999999999999:root"}})
		}, []string{"endpoint-service principals: allowed principals -arn:aws:iam::999999999999:root"}},
		"a principal is removed": {func(a *audited) error {
			return a.permit(ec2.ModifyVpcEndpointServicePermissionsInput{RemoveAllowedPrincipals: []string{"arn:aws:iam::222222222222:root"}})
		}, []string{"endpoint-service principals (widens): allowed principals +arn:aws:iam::222222222222:root"}},
		"a load balancer is added": {func(a *audited) error {
			return a.modifyService(ec2.ModifyVpcEndpointServiceConfigurationInput{
				AddNetworkLoadBalancerArns: []string{a.id("provider", "load-balancer", "other")}})
		}, []string{"endpoint-service loadBalancers: load balancers -arn:"}},
		"the load balancer is exchanged": {func(a *audited) error {
			if err := a.reject(); err != nil { // as long as somebody is connected, AWS lets none be taken away
				return err
			}
			return a.modifyService(ec2.ModifyVpcEndpointServiceConfigurationInput{
				AddNetworkLoadBalancerArns:    []string{a.id("provider", "load-balancer", "other")},
				RemoveNetworkLoadBalancerArns: []string{a.id("provider", "load-balancer", "api")},
			})
		}, []string{"connection connection: it was let in, and is rejected",
			"endpoint-service loadBalancers: load balancers +", "endpoint-service zones: availability zones -us-east-1",
			"connection connection: it is rejected", "connection targetHealth: 10.1."}},
		"its load balancers have lost the tags that they are found by": {func(a *audited) error {
			a.ledger.expected[0].Service.Spec.AWS.LoadBalancers = link.LoadBalancers{Tags: map[string]string{"team": "payments"}}
			return nil
		}, []string{"endpoint-service loadBalancers: no network load balancer carries the tags team=payments"}},
		"a region is opened": {func(a *audited) error {
			return a.modifyService(ec2.ModifyVpcEndpointServiceConfigurationInput{AddSupportedRegions: []string{"eu-west-1"}})
		}, []string{"endpoint-service settings: supported regions -eu-west-1"}},
		"its private DNS name is changed": {func(a *audited) error {
			return a.modifyService(ec2.ModifyVpcEndpointServiceConfigurationInput{PrivateDnsName: sdk.String("other.k.example.com")})
		}, []string{"endpoint-service privateDNSName: private DNS name set to *.k.example.com",
			"endpoint-service verification: the domain of other.k.example.com is pendingVerification"}},
		"the proof is gone, and its verification fails": {func(a *audited) error {
			must(a.t, plain(NewZones(a.config).RemoveRecord), activities.RecordRequest{Place: domains, Record: a.proof})
			if _, err := a.provider().StartVpcEndpointServicePrivateDnsVerification(a.t.Context(),
				&ec2.StartVpcEndpointServicePrivateDnsVerificationInput{ServiceId: sdk.String(a.made.ID)}); err != nil {
				return err
			}
			a.awaitDomain(activities.ServiceRequest{Place: provider, ServiceID: a.made.ID}, activities.DomainFailed)
			return nil
		}, []string{"endpoint-service verification: the domain of *.k.example.com is failed", "endpoint-service proof: it is missing"}},
		"it is deleted": {func(a *audited) error {
			if err := a.reject(); err != nil {
				return err
			}
			_, err := a.provider().DeleteVpcEndpointServiceConfigurations(a.t.Context(),
				&ec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{a.made.ID}})
			return err
		}, []string{"connection connection: it was let in, and is rejected", "endpoint-service serviceGone: it is missing",
			"connection connection: it is rejected", "connection targetHealth: 10.1."}},
		"its ownership tag is taken off": {func(a *audited) error {
			_, err := a.provider().DeleteTags(a.t.Context(), &ec2.DeleteTagsInput{Resources: []string{a.made.ID}})
			return err
		}, []string{"endpoint-service tags: gets its ownership tag"}},
		"it was taken over, and its ownership tag is taken off": {func(a *audited) error {
			a.ledger.expected[0].Service.Spec.AWS.Service = a.made.ID
			_, err := a.provider().DeleteTags(a.t.Context(), &ec2.DeleteTagsInput{Resources: []string{a.made.ID}})
			return err
		}, []string{"endpoint-service tags: gets its ownership tag"}},
		"it was taken over, and its load balancers have lost the tags that they are found by": {func(a *audited) error {
			spec := a.ledger.expected[0].Service.Spec.AWS
			spec.Service, spec.LoadBalancers = a.made.ID, link.LoadBalancers{Tags: map[string]string{"team": "payments"}}
			return nil
		}, []string{"endpoint-service loadBalancers: no network load balancer carries the tags team=payments"}},
		"another flow's tag is put on it": {func(a *audited) error {
			_, err := a.provider().CreateTags(a.t.Context(), &ec2.CreateTagsInput{Resources: []string{a.made.ID},
				Tags: []ec2types.Tag{{Key: sdk.String(ownerTag), Value: sdk.String("default/endpoint-service/other")}}})
			return err
		}, []string{"endpoint-service tags: service "}},
		"its parameter is overwritten": {func(a *audited) error {
			_, err := a.clients(consumer).SSM.PutParameter(a.t.Context(), &ssm.PutParameterInput{
				Name: sdk.String(publishedAs), Value: sdk.String("another"), Type: ssmtypes.ParameterTypeString, Overwrite: sdk.Bool(true)})
			return err
		}, []string{"endpoint-service parameter: holds com.amazonaws.vpce."}},
		"its parameter is deleted": {func(a *audited) error {
			_, err := a.clients(consumer).SSM.DeleteParameter(a.t.Context(), &ssm.DeleteParameterInput{Name: sdk.String(publishedAs)})
			return err
		}, []string{"endpoint-service parameter: it is missing"}},
	})
}

func TestAnAuditFindsWhatHappenedToAnEndpoint(t *testing.T) {
	deleted := func(a *audited) error {
		_, err := a.consumer().DeleteVpcEndpoints(a.t.Context(), &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{a.at.ID}})
		return err
	}
	testDrift(t, map[string]driftCase{
		"its connection is rejected": {(*audited).reject, []string{
			"connection connection: it was let in, and is rejected",
			"connection connection: it is rejected", "connection targetHealth: 10.1."}},
		"somebody has let it in, past those who decide": {func(a *audited) error {
			a.ledger.expected[3].Unapproved = true
			return nil
		}, []string{"connection unapproved: it was let in, and nobody here has decided that"}},
		"it is deleted": {deleted, []string{
			"connection connection: it was let in, and is ",
			"connection endpointGone: it is missing", "connection targetHealth: 10.1."}},
		"it is deleted, and made again by hand": {func(a *audited) error {
			if err := deleted(a); err != nil {
				return err
			}
			_, err := a.consumer().CreateVpcEndpoint(a.t.Context(), &ec2.CreateVpcEndpointInput{
				VpcEndpointType: ec2types.VpcEndpointTypeInterface, VpcId: sdk.String(a.endpoint.Spec.AWS.VPC), ServiceName: sdk.String(a.made.Name),
				SubnetIds: a.endpoint.Spec.AWS.Subnets, SecurityGroupIds: []string{a.group}, PrivateDnsEnabled: sdk.Bool(false),
				TagSpecifications: tagsFor(ec2types.ResourceTypeVpcEndpoint, connectionFlow, "by hand"),
			})
			return err
		}, []string{
			"connection connection: it was let in, and is ",
			"connection privateDNS: private DNS on", "connection endpointGone: it stands in the place of vpce-",
			"connection addresses: addresses +10.1.", "connection targetHealth: 10.1."}},
		"a subnet is taken away": {func(a *audited) error {
			return a.modifyEndpoint(ec2.ModifyVpcEndpointInput{RemoveSubnetIds: []string{a.id("consumer", "subnet", "main/two")}})
		}, []string{"connection subnets: subnets +subnet-", "connection addresses: addresses -10.1.2.", "connection targetHealth: 10.1.2."}},
		"an address is another": {func(a *audited) error {
			two := []string{a.id("consumer", "subnet", "main/two")}
			if err := a.modifyEndpoint(ec2.ModifyVpcEndpointInput{RemoveSubnetIds: two}); err != nil {
				return err
			}
			return a.modifyEndpoint(ec2.ModifyVpcEndpointInput{AddSubnetIds: two,
				SubnetConfigurations: []ec2types.SubnetConfiguration{{SubnetId: &two[0], Ipv4: sdk.String("10.1.2.77")}}})
		}, []string{"connection addresses: addresses +10.1.2.77 -10.1.2.", "connection targetHealth: 10.1.2."}},
		"its security group is exchanged": {func(a *audited) error {
			return a.modifyEndpoint(ec2.ModifyVpcEndpointInput{
				AddSecurityGroupIds: []string{a.id("consumer", "security-group", "main/https")}, RemoveSecurityGroupIds: []string{a.group}})
		}, []string{"connection securityGroups (widens): security groups +sg-", "connection securityGroups: security groups -sg-"}},
		"its security group lets in more": {func(a *audited) error {
			_, err := a.consumer().AuthorizeSecurityGroupIngress(a.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
				GroupId: sdk.String(a.group), IpPermissions: wirePermissions([]ingressRule{{"tcp", 22, 22, "0.0.0.0/0"}})})
			return err
		}, []string{"connection securityRules: no longer lets in tcp 22 from 0.0.0.0/0"}},
		"its security group lets in less": {func(a *audited) error {
			_, err := a.consumer().RevokeSecurityGroupIngress(a.t.Context(), &ec2.RevokeSecurityGroupIngressInput{
				GroupId: sdk.String(a.group), IpPermissions: wirePermissions([]ingressRule{{"tcp", 443, 443, "10.0.0.0/8"}})})
			return err
		}, []string{"connection securityRules (widens): lets in tcp 443 from 10.0.0.0/8"}},
		"private DNS is switched off": {func(a *audited) error {
			return a.modifyEndpoint(ec2.ModifyVpcEndpointInput{PrivateDnsEnabled: sdk.Bool(false)})
		}, []string{"connection privateDNS: private DNS on"}},
		"ownership tags are taken off": {func(a *audited) error {
			_, err := a.consumer().DeleteTags(a.t.Context(), &ec2.DeleteTagsInput{Resources: []string{a.at.ID, a.group}})
			return err
		}, []string{"connection tags: gets its ownership tag", "connection tags: gets its ownership tag"}},
		"it was taken over, and its ownership tag is taken off": {func(a *audited) error {
			a.ledger.expected[4].Endpoint.Spec.AWS.Endpoint = a.at.ID
			_, err := a.consumer().DeleteTags(a.t.Context(), &ec2.DeleteTagsInput{Resources: []string{a.at.ID}})
			return err
		}, []string{"connection tags: gets its ownership tag"}},
	})
}

func TestAnAuditFindsWhatHappenedToAZone(t *testing.T) {
	testDrift(t, map[string]driftCase{
		"its record leads elsewhere": {func(a *audited) error {
			a.record(a.zoneID, r53types.ChangeActionUpsert, set(r53types.RRTypeA, "api.k.example.com", 60, "10.1.1.1"))
			return nil
		}, []string{"connection records: leads to vpce-"}},
		"its record is deleted": {func(a *audited) error {
			a.record(a.zoneID, r53types.ChangeActionDelete, a.recordSet(a.zoneID))
			return nil
		}, []string{"connection records: it is missing"}},
		"an association is lost": {func(a *audited) error {
			must(a.t, plain(NewHostedZones(a.config).DisassociateVPC), a.seenFrom("plain"))
			return nil
		}, []string{"connection associations: it is missing"}},
		"it is deleted": {func(a *audited) error {
			must(a.t, plain(NewHostedZones(a.config).RemoveZone), activities.ZoneRequest{
				Place: consumer, Owner: connectionFlow, Name: "api.k.example.com", ZoneID: a.zoneID})
			return nil
		}, []string{"connection zone: it is missing", "connection associations: it is missing", "connection associations: it is missing",
			"connection records: "}},
		"its ownership tag is taken off": {func(a *audited) error {
			_, err := a.clients(consumer).Route53.ChangeTagsForResource(a.t.Context(), &route53.ChangeTagsForResourceInput{
				ResourceType: r53types.TagResourceTypeHostedzone, ResourceId: sdk.String(a.zoneID), RemoveTagKeys: []string{ownerTag}})
			return err
		}, []string{"connection zone: zone Z"}}, // whose tag it is has a meaning: it is let be
	})
}

func TestAnAuditFindsWhatHappenedAtALoadBalancer(t *testing.T) {
	targets := func(ips ...string) []elbtypes.TargetDescription {
		var all []elbtypes.TargetDescription
		for _, ip := range ips {
			all = append(all, elbtypes.TargetDescription{Id: sdk.String(ip), Port: sdk.Int32(443)})
		}
		return all
	}
	testDrift(t, map[string]driftCase{
		"a target is missing": {func(a *audited) error {
			_, err := a.elb().DeregisterTargets(a.t.Context(), &elasticloadbalancingv2.DeregisterTargetsInput{
				TargetGroupArn: sdk.String(a.targets.TargetGroup), Targets: targets(a.targets.Wanted[0])})
			return err
		}, []string{"connection targets: 10.1.1."}},
		"somebody else's target is there": {func(a *audited) error {
			_, err := a.elb().RegisterTargets(a.t.Context(), &elasticloadbalancingv2.RegisterTargetsInput{
				TargetGroupArn: sdk.String(a.targets.TargetGroup), Targets: targets("10.1.1.200")})
			return err
		}, []string{"connection foreignTargets: 10.1.1.200:443 is nobody's"}},
		"the health check is changed": {func(a *audited) error {
			_, err := a.elb().ModifyTargetGroup(a.t.Context(), &elasticloadbalancingv2.ModifyTargetGroupInput{
				TargetGroupArn: sdk.String(a.targets.TargetGroup), HealthCheckPath: sdk.String("/else")})
			return err
		}, []string{"connection targetGroup: health check path /, was /else"}},
		"an attribute is changed": {func(a *audited) error {
			_, err := a.elb().ModifyTargetGroupAttributes(a.t.Context(), &elasticloadbalancingv2.ModifyTargetGroupAttributesInput{
				TargetGroupArn: sdk.String(a.targets.TargetGroup), Attributes: []elbtypes.TargetGroupAttribute{
					{Key: sdk.String("deregistration_delay.timeout_seconds"), Value: sdk.String("90")}}})
			return err
		}, []string{"connection targetGroup: attribute deregistration_delay.timeout_seconds 30, was"}},
		"the target group's tag is taken off": {func(a *audited) error {
			_, err := a.elb().RemoveTags(a.t.Context(), &elasticloadbalancingv2.RemoveTagsInput{
				ResourceArns: []string{a.targets.TargetGroup}, TagKeys: []string{ownerTag}})
			return err
		}, []string{"connection tags: target group "}},
		"the rule is deleted": {func(a *audited) error {
			_, err := a.elb().DeleteRule(a.t.Context(), &elasticloadbalancingv2.DeleteRuleInput{RuleArn: sdk.String(a.rule())})
			return err
		}, []string{"connection targetHealth: ", "connection route: it is missing"}},
		"the rule matches something else": {func(a *audited) error {
			_, err := a.elb().ModifyRule(a.t.Context(), &elasticloadbalancingv2.ModifyRuleInput{
				RuleArn: sdk.String(a.rule()), Conditions: match{hosts: []string{"else.example.com"}}.conditions()})
			return err
		}, []string{"connection route: rule matches as specified again, was else.example.com"}},
		"the certificate is taken off": {func(a *audited) error {
			_, err := a.elb().RemoveListenerCertificates(a.t.Context(), &elasticloadbalancingv2.RemoveListenerCertificatesInput{
				ListenerArn: sdk.String(a.route.req.Listener), Certificates: []elbtypes.Certificate{{CertificateArn: sdk.String(a.route.req.Certificate)}}})
			return err
		}, []string{"connection route: it is missing"}},
		"the web ACL is taken away": {func(a *audited) error {
			listener, err := a.elb().DescribeListeners(a.t.Context(), &elasticloadbalancingv2.DescribeListenersInput{ListenerArns: []string{a.route.req.Listener}})
			if err != nil {
				return err
			}
			_, err = a.clients(consumer).WAF.DisassociateWebACL(a.t.Context(), &wafv2.DisassociateWebACLInput{
				ResourceArn: listener.Listeners[0].LoadBalancerArn})
			return err
		}, []string{"connection route: it is missing"}},
		"the listener is deleted": {func(a *audited) error {
			_, err := a.elb().DeleteListener(a.t.Context(), &elasticloadbalancingv2.DeleteListenerInput{ListenerArn: sdk.String(a.route.req.Listener)})
			return err
		}, []string{"connection targetGroup: ", "connection targetHealth: ", "connection route: "}},
	})
}

func TestAnAuditFindsWhatBelongsToNoFlow(t *testing.T) {
	a := newAudited(t)
	a.ledger.gone = []activities.Owner{connectionFlow}
	a.ledger.expected = slices.DeleteFunc(a.ledger.expected, func(e activities.Expected) bool { return e.Flow == shopFlow })
	a.wantDrift() // nobody stands by an endpoint or anything of its kind here: nobody allows a look at them
	left := func() []string {
		var kinds []string
		for _, o := range a.audit(activities.AuditRequest{Place: consumer, Orphans: true, Left: true}).Orphans {
			kinds = append(kinds, o.Kind)
		}
		return kinds
	}
	if got, want := left(), []string{link.KindEndpoint, link.KindSecurityGroup, link.KindHostedZone}; !slices.Equal(got, want) {
		t.Errorf("where something may be left, it finds %q, want %q", got, want)
	}
	a.inject(simaws.Fault{Action: "DescribeSecurityGroups", Effect: simaws.EffectAccessDenied, Times: 100})
	if got, want := left(), []string{link.KindEndpoint, link.KindHostedZone}; !slices.Equal(got, want) {
		t.Errorf("where groups may not be looked at, it finds %q, want %q", got, want)
	}
	a.cloud.ClearFaults()
	other := activities.Expectation{Place: consumer, Endpoint: &a.endpoint, SecurityGroup: &activities.SecurityGroupRequest{},
		Zone: &activities.ZoneRequest{}, TargetGroup: &a.route.group, Route: &a.route.req}
	otherFlow := activities.Owner("default/connection/payments/other")
	endpoint, group, zone, targets, route := a.endpoint, a.groupRequest("10.0.0.0/8"), a.zoneRequest(), a.route.group, a.route.req
	endpoint.Owner, group.Owner, zone.Owner, targets.Owner, route.Owner = otherFlow, otherFlow, otherFlow, otherFlow, otherFlow
	other.Endpoint, other.SecurityGroup, other.Zone, other.TargetGroup, other.Route = &endpoint, &group, &zone, &targets, &route
	a.ledger.expected = append(a.ledger.expected, activities.Expected{Flow: "connection/payments/other", Expectation: other})
	found := a.audit(activities.AuditRequest{Place: consumer, Orphans: true})
	var kinds []string
	for _, o := range found.Orphans {
		if o.Detail != string(connectionFlow) || o.ID == "" || o.Account != "consumer" {
			t.Errorf("orphan = %+v", o)
		}
		kinds = append(kinds, o.Kind)
	}
	want := []string{link.KindEndpoint, link.KindSecurityGroup, link.KindHostedZone, link.KindListenerRule, link.KindTargetGroup}
	if slices.Sort(kinds); !slices.Equal(kinds, slices.Sorted(slices.Values(want))) {
		t.Errorf("orphans = %q, want %q", kinds, want)
	}
	if found := a.audit(activities.AuditRequest{Place: consumer}); len(found.Orphans) > 0 {
		t.Errorf("nobody has asked for them: %+v", found.Orphans)
	}
}
