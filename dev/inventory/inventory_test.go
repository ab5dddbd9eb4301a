package inventory_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/simaws"
)

const world = `
scale: 6000
accounts:
  - id: "111111111111"
    name: hub
    users: [{name: admin, accessKey: AKIAHUB, secretKey: hub-secret}]
    regions:
      eu-central-1:
        vpcs:
          - {name: main, cidr: 10.0.0.0/16, dnsHostnames: true, routeTables: [{name: private}],
             subnets: [{name: a, cidr: 10.0.1.0/24, zoneId: euc1-az1}, {name: b, cidr: 10.0.2.0/24, zoneId: euc1-az2}]}
          - {name: other, cidr: 10.1.0.0/16, dnsHostnames: true}
        certificates: [{name: web, domain: example.com}, {name: shop, domain: shop.example.com}]
        webACLs: [{name: wall}]
        applicationLoadBalancers:
          - name: front
            subnets: [a, b]
            listeners: [{protocol: HTTPS, port: 443, certificate: web, fixedResponse: {status: "404"}}]
`

const (
	region = "eu-central-1"
	owner  = "default/connection/payments/shop"
)

// account is the hub's, as its administrator sees it.
type account struct {
	t      *testing.T
	config aws.Config
	ec2    *ec2.Client
	elb    *elasticloadbalancingv2.Client
	dns    *route53.Client
	waf    *wafv2.Client
}

func open(t *testing.T) account {
	t.Helper()
	file, err := simaws.ParseWorldFile([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := simaws.New(simaws.Config{World: file, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	config := aws.Config{
		Region: region, BaseEndpoint: aws.String(cloud.URL()), Credentials: credentials.NewStaticCredentialsProvider("AKIAHUB", "hub-secret", ""),
	}
	return account{t, config, ec2.NewFromConfig(config), elasticloadbalancingv2.NewFromConfig(config), route53.NewFromConfig(config), wafv2.NewFromConfig(config)}
}

func (a account) look() inventory.Inventory {
	a.t.Helper()
	return must(inventory.Take(a.t.Context(), "hub", a.config))(a.t)
}

// must returns a call's answer, or ends the test.
func must[T any](answer T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
}

func (a account) vpc(name string) *string {
	a.t.Helper()
	out := must(a.ec2.DescribeVpcs(a.t.Context(), &ec2.DescribeVpcsInput{Filters: []ec2types.Filter{{Name: aws.String("tag:Name"), Values: []string{name}}}}))(a.t)
	return out.Vpcs[0].VpcId
}

func tagged(kind ec2types.ResourceType) []ec2types.TagSpecification {
	return []ec2types.TagSpecification{{ResourceType: kind, Tags: []ec2types.Tag{{Key: aws.String("linkwright:owner"), Value: aws.String(owner)}}}}
}

func (a account) makeGroup() {
	group := must(a.ec2.CreateSecurityGroup(a.t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: aws.String("ours"), Description: aws.String("ours"), VpcId: a.vpc("main"), TagSpecifications: tagged(ec2types.ResourceTypeSecurityGroup),
	}))(a.t)
	must(a.ec2.AuthorizeSecurityGroupIngress(a.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: group.GroupId, TagSpecifications: tagged(ec2types.ResourceTypeSecurityGroupRule), IpPermissions: []ec2types.IpPermission{{
			IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), IpRanges: []ec2types.IpRange{{CidrIp: aws.String("10.9.0.0/16")}},
		}},
	}))(a.t)
}

func (a account) peer() {
	made := must(a.ec2.CreateVpcPeeringConnection(a.t.Context(), &ec2.CreateVpcPeeringConnectionInput{
		VpcId: a.vpc("main"), PeerVpcId: a.vpc("other"), TagSpecifications: tagged(ec2types.ResourceTypeVpcPeeringConnection),
	}))(a.t)
	id := made.VpcPeeringConnection.VpcPeeringConnectionId
	a.awaitPeering(id, ec2types.VpcPeeringConnectionStateReasonCodePendingAcceptance)
	must(a.ec2.AcceptVpcPeeringConnection(a.t.Context(), &ec2.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: id}))(a.t)
	a.awaitPeering(id, ec2types.VpcPeeringConnectionStateReasonCodeActive)
	tables := must(a.ec2.DescribeRouteTables(a.t.Context(), &ec2.DescribeRouteTablesInput{Filters: []ec2types.Filter{{Name: aws.String("tag:Name"), Values: []string{"private"}}}}))(a.t)
	must(a.ec2.CreateRoute(a.t.Context(), &ec2.CreateRouteInput{
		RouteTableId: tables.RouteTables[0].RouteTableId, DestinationCidrBlock: aws.String("10.1.0.0/16"), VpcPeeringConnectionId: id,
	}))(a.t)
}

// awaitPeering looks until a peering connection is in a state.
func (a account) awaitPeering(id *string, state ec2types.VpcPeeringConnectionStateReasonCode) {
	a.t.Helper()
	for a.t.Context().Err() == nil {
		out := must(a.ec2.DescribeVpcPeeringConnections(a.t.Context(), &ec2.DescribeVpcPeeringConnectionsInput{VpcPeeringConnectionIds: []string{*id}}))(a.t)
		if out.VpcPeeringConnections[0].Status.Code == state {
			return
		}
	}
}

func (a account) route() {
	ctx := a.t.Context()
	marks := []elbtypes.Tag{{Key: aws.String("linkwright:owner"), Value: aws.String(owner)}}
	balancer := must(a.elb.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{}))(a.t).LoadBalancers[0].LoadBalancerArn
	listener := must(a.elb.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: balancer}))(a.t).Listeners[0]
	group := must(a.elb.CreateTargetGroup(ctx, &elasticloadbalancingv2.CreateTargetGroupInput{
		Name: aws.String("lw-ours"), VpcId: a.vpc("main"), Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80), TargetType: elbtypes.TargetTypeEnumIp, Tags: marks,
	}))(a.t).TargetGroups[0].TargetGroupArn
	must(a.elb.RegisterTargets(ctx, &elasticloadbalancingv2.RegisterTargetsInput{TargetGroupArn: group, Targets: []elbtypes.TargetDescription{{Id: aws.String("10.0.1.9")}}}))(a.t)
	must(a.elb.CreateRule(ctx, &elasticloadbalancingv2.CreateRuleInput{
		ListenerArn: listener.ListenerArn, Priority: aws.Int32(10), Tags: marks,
		Actions:    []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: group}},
		Conditions: []elbtypes.RuleCondition{{Field: aws.String("host-header"), HostHeaderConfig: &elbtypes.HostHeaderConditionConfig{Values: []string{"shop.example.com"}}}},
	}))(a.t)
	must(a.elb.AddListenerCertificates(ctx, &elasticloadbalancingv2.AddListenerCertificatesInput{
		ListenerArn: listener.ListenerArn, Certificates: []elbtypes.Certificate{{CertificateArn: a.certificate()}},
	}))(a.t)
	acls := must(a.waf.ListWebACLs(ctx, &wafv2.ListWebACLsInput{Scope: "REGIONAL"}))(a.t)
	must(a.waf.AssociateWebACL(ctx, &wafv2.AssociateWebACLInput{ResourceArn: balancer, WebACLArn: acls.WebACLs[0].ARN}))(a.t)
}

// certificate is that for the shop.
func (a account) certificate() *string {
	a.t.Helper()
	out := must(acm.NewFromConfig(a.config).ListCertificates(a.t.Context(), &acm.ListCertificatesInput{}))(a.t)
	i := slices.IndexFunc(out.CertificateSummaryList, func(c acmtypes.CertificateSummary) bool { return aws.ToString(c.DomainName) == "shop.example.com" })
	return out.CertificateSummaryList[i].CertificateArn
}

func (a account) makeZone() {
	ctx := a.t.Context()
	see := func(vpc string) *r53types.VPC { return &r53types.VPC{VPCId: aws.String(vpc), VPCRegion: region} }
	zone := must(a.dns.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
		Name: aws.String("k.example.com"), CallerReference: aws.String("ours"), VPC: see(*a.vpc("main")),
	}))(a.t).HostedZone.Id
	zone = aws.String(strings.TrimPrefix(*zone, "/hostedzone/"))
	must(a.dns.ChangeTagsForResource(ctx, &route53.ChangeTagsForResourceInput{
		ResourceId: zone, ResourceType: r53types.TagResourceTypeHostedzone,
		AddTags: []r53types.Tag{{Key: aws.String("linkwright:owner"), Value: aws.String(owner)}},
	}))(a.t)
	must(a.dns.AssociateVPCWithHostedZone(ctx, &route53.AssociateVPCWithHostedZoneInput{HostedZoneId: zone, VPC: see(*a.vpc("other"))}))(a.t)
	must(a.dns.CreateVPCAssociationAuthorization(ctx, &route53.CreateVPCAssociationAuthorizationInput{HostedZoneId: zone, VPC: see("vpc-0a1b2c3d4e5f60718")}))(a.t)
}

// TestWhatALinkCanLeaveIsFound makes everything that Linkwright makes around an endpoint, and looks for it.
func TestWhatALinkCanLeaveIsFound(t *testing.T) {
	for _, test := range []struct {
		when  string
		build func(account)
		want  map[string]int
		owned []string // kinds that carry the owner's tag
	}{
		{"a security group was made", account.makeGroup,
			map[string]int{inventory.SecurityGroup: 1, inventory.SecurityRule: 2}, // AWS adds one that lets everything out
			[]string{inventory.SecurityGroup}},
		{"VPCs were peered", account.peer, map[string]int{inventory.Peering: 1, inventory.Route: 1}, []string{inventory.Peering}},
		{"a route was made at a listener", account.route,
			map[string]int{inventory.TargetGroup: 1, inventory.Target: 1, inventory.Rule: 1, inventory.Certificate: 1, inventory.WebACL: 1},
			[]string{inventory.TargetGroup, inventory.Rule}},
		{"a private zone was made", account.makeZone,
			map[string]int{inventory.Zone: 1, inventory.Record: 2, inventory.Association: 2, inventory.Authorization: 1}, // records NS and SOA
			[]string{inventory.Zone}},
	} {
		t.Run("when "+test.when, func(t *testing.T) {
			a := open(t)
			before := a.look()
			test.build(a)
			now := a.look()
			got := map[string]int{}
			for _, item := range before.Added(now) {
				got[item.Kind]++
				if slices.Contains(test.owned, item.Kind) && item.Owner != owner {
					t.Errorf("is not known to be ours: %s", item)
				}
			}
			for kind, n := range test.want {
				if got[kind] != n {
					t.Errorf("found %d of %s, want %d", got[kind], kind, n)
				}
				delete(got, kind)
			}
			if len(got) > 0 {
				t.Errorf("found what was not made: %v", got)
			}
			if missing := before.Missing(now); len(missing) > 0 {
				t.Errorf("no longer found: %v", missing)
			}
		})
	}
}
