package aws

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

func TestPlanRules(t *testing.T) {
	// What EC2 shows of a group that lets in two blocks, a prefix list and another group to one port.
	have := []ec2types.IpPermission{{
		IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(443), ToPort: sdk.Int32(443),
		IpRanges:         []ec2types.IpRange{{CidrIp: sdk.String("10.0.0.0/8"), Description: sdk.String("by hand")}},
		Ipv6Ranges:       []ec2types.Ipv6Range{{CidrIpv6: sdk.String("fd00::/64")}},
		PrefixListIds:    []ec2types.PrefixListId{{PrefixListId: sdk.String("pl-1")}},
		UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: sdk.String("sg-1"), UserId: sdk.String("222222222222")}},
	}}
	all := []string{"10.0.0.0/8", "fd00::/64", "pl-1", "sg-1"}
	everything := ec2types.IpPermission{IpProtocol: sdk.String("-1"), IpRanges: []ec2types.IpRange{{CidrIp: sdk.String("0.0.0.0/0")}}}
	tcp := func(from, to int32, source string) ingressRule { return ingressRule{"tcp", from, to, source} }
	for _, c := range []struct {
		name   string
		have   []ec2types.IpPermission
		want   link.EndpointSecurityGroup
		change ruleChange
	}{
		{"when everything is as wanted, it changes nothing", have, link.EndpointSecurityGroup{From: all, Ports: []int32{443}}, ruleChange{}},
		{"when no port is named, it is that of HTTPS", have, link.EndpointSecurityGroup{From: all}, ruleChange{}},
		{"when a block is written with host bits, it is the same block", have,
			link.EndpointSecurityGroup{From: []string{"10.1.2.3/8", "fd00::1/64", "pl-1", "sg-1"}}, ruleChange{}},
		{"when two blocks say the same, it is one rule", nil, link.EndpointSecurityGroup{From: []string{"10.0.0.0/8", "10.1.0.0/8"}},
			ruleChange{Authorize: []ingressRule{tcp(443, 443, "10.0.0.0/8")}}},
		{"when the group is new, all is let in", nil, link.EndpointSecurityGroup{From: []string{"10.0.0.0/8", "sg-1"}, Ports: []int32{8443, 443}},
			ruleChange{Authorize: []ingressRule{tcp(443, 443, "10.0.0.0/8"), tcp(443, 443, "sg-1"), tcp(8443, 8443, "10.0.0.0/8"), tcp(8443, 8443, "sg-1")}}},
		{"when a source goes and another comes, it adds and removes", have, link.EndpointSecurityGroup{From: []string{"10.0.0.0/8", "fd00::/64", "sg-1", "pl-2"}},
			ruleChange{Authorize: []ingressRule{tcp(443, 443, "pl-2")}, Revoke: []ingressRule{tcp(443, 443, "pl-1")}}},
		{"when somebody opens it to all the world, that is taken back", append(slices.Clone(have), everything), link.EndpointSecurityGroup{From: all},
			ruleChange{Revoke: []ingressRule{{"-1", -1, -1, "0.0.0.0/0"}}}},
		{"when somebody has widened the ports, the range is taken back", []ec2types.IpPermission{{IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(1),
			ToPort: sdk.Int32(1000), PrefixListIds: []ec2types.PrefixListId{{PrefixListId: sdk.String("pl-1")}}}}, link.EndpointSecurityGroup{From: []string{"pl-1"}},
			ruleChange{Authorize: []ingressRule{tcp(443, 443, "pl-1")}, Revoke: []ingressRule{tcp(1, 1000, "pl-1")}}},
		{"when the protocol is another, it is another rule", []ec2types.IpPermission{{IpProtocol: sdk.String("udp"), FromPort: sdk.Int32(443),
			ToPort: sdk.Int32(443), PrefixListIds: []ec2types.PrefixListId{{PrefixListId: sdk.String("pl-1")}}}}, link.EndpointSecurityGroup{From: []string{"pl-1"}},
			ruleChange{Authorize: []ingressRule{tcp(443, 443, "pl-1")}, Revoke: []ingressRule{{"udp", 443, 443, "pl-1"}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := planRules(c.have, c.want)
			if !slices.Equal(got.Authorize, c.change.Authorize) || !slices.Equal(got.Revoke, c.change.Revoke) || got.empty() != (len(got.differences()) == 0) {
				t.Errorf("plan = %+v (%+v), want %+v", got, got.differences(), c.change)
			}
		})
	}
}

// What is revoked and authorized must be read back as the same rules.
func TestRulesSayTheSameOnTheWire(t *testing.T) {
	rules := []ingressRule{{"-1", -1, -1, "0.0.0.0/0"}, {"tcp", 443, 443, "10.0.0.0/8"}, {"tcp", 443, 443, "fd00::/64"},
		{"tcp", 443, 443, "pl-1"}, {"tcp", 443, 443, "sg-1"}, {"udp", 1, 9, "sg-1"}}
	if got := rulesOf(wirePermissions(rules)); !reflect.DeepEqual(got, rules) {
		t.Errorf("rules = %+v, want %+v", got, rules)
	}
}

func TestGroupNames(t *testing.T) {
	legal := regexp.MustCompile(`^[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)
	name := groupName(connectionFlow)
	if !legal.MatchString(name) || strings.HasPrefix(name, "sg-") || name != groupName(connectionFlow) || name == groupName(serviceFlow) {
		t.Errorf("the group is called %q", name)
	}
	for _, c := range []struct{ name, of string }{
		{"when the name is plain, it is legal", "payments/shop"},
		{"when the name is odd, it is legal", "zahlungen/müller \"&\" söhne\n"},
		{"when the name is long, it is cut", strings.Repeat("a", 300)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := groupDescription(c.of); !legal.MatchString(got) {
				t.Errorf("the description %q is not legal", got)
			}
		})
	}
}

func TestOwnGroup(t *testing.T) {
	group := func(id, vpc, name string) ec2types.SecurityGroup {
		return ec2types.SecurityGroup{GroupId: sdk.String(id), VpcId: sdk.String(vpc), GroupName: sdk.String(name)}
	}
	const owner = activities.Owner("o")
	name := groupName(owner)
	for _, c := range []struct {
		name      string
		found     []ec2types.SecurityGroup
		own       string
		elsewhere []string
	}{
		{"when there is none, one is to be made", nil, "", nil},
		{"when there is one, it is that", []ec2types.SecurityGroup{group("sg-1", "vpc-1", name)}, "sg-1", nil},
		{"when another one was given the tag, that with the name counts",
			[]ec2types.SecurityGroup{group("sg-1", "vpc-1", "x"), group("sg-2", "vpc-1", name)}, "sg-2", nil},
		{"when the endpoint was moved, that of the old VPC is told apart",
			[]ec2types.SecurityGroup{group("sg-1", "vpc-2", name)}, "", []string{"sg-1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			own, elsewhere := ownGroup(c.found, owner, "vpc-1")
			if own == nil {
				own = &ec2types.SecurityGroup{}
			}
			if sdk.ToString(own.GroupId) != c.own || !slices.Equal(elsewhere, c.elsewhere) {
				t.Errorf("own = %q, elsewhere = %q", sdk.ToString(own.GroupId), elsewhere)
			}
		})
	}
}
