package permissions

import (
	"encoding/json"
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
			"provider", []string{"ssm:GetParameter", "ssm:GetParameters", "ssm:ListTagsForResource", "ssm:PutParameter", "ssm:AddTagsToResource", "ssm:DeleteParameter"}, nil},
		{"when the connection has no private DNS, nothing is associated", "private}", "none}", "consumer",
			[]string{"route53:AssociateVPCWithHostedZone", "ec2:DescribeVpcAttribute", "ec2:DescribeVpcEndpointServices"}, nil},
		{"when the connection has no ingress, no target may be touched", full[strings.Index(full, "  ingress"):], "", "consumer",
			[]string{"ec2:DescribeVpcs", "elasticloadbalancing:DescribeTargetGroups", "elasticloadbalancing:DescribeTargetHealth",
				"elasticloadbalancing:DescribeLoadBalancers", "elasticloadbalancing:DescribeTargetGroupAttributes",
				"elasticloadbalancing:RegisterTargets", "elasticloadbalancing:DeregisterTargets"}, nil},
		{"when the endpoint has a security group of its own, that is kept", "securityGroups: [sg-0a]", "securityGroup: {from: [10.0.0.0/8]}", "consumer",
			nil, []string{"ec2:DescribeSecurityGroups", "ec2:CreateSecurityGroup", "ec2:AuthorizeSecurityGroupIngress",
				"ec2:RevokeSecurityGroupIngress", "ec2:DeleteSecurityGroup"}},
		{"when a VPC is chosen, it is asked where the service is", "vpc: vpc-0a, subnets: [subnet-0a], ", "inventories: [hub], ", "consumer",
			nil, []string{"ec2:DescribeAvailabilityZones"}},
		{"when the service's name is read from a parameter, that may be read", "  service: payments\n", "  service: payments\n  nameFrom: {ssmParameter: {account: consumer, name: /linkwright/payments}}\n",
			"consumer", nil, []string{"ssm:GetParameter"}},
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

const hub = `
---
apiVersion: linkwright/v1
kind: VPCInventory
metadata: {name: hub}
spec:
  account: consumer
  region: eu-central-1
  aws:
    vpcs:
      - {vpc: vpc-0b, subnets: [{zoneID: euc1-az1, subnet: subnet-0b}], securityGroups: [sg-0b]}
      - {vpc: vpc-0c, subnets: [{zoneID: euc1-az1, subnet: subnet-0c}, {zoneID: euc1-az2, subnet: subnet-0d}], securityGroups: [sg-0c]}
`

func TestInventories(t *testing.T) {
	chosen := strings.Replace(full, "vpc: vpc-0a, subnets: [subnet-0a], securityGroups: [sg-0a]", "inventories: [hub]", 1)
	sids := func(g Grant) map[string]Statement {
		all := map[string]Statement{}
		for _, s := range g.Policy.Statement {
			all[s.Sid] = s
		}
		return all
	}
	exact := grant(t, chosen+hub, "consumer")
	if !slices.Contains(exact.Roles, Inventory) || len(exact.Remarks) > 0 {
		t.Errorf("the consumer is %v: %q", exact.Roles, exact.Remarks)
	}
	looks := sids(exact)["InventoryLooks"]
	want := Values{"ec2:DescribeVpcs", "ec2:DescribeSubnets", "ec2:DescribeVpcEndpoints", "ec2:DescribeSecurityGroups", "servicequotas:GetServiceQuota"}
	if !slices.Equal(looks.Action, want) || !slices.Equal(looks.Condition["StringEquals"]["aws:RequestedRegion"], Values{"eu-central-1"}) {
		t.Errorf("the survey may %v %v", looks.Action, looks.Condition)
	}
	in := sids(exact)["ConsumerCreatesIn"].Resource
	const ec2 = "arn:aws:ec2:eu-central-1:*:"
	want = Values{ec2 + "security-group/sg-0b", ec2 + "security-group/sg-0c", ec2 + "subnet/subnet-0b", ec2 + "subnet/subnet-0c", ec2 + "subnet/subnet-0d",
		ec2 + "vpc/vpc-0b", ec2 + "vpc/vpc-0c"}
	if !slices.Equal(in, want) {
		t.Errorf("endpoints may be made in %v, want %v", in, want)
	}
	if got := sids(exact)["ConsumerMoves"].Condition["ArnLike"]["ec2:Vpc"]; !slices.Equal(got, Values{ec2 + "vpc/vpc-0b", ec2 + "vpc/vpc-0c"}) {
		t.Errorf("endpoints may be moved in %v", got)
	}

	unknown := grant(t, chosen, "consumer")
	if got := sids(unknown)["ConsumerCreatesIn"].Resource; !slices.Contains(got, ec2+"vpc/*") || len(unknown.Remarks) != 1 {
		t.Errorf("when the inventory is not known, endpoints may be made in %v: %q", got, unknown.Remarks)
	}

	own := sids(grant(t, strings.Replace(chosen, "inventories: [hub]", "inventories: [hub], securityGroup: {from: [10.0.0.0/8]}", 1)+hub, "consumer"))
	const tag, flow = "linkwright:owner", "*/Connection payments/shop"
	for sid, key := range map[string]string{"ConsumerCreatesGroup": "aws:RequestTag/" + tag, "ConsumerTagsGroup": "aws:RequestTag/" + tag,
		"ConsumerKeepsGroup": "aws:ResourceTag/" + tag, "ConsumerCreatesWith": "aws:ResourceTag/" + tag} {
		if got := own[sid]; !slices.Equal(got.Condition["StringLike"][key], Values{flow}) ||
			!slices.Equal(got.Resource, Values{"arn:aws:ec2:eu-central-1:222222222222:security-group/*"}) {
			t.Errorf("%s is not narrowed to the flow's group: %+v", sid, got)
		}
	}
	if got := own["ConsumerCreatesIn"].Resource; slices.ContainsFunc(got, func(r string) bool { return strings.Contains(r, "security-group") }) {
		t.Errorf("the endpoint may be given other groups: %v", got)
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

// zoned is a connection whose names are in a private zone of another account, which VPCs of three accounts see.
const zoned = `
apiVersion: linkwright/v1
kind: Connection
metadata: {name: shop}
spec:
  service: payments
  account: consumer
  region: eu-central-1
  aws: {vpc: vpc-0a, subnets: [subnet-0a], securityGroups: [sg-0a]}
  dns:
    mode: hostedZone
    hostedZone:
      account: dns
      name: k.example.com
      records: [{name: k.example.com}, {name: "*.k.example.com"}]
      vpcs: [{vpc: vpc-0a}, {account: dns, vpc: vpc-0d}, {account: provider, region: eu-west-1, vpc: vpc-0b}]
`

// allowed are the resources and the condition of an action in a grant, in one line.
func allowed(g Grant, action string) string {
	for _, s := range g.Policy.Statement {
		if slices.Contains(s.Action, action) {
			text, _ := json.Marshal(s.Condition)
			return strings.Join(s.Resource, " ") + " " + strings.TrimPrefix(string(text), "null")
		}
	}
	return ""
}

func TestPrivateZones(t *testing.T) {
	known := strings.Replace(zoned, "name: k.example.com\n", "zoneID: Z0123456789ABCDEFGHIJ\n", 1)
	const all, one = "arn:aws:route53:::hostedzone/*", "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
	types := `{"ForAllValues:StringEquals":{"route53:ChangeResourceRecordSetsRecordTypes":["A","AAAA","TXT"]},`
	for _, c := range []struct{ name, specs, account, action, want string }{
		{"when a zone is made, it is made with a VPC of its own account", zoned, "dns", "route53:CreateHostedZone",
			`* {"ForAllValues:StringEquals":{"route53:VPCs":"VPCId=vpc-0d,VPCRegion=eu-central-1"}}`},
		{"when a zone is made, it may be deleted", zoned, "dns", "route53:DeleteHostedZone", all + " "},
		{"when a zone is made, its records may have all names in it", zoned, "dns", "route53:ChangeResourceRecordSets",
			all + " " + types + `"ForAllValues:StringLike":{"route53:ChangeResourceRecordSetsNormalizedRecordNames":["k.example.com","*.k.example.com"]}}`},
		{"when VPCs of other accounts see a zone, they may be authorized", zoned, "dns", "route53:CreateVPCAssociationAuthorization",
			all + ` {"ForAllValues:StringEquals":{"route53:VPCs":["VPCId=vpc-0a,VPCRegion=eu-central-1","VPCId=vpc-0b,VPCRegion=eu-west-1"]}}`},
		{"when a VPC sees a zone, its account may associate that VPC", zoned, "provider", "route53:AssociateVPCWithHostedZone",
			all + ` {"ForAllValues:StringEquals":{"route53:VPCs":"VPCId=vpc-0b,VPCRegion=eu-west-1"}}`},
		{"when a zone is there, none may be made", known, "dns", "route53:CreateHostedZone", ""},
		{"when a zone is there, none may be deleted", known, "dns", "route53:DeleteHostedZone", ""},
		{"when a zone is there, only the records' names may be changed in it", known, "dns", "route53:ChangeResourceRecordSets",
			one + ` {"ForAllValues:StringEquals":{"route53:ChangeResourceRecordSetsNormalizedRecordNames":["\\052.k.example.com","k.example.com"],` +
				`"route53:ChangeResourceRecordSetsRecordTypes":["A","AAAA","TXT"]}}`},
		{"when a zone is there, VPCs may be associated with it alone", known, "consumer", "route53:AssociateVPCWithHostedZone",
			one + ` {"ForAllValues:StringEquals":{"route53:VPCs":"VPCId=vpc-0a,VPCRegion=eu-central-1"}}`},
		{"when no zone is wanted, no VPC may be associated", strings.Replace(full, "private}", "none}", 1), "consumer", "route53:AssociateVPCWithHostedZone", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := allowed(grant(t, c.specs, c.account), c.action); got != c.want {
				t.Errorf("allowed is %s\nwant %s", got, c.want)
			}
		})
	}
}

// Whoever names a VPC to Route 53 must be allowed to look at VPCs, in each of the roles by itself.
func TestRoute53LooksAtVPCsInTheCallersName(t *testing.T) {
	for _, r := range []Role{Zone, Network} {
		if got := allowed(Of(r, "", Options{}), "ec2:DescribeVpcs"); got != "* " {
			t.Errorf("the role %s may look at VPCs as %q", r, got)
		}
	}
}
