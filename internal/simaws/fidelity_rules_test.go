package simaws

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

const (
	createRule    = "Elastic Load Balancing API Reference, CreateRule"
	quotasOfALBs  = `User Guide for Application Load Balancers, "Quotas"`
	ruleCondition = "Elastic Load Balancing API Reference, RuleCondition"
)

// ruling creates a rule after a change of one that would be good.
func ruling(change func(front, *awselb.CreateRuleInput)) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, config aws.Config) error {
		f := frontOf(tc)
		in := f.forHosts(20, "a.example.com")
		change(f, in)
		_, err := awselb.NewFromConfig(config).CreateRule(ctx, in)
		return err
	}
}

// ofFront does something with the front, as the client of a refusal.
func ofFront(do func(context.Context, front, *awselb.Client) error) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, config aws.Config) error {
		return do(ctx, frontOf(tc), awselb.NewFromConfig(config))
	}
}

func (f front) defaultRule() *string {
	f.t.Helper()
	rules := must(f.elb.DescribeRules(f.t.Context(), &awselb.DescribeRulesInput{ListenerArn: &f.listener}))(f.t).Rules
	return rules[len(rules)-1].RuleArn
}

func TestFidelityWhatRulesRefuse(t *testing.T) {
	const invalid = "ValidationError"
	conditions := func(of ...types.RuleCondition) func(front, *awselb.CreateRuleInput) {
		return func(_ front, in *awselb.CreateRuleInput) { in.Conditions = of }
	}
	hosts := func(names ...string) types.RuleCondition {
		return types.RuleCondition{Field: aws.String("host-header"), HostHeaderConfig: &types.HostHeaderConditionConfig{Values: names}}
	}
	full := strings.Split("a.aa b.bb c.cc d.dd e.ee f.ff", " ")
	for _, fact := range []refusal{
		{"when the priority is taken, it is PriorityInUse", createRule, func(ctx context.Context, tc testCloud, c aws.Config) error {
			err := ruling(func(_ front, in *awselb.CreateRuleInput) { in.Priority = aws.Int32(10) })(ctx, tc, c)
			var typed *types.PriorityInUseException
			if !errors.As(err, &typed) {
				return fmt.Errorf("the SDK has no type for %w", err)
			}
			return err
		}, 400, "PriorityInUse", "10"},
		{"when the priority is 50001, it is refused", createRule, ruling(func(_ front, in *awselb.CreateRuleInput) { in.Priority = aws.Int32(50001) }), 400, invalid, "50000"},
		{"when the priority is 0, it is refused", createRule, ruling(func(_ front, in *awselb.CreateRuleInput) { in.Priority = aws.Int32(0) }), 400, invalid, "50000"},
		{"when the listener is missing, it is ListenerNotFound", createRule, ruling(func(f front, in *awselb.CreateRuleInput) { in.ListenerArn = aws.String(f.listener[:len(f.listener)-1]) }), 400, "ListenerNotFound", ""},
		{"when there is no condition, it is refused", createRule, ruling(conditions([]types.RuleCondition{}...)), 400, invalid, "condition"},
		{"when there are six values, it is refused", quotasOfALBs, ruling(conditions(hosts(full...))), 400, invalid, "'5' condition values"},
		{"when there are six wildcards, it is refused", quotasOfALBs, ruling(conditions(hosts("******.example.com"))), 400, invalid, "wildcards"},
		{"when there are two conditions on the host, it is refused", "Elastic Load Balancing API Reference, Rule", ruling(conditions(hosts("a.aa"), hosts("b.bb"))), 400, invalid, "host-header"},
		{"when two host names come in the older way, it is refused", ruleCondition, ruling(conditions(types.RuleCondition{Field: aws.String("host-header"), Values: full[:2]})), 400, invalid, "HostHeaderConfig"},
		{"when a host has no dot, it is refused", "Elastic Load Balancing API Reference, HostHeaderConditionConfig", ruling(conditions(hosts("localhost"))), 400, invalid, "localhost"},
		{"when a host has 129 characters, it is refused", "Elastic Load Balancing API Reference, HostHeaderConditionConfig", ruling(conditions(hosts(strings.Repeat("a", 126) + ".aa"))), 400, invalid, "128"},
		{"when the host header is asked for by name, it is refused", "Elastic Load Balancing API Reference, HttpHeaderConditionConfig", ruling(conditions(types.RuleCondition{
			Field: aws.String("http-header"), HttpHeaderConfig: &types.HttpHeaderConditionConfig{HttpHeaderName: aws.String("Host"), Values: full[:1]}})), 400, invalid, "header"},
		{"when a source is no CIDR block, it is refused", "Elastic Load Balancing API Reference, SourceIpConditionConfig", ruling(conditions(types.RuleCondition{
			Field: aws.String("source-ip"), SourceIpConfig: &types.SourceIpConditionConfig{Values: []string{"10.0.0.1"}}})), 400, invalid, "10.0.0.1"},
		{"when two actions answer, it is InvalidLoadBalancerAction", "Elastic Load Balancing API Reference, Rule", ruling(func(_ front, in *awselb.CreateRuleInput) {
			in.Actions = []types.Action{answering("403"), answering("404")}
		}), 400, "InvalidLoadBalancerAction", ""},
		{"when the target group is missing, it is TargetGroupNotFound", createRule, ruling(func(f front, in *awselb.CreateRuleInput) {
			in.Actions = []types.Action{forwarding(f.group + "0")}
		}), 400, "TargetGroupNotFound", ""},
		{"when the target group is another load balancer's, it is TargetGroupAssociationLimit", quotasOfALBs, ruling(func(f front, in *awselb.CreateRuleInput) {
			in.ListenerArn, in.Actions = aws.String(f.id("consumer", "listener", "back:80")), []types.Action{forwarding(f.group)}
		}), 400, "TargetGroupAssociationLimit", ""},
		{"when the target group speaks TCP, it is IncompatibleProtocols", createRule, ruling(func(f front, in *awselb.CreateRuleInput) {
			in.Actions = []types.Action{forwarding(*f.targetGroup("tcp", types.ProtocolEnumTcp))}
		}), 400, "IncompatibleProtocols", ""},
		{"when a weight is 1000, it is refused", "Elastic Load Balancing API Reference, TargetGroupTuple", ruling(func(f front, in *awselb.CreateRuleInput) {
			in.Actions = []types.Action{forwarding(f.group)}
			in.Actions[0].ForwardConfig.TargetGroups[0].Weight = aws.Int32(1000)
		}), 400, invalid, "999"},
		{"when there are 101 rules, it is TooManyRules", quotasOfALBs, ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
			for i := range int32(99) {
				must(client.CreateRule(ctx, f.forHosts(100+i, "a.example.com")))(f.t)
			}
			_, err := client.CreateRule(ctx, f.forHosts(300, "a.example.com"))
			return err
		}), 400, "TooManyRules", "100"},
		{"when the load balancer has 101 target groups, it is TooManyUniqueTargetGroupsPerLoadBalancer", quotasOfALBs, ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
			for i := range int32(20) {
				var groups []string
				for j := range 5 {
					groups = append(groups, *f.targetGroup(fmt.Sprintf("group-%d-%d", i, j), types.ProtocolEnumHttps))
				}
				in := f.forHosts(100+i, "a.example.com")
				in.Actions = []types.Action{forwarding(groups...)}
				if _, err := client.CreateRule(ctx, in); err != nil {
					return err
				}
			}
			return errors.New("all were taken")
		}), 400, "TooManyUniqueTargetGroupsPerLoadBalancer", "100"},
		{"when a target group is deleted that a rule uses, it is ResourceInUse", "Elastic Load Balancing API Reference, DeleteTargetGroup", ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
			_, err := client.DeleteTargetGroup(ctx, &awselb.DeleteTargetGroupInput{TargetGroupArn: &f.group})
			return err
		}), 400, "ResourceInUse", "rule"},
		{"when the default rule is deleted, it is OperationNotPermitted", "Elastic Load Balancing API Reference, DeleteRule", ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
			_, err := client.DeleteRule(ctx, &awselb.DeleteRuleInput{RuleArn: f.defaultRule()})
			return err
		}), 400, "OperationNotPermitted", ""},
		{"when a rule is missing, it is RuleNotFound", "Elastic Load Balancing API Reference, DeleteRule", ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
			_, err := client.DeleteRule(ctx, &awselb.DeleteRuleInput{RuleArn: aws.String(f.rule[:len(f.rule)-1])})
			return err
		}), 400, "RuleNotFound", ""},
		{"when rules would get one priority, it is PriorityInUse", "Elastic Load Balancing API Reference, SetRulePriorities", ofFront(func(ctx context.Context, f front, client *awselb.Client) error {
			other := must(client.CreateRule(ctx, f.forHosts(20, "a.example.com")))(f.t).Rules[0].RuleArn
			_, err := client.SetRulePriorities(ctx, &awselb.SetRulePrioritiesInput{RulePriorities: []types.RulePriorityPair{{RuleArn: other, Priority: aws.Int32(10)}}})
			return err
		}), 400, "PriorityInUse", ""},
	} {
		fact.check(t, consumer, inQuery, withFront)
	}
}

// A rule is described as it was given; host names and paths in the older way too (AWS CLI Reference, elbv2
// create-rule). Rules come by priority, the default one last, in pages; priorities are exchanged at once
// (SetRulePriorities).
func TestFidelityRules(t *testing.T) {
	f := startFront(t)
	in := f.forHosts(5, "*.shop.example.com", "shop.example.com")
	in.Conditions = append(in.Conditions, types.RuleCondition{Field: aws.String("path-pattern"), Values: []string{"/img/*"}},
		types.RuleCondition{Field: aws.String("query-string"), QueryStringConfig: &types.QueryStringConditionConfig{Values: []types.QueryStringKeyValuePair{{Key: aws.String("v"), Value: aws.String("2")}}}})
	in.Actions, in.Tags = []types.Action{forwarding(f.group)}, []types.Tag{{Key: aws.String("owner"), Value: aws.String("shop")}}
	made := must(f.elb.CreateRule(t.Context(), in))(t).Rules[0]
	f.wire.has(t, "<Priority>5</Priority>", "<IsDefault>false</IsDefault>",
		"<Field>path-pattern</Field><Values><member>/img/*</member></Values><PathPatternConfig><Values><member>/img/*</member></Values></PathPatternConfig>",
		"<QueryStringConfig><Values><member><Key>v</Key><Value>2</Value></member></Values></QueryStringConfig>",
		"<TargetGroupArn>"+f.group+"</TargetGroupArn><ForwardConfig>")
	if hosts := made.Conditions[0]; len(hosts.Values) != 2 || len(hosts.HostHeaderConfig.Values) != 2 || hosts.HostHeaderConfig.Values[0] != "*.shop.example.com" {
		t.Errorf("the SDK has %+v", hosts)
	}
	if want := strings.Replace(f.listener, ":listener/", ":listener-rule/", 1) + "/"; !strings.HasPrefix(*made.RuleArn, want) {
		t.Errorf("the ARN %s does not begin with %s", *made.RuleArn, want)
	}
	order := func() string {
		var places []string
		pages := awselb.NewDescribeRulesPaginator(f.elb, &awselb.DescribeRulesInput{ListenerArn: &f.listener, PageSize: aws.Int32(2)})
		for pages.HasMorePages() {
			for _, rule := range must(pages.NextPage(t.Context()))(t).Rules {
				places = append(places, *rule.Priority)
			}
		}
		return strings.Join(places, " ")
	}
	if got := order(); got != "5 10 default" {
		t.Errorf("the rules are %s", got)
	}
	exchanged := []types.RulePriorityPair{{RuleArn: made.RuleArn, Priority: aws.Int32(10)}, {RuleArn: &f.rule, Priority: aws.Int32(5)}}
	must(f.elb.SetRulePriorities(t.Context(), &awselb.SetRulePrioritiesInput{RulePriorities: exchanged}))(t)
	if first := must(f.elb.DescribeRules(t.Context(), &awselb.DescribeRulesInput{ListenerArn: &f.listener}))(t).Rules[0]; *first.RuleArn != f.rule {
		t.Errorf("the first rule is %s", *first.RuleArn)
	}
	changed := must(f.elb.ModifyRule(t.Context(), &awselb.ModifyRuleInput{RuleArn: made.RuleArn, Actions: []types.Action{answering("410")}}))(t).Rules[0]
	if len(changed.Conditions) != 3 || *changed.Actions[0].FixedResponseConfig.StatusCode != "410" {
		t.Errorf("the changed rule is %+v", changed)
	}
	tags := must(f.elb.DescribeTags(t.Context(), &awselb.DescribeTagsInput{ResourceArns: []string{*made.RuleArn}}))(t).TagDescriptions[0].Tags
	if len(tags) != 1 || *tags[0].Value != "shop" {
		t.Errorf("the tags are %+v", tags)
	}
	again := frontOf(startCloud(t, withFront, func(c *Config) { c.Snapshot = must(f.Snapshot())(t) }))
	if rules := must(again.elb.DescribeRules(t.Context(), &awselb.DescribeRulesInput{RuleArns: []string{*made.RuleArn}}))(t).Rules; *rules[0].Priority != "10" {
		t.Errorf("after a restart the rule is %+v", rules[0])
	}
}

// Targets of a group are unused until a rule forwards to it and again when none does (TargetHealth, Target.NotInUse).
func TestFidelityARulePutsTargetsToUse(t *testing.T) {
	f := startFront(t)
	must(f.elb.RegisterTargets(t.Context(), &awselb.RegisterTargetsInput{TargetGroupArn: &f.group, Targets: []types.TargetDescription{{Id: aws.String("10.1.1.250")}}}))(t)
	shown := func(want string) {
		t.Helper()
		must(f.elb.DescribeTargetHealth(t.Context(), &awselb.DescribeTargetHealthInput{TargetGroupArn: &f.group}))(t)
		f.wire.has(t, want)
	}
	shown("<State>initial</State>")
	f.advance(time.Minute)
	shown("<State>unhealthy</State><Reason>Target.Timeout</Reason>")
	must(f.elb.DeleteRule(t.Context(), &awselb.DeleteRuleInput{RuleArn: &f.rule}))(t)
	shown("<State>unused</State><Reason>Target.NotInUse</Reason>")
	must(f.elb.DeleteTargetGroup(t.Context(), &awselb.DeleteTargetGroupInput{TargetGroupArn: &f.group}))(t)
}
