package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// groupGone are the codes of a security group that does not exist.
var groupGone = []string{"InvalidGroup.NotFound", "InvalidGroupId.NotFound", "InvalidSecurityGroupID.NotFound"}

// EnsureSecurityGroup implements [activities.Consumer]. What the group lets out is left as AWS makes it, everything: an
// endpoint's interfaces open no connections of their own, and answers to those that were let in pass in any case (Amazon
// VPC User Guide, "Control traffic to your AWS resources using security groups"). To take the rule away would be one
// more call for nothing.
func (c *Consumer) EnsureSecurityGroup(ctx context.Context, req activities.SecurityGroupRequest) (activities.SecurityGroup, error) {
	s, err := c.config.at(ctx, req.Place)
	if err != nil {
		return activities.SecurityGroup{}, err
	}
	found, err := s.lookForGroup(ctx, req)
	if err != nil {
		return activities.SecurityGroup{}, err
	}
	var changes []string
	for _, id := range found.elsewhere {
		switch err := s.deleteGroup(ctx, id); {
		case hasCode(err, "DependencyViolation"): // the endpoint there is not gone yet: RemoveSecurityGroup will see to it
		case err != nil:
			return activities.SecurityGroup{}, s.failed(err)
		default:
			changes = append(changes, "security group "+id+" deleted: it is in another VPC")
		}
	}
	have := found.have
	if have == nil {
		if have, err = s.createGroup(ctx, req); err != nil {
			return activities.SecurityGroup{}, err
		}
		changes = append(changes, "security group "+sdk.ToString(have.GroupId)+" made")
	}
	id := sdk.ToString(have.GroupId)
	if found.untagged {
		if err := s.mark(ctx, id, req.Owner); err != nil {
			return activities.SecurityGroup{}, err
		}
		changes = append(changes, "security group "+id+" "+lostTag.Text)
	}
	change := planRules(have.IpPermissions, *req.Want)
	if found.have != nil && narrows(req.Narrow, req.Known, id) {
		change.Authorize = nil
	}
	if err := s.applyRules(ctx, id, change); err != nil {
		return activities.SecurityGroup{}, err
	}
	for _, part := range texts(change.differences()) {
		changes = append(changes, "security group "+id+" "+part)
	}
	return activities.SecurityGroup{ID: id, Changes: changes}, nil
}

// groupFound is what there is of the group of an endpoint.
type groupFound struct {
	// have is the group in the endpoint's VPC; nil when one is to be made.
	have *ec2types.SecurityGroup
	// untagged is true when have is the one that the flow knows, and has lost its tag.
	untagged bool
	// elsewhere are those in other VPCs.
	elsewhere []string
}

// lookForGroup finds the owner's group in the VPC, by its tag or as the one that the flow knows, and those that it has
// elsewhere.
func (s *site) lookForGroup(ctx context.Context, req activities.SecurityGroupRequest) (groupFound, error) {
	if req.Want == nil || len(req.Want.From) == 0 {
		return groupFound{}, s.blocked(groupWithoutSources, nil) // and no group is emptied for it
	}
	own, err := s.groupsOf(ctx, req.Owner)
	if err != nil {
		return groupFound{}, s.failed(err)
	}
	var found groupFound
	found.have, found.elsewhere = ownGroup(own, req.Owner, req.VPC)
	if found.have != nil || req.Known == "" {
		return found, nil
	}
	known, err := s.groups(ctx, filter("group-id", req.Known))
	if err != nil {
		return groupFound{}, s.failed(err)
	}
	for _, g := range known {
		if sdk.ToString(g.VpcId) == req.VPC && ownerOf(g.Tags) == "" {
			found.have, found.untagged = &g, true
		}
	}
	return found, nil
}

var groupWithoutSources = link.Problem{
	Reason:  link.ReasonInvalidRequest,
	Message: "the spec does not say from where the security group lets anybody in",
	Remedy:  "name the sources in aws.securityGroup.from, or leave aws.securityGroup out",
}

// createGroup makes the group, which lets nobody in yet. When there is one of its name already, an answer was lost, or
// EC2 does not list it under its tag yet; or somebody has taken the tag away.
func (s *site) createGroup(ctx context.Context, req activities.SecurityGroupRequest) (*ec2types.SecurityGroup, error) {
	out, err := s.EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		GroupName:         sdk.String(groupName(req.Owner)),
		Description:       sdk.String(groupDescription(req.Name)),
		VpcId:             sdk.String(req.VPC),
		TagSpecifications: tagsFor(ec2types.ResourceTypeSecurityGroup, req.Owner, req.Name),
	})
	if hasCode(err, "InvalidGroup.Duplicate") {
		return s.groupOfThatName(ctx, req)
	}
	if err != nil {
		return nil, s.failed(err)
	}
	return &ec2types.SecurityGroup{GroupId: out.GroupId}, nil
}

func (s *site) groupOfThatName(ctx context.Context, req activities.SecurityGroupRequest) (*ec2types.SecurityGroup, error) {
	found, err := s.groups(ctx, filter("vpc-id", req.VPC), filter("group-name", groupName(req.Owner)))
	if err != nil {
		return nil, s.failed(err)
	}
	for _, g := range found {
		switch {
		case ownerOf(g.Tags) == req.Owner:
			return &g, nil
		case s.age() > s.Patience:
			return nil, s.blocked(notOurs("security group "+sdk.ToString(g.GroupId), req.Owner, ownerOf(g.Tags)), nil)
		}
	}
	return nil, s.pending("the security group is made and not listed under its tag yet")
}

// applyRules lets in who is missing before it shuts out who should not be there, so that nobody is shut out for a moment
// whose rule is merely said in other words.
func (s *site) applyRules(ctx context.Context, id string, change ruleChange) error {
	if len(change.Authorize) > 0 {
		err := s.authorize(ctx, id, change.Authorize)
		if hasCode(err, "InvalidPermission.Duplicate") && len(change.Authorize) > 1 {
			// One of them is there already, and none of the others was added for it.
			for _, rule := range change.Authorize {
				if err = s.authorize(ctx, id, []ingressRule{rule}); err != nil && !hasCode(err, "InvalidPermission.Duplicate") {
					break
				}
			}
		}
		if err != nil && !hasCode(err, "InvalidPermission.Duplicate") {
			return s.refusedRules(id, err)
		}
	}
	if len(change.Revoke) == 0 {
		return nil
	}
	out, err := s.EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{
		GroupId: sdk.String(id), IpPermissions: wirePermissions(change.Revoke),
	})
	switch {
	case hasCode(err, "InvalidPermission.NotFound"):
		// Somebody was faster, with one of them; none of the others was taken away for it.
		return s.pending("the rules of security group " + id + " have just changed")
	case err != nil:
		return s.refusedRules(id, err)
	case len(out.UnknownIpPermissions) > 0: // in an answer of status 200
		return s.pending("some rules of security group " + id + " were not taken away yet")
	}
	return nil
}

func (s *site) authorize(ctx context.Context, id string, rules []ingressRule) error {
	_, err := s.EC2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: sdk.String(id), IpPermissions: wirePermissions(rules),
	})
	return err
}

// refusedRules classifies why AWS would not change a group's rules. A group that was made a moment ago need not have
// reached every corner of EC2 yet.
func (s *site) refusedRules(id string, err error) error {
	if hasCode(err, groupGone...) && strings.Contains(err.Error(), id) && s.age() < s.Patience {
		return s.pending("security group " + id + " cannot be changed yet")
	}
	return s.failed(err)
}

// RemoveSecurityGroup implements [activities.Consumer]. It deletes all groups that carry the owner's tag, in whatever VPC
// an endpoint of its has stood.
func (c *Consumer) RemoveSecurityGroup(ctx context.Context, req activities.SecurityGroupRequest) error {
	s, err := c.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	found, err := s.groupsOf(ctx, req.Owner)
	if err != nil {
		return s.failed(err)
	}
	if req.Only {
		found = just(found, req.Known, func(g ec2types.SecurityGroup) *string { return g.GroupId })
	}
	if len(found) == 0 {
		return s.absent(ctx, "a security group")
	}
	for _, g := range found {
		id := sdk.ToString(g.GroupId)
		switch err := s.deleteGroup(ctx, id); {
		case hasCode(err, "DependencyViolation") && s.age() > s.Patience:
			return s.blocked(groupInUse(id), err)
		case hasCode(err, "DependencyViolation"):
			return s.pending("security group " + id + " is still in use")
		case err != nil:
			return s.failed(err)
		}
	}
	return s.removing(ctx, "the security group is being deleted")
}

func groupInUse(id string) link.Problem {
	return link.Problem{
		Reason:  link.ReasonNotOurs,
		Call:    "ec2:DeleteSecurityGroup",
		Message: fmt.Sprintf("security group %s is in use by something that is not Linkwright's", id),
		Remedy: fmt.Sprintf("take %s off the network interfaces that have it (aws ec2 describe-network-interfaces --filters Name=group-id,Values=%s), "+
			"and out of the rules of other security groups", id, id),
	}
}

// deleteGroup deletes a group; nothing happens when it is gone.
func (s *site) deleteGroup(ctx context.Context, id string) error {
	_, err := s.EC2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: sdk.String(id)})
	if hasCode(err, groupGone...) {
		return nil
	}
	if hasCode(err, unauthorized...) {
		// Policies go by the tag, and what is gone has none: a deletion whose answer was lost is refused the next time.
		if found, looked := s.groups(ctx, filter("group-id", id)); looked == nil && len(found) == 0 {
			return nil
		}
	}
	return err
}

// groupsOf finds the security groups that carry the owner's tag.
func (s *site) groupsOf(ctx context.Context, owner activities.Owner) ([]ec2types.SecurityGroup, error) {
	found, err := s.groups(ctx, ownedBy(owner))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(g ec2types.SecurityGroup) bool { return ownerOf(g.Tags) != owner }), nil
}

// groups lists security groups to the last page: a page may be empty although another one follows.
func (s *site) groups(ctx context.Context, filters ...ec2types.Filter) ([]ec2types.SecurityGroup, error) {
	if s.seen != nil {
		return s.seen.groups.search(func(all ...ec2types.Filter) ([]ec2types.SecurityGroup, error) { return s.listGroups(ctx, all...) }, filters)
	}
	return s.listGroups(ctx, filters...)
}

func (s *site) listGroups(ctx context.Context, filters ...ec2types.Filter) ([]ec2types.SecurityGroup, error) {
	var all []ec2types.SecurityGroup
	pages := ec2.NewDescribeSecurityGroupsPaginator(s.EC2, &ec2.DescribeSecurityGroupsInput{Filters: filters, MaxResults: fullPage})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, page.SecurityGroups...)
	}
	return all, nil
}
