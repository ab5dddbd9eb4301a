package ec2

import (
	"fmt"
	"slices"

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
	switch {
	case name == "":
		return nil, missingParameter("groupName")
	case description == "":
		return nil, missingParameter("groupDescription")
	}
	for _, other := range s.state.SecurityGroups {
		if other.VPC == vpc.ID && other.Name == name {
			return nil, sim.Errorf("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", name, vpc.ID)
		}
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

// groupInUse reports whether an endpoint has the group or a rule of another group refers to it.
func (s *Service) groupInUse(id string) bool {
	for _, endpoint := range s.state.Endpoints {
		if slices.Contains(endpoint.SecurityGroups, id) {
			return true
		}
	}
	for _, rule := range s.state.Rules {
		if rule.Peer == id && rule.SecurityGroup != id {
			return true
		}
	}
	return false
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

func (s *Service) describeSecurityGroups(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		Groups    []securityGroupItem `xml:"securityGroupInfo>item"`
		NextToken string              `xml:"nextToken,omitempty"`
	}
	groups, next, err := list(s, r, f, listing[*SecurityGroup]{
		table: s.state.SecurityGroups, ids: "GroupId", absent: groupNotFound,
		filters: map[string]func(*SecurityGroup) []string{
			"group-id":    one(func(g *SecurityGroup) string { return g.ID }),
			"group-name":  one(func(g *SecurityGroup) string { return g.Name }),
			"description": one(func(g *SecurityGroup) string { return g.Description }),
			"vpc-id":      one(func(g *SecurityGroup) string { return g.VPC }),
			"owner-id":    one(func(g *SecurityGroup) string { return g.Owner }),
		},
	})
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		rules := s.rulesOf(g.ID)
		result.Groups = append(result.Groups, securityGroupItem{
			ID: g.ID, ARN: g.arn(r.Partition), Owner: g.Owner, Name: g.Name, Description: g.Description, VPC: g.VPC,
			Ingress: permissionItems(rules, ingress), Egress: permissionItems(rules, egress), Tags: tagSet(g.Tags),
		})
	}
	result.NextToken = next
	return result, nil
}
