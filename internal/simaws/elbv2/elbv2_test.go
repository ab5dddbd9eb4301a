package elbv2_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmsdk "github.com/aws/aws-sdk-go-v2/service/acm"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/internal/simaws/acm"
	"github.com/linkwright/linkwright/internal/simaws/ec2"
	"github.com/linkwright/linkwright/internal/simaws/elbv2"
	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simaws/simtest"
)

// world is a cloud with Elastic Load Balancing and EC2, in which the provider has a VPC with a subnet in each
// of two zones.
type world struct {
	*simtest.Cloud
	t       *testing.T
	service *elbv2.Service
	client  *sdk.Client
	ec2     *ec2sdk.Client
	acm     *acm.Service
	vpc     string
	subnets []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	cloud := simtest.New(t)
	network := ec2.New(cloud.World, ec2.Options{})
	t.Cleanup(network.Close)
	service, certificates := elbv2.New(cloud.World), acm.New(cloud.World)
	cloud.Serve(service, network, certificates)
	w := &world{Cloud: cloud, t: t, service: service, acm: certificates,
		client: sdk.NewFromConfig(cloud.Client(simtest.Provider)), ec2: ec2sdk.NewFromConfig(cloud.Client(simtest.Provider))}
	w.vpc = w.newVPC("10.0.0.0/16")
	w.subnets = []string{w.newSubnet(w.vpc, "10.0.1.0/24", "eu-west-1a"), w.newSubnet(w.vpc, "10.0.2.0/24", "eu-west-1b")}
	return w
}

// limit sets a quota of Elastic Load Balancing for the provider.
func (w *world) limit(code string, value int) {
	w.t.Helper()
	w.World.Lock()
	defer w.World.Unlock()
	if err := w.World.Quotas.Apply(simtest.Provider, simtest.Region, sim.QuotasOfELB, code, value); err != nil {
		w.t.Fatal(err)
	}
}

// certificate makes a certificate of a status.
func (w *world) certificate(domain, status string) string {
	w.t.Helper()
	out, err := acmsdk.NewFromConfig(w.Client(simtest.Provider)).RequestCertificate(w.t.Context(), &acmsdk.RequestCertificateInput{DomainName: &domain})
	if err == nil {
		err = w.acm.SetStatus(*out.CertificateArn, status)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.CertificateArn
}

func (w *world) newVPC(cidr string) string {
	w.t.Helper()
	out, err := w.ec2.CreateVpc(w.t.Context(), &ec2sdk.CreateVpcInput{CidrBlock: &cidr})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.Vpc.VpcId
}

func (w *world) newSubnet(vpc, cidr, zone string) string {
	w.t.Helper()
	out, err := w.ec2.CreateSubnet(w.t.Context(), &ec2sdk.CreateSubnetInput{VpcId: &vpc, CidrBlock: &cidr, AvailabilityZone: &zone})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.Subnet.SubnetId
}

// loadBalancer makes an internal load balancer and waits until it is active.
func (w *world) loadBalancer(name string, kind types.LoadBalancerTypeEnum) string {
	w.t.Helper()
	out, err := w.client.CreateLoadBalancer(w.t.Context(), &sdk.CreateLoadBalancerInput{
		Name: &name, Type: kind, Scheme: types.LoadBalancerSchemeEnumInternal, Subnets: w.subnets,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Advance(2 * time.Minute)
	return *out.LoadBalancers[0].LoadBalancerArn
}

// targetGroup makes a group of IP targets.
func (w *world) targetGroup(name string, protocol types.ProtocolEnum) string {
	w.t.Helper()
	out, err := w.client.CreateTargetGroup(w.t.Context(), &sdk.CreateTargetGroupInput{
		Name: &name, Protocol: protocol, Port: aws.Int32(443), VpcId: &w.vpc, TargetType: types.TargetTypeEnumIp,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.TargetGroups[0].TargetGroupArn
}

// listen forwards a port of a load balancer to a target group.
func (w *world) listen(lb, tg string, port int32, protocol types.ProtocolEnum) string {
	w.t.Helper()
	out, err := w.client.CreateListener(w.t.Context(), &sdk.CreateListenerInput{
		LoadBalancerArn: &lb, Port: &port, Protocol: protocol,
		DefaultActions: []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: &tg}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.Listeners[0].ListenerArn
}

func TestLoadBalancerLifecycle(t *testing.T) {
	w := newWorld(t)
	in := &sdk.CreateLoadBalancerInput{
		Name: aws.String("front"), Type: types.LoadBalancerTypeEnumNetwork, Scheme: types.LoadBalancerSchemeEnumInternal,
		Subnets: w.subnets, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
	}
	out, err := w.client.CreateLoadBalancer(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	lb := out.LoadBalancers[0]
	if lb.State.Code != types.LoadBalancerStateEnumProvisioning || *lb.VpcId != w.vpc || *lb.CanonicalHostedZoneId != "Z2IFOLAFXWLO4F" ||
		!strings.HasPrefix(*lb.DNSName, "front-") || !strings.HasSuffix(*lb.DNSName, ".elb.eu-west-1.amazonaws.com") ||
		len(lb.AvailabilityZones) != 2 || *lb.AvailabilityZones[0].ZoneName != "eu-west-1a" || lb.CreatedTime == nil {
		t.Errorf("created %+v", lb)
	}
	if !strings.HasPrefix(*lb.LoadBalancerArn, "arn:aws:elasticloadbalancing:eu-west-1:111111111111:loadbalancer/net/front/") {
		t.Errorf("ARN %s", *lb.LoadBalancerArn)
	}
	w.Advance(2 * time.Minute)
	w.Restart(w.service)
	described, err := w.client.DescribeLoadBalancers(t.Context(), &sdk.DescribeLoadBalancersInput{Names: []string{"front"}})
	if err != nil || described.LoadBalancers[0].State.Code != types.LoadBalancerStateEnumActive {
		t.Errorf("described %+v, %v", described, err)
	}
	t.Run("when created again alike, it is the same one", func(t *testing.T) {
		again, err := w.client.CreateLoadBalancer(t.Context(), in)
		if err != nil || *again.LoadBalancers[0].LoadBalancerArn != *lb.LoadBalancerArn {
			t.Errorf("%+v, %v", again, err)
		}
	})
	t.Run("when created again with other settings, the name is taken", func(t *testing.T) {
		other := *in
		other.Scheme = types.LoadBalancerSchemeEnumInternetFacing
		if _, err := w.client.CreateLoadBalancer(t.Context(), &other); simtest.Code(err) != "DuplicateLoadBalancerName" {
			t.Errorf("%v", err)
		}
	})
	t.Run("when another service looks, it sees the zones' ids", func(t *testing.T) {
		info, ok := w.World.LoadBalancers.LoadBalancer(*lb.LoadBalancerArn)
		if !ok || info.State != "active" || info.Type != "network" || len(info.ZoneIDs) != 2 || info.ZoneIDs[0] == "" {
			t.Errorf("%+v, %t", info, ok)
		}
	})
	t.Run("when protected, it is not deleted", func(t *testing.T) {
		protect := func(value string) {
			_, err := w.client.ModifyLoadBalancerAttributes(t.Context(), &sdk.ModifyLoadBalancerAttributesInput{
				LoadBalancerArn: lb.LoadBalancerArn, Attributes: []types.LoadBalancerAttribute{{Key: aws.String("deletion_protection.enabled"), Value: &value}},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		protect("true")
		if _, err := w.client.DeleteLoadBalancer(t.Context(), &sdk.DeleteLoadBalancerInput{LoadBalancerArn: lb.LoadBalancerArn}); simtest.Code(err) != "OperationNotPermitted" {
			t.Errorf("%v", err)
		}
		protect("false")
	})
	for range 2 { // deleting what is gone is no error
		if _, err := w.client.DeleteLoadBalancer(t.Context(), &sdk.DeleteLoadBalancerInput{LoadBalancerArn: lb.LoadBalancerArn}); err != nil {
			t.Error(err)
		}
	}
	if _, err := w.client.DescribeLoadBalancers(t.Context(), &sdk.DescribeLoadBalancersInput{LoadBalancerArns: []string{*lb.LoadBalancerArn}}); simtest.Code(err) != "LoadBalancerNotFound" {
		t.Errorf("described what is deleted: %v", err)
	}
}

func TestCreateLoadBalancerRefuses(t *testing.T) {
	w := newWorld(t)
	sameZone := w.newSubnet(w.vpc, "10.0.3.0/24", "eu-west-1a")
	otherVPC := w.newSubnet(w.newVPC("10.9.0.0/16"), "10.9.1.0/24", "eu-west-1b")
	tests := []struct {
		when    string
		name    string
		kind    types.LoadBalancerTypeEnum
		subnets []string
		code    string
	}{
		{"when a subnet does not exist", "a", types.LoadBalancerTypeEnumNetwork, []string{"subnet-0"}, "SubnetNotFound"},
		{"when two subnets are in one zone", "a", types.LoadBalancerTypeEnumNetwork, []string{w.subnets[0], sameZone}, "InvalidConfigurationRequest"},
		{"when the subnets are in two VPCs", "a", types.LoadBalancerTypeEnumNetwork, []string{w.subnets[0], otherVPC}, "InvalidConfigurationRequest"},
		{"when an application load balancer has one zone", "a", types.LoadBalancerTypeEnumApplication, w.subnets[:1], "InvalidConfigurationRequest"},
		{"when the name has a dot", "a.b", types.LoadBalancerTypeEnumNetwork, w.subnets, "ValidationError"},
		{"when the type is not simulated", "a", types.LoadBalancerTypeEnumGateway, w.subnets, "ValidationError"},
	}
	for _, tt := range tests {
		t.Run(tt.when, func(t *testing.T) {
			_, err := w.client.CreateLoadBalancer(t.Context(), &sdk.CreateLoadBalancerInput{Name: &tt.name, Type: tt.kind, Subnets: tt.subnets})
			if simtest.Code(err) != tt.code {
				t.Errorf("%v, want %s", err, tt.code)
			}
		})
	}
}

func TestDescribeLoadBalancersPages(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		w.loadBalancer(fmt.Sprintf("lb-%d", i), types.LoadBalancerTypeEnumNetwork)
	}
	var got []string
	pages := sdk.NewDescribeLoadBalancersPaginator(w.client, &sdk.DescribeLoadBalancersInput{PageSize: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, lb := range page.LoadBalancers {
			got = append(got, *lb.LoadBalancerName)
		}
	}
	if !slices.Equal(got, []string{"lb-0", "lb-1", "lb-2", "lb-3", "lb-4"}) {
		t.Errorf("pages %q", got)
	}
	if _, err := w.client.DescribeLoadBalancers(t.Context(), &sdk.DescribeLoadBalancersInput{Marker: aws.String("nonsense")}); simtest.Code(err) != "ValidationError" {
		t.Errorf("a marker that is none: %v", err)
	}
	other, err := sdk.NewFromConfig(w.Client(simtest.Consumer)).DescribeLoadBalancers(t.Context(), &sdk.DescribeLoadBalancersInput{})
	if err != nil || len(other.LoadBalancers) != 0 {
		t.Errorf("another account sees %+v, %v", other, err)
	}
}

func TestAttributes(t *testing.T) {
	w := newWorld(t)
	tg := w.targetGroup("ips", types.ProtocolEnumTcp)
	set := func(key, value string) error {
		_, err := w.client.ModifyTargetGroupAttributes(t.Context(), &sdk.ModifyTargetGroupAttributesInput{
			TargetGroupArn: &tg, Attributes: []types.TargetGroupAttribute{{Key: &key, Value: &value}},
		})
		return err
	}
	for _, tt := range []struct{ when, key, value, code string }{
		{"when the key and value are right, it is set", "deregistration_delay.timeout_seconds", "30", ""},
		{"when the key is unknown, it is refused", "colour", "red", "ValidationError"},
		{"when a Boolean is something else, it is refused", "proxy_protocol_v2.enabled", "maybe", "ValidationError"},
		{"when a number is something else, it is refused", "deregistration_delay.timeout_seconds", "soon", "ValidationError"},
	} {
		t.Run(tt.when, func(t *testing.T) {
			if err := set(tt.key, tt.value); simtest.Code(err) != tt.code {
				t.Errorf("%v, want %q", err, tt.code)
			}
		})
	}
	out, err := w.client.DescribeTargetGroupAttributes(t.Context(), &sdk.DescribeTargetGroupAttributesInput{TargetGroupArn: &tg})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, a := range out.Attributes {
		got[*a.Key] = *a.Value
	}
	if got["deregistration_delay.timeout_seconds"] != "30" || got["preserve_client_ip.enabled"] != "false" {
		t.Errorf("attributes %v", got)
	}
}

func TestTags(t *testing.T) {
	w := newWorld(t)
	lb, tg := w.loadBalancer("front", types.LoadBalancerTypeEnumNetwork), w.targetGroup("ips", types.ProtocolEnumTcp)
	_, err := w.client.AddTags(t.Context(), &sdk.AddTagsInput{ResourceArns: []string{lb, tg}, Tags: []types.Tag{
		{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.RemoveTags(t.Context(), &sdk.RemoveTagsInput{ResourceArns: []string{tg}, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	out, err := w.client.DescribeTags(t.Context(), &sdk.DescribeTagsInput{ResourceArns: []string{lb, tg}})
	if err != nil || len(out.TagDescriptions) != 2 || len(out.TagDescriptions[0].Tags) != 2 || len(out.TagDescriptions[1].Tags) != 1 {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := w.client.DescribeTags(t.Context(), &sdk.DescribeTagsInput{ResourceArns: []string{tg + "0"}}); simtest.Code(err) != "TargetGroupNotFound" {
		t.Errorf("%v, want TargetGroupNotFound", err)
	}
}

func TestListenerLifecycle(t *testing.T) {
	w := newWorld(t)
	lb := w.loadBalancer("front", types.LoadBalancerTypeEnumNetwork)
	one, two := w.targetGroup("one", types.ProtocolEnumTcp), w.targetGroup("two", types.ProtocolEnumTcp)
	listener := w.listen(lb, one, 443, types.ProtocolEnumTcp)
	out, err := w.client.DescribeListeners(t.Context(), &sdk.DescribeListenersInput{LoadBalancerArn: &lb})
	if err != nil {
		t.Fatal(err)
	}
	l := out.Listeners[0]
	if *l.ListenerArn != listener || *l.Port != 443 || l.Protocol != types.ProtocolEnumTcp || *l.DefaultActions[0].TargetGroupArn != one ||
		len(l.DefaultActions[0].ForwardConfig.TargetGroups) != 1 {
		t.Errorf("listener %+v", l)
	}
	groups, err := w.client.DescribeTargetGroups(t.Context(), &sdk.DescribeTargetGroupsInput{LoadBalancerArn: &lb})
	if err != nil || len(groups.TargetGroups) != 1 || !slices.Equal(groups.TargetGroups[0].LoadBalancerArns, []string{lb}) {
		t.Errorf("groups of the load balancer: %+v, %v", groups, err)
	}
	if _, err := w.client.DeleteTargetGroup(t.Context(), &sdk.DeleteTargetGroupInput{TargetGroupArn: &one}); simtest.Code(err) != "ResourceInUse" {
		t.Errorf("deleted a target group in use: %v", err)
	}
	_, err = w.client.ModifyListener(t.Context(), &sdk.ModifyListenerInput{
		ListenerArn: &listener, DefaultActions: []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: &two}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.DeleteTargetGroup(t.Context(), &sdk.DeleteTargetGroupInput{TargetGroupArn: &one}); err != nil {
		t.Error(err)
	}
	rules, err := w.client.DescribeRules(t.Context(), &sdk.DescribeRulesInput{ListenerArn: &listener})
	if err != nil || len(rules.Rules) != 1 || !*rules.Rules[0].IsDefault || *rules.Rules[0].Priority != "default" || *rules.Rules[0].Actions[0].TargetGroupArn != two {
		t.Errorf("rules %+v, %v", rules, err)
	}
	attributes, err := w.client.DescribeListenerAttributes(t.Context(), &sdk.DescribeListenerAttributesInput{ListenerArn: &listener})
	if err != nil || len(attributes.Attributes) != 1 || *attributes.Attributes[0].Value != "350" {
		t.Errorf("attributes %+v, %v", attributes, err)
	}
	if _, err := w.client.DeleteListener(t.Context(), &sdk.DeleteListenerInput{ListenerArn: &listener}); err != nil {
		t.Error(err)
	}
	if _, err := w.client.DescribeListeners(t.Context(), &sdk.DescribeListenersInput{ListenerArns: []string{listener}}); simtest.Code(err) != "ListenerNotFound" {
		t.Errorf("%v, want ListenerNotFound", err)
	}
}

func TestApplicationListenerActions(t *testing.T) {
	w := newWorld(t)
	lb := w.loadBalancer("app", types.LoadBalancerTypeEnumApplication)
	out, err := w.client.CreateListener(t.Context(), &sdk.CreateListenerInput{
		LoadBalancerArn: &lb, Port: aws.Int32(80), Protocol: types.ProtocolEnumHttp,
		DefaultActions: []types.Action{{Type: types.ActionTypeEnumRedirect, RedirectConfig: &types.RedirectActionConfig{
			StatusCode: types.RedirectActionStatusCodeEnumHttp301, Protocol: aws.String("HTTPS"), Port: aws.String("443"),
		}}},
	})
	if err != nil || *out.Listeners[0].DefaultActions[0].RedirectConfig.Host != "#{host}" {
		t.Errorf("redirect %+v, %v", out, err)
	}
	out, err = w.client.CreateListener(t.Context(), &sdk.CreateListenerInput{
		LoadBalancerArn: &lb, Port: aws.Int32(443), Protocol: types.ProtocolEnumHttps,
		Certificates: []types.Certificate{{CertificateArn: aws.String(w.certificate("example.com", "ISSUED"))}},
		DefaultActions: []types.Action{{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{
			StatusCode: aws.String("404"), ContentType: aws.String("text/plain"), MessageBody: aws.String("no"),
		}}},
	})
	if err != nil || *out.Listeners[0].SslPolicy == "" || len(out.Listeners[0].Certificates) != 1 || *out.Listeners[0].DefaultActions[0].FixedResponseConfig.StatusCode != "404" {
		t.Errorf("fixed response %+v, %v", out, err)
	}
}

func TestCreateListenerRefuses(t *testing.T) {
	w := newWorld(t)
	lb, other := w.loadBalancer("front", types.LoadBalancerTypeEnumNetwork), w.loadBalancer("other", types.LoadBalancerTypeEnumNetwork)
	tcp, http, taken := w.targetGroup("tcp", types.ProtocolEnumTcp), w.targetGroup("http", types.ProtocolEnumHttp), w.targetGroup("taken", types.ProtocolEnumTcp)
	w.listen(other, taken, 443, types.ProtocolEnumTcp)
	w.listen(lb, tcp, 443, types.ProtocolEnumTcp)
	tests := []struct {
		when     string
		port     int32
		protocol types.ProtocolEnum
		tg       string
		code     string
	}{
		{"when the port has a listener", 443, types.ProtocolEnumTcp, tcp, "DuplicateListener"},
		{"when the protocol is not the load balancer's", 80, types.ProtocolEnumHttp, tcp, "ValidationError"},
		{"when the target group speaks HTTP", 80, types.ProtocolEnumTcp, http, "IncompatibleProtocols"},
		{"when the target group belongs to another load balancer", 80, types.ProtocolEnumTcp, taken, "TargetGroupAssociationLimit"},
		{"when the target group does not exist", 80, types.ProtocolEnumTcp, tcp + "0", "TargetGroupNotFound"},
		{"when TLS has no certificate", 80, types.ProtocolEnumTls, tcp, "ValidationError"},
	}
	for _, tt := range tests {
		t.Run(tt.when, func(t *testing.T) {
			_, err := w.client.CreateListener(t.Context(), &sdk.CreateListenerInput{
				LoadBalancerArn: &lb, Port: &tt.port, Protocol: tt.protocol,
				DefaultActions: []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: &tt.tg}},
			})
			if simtest.Code(err) != tt.code {
				t.Errorf("%v, want %s", err, tt.code)
			}
		})
	}
}

func TestDeletingALoadBalancerFreesItsTargetGroups(t *testing.T) {
	w := newWorld(t)
	lb, tg := w.loadBalancer("front", types.LoadBalancerTypeEnumNetwork), w.targetGroup("ips", types.ProtocolEnumTcp)
	w.listen(lb, tg, 443, types.ProtocolEnumTcp)
	if _, err := w.client.DeleteLoadBalancer(t.Context(), &sdk.DeleteLoadBalancerInput{LoadBalancerArn: &lb}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.DeleteTargetGroup(t.Context(), &sdk.DeleteTargetGroupInput{TargetGroupArn: &tg}); err != nil {
		t.Error(err)
	}
}

func TestUnknownAction(t *testing.T) {
	w := newWorld(t)
	if _, err := w.client.DescribeTrustStores(t.Context(), &sdk.DescribeTrustStoresInput{}); simtest.Code(err) != "UnknownOperationException" {
		t.Errorf("%v, want a refusal", err)
	}
}
