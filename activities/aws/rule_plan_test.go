package aws

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/internal/link"
)

// aRule makes a rule of "20 a.example.com,b.example.com /api/* group", with "-" for no hosts or paths. Its ARN is its
// priority.
func aRule(t *testing.T, text string) elbtypes.Rule {
	t.Helper()
	f := strings.Fields(text)
	if len(f) != 4 {
		t.Fatalf("%q is not a rule", text)
	}
	values := func(s string) []string { return strings.Split(s, ",") }
	r := elbtypes.Rule{Priority: sdk.String(f[0]), RuleArn: sdk.String("rule-" + f[0]), Actions: forwardTo(f[3])}
	if f[1] != "-" {
		r.Conditions = append(r.Conditions, elbtypes.RuleCondition{
			Field: sdk.String(hostHeader), HostHeaderConfig: &elbtypes.HostHeaderConditionConfig{Values: values(f[1])}})
	}
	if f[2] != "-" {
		r.Conditions = append(r.Conditions, elbtypes.RuleCondition{
			Field: sdk.String(pathPattern), PathPatternConfig: &elbtypes.PathPatternConditionConfig{Values: values(f[2])}})
	}
	return r
}

// show tells of a plan: "create 20000", "conflict rule-1", "conditions actions move 3 delete rule-9", or "" for none.
func (p rulePlan) show() string {
	var parts []string
	if p.Conflict != nil {
		return "conflict " + sdk.ToString(p.Conflict.RuleArn)
	}
	if p.Create {
		return "create " + strconv.Itoa(p.Priority)
	}
	if p.Conditions {
		parts = append(parts, "conditions")
	}
	if p.Actions {
		parts = append(parts, "actions")
	}
	if p.Priority != 0 {
		parts = append(parts, "move "+strconv.Itoa(p.Priority))
	}
	for _, arn := range p.Surplus {
		parts = append(parts, "delete "+arn)
	}
	return strings.Join(parts, " ")
}

func TestPlanRule(t *testing.T) {
	shop := link.Route{Hosts: []string{"shop.example.com"}}
	api := link.Route{Hosts: []string{"shop.example.com"}, Paths: []string{"/api/*"}}
	all := link.Route{Hosts: []string{"*.example.com"}}
	for _, c := range []struct {
		name   string
		want   link.Route
		owned  []string
		others []string
		plan   string
	}{
		{"when nothing is there, it makes a rule with room before it", shop, nil, nil, "create 20000"},
		{"when it is for some paths alone, it comes before one for all", api, nil, nil, "create 10000"},
		{"when it is for a wildcard, it comes after one for a name", all, nil, nil, "create 40000"},
		{"when the priority is taken, it takes the next", shop, nil, []string{"20000 a.example.com - x", "20001 b.example.com - x"}, "create 20002"},
		{"when a broader rule is in front, it comes before that", shop, nil, []string{"10 *.example.com - x"}, "create 9"},
		{"when a rule for all hosts is in front, it comes before that", shop, nil, []string{"10 - - x"}, "create 9"},
		{"when a narrower rule is there, it comes behind that", shop, nil, []string{"30000 shop.example.com /api/* x"}, "create 30001"},
		{"when it comes between a narrower rule and a broader one, it takes what is free between", shop, nil,
			[]string{"7 shop.example.com /api/* x", "8 other.example.com - x", "10 *.example.com - x"}, "create 9"},
		{"when nothing is free before a broader rule, it says which", shop, nil, []string{"1 *.example.com - x"}, "conflict rule-1"},
		{"when nothing is free behind a narrower rule, it says which", shop, nil, []string{"50000 shop.example.com /api/* x"}, "conflict rule-50000"},
		{"when a narrower rule is behind a broader one, it is left where it decides nothing", shop, nil,
			[]string{"10 *.example.com - x", "20 shop.example.com /api/* x"}, "create 9"},
		{"when rules overlap and neither is broader, it does not matter", link.Route{Hosts: []string{"shop.example.com", "b.example.com"}}, nil,
			[]string{"5 b.example.com,c.example.com - x"}, "create 20000"},
		{"when another rule is for the same requests, it says which", shop, nil, []string{"70 shop.example.com - x"}, "conflict rule-70"},
		{"when another rule is for the same in other letters, it says which", shop, nil, []string{"70 SHOP.example.com /* x"}, "conflict rule-70"},
		{"when another rule is for the same of another order, it says which", link.Route{Hosts: []string{"a.example.com", "b.example.com"}}, nil,
			[]string{"70 b.example.com,a.example.com - x"}, "conflict rule-70"},

		{"when the rule is there, it changes nothing", shop, []string{"20000 shop.example.com - group"}, []string{"40000 *.example.com - x"}, ""},
		{"when somebody has moved the rule where it still decides, it changes nothing", shop, []string{"3 shop.example.com - group"}, nil, ""},
		{"when the hosts are others, it changes the conditions", shop, []string{"20000 evil.example.com - group"}, nil, "conditions"},
		{"when the paths are others, it changes the conditions", api, []string{"20000 shop.example.com - group"}, nil, "conditions"},
		{"when the group is another, it changes the actions", shop, []string{"20000 shop.example.com - other"}, nil, "actions"},
		{"when the rule becomes broader, it moves behind the narrower ones", all, []string{"20000 shop.example.com - group"},
			[]string{"20001 a.example.com - x"}, "conditions move 40000"},
		{"when the rule becomes narrower, it moves before the broader ones", api, []string{"20000 shop.example.com - group"},
			[]string{"15000 shop.example.com /* x"}, "conditions move 10000"},
		{"when a rule for the same comes behind it, it changes nothing", shop, []string{"20000 shop.example.com - group"},
			[]string{"20001 shop.example.com - x"}, ""},
		{"when a rule for the same comes before it, it says which", shop, []string{"20000 shop.example.com - group"},
			[]string{"5 shop.example.com - x"}, "conflict rule-5"},
		{"when a broader rule comes before it, it says which", shop, []string{"20000 shop.example.com - group"},
			[]string{"5 *.example.com - x"}, "conflict rule-5"},
		{"when the rule is there twice, it keeps the one that decides", shop,
			[]string{"20001 shop.example.com - group", "20000 shop.example.com - group"}, nil, "delete rule-20001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules := []elbtypes.Rule{{RuleArn: sdk.String("rule-default"), IsDefault: sdk.Bool(true), Priority: sdk.String("default")}}
			var owned []elbtypes.Rule
			for _, text := range c.owned {
				owned = append(owned, aRule(t, text))
			}
			rules = append(rules, owned...)
			for _, text := range c.others {
				rules = append(rules, aRule(t, text))
			}
			if got := planRule(rules, owned, matchFor(c.want), "group").show(); got != c.plan {
				t.Errorf("plan = %q, want %q", got, c.plan)
			}
		})
	}
}

func TestARuleIsNotTakenForWhatItIsNot(t *testing.T) {
	plain := aRule(t, "1 shop.example.com - group")
	for _, c := range []struct {
		name   string
		change func(*elbtypes.Rule)
		want   string
	}{
		{"when it is as wanted, nothing changes", func(*elbtypes.Rule) {}, ""},
		{"when it has a further condition, it gets its own back", func(r *elbtypes.Rule) {
			r.Conditions = append(r.Conditions, elbtypes.RuleCondition{Field: sdk.String("source-ip"),
				SourceIpConfig: &elbtypes.SourceIpConditionConfig{Values: []string{"192.0.2.0/24"}}})
		}, "conditions"},
		{"when its hosts are a regular expression, it gets its own back", func(r *elbtypes.Rule) {
			r.Conditions = []elbtypes.RuleCondition{{Field: sdk.String(hostHeader), RegexValues: []string{".*"}}}
		}, "conditions"},
		{"when its condition is written in the older way, nothing changes", func(r *elbtypes.Rule) {
			r.Conditions = []elbtypes.RuleCondition{{Field: sdk.String(hostHeader), Values: []string{"Shop.example.com"}}}
		}, ""},
		{"when it shares requests with another group, it gets its own action back", func(r *elbtypes.Rule) {
			r.Actions = []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, ForwardConfig: &elbtypes.ForwardActionConfig{
				TargetGroups: []elbtypes.TargetGroupTuple{{TargetGroupArn: sdk.String("group")}, {TargetGroupArn: sdk.String("other")}}}}}
		}, "actions"},
		{"when its group has no weight, it gets its own action back", func(r *elbtypes.Rule) {
			r.Actions = []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, ForwardConfig: &elbtypes.ForwardActionConfig{
				TargetGroups: []elbtypes.TargetGroupTuple{{TargetGroupArn: sdk.String("group"), Weight: sdk.Int32(0)}}}}}
		}, "actions"},
		{"when it asks for a sign-in first, it gets its own action back", func(r *elbtypes.Rule) {
			r.Actions = append([]elbtypes.Action{{Type: elbtypes.ActionTypeEnumAuthenticateOidc}}, r.Actions...)
		}, "actions"},
		{"when it rewrites requests, it stops to", func(r *elbtypes.Rule) {
			r.Transforms = []elbtypes.RuleTransform{{Type: elbtypes.TransformTypeEnumHostHeaderRewrite}}
		}, "actions"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := plain
			r.Conditions, r.Actions = slices.Clone(plain.Conditions), slices.Clone(plain.Actions)
			c.change(&r)
			want := matchFor(link.Route{Hosts: []string{"shop.example.com"}})
			if got := planRule([]elbtypes.Rule{r}, []elbtypes.Rule{r}, want, "group").show(); got != c.want {
				t.Errorf("plan = %q, want %q", got, c.want)
			}
		})
	}
}

// A rule with a further condition stands for some of the requests alone, so that it may stand in front.
func TestAConditionMoreMakesARuleNarrower(t *testing.T) {
	r := aRule(t, "5 shop.example.com - x")
	r.Conditions = append(r.Conditions, elbtypes.RuleCondition{Field: sdk.String("http-request-method"),
		HttpRequestMethodConfig: &elbtypes.HttpRequestMethodConditionConfig{Values: []string{"POST"}}})
	if got := planRule([]elbtypes.Rule{r}, nil, matchFor(link.Route{Hosts: []string{"shop.example.com"}}), "group").show(); got != "create 20000" {
		t.Errorf("plan = %q", got)
	}
}

func TestContains(t *testing.T) {
	for _, c := range []struct {
		broad, narrow string
		want          bool
	}{
		{"*", "shop.example.com", true},
		{"*.example.com", "shop.example.com", true},
		{"*.example.com", "a.b.example.com", true}, // unlike in a certificate
		{"*.example.com", "*.shop.example.com", true},
		{"*.shop.example.com", "*.example.com", false},
		{"*.example.com", "example.com", false},
		{"shop.example.com", "*.example.com", false},
		{"sho?.example.com", "shop.example.com", true},
		{"sho?.example.com", "sho*.example.com", false},
		{"sho*.example.com", "sho?.example.com", true},
		{"/api/*", "/api/v1/*", true},
		{"/api/*", "/api", false},
		{"/api/*/x", "/api/a/b/x", true},
		{"/Api", "/api", false},
		{"", "", true},
	} {
		t.Run(fmt.Sprintf("%s %s", c.broad, c.narrow), func(t *testing.T) {
			if got := contains(c.broad, c.narrow); got != c.want {
				t.Errorf("contains = %v", got)
			}
		})
	}
}
