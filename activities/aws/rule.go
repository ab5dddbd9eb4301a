package aws

import (
	"context"
	"fmt"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/looks"
	"github.com/linkwright/linkwright/internal/link"
)

// EnsureRoute implements [activities.Ingress].
func (i *Ingress) EnsureRoute(ctx context.Context, req activities.RouteRequest) (activities.Route, error) {
	s, err := i.config.at(ctx, req.Place)
	if err != nil {
		return activities.Route{}, err
	}
	l, err := s.httpsListener(ctx, req.Listener)
	if err != nil {
		return activities.Route{}, s.failed(err)
	}
	var changes []string
	if req.Want.WebACL != "" {
		put, err := s.ensureWebACL(ctx, sdk.ToString(l.LoadBalancerArn), req.Want)
		if err != nil {
			return activities.Route{}, s.failed(err)
		}
		if put {
			changes = append(changes, "web ACL "+req.Want.WebACL+" put before the load balancer")
		}
	}
	if req.Certificate != "" {
		added, err := s.addCertificate(ctx, req.Listener, req.Certificate)
		if err != nil {
			return activities.Route{}, s.failed(err)
		}
		if added {
			changes = append(changes, "certificate "+req.Certificate+" put on the listener")
		}
	}
	route, err := s.ensureRule(ctx, req)
	if err != nil {
		return activities.Route{}, s.failed(err)
	}
	changes = append(changes, route.Changes...)
	if len(req.FormerCertificates) > 0 {
		all, err := s.rules(ctx, req.Listener)
		if err != nil {
			return activities.Route{}, s.failed(err)
		}
		others := slices.DeleteFunc(all, func(r elbtypes.Rule) bool { return sdk.ToString(r.RuleArn) == route.Rule })
		for _, arn := range req.FormerCertificates {
			if err := s.removeCertificate(ctx, req.Listener, arn, others); err != nil {
				return activities.Route{}, s.failed(err)
			}
		}
	}
	route.Changes = changes
	return route, nil
}

// looksForPriority is how often a step chooses another priority at once, after somebody was faster.
const looksForPriority = 3

// ensureRule makes the rule, or brings it in step. Others choose priorities at the same time: where one is taken by now,
// it looks again.
func (s *site) ensureRule(ctx context.Context, req activities.RouteRequest) (activities.Route, error) {
	for range looksForPriority {
		want := matchFor(req.Want)
		plan, err := s.rulePlan(ctx, req, want)
		if err != nil {
			return activities.Route{}, err
		}
		route, err := s.applyRule(ctx, plan, want, req)
		if hasCode(err, "PriorityInUse") {
			continue
		}
		return route, err
	}
	return activities.Route{}, s.pending("others make rules at the listener, too: each priority that was free is taken by now")
}

// rulePlan finds what makes the rule of a route as wanted; blocked when another rule is in its way.
func (s *site) rulePlan(ctx context.Context, req activities.RouteRequest, want match) (rulePlan, error) {
	all, err := s.rules(ctx, req.Listener)
	if err != nil {
		return rulePlan{}, err
	}
	owned, err := s.likelyOwned(ctx, all, want, req)
	if err != nil {
		return rulePlan{}, err
	}
	plan := planRule(all, owned, want, req.TargetGroup)
	if plan.Conflict != nil {
		return rulePlan{}, s.ruleConflict(ctx, *plan.Conflict, want)
	}
	return plan, nil
}

// likelyOwned are the owner's rules. Most often they can be told by what they do, so that few tags have to be read; if
// not, all are.
func (s *site) likelyOwned(ctx context.Context, all []elbtypes.Rule, want match, req activities.RouteRequest) ([]elbtypes.Rule, error) {
	likely := slices.DeleteFunc(slices.Clone(all), func(r elbtypes.Rule) bool {
		return !alike(matchOf(r), want) && !forwardsOnly(r, req.TargetGroup)
	})
	owned, err := s.ownedRules(ctx, likely, req.Owner)
	if err != nil || len(owned) > 0 {
		return owned, err
	}
	return s.ownedRules(ctx, all, req.Owner)
}

// ruleConflict blocks on a rule that takes the requests of a route.
func (s *site) ruleConflict(ctx context.Context, r elbtypes.Rule, want match) error {
	arn := sdk.ToString(r.RuleArn)
	owners, err := s.owners(ctx, []string{arn})
	if err != nil {
		return err
	}
	whose := "which is not ours"
	if owner := owners[arn]; owner != "" {
		whose = "which belongs to " + string(owner)
	}
	return s.blocked(link.Problem{
		Reason:  link.ReasonConflictingRule,
		Message: fmt.Sprintf("rule %s, %s, takes the requests for %s at priority %s", arn, whose, want, sdk.ToString(r.Priority)),
		Remedy: "delete that rule, narrow its conditions, or move it back (aws elbv2 set-rule-priorities); " +
			"or give the route other hosts or paths",
	}, nil)
}

// applyRule carries a plan out.
func (s *site) applyRule(ctx context.Context, plan rulePlan, want match, req activities.RouteRequest) (activities.Route, error) {
	if plan.Create {
		out, err := s.ELB.CreateRule(ctx, &elasticloadbalancingv2.CreateRuleInput{
			ListenerArn: sdk.String(req.Listener),
			Priority:    sdk.Int32(int32(plan.Priority)),
			Conditions:  want.conditions(),
			Actions:     forwardTo(req.TargetGroup),
			Tags:        balancerTags(req.Owner, req.Name),
		})
		if err != nil {
			return activities.Route{}, err
		}
		if len(out.Rules) == 0 {
			return activities.Route{}, fmt.Errorf("AWS does not describe the rule that was made at %s", req.Listener)
		}
		return activities.Route{
			Rule: sdk.ToString(out.Rules[0].RuleArn), Priority: plan.Priority,
			Changes: []string{fmt.Sprintf("rule made at priority %d for %s", plan.Priority, want)},
		}, nil
	}
	route := activities.Route{
		Rule: sdk.ToString(plan.Rule.RuleArn), Priority: priorityOf(plan.Rule), Changes: plan.shown(req.TargetGroup),
	}
	if plan.Priority != 0 {
		// Before the conditions: should the step die in between, it sees by them that it has not done yet.
		if err := s.moveRule(ctx, route.Rule, plan.Priority); err != nil {
			return activities.Route{}, err
		}
		route.Priority = plan.Priority
	}
	if plan.Conditions || plan.Actions {
		if err := s.modifyRule(ctx, plan, want, req.TargetGroup); err != nil {
			return activities.Route{}, err
		}
	}
	for _, arn := range plan.Surplus {
		if err := s.deleteRule(ctx, arn); err != nil {
			return activities.Route{}, err
		}
	}
	return route, nil
}

func (s *site) moveRule(ctx context.Context, arn string, priority int) error {
	_, err := s.ELB.SetRulePriorities(ctx, &elasticloadbalancingv2.SetRulePrioritiesInput{
		RulePriorities: []elbtypes.RulePriorityPair{{RuleArn: sdk.String(arn), Priority: sdk.Int32(int32(priority))}},
	})
	return err
}

func (s *site) modifyRule(ctx context.Context, plan rulePlan, want match, group string) error {
	in := &elasticloadbalancingv2.ModifyRuleInput{RuleArn: plan.Rule.RuleArn}
	if plan.Conditions {
		in.Conditions = want.conditions()
	}
	if plan.Actions {
		in.Actions = forwardTo(group)
	}
	if len(plan.Rule.Transforms) > 0 {
		in.ResetTransforms = sdk.Bool(true)
	}
	_, err := s.ELB.ModifyRule(ctx, in)
	return err
}

// deleteRule deletes a rule. One that does not exist is no error.
func (s *site) deleteRule(ctx context.Context, arn string) error {
	_, err := s.ELB.DeleteRule(ctx, &elasticloadbalancingv2.DeleteRuleInput{RuleArn: sdk.String(arn)})
	if hasCode(err, "RuleNotFound") {
		return nil
	}
	return err
}

// RemoveRoute implements [activities.Ingress].
func (i *Ingress) RemoveRoute(ctx context.Context, req activities.RouteRequest) error {
	s, err := i.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	all, err := s.rules(ctx, req.Listener)
	if hasCode(err, "ListenerNotFound") {
		return nil // and its rules with it
	}
	if err != nil {
		return s.failed(err)
	}
	owned, err := s.ownedRules(ctx, all, req.Owner)
	if err != nil {
		return s.failed(err)
	}
	if req.Only != "" {
		owned = just(owned, req.Only, func(r elbtypes.Rule) *string { return r.RuleArn })
	}
	if len(owned) == 0 {
		if err := s.absent(ctx, "a rule"); err != nil {
			return err
		}
	}
	for _, r := range owned {
		if err := s.deleteRule(ctx, sdk.ToString(r.RuleArn)); err != nil {
			return s.failed(err)
		}
	}
	added := slices.Clone(req.FormerCertificates)
	if req.AddedCertificate && req.Certificate != "" {
		added = append(added, req.Certificate)
	}
	if len(added) == 0 {
		return nil
	}
	activity.RecordHeartbeat(ctx, looks.Absence{Asked: true})
	others := slices.DeleteFunc(all, func(r elbtypes.Rule) bool {
		return slices.ContainsFunc(owned, func(o elbtypes.Rule) bool { return sdk.ToString(o.RuleArn) == sdk.ToString(r.RuleArn) })
	})
	for _, arn := range added {
		if err := s.removeCertificate(ctx, req.Listener, arn, others); err != nil {
			return s.failed(err)
		}
	}
	return nil
}
