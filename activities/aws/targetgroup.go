package aws

import (
	"context"
	"fmt"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// EnsureTargetGroup implements [activities.Ingress].
func (i *Ingress) EnsureTargetGroup(ctx context.Context, req activities.TargetGroupRequest) (activities.TargetGroup, error) {
	s, err := i.config.at(ctx, req.Place)
	if err != nil {
		return activities.TargetGroup{}, err
	}
	at, have, err := s.lookForTargetGroup(ctx, req)
	if err != nil {
		return activities.TargetGroup{}, err
	}
	var changes []string
	if have == nil {
		have, err = s.createTargetGroup(ctx, req, at)
		if err != nil {
			return activities.TargetGroup{}, s.failed(err)
		}
		changes = append(changes, "target group "+sdk.ToString(have.TargetGroupName)+" made")
	}
	plan, err := s.targetGroupChange(ctx, *have, req)
	if err != nil {
		return activities.TargetGroup{}, err
	}
	if err := s.applyTargetGroup(ctx, plan); err != nil {
		return activities.TargetGroup{}, s.failed(err)
	}
	return activities.TargetGroup{ARN: sdk.ToString(have.TargetGroupArn), Changes: append(changes, plan.shown...)}, nil
}

// lookForTargetGroup finds the group of a route by its name; nil when there is none.
func (s *site) lookForTargetGroup(ctx context.Context, req activities.TargetGroupRequest) (listener, *elbtypes.TargetGroup, error) {
	at, err := s.listener(ctx, req.Listener)
	if err != nil {
		return listener{}, nil, s.failed(err)
	}
	have, err := s.namedTargetGroup(ctx, targetGroupName(req.Owner, req.Name, at, req.Want, req.Port))
	if err != nil {
		return listener{}, nil, s.failed(err)
	}
	return at, have, nil
}

// namedTargetGroup looks a target group up by its name; nil when there is none.
func (s *site) namedTargetGroup(ctx context.Context, name string) (*elbtypes.TargetGroup, error) {
	if s.seen != nil {
		own, err := s.ownTargetGroups(ctx)
		if i := slices.IndexFunc(own, func(g elbtypes.TargetGroup) bool { return sdk.ToString(g.TargetGroupName) == name }); i >= 0 {
			return &own[i], nil
		}
		return nil, err
	}
	out, err := s.ELB.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{Names: []string{name}})
	if hasCode(err, "TargetGroupNotFound") {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(out.TargetGroups) == 0 {
		return nil, nil
	}
	return &out.TargetGroups[0], nil
}

// createTargetGroup makes the target group of a route. Asked again for the same one, AWS answers with the first (Elastic Load
// Balancing API Reference, CreateTargetGroup).
func (s *site) createTargetGroup(ctx context.Context, req activities.TargetGroupRequest, at listener) (*elbtypes.TargetGroup, error) {
	in := newTargetGroup(req, at)
	out, err := s.ELB.CreateTargetGroup(ctx, in)
	if hasCode(err, "DuplicateTargetGroupName") {
		return nil, s.pending("a target group " + sdk.ToString(in.Name) + " has just been made")
	}
	if err != nil {
		return nil, err
	}
	if len(out.TargetGroups) == 0 {
		return nil, fmt.Errorf("AWS does not describe the target group %s that was made", sdk.ToString(in.Name))
	}
	return &out.TargetGroups[0], nil
}

// checkTargetGroup makes sure that a group is the owner's. That it has the name of the owner's says nothing.
func (s *site) checkTargetGroup(ctx context.Context, group elbtypes.TargetGroup, owner activities.Owner) error {
	arn := sdk.ToString(group.TargetGroupArn)
	owners, err := s.owners(ctx, []string{arn})
	if err != nil {
		return err
	}
	if owners[arn] != owner {
		return s.blocked(notOurs("target group "+arn, owner, owners[arn]), nil)
	}
	return nil
}

// targetGroupChange finds what makes a group of the owner's as wanted.
func (s *site) targetGroupChange(ctx context.Context, have elbtypes.TargetGroup, req activities.TargetGroupRequest) (targetGroupChange, error) {
	if err := s.checkTargetGroup(ctx, have, req.Owner); err != nil {
		return targetGroupChange{}, s.failed(err)
	}
	change := targetGroupChange{group: sdk.ToString(have.TargetGroupArn)}
	change.check, change.shown = planHealthCheck(have, req.Want)
	if len(req.Want.Attributes) == 0 || !s.deep() {
		return change, nil
	}
	attributes, err := s.groupAttributes(ctx, change.group)
	if err != nil {
		return targetGroupChange{}, s.failed(err)
	}
	set, shown := planAttributes(attributes, req.Want.Attributes)
	change.attributes, change.shown = set, append(change.shown, shown...)
	return change, nil
}

// applyTargetGroup brings a group in step with what is wanted.
func (s *site) applyTargetGroup(ctx context.Context, change targetGroupChange) error {
	if change.check != nil {
		if _, err := s.ELB.ModifyTargetGroup(ctx, change.check); err != nil {
			return err
		}
	}
	if len(change.attributes) == 0 {
		return nil
	}
	_, err := s.ELB.ModifyTargetGroupAttributes(ctx, &elasticloadbalancingv2.ModifyTargetGroupAttributesInput{
		TargetGroupArn: sdk.String(change.group), Attributes: change.attributes})
	return err
}

func (s *site) groupAttributes(ctx context.Context, arn string) ([]elbtypes.TargetGroupAttribute, error) {
	return read(s, "attributes of "+arn, func() ([]elbtypes.TargetGroupAttribute, error) {
		out, err := s.ELB.DescribeTargetGroupAttributes(ctx, &elasticloadbalancingv2.DescribeTargetGroupAttributesInput{
			TargetGroupArn: sdk.String(arn)})
		if err != nil {
			return nil, err
		}
		return out.Attributes, nil
	})
}

// RemoveTargetGroup implements [activities.Ingress].
func (i *Ingress) RemoveTargetGroup(ctx context.Context, req activities.TargetGroupRequest) error {
	s, err := i.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	found, err := s.targetGroupsOf(ctx, req)
	if err != nil {
		return s.failed(err)
	}
	if len(found) == 0 {
		return s.absent(ctx, "a target group")
	}
	for _, arn := range found {
		if err := s.deleteTargetGroup(ctx, arn); err != nil {
			return s.failed(err)
		}
	}
	return nil
}

// deleteTargetGroup deletes a group that nothing sends requests to any more. One that does not exist is no error.
func (s *site) deleteTargetGroup(ctx context.Context, arn string) error {
	_, err := s.ELB.DeleteTargetGroup(ctx, &elasticloadbalancingv2.DeleteTargetGroupInput{TargetGroupArn: sdk.String(arn)})
	switch {
	case hasCode(err, "TargetGroupNotFound"):
		return nil
	case !hasCode(err, "ResourceInUse"):
		return err
	case s.age() <= s.Patience:
		return s.pending("a rule still sends requests to target group " + arn)
	}
	return s.blocked(link.Problem{
		Reason:  link.ReasonConflictingRule,
		Message: "a rule or listener that is not ours sends requests to target group " + arn,
		Remedy:  "let it send them elsewhere, or delete it",
	}, err)
}

// targetGroupsOf are the ARNs of the owner's groups that are to be removed. Their names narrow the search, and their tags
// decide; a group with such a name and without any owner is not left behind in silence.
func (s *site) targetGroupsOf(ctx context.Context, req activities.TargetGroupRequest) ([]string, error) {
	var candidates []string
	pages := elasticloadbalancingv2.NewDescribeTargetGroupsPaginator(s.ELB, &elasticloadbalancingv2.DescribeTargetGroupsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, g := range page.TargetGroups {
			arn := sdk.ToString(g.TargetGroupArn)
			meant := arn != req.Keep && (req.Only == "" || arn == req.Only)
			if meant && marked(sdk.ToString(g.TargetGroupName), req.Owner) {
				candidates = append(candidates, arn)
			}
		}
	}
	owners, err := s.owners(ctx, candidates)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, arn := range candidates {
		switch owners[arn] {
		case req.Owner:
			found = append(found, arn)
		case "":
			return nil, s.blocked(notOurs("target group "+arn, req.Owner, ""), nil)
		}
	}
	return found, nil
}
