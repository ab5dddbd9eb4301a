package ec2

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// SecurityGroup is a set of rules for traffic. The rules are remembered and shown; no traffic flows here that
// they could stop.
type SecurityGroup struct {
	Resource
	VPC         string
	Name        string
	Description string
}

// defaultGroup is the name of the security group that every VPC comes with and that nobody can delete.
const defaultGroup = "default"

var groupNotFound = missing("InvalidGroup.NotFound", "The security group '%s' does not exist")

func (s *Service) createSecurityGroup(r *sim.Request, f query.Form) (any, error) {
	vpc, err := s.vpc(r, f.String("VpcId"))
	if err != nil {
		return nil, err
	}
	name, description := f.String("GroupName"), f.String("GroupDescription")
	if err := checkGroupName(name, description); err != nil {
		return nil, err
	}
	inRegion := 0
	for _, other := range s.state.SecurityGroups {
		if other.ownedBy(r) {
			inRegion++
		}
		if other.VPC == vpc.ID && strings.EqualFold(other.Name, name) {
			return nil, sim.Errorf("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", name, vpc.ID)
		}
	}
	if inRegion >= s.quota(vpc.Resource, sim.QuotaSecurityGroups) {
		return nil, sim.Errorf("SecurityGroupLimitExceeded", "The maximum number of security groups has been reached.")
	}
	tags, err := newTags(f, "security-group")
	if err != nil {
		return nil, err
	}
	group := &SecurityGroup{
		Resource: s.newResource(r, "sg", "security-group", tags), VPC: vpc.ID, Name: name, Description: description,
	}
	s.state.SecurityGroups[group.ID] = group
	s.addRule(r, group, anywhere(egress), nil)
	var result struct {
		ID   string    `xml:"groupId"`
		ARN  string    `xml:"securityGroupArn"`
		Tags []tagItem `xml:"tagSet>item"`
	}
	result.ID, result.ARN, result.Tags = group.ID, group.arn(r.Partition), tagSet(tags)
	return result, nil
}

// groupText is what a group's name and description may be: 255 characters of a set (EC2 API Reference,
// CreateSecurityGroup).
var groupText = regexp.MustCompile(`^[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)

func checkGroupName(name, description string) error {
	const allowed = "strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
	switch {
	case name == "":
		return missingParameter("groupName")
	case description == "":
		return missingParameter("groupDescription")
	case strings.EqualFold(name, defaultGroup):
		return sim.Errorf("InvalidGroup.Reserved", "Cannot use reserved security group name: %s", name)
	case strings.HasPrefix(strings.ToLower(name), "sg-"):
		return sim.Errorf("InvalidParameterValue", "Group names may not be in the format sg-*.")
	case !groupText.MatchString(name):
		return sim.Errorf("InvalidParameterValue", "Invalid security group name. Valid names are %s", allowed)
	case !groupText.MatchString(description):
		return sim.Errorf("InvalidParameterValue", "Invalid security group description. Valid descriptions are %s", allowed)
	}
	return nil
}

// addDefaultSecurityGroup makes a VPC's default group: its members may talk to each other and to anyone.
func (s *Service) addDefaultSecurityGroup(r *sim.Request, vpc *VPC) {
	group := &SecurityGroup{
		Resource: s.newResource(r, "sg", "security-group", nil), VPC: vpc.ID, Name: defaultGroup, Description: "default VPC security group",
	}
	s.state.SecurityGroups[group.ID] = group
	s.addRule(r, group, &Rule{Egress: ingress, Protocol: "-1", Peer: group.ID, PeerOwner: group.Owner}, nil)
	s.addRule(r, group, anywhere(egress), nil)
}

func (g *SecurityGroup) arn(partition string) string {
	return fmt.Sprintf("arn:%s:ec2:%s:%s:security-group/%s", partition, g.Region, g.Owner, g.ID)
}

func (s *Service) securityGroup(r *sim.Request, f query.Form) (*SecurityGroup, error) {
	if !f.Has("GroupId") {
		return nil, missingParameter("groupId")
	}
	return owned(r, s.state.SecurityGroups, f.String("GroupId"), groupNotFound)
}

func (s *Service) deleteSecurityGroup(r *sim.Request, f query.Form) (any, error) {
	group, err := s.securityGroup(r, f)
	if err != nil {
		return nil, err
	}
	if group.Name == defaultGroup {
		return nil, sim.Errorf("CannotDelete", "the specified group: \"%s\" name: \"%s\" cannot be deleted by a user", group.ID, group.Name)
	}
	if s.groupInUse(group.ID) {
		return nil, sim.Errorf("DependencyViolation", "resource %s has a dependent object", group.ID)
	}
	removeFrom(s.state.Rules, func(rule *Rule) bool { return rule.SecurityGroup == group.ID })
	delete(s.state.SecurityGroups, group.ID)
	var result struct {
		Return bool   `xml:"return"`
		ID     string `xml:"groupId"`
	}
	result.Return, result.ID = true, group.ID
	return result, nil
}

// groupInUse reports whether an endpoint or a load balancer has the group, or a rule of another group in the same VPC
// refers to it (EC2 API Reference, DeleteSecurityGroup). The rules of groups in peered VPCs become stale instead.
func (s *Service) groupInUse(id string) bool {
	for _, endpoint := range s.state.Endpoints {
		if slices.Contains(endpoint.SecurityGroups, id) {
			return true
		}
	}
	for _, rule := range s.state.Rules {
		if rule.Peer == id && rule.SecurityGroup != id && rule.PeerVPC == "" {
			return true
		}
	}
	return s.world.LoadBalancers != nil && s.world.LoadBalancers.UsesSecurityGroup(id)
}

type securityGroupItem struct {
	ID          string           `xml:"groupId"`
	ARN         string           `xml:"securityGroupArn"`
	Owner       string           `xml:"ownerId"`
	Name        string           `xml:"groupName"`
	Description string           `xml:"groupDescription"`
	VPC         string           `xml:"vpcId"`
	Ingress     []permissionItem `xml:"ipPermissions>item"`
	Egress      []permissionItem `xml:"ipPermissionsEgress>item"`
	Tags        []tagItem        `xml:"tagSet>item"`
}

// groupFilters are what groups can be filtered by: themselves, and their rules of either direction (EC2 API Reference,
// DescribeSecurityGroups).
func (s *Service) groupFilters() map[string]func(*SecurityGroup) []string {
	filters := map[string]func(*SecurityGroup) []string{
		"group-id":    one(func(g *SecurityGroup) string { return g.ID }),
		"group-name":  one(func(g *SecurityGroup) string { return g.Name }),
		"description": one(func(g *SecurityGroup) string { return g.Description }),
		"vpc-id":      one(func(g *SecurityGroup) string { return g.VPC }),
		"owner-id":    one(func(g *SecurityGroup) string { return g.Owner }),
	}
	port := func(p *int) string {
		if p == nil {
			return ""
		}
		return strconv.Itoa(*p)
	}
	for name, value := range map[string]func(*Rule) string{
		"cidr":           func(rule *Rule) string { return rule.CIDR },
		"ipv6-cidr":      func(rule *Rule) string { return rule.CIDRv6 },
		"from-port":      func(rule *Rule) string { return port(rule.From) },
		"to-port":        func(rule *Rule) string { return port(rule.To) },
		"protocol":       func(rule *Rule) string { return rule.Protocol },
		"group-id":       func(rule *Rule) string { return rule.Peer },
		"user-id":        func(rule *Rule) string { return rule.PeerOwner },
		"prefix-list-id": func(rule *Rule) string { return rule.PrefixList },
	} {
		for prefix, direction := range map[string]bool{"ip-permission.": ingress, "egress.ip-permission.": egress} {
			filters[prefix+name] = func(g *SecurityGroup) []string {
				rules := slices.DeleteFunc(s.rulesOf(g.ID), func(rule *Rule) bool { return rule.Egress != direction })
				return given(rules, value)
			}
		}
	}
	return filters
}

func (s *Service) describeSecurityGroups(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		Groups    []securityGroupItem `xml:"securityGroupInfo>item"`
		NextToken string              `xml:"nextToken,omitempty"`
	}
	groups, next, err := list(s, r, f, listing[*SecurityGroup]{
		table: s.state.SecurityGroups, ids: "GroupId", absent: groupNotFound,
		filters: s.groupFilters(),
	})
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		rules := s.rulesOf(g.ID)
		result.Groups = append(result.Groups, securityGroupItem{
			ID: g.ID, ARN: g.arn(r.Partition), Owner: g.Owner, Name: g.Name, Description: g.Description, VPC: g.VPC,
			Ingress: s.permissionItems(rules, ingress), Egress: s.permissionItems(rules, egress), Tags: tagSet(g.Tags),
		})
	}
	result.NextToken = next
	return result, nil
}
