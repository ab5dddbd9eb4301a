package permissions

import (
	"slices"
	"strings"
	"testing"
)

const routed = `
apiVersion: linkwright/v1
kind: Connection
metadata: {name: shop}
spec:
  service: payments
  account: consumer
  region: eu-central-1
  aws: {vpc: vpc-0a, subnets: [subnet-0a], securityGroups: [sg-0a]}
  ingress:
    account: edge
    port: 443
    route:
      listeners:
        - {listener: "arn:aws:elasticloadbalancing:eu-central-1:444455556666:listener/app/edge/0a1b2c3d4e5f6789/9876f5e4d3c2b1a0"}
      hosts: [payments.example.com]
      certificate: "arn:aws:acm:eu-central-1:444455556666:certificate/0a1b2c3d-4e5f-6789-abcd-ef0123456789"
      webACL: "arn:aws:wafv2:eu-central-1:444455556666:regional/webacl/edge/0a1b2c3d-4e5f-6789-abcd-ef0123456789"
      associateWebACL: true
`

func TestARouteIsAllowedWhatItsSpecSays(t *testing.T) {
	const (
		elb   = "arn:aws:elasticloadbalancing:eu-central-1:444455556666:"
		owner = "*/Connection payments/shop"
	)
	all := routedGrant(t, routed)
	for _, c := range []struct {
		action    string
		resources Values
		condition string // a key, with the owner as its value
	}{
		{"elasticloadbalancing:CreateTargetGroup", Values{elb + "targetgroup/lw-*/*"}, "aws:RequestTag/linkwright:owner"},
		{"elasticloadbalancing:DeleteTargetGroup", Values{elb + "targetgroup/lw-*/*"}, "aws:ResourceTag/linkwright:owner"},
		{"elasticloadbalancing:RegisterTargets", Values{elb + "targetgroup/lw-*/*"}, "aws:ResourceTag/linkwright:owner"},
		{"elasticloadbalancing:CreateRule", Values{elb + "listener/app/edge/0a1b2c3d4e5f6789/9876f5e4d3c2b1a0"}, "aws:RequestTag/linkwright:owner"},
		{"elasticloadbalancing:ModifyRule", Values{elb + "listener-rule/app/edge/0a1b2c3d4e5f6789/9876f5e4d3c2b1a0/*"}, "aws:ResourceTag/linkwright:owner"},
		{"elasticloadbalancing:AddListenerCertificates", Values{elb + "listener/app/edge/0a1b2c3d4e5f6789/9876f5e4d3c2b1a0"}, ""},
		{"elasticloadbalancing:SetWebACL", Values{elb + "loadbalancer/app/edge/0a1b2c3d4e5f6789",
			"arn:aws:wafv2:eu-central-1:444455556666:regional/webacl/edge/0a1b2c3d-4e5f-6789-abcd-ef0123456789"}, ""},
	} {
		t.Run(c.action, func(t *testing.T) {
			i := slices.IndexFunc(all.Policy.Statement, func(s Statement) bool { return slices.Contains(s.Action, c.action) })
			if i < 0 {
				t.Fatal("is not allowed")
			}
			s := all.Policy.Statement[i]
			if !slices.Equal(s.Resource, c.resources) {
				t.Errorf("is allowed on %v, want %v", s.Resource, c.resources)
			}
			if c.condition != "" && !slices.Equal(s.Condition["StringLike"][c.condition], Values{owner}) {
				t.Errorf("is allowed under the condition %v, want %s to be %s", s.Condition, c.condition, owner)
			}
		})
	}
}

func TestARouteIsNotAllowedWhatItsSpecDoesNotSay(t *testing.T) {
	before := actions(routedGrant(t, routed))
	for _, c := range []struct {
		name, old, new string
		without, with  []string
	}{
		{"when a certificate is searched for, certificates may be listed",
			routed[strings.Index(routed, "      certificate"):strings.Index(routed, "      webACL")], "", nil, []string{"acm:ListCertificates"}},
		{"when the web ACL is put there by somebody else, none may be",
			"      associateWebACL: true\n", "", []string{"wafv2:AssociateWebACL", "elasticloadbalancing:SetWebACL"}, nil},
		{"when no web ACL is asked for, none is looked at", routed[strings.Index(routed, "      webACL"):], "",
			[]string{"wafv2:AssociateWebACL", "elasticloadbalancing:SetWebACL", "wafv2:GetWebACL", "wafv2:GetWebACLForResource"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := strings.Replace(routed, c.old, c.new, 1)
			if changed == routed {
				t.Fatal("the change changes nothing")
			}
			want := slices.DeleteFunc(slices.Concat(before, c.with), func(a string) bool { return slices.Contains(c.without, a) })
			slices.Sort(want)
			if got := actions(routedGrant(t, changed)); !slices.Equal(got, want) {
				t.Errorf("allowed is %v\nwant %v", got, want)
			}
		})
	}
}

// routedGrant is what the owner of the load balancer is allowed.
func routedGrant(t *testing.T, yaml string) Grant {
	t.Helper()
	accounts := known()
	accounts["edge"] = Account{ID: "444455556666", Partition: "aws", RoleARN: "arn:aws:iam::444455556666:role/Linkwright"}
	for _, g := range grants(t, yaml, accounts) {
		if g.Account == "edge" {
			return g
		}
	}
	t.Fatal("the owner of the load balancer may do nothing")
	return Grant{}
}
