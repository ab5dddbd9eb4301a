package aws

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// ingressRule lets one source in by one protocol on a range of ports.
type ingressRule struct {
	protocol string // "tcp", or "-1" for all
	from, to int32  // -1 where the protocol has no ports
	source   string // a CIDR block, or the id of a prefix list or security group
}

// String shows the rule in a status: "tcp 443 from 10.0.0.0/8".
func (r ingressRule) String() string {
	switch {
	case r.protocol == "-1":
		return "everything from " + r.source
	case r.from == r.to:
		return fmt.Sprintf("%s %d from %s", r.protocol, r.from, r.source)
	}
	return fmt.Sprintf("%s %d-%d from %s", r.protocol, r.from, r.to, r.source)
}

func compareRules(a, b ingressRule) int {
	return cmp.Or(cmp.Compare(a.protocol, b.protocol), cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.source, b.source))
}

// ruleChange is what makes a group's rules as wanted.
type ruleChange struct{ Authorize, Revoke []ingressRule }

func (c ruleChange) empty() bool { return len(c.Authorize) == 0 && len(c.Revoke) == 0 }

// differences tell of the parts of the change.
func (c ruleChange) differences() []link.Difference {
	var all []link.Difference
	for _, r := range c.Authorize {
		all = append(all, link.Difference{Kind: link.DriftSecurityRules, Text: "lets in " + r.String(), Widens: true})
	}
	for _, r := range c.Revoke {
		all = append(all, link.Difference{Kind: link.DriftSecurityRules, Text: "no longer lets in " + r.String()})
	}
	return all
}

// planRules compares the rules of a group that is for one endpoint alone with what it is to let in. A rule that somebody
// has added by hand is drift like one that he has taken away: who may reach the endpoint is what its spec says.
func planRules(have []ec2types.IpPermission, want link.EndpointSecurityGroup) ruleChange {
	is, should := rulesOf(have), wantedRules(want)
	return ruleChange{Authorize: rulesWithout(should, is), Revoke: rulesWithout(is, should)}
}

func rulesWithout(a, b []ingressRule) []ingressRule {
	return slices.DeleteFunc(slices.Clone(a), func(r ingressRule) bool { return slices.Contains(b, r) })
}

// httpsPort is the port of a spec that names none.
const httpsPort = 443

// wantedRules are a rule for each port and source, sorted, each once.
func wantedRules(want link.EndpointSecurityGroup) []ingressRule {
	ports := want.Ports
	if len(ports) == 0 {
		ports = []int32{httpsPort}
	}
	var rules []ingressRule
	for _, port := range ports {
		for _, source := range want.From {
			rules = append(rules, ingressRule{"tcp", port, port, canonicalSource(source)})
		}
	}
	slices.SortFunc(rules, compareRules)
	return slices.Compact(rules)
}

// canonicalSource writes a block as EC2 does, without host bits: 10.1.2.3/8 is 10.0.0.0/8 (EC2 API Reference, IpRange).
func canonicalSource(source string) string {
	if block, err := netip.ParsePrefix(source); err == nil {
		return block.Masked().String()
	}
	return source
}

// rulesOf are the rules that permissions stand for: EC2 shows those of one protocol and port range together.
func rulesOf(permissions []ec2types.IpPermission) []ingressRule {
	var rules []ingressRule
	for _, p := range permissions {
		rule := ingressRule{protocol: sdk.ToString(p.IpProtocol), from: -1, to: -1}
		if p.FromPort != nil && p.ToPort != nil {
			rule.from, rule.to = *p.FromPort, *p.ToPort
		}
		add := func(source *string) {
			rule.source = canonicalSource(sdk.ToString(source))
			rules = append(rules, rule)
		}
		for _, r := range p.IpRanges {
			add(r.CidrIp)
		}
		for _, r := range p.Ipv6Ranges {
			add(r.CidrIpv6)
		}
		for _, l := range p.PrefixListIds {
			add(l.PrefixListId)
		}
		for _, g := range p.UserIdGroupPairs {
			add(g.GroupId)
		}
	}
	slices.SortFunc(rules, compareRules)
	return rules
}

// wirePermissions say rules in the words of EC2.
func wirePermissions(rules []ingressRule) []ec2types.IpPermission {
	var all []ec2types.IpPermission
	for _, r := range rules {
		p := ec2types.IpPermission{IpProtocol: sdk.String(r.protocol)}
		if r.from >= 0 {
			p.FromPort, p.ToPort = sdk.Int32(r.from), sdk.Int32(r.to)
		}
		source := sdk.String(r.source)
		switch {
		case strings.HasPrefix(r.source, "sg-"):
			p.UserIdGroupPairs = []ec2types.UserIdGroupPair{{GroupId: source}}
		case strings.HasPrefix(r.source, "pl-"):
			p.PrefixListIds = []ec2types.PrefixListId{{PrefixListId: source}}
		case strings.Contains(r.source, ":"):
			p.Ipv6Ranges = []ec2types.Ipv6Range{{CidrIpv6: source}}
		default:
			p.IpRanges = []ec2types.IpRange{{CidrIp: source}}
		}
		all = append(all, p)
	}
	return all
}

// groupName is what the group of an owner is called. A VPC has no two groups of one name, so that whoever asks for the
// group twice, its answer lost, makes one; that takes a name that is the same however often it is asked for, and no
// other owner's.
func groupName(owner activities.Owner) string {
	sum := sha256.Sum256([]byte(owner))
	return "linkwright-" + hex.EncodeToString(sum[:16])
}

// What a group's description may consist of, and how long it may be (EC2 API Reference, CreateSecurityGroup).
var notInDescriptions = regexp.MustCompile(`[^a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]`)

const longestDescription = 255

func groupDescription(name string) string {
	text := notInDescriptions.ReplaceAllString("Linkwright: who reaches the endpoint of "+name, "_")
	return text[:min(len(text), longestDescription)]
}

// ownGroup chooses among the groups that carry an owner's tag the one in a VPC; nil when there is none. Should somebody
// have given the tag to another one, that with the name counts. Elsewhere are those in other VPCs, in which an endpoint
// stood before it was moved.
func ownGroup(found []ec2types.SecurityGroup, owner activities.Owner, vpc string) (own *ec2types.SecurityGroup, elsewhere []string) {
	better := func(a, b ec2types.SecurityGroup) bool {
		if named := sdk.ToString(a.GroupName) == groupName(owner); named != (sdk.ToString(b.GroupName) == groupName(owner)) {
			return named
		}
		return sdk.ToString(a.GroupId) < sdk.ToString(b.GroupId)
	}
	for _, g := range found {
		switch {
		case sdk.ToString(g.VpcId) != vpc:
			elsewhere = append(elsewhere, sdk.ToString(g.GroupId))
		case own == nil || better(g, *own):
			own = &g
		}
	}
	return own, elsewhere
}
