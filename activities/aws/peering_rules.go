package aws

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// EnsurePeerRules implements [activities.Peerings].
func (p *Peerings) EnsurePeerRules(ctx context.Context, req activities.PeerRulesRequest) (activities.PeerRules, error) {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return activities.PeerRules{}, err
	}
	if len(req.Sources) == 0 || len(req.Ports) == 0 {
		return activities.PeerRules{}, s.blocked(link.Problem{
			Reason: link.ReasonInvalidRequest, Message: "it is not said who is to be let in, and on which ports",
			Remedy: "name ports and, if not everybody in the hub's VPC is meant, security groups",
		}, nil) // and no rule is taken away for it
	}
	byGroup, err := s.rulesIn(ctx, req.Groups)
	if err != nil {
		return activities.PeerRules{}, s.failed(err)
	}
	want := wantedRules(link.EndpointSecurityGroup{From: req.Sources, Ports: req.Ports})
	var done activities.PeerRules
	for _, group := range once(req.Groups) {
		change := planPeerRules(byGroup[group], req.Owner, want)
		made, err := s.letIn(ctx, group, req, change.Authorize)
		if err != nil {
			return activities.PeerRules{}, err
		}
		if err := s.letOut(ctx, group, change.Revoke); err != nil {
			return activities.PeerRules{}, err
		}
		for _, r := range slices.Concat(change.kept, made) {
			done.Rules = append(done.Rules, activities.PeerRule{ID: sdk.ToString(r.SecurityGroupRuleId), Group: group, Says: ruleOf(r).String()})
		}
		for _, part := range (ruleChange{Authorize: change.Authorize, Revoke: rulesSaid(change.Revoke)}).differences() {
			done.Changes = append(done.Changes, "security group "+group+" "+part.Text)
		}
	}
	return done, nil
}

func rulesSaid(rules []ec2types.SecurityGroupRule) []ingressRule {
	var said []ingressRule
	for _, r := range rules {
		said = append(said, ruleOf(r))
	}
	return said
}

// RemovePeerRules implements [activities.Peerings]. A group that is gone has no rules.
func (p *Peerings) RemovePeerRules(ctx context.Context, req activities.PeerRulesRequest) error {
	s, err := p.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	byGroup, err := s.rulesIn(ctx, req.Groups)
	if err != nil {
		return s.failed(err)
	}
	found := false
	for _, group := range once(req.Groups) {
		ours := planPeerRules(byGroup[group], req.Owner, nil).Revoke
		if err := s.letOut(ctx, group, ours); err != nil {
			return err
		}
		found = found || len(ours) > 0
	}
	if !found {
		return s.absent(ctx, "a security-group rule")
	}
	return s.removing(ctx, "the security-group rules are being taken away")
}

// rulesIn are the rules of security groups. Groups that do not exist have none.
func (s *site) rulesIn(ctx context.Context, groups []string) (map[string][]ec2types.SecurityGroupRule, error) {
	all := map[string][]ec2types.SecurityGroupRule{}
	err := inBatches(once(groups), "group-id", func(f ec2types.Filter) error {
		pages := ec2.NewDescribeSecurityGroupRulesPaginator(s.EC2, &ec2.DescribeSecurityGroupRulesInput{Filters: []ec2types.Filter{f}})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for _, r := range page.SecurityGroupRules {
				group := sdk.ToString(r.GroupId)
				all[group] = append(all[group], r)
			}
		}
		return nil
	})
	return all, err
}

// letIn adds rules to a group, with the owner's tag. When one is there already that was not listed yet, AWS adds none of
// the others either.
func (s *site) letIn(ctx context.Context, group string, req activities.PeerRulesRequest, rules []ingressRule) ([]ec2types.SecurityGroupRule, error) {
	if len(rules) == 0 {
		return nil, nil
	}
	made, err := s.authorizeOwned(ctx, group, req, rules)
	if hasCode(err, "InvalidPermission.Duplicate") {
		return nil, s.pending("a rule of security group " + group + " has just been made")
	}
	if err != nil {
		return nil, s.failed(err)
	}
	return made, nil
}

func (s *site) authorizeOwned(ctx context.Context, group string, req activities.PeerRulesRequest, rules []ingressRule) ([]ec2types.SecurityGroupRule, error) {
	permissions := wirePermissions(rules)
	about := sdk.String("Linkwright: peering " + req.Name)
	for i := range permissions {
		for j := range permissions[i].IpRanges {
			permissions[i].IpRanges[j].Description = about
		}
		for j := range permissions[i].Ipv6Ranges {
			permissions[i].Ipv6Ranges[j].Description = about
		}
		for j := range permissions[i].UserIdGroupPairs {
			permissions[i].UserIdGroupPairs[j].Description = about
			permissions[i].UserIdGroupPairs[j].UserId = sdk.String(req.SourceOwner)
		}
	}
	out, err := s.EC2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: sdk.String(group), IpPermissions: permissions,
		TagSpecifications: tagsFor(ec2types.ResourceTypeSecurityGroupRule, req.Owner, req.Name),
	})
	if err != nil {
		return nil, err
	}
	return out.SecurityGroupRules, nil
}

// letOut takes rules out of a group by their ids, so that nobody else's that says the same is meant.
func (s *site) letOut(ctx context.Context, group string, rules []ec2types.SecurityGroupRule) error {
	if len(rules) == 0 {
		return nil
	}
	var ids []string
	for _, r := range rules {
		ids = append(ids, sdk.ToString(r.SecurityGroupRuleId))
	}
	_, err := s.EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: sdk.String(group), SecurityGroupRuleIds: ids})
	switch {
	case hasCode(err, "InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound"):
		return s.pending("the rules of security group " + group + " have just changed")
	case hasCode(err, groupGone...):
		return nil
	case err != nil:
		return s.failed(err)
	}
	return nil
}
