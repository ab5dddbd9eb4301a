package permissions

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
)

const full = `
apiVersion: linkwright/v1
kind: EndpointService
metadata: {name: payments}
spec:
  account: provider
  region: eu-central-1
  aws:
    loadBalancers: {arns: ["arn:aws:elasticloadbalancing:eu-central-1:111111111111:loadbalancer/net/payments/0a1b2c3d4e5f6789"]}
    allowedPrincipals: ["arn:aws:iam::222222222222:root"]
    privateDNS:
      name: payments.example.com
      verification: {route53: {account: dns, zoneID: Z0123456789ABCDEFGHIJ}}
  publish: {ssmParameter: {account: provider, name: /linkwright/payments}}
---
apiVersion: linkwright/v1
kind: Connection
metadata: {name: shop}
spec:
  service: payments
  account: consumer
  region: eu-central-1
  aws: {vpc: vpc-0a, subnets: [subnet-0a], securityGroups: [sg-0a]}
  dns: {mode: private}
  ingress: {targetGroup: "arn:aws:elasticloadbalancing:eu-central-1:222222222222:targetgroup/payments/0a1b2c3d4e5f6789", port: 443}
`

func TestWhatASpecDoesNotUseIsNotAllowed(t *testing.T) {
	for _, c := range []struct {
		name     string
		old, new string // what is changed in the full specs
		account  string
		without  []string // actions that are no longer allowed
		with     []string // actions that are allowed now
	}{
		{"when load balancers are found by tags, tags are read", `arns: ["arn:aws:elasticloadbalancing:eu-central-1:111111111111:loadbalancer/net/payments/0a1b2c3d4e5f6789"]`,
			"tags: {a: b}", "provider", nil, []string{"elasticloadbalancing:DescribeTags"}},
		{"when nothing is to be accepted, nothing may be", "allowedPrincipals", "acceptanceRequired: false\n    allowedPrincipals",
			"provider", []string{"ec2:AcceptVpcEndpointConnections"}, nil},
		{"when consumers come from other regions, both may span regions", `allowedPrincipals`, "supportedRegions: [eu-west-1]\n    allowedPrincipals",
			"provider", nil, []string{"vpce:AllowMultiRegion"}},
		{"when the service is in another region, the consumer may span them", full[strings.Index(full, "  region"):strings.Index(full, "    allowed")],
			"  region: eu-west-1\n  aws:\n    loadBalancers: {tags: {a: b}}\n",
			"consumer", nil, []string{"vpce:AllowMultiRegion"}},
		{"when the service has no private name, none is verified", full[strings.Index(full, "    privateDNS"):strings.Index(full, "  publish")], "",
			"provider", []string{"ec2:StartVpcEndpointServicePrivateDnsVerification"}, nil},
		{"when the zone is to be found, zones may be listed", ", zoneID: Z0123456789ABCDEFGHIJ", "", "dns", nil, []string{"route53:ListHostedZones"}},
		{"when no parameter is written, no parameter may be", "  publish: {ssmParameter: {account: provider, name: /linkwright/payments}}\n", "",
			"provider", []string{"ssm:GetParameter", "ssm:ListTagsForResource", "ssm:PutParameter", "ssm:AddTagsToResource", "ssm:DeleteParameter"}, nil},
		{"when the connection has no private DNS, nothing is associated", "private}", "none}", "consumer",
			[]string{"route53:AssociateVPCWithHostedZone", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcEndpointServices"}, nil},
		{"when the connection has no ingress, no target may be touched", full[strings.Index(full, "  ingress"):], "", "consumer",
			[]string{"ec2:DescribeVpcs", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
				"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroupAttributes",
				"elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"}, nil},
		{"when an endpoint is taken over, none may be made", "vpc: vpc-0a", "endpoint: vpce-0a, vpc: vpc-0a", "consumer",
			[]string{"ec2:CreateVpcEndpoint"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := strings.Replace(full, c.old, c.new, 1)
			if changed == full {
				t.Fatal("the change changes nothing")
			}
			before, after := actions(grant(t, full, c.account)), actions(grant(t, changed, c.account))
			want := slices.DeleteFunc(slices.Concat(before, c.with), func(a string) bool { return slices.Contains(c.without, a) })
			slices.Sort(want)
			if !slices.Equal(after, want) {
				t.Errorf("allowed is %v\nwant %v", after, want)
			}
		})
	}
}

// known is an accounts file.
func known() map[string]Account {
	accounts := map[string]Account{}
	for name, id := range map[string]string{"provider": "111111111111", "consumer": "222222222222", "dns": "333333333333"} {
		accounts[name] = Account{ID: id, Partition: "aws", RoleARN: "arn:aws:iam::" + id + ":role/Linkwright", ExternalID: "agreed-with-" + name}
	}
	return accounts
}

func grants(t *testing.T, yaml string, accounts map[string]Account) []Grant {
	t.Helper()
	docs, err := link.Decode(link.File{Name: "specs.yaml", Data: []byte(yaml)})
	if err != nil {
		t.Fatal(err)
	}
	return For(docs, Options{Accounts: accounts, Owner: func(d link.Document) string { return "*/" + d.ID() }})
}

func grant(t *testing.T, yaml, account string) Grant {
	t.Helper()
	for _, g := range grants(t, yaml, known()) {
		if g.Account == account {
			return g
		}
	}
	t.Fatalf("account %s may do nothing", account)
	return Grant{}
}

func actions(g Grant) []string {
	var all []string
	for _, s := range g.Policy.Statement {
		all = append(all, s.Action...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestWhatTheAccountsFileAdds(t *testing.T) {
	consumer := grant(t, full, "consumer")
	for _, s := range consumer.Policy.Statement {
		switch s.Sid {
		case "ConsumerCreates":
			if owner := s.Condition["StringEqualsIfExists"]["ec2:VpceServiceOwner"]; !slices.Equal(owner, Values{"111111111111"}) {
				t.Errorf("endpoints may lead to services of %v, want the provider's alone", owner)
			}
			if want := (Values{"arn:aws:ec2:eu-central-1:222222222222:vpc-endpoint/*"}); !slices.Equal(s.Resource, want) {
				t.Errorf("endpoints may be made as %v, want %v", s.Resource, want)
			}
		case "ConsumerCreatesIn":
			if !slices.Contains(s.Resource, "arn:aws:ec2:eu-central-1:*:subnet/subnet-0a") {
				t.Errorf("a subnet that another account shares cannot be used: %v", s.Resource)
			}
		}
	}
	if got := consumer.Trust.Statement[0].Condition["StringEquals"]["sts:ExternalId"]; !slices.Equal(got, Values{"agreed-with-consumer"}) {
		t.Errorf("the external ID is %v", got)
	}
	accounts := known()
	accounts["dns"] = Account{ID: "333333333333", Partition: "aws"}
	all := grants(t, full, accounts)
	for _, g := range all {
		if (g.Trust == nil) != (g.Account == "dns" || g.Account == "") {
			t.Errorf("%s %v has the trust policy %+v", g.Account, g.Roles, g.Trust)
		}
	}
	worker := all[len(all)-1].Policy.Statement[0]
	want := Values{"arn:aws:iam::111111111111:role/Linkwright", "arn:aws:iam::222222222222:role/Linkwright"}
	if !slices.Equal(worker.Resource, want) {
		t.Errorf("the worker may assume %v, want %v", worker.Resource, want)
	}
	delete(accounts, "dns")
	all = grants(t, full, accounts)
	if !all[len(all)-1].Policy.Blank() {
		t.Error("a role that is not known is not left blank")
	}
}

func TestSizes(t *testing.T) {
	for _, r := range Roles() {
		if g := Of(r, "", Options{}); g.Size > ManagedPolicyLimit || len(g.Remarks) > 0 {
			t.Errorf("the policy of %s has %d characters: %v", r, g.Size, g.Remarks)
		}
	}
	var many strings.Builder
	many.WriteString(full)
	for i := range 60 {
		shop := full[strings.Index(full, "---"):]
		many.WriteString(strings.Replace(shop, "name: shop", fmt.Sprintf("name: a-shop-with-a-name-of-some-length-%03d", i), 1))
	}
	if g := grant(t, many.String(), "consumer"); g.Size <= ManagedPolicyLimit || len(g.Remarks) != 1 {
		t.Errorf("when a policy is too large, it says %q of %d characters", g.Remarks, g.Size)
	}
}

func TestOtherPartitions(t *testing.T) {
	china := strings.NewReplacer("eu-central-1", "cn-north-1", "arn:aws:", "arn:aws-cn:").Replace(full)
	for _, g := range grants(t, china, nil) {
		for _, s := range g.Policy.Statement {
			for _, r := range s.Resource {
				if r != "*" && !strings.HasPrefix(r, "arn:aws-cn:") && !strings.HasPrefix(r, "arn:aws:iam::"+blank) {
					t.Errorf("%s: %s is not of the partition", s.Sid, r)
				}
			}
		}
	}
}

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
