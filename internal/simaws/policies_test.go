package simaws

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"go.yaml.in/yaml/v3"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

func TestWorldFilePolicies(t *testing.T) {
	const start = "accounts:\n- id: \"111111111111\"\n  name: a\n  users:\n  - name: u\n    accessKey: K\n    secretKey: s\n"
	for _, test := range []struct {
		name, file string
		reason     string // a part of the error; "" when it is good
	}{
		{"when a policy is YAML, it is read", start + `    policies:
    - Version: 2012-10-17
      Statement:
      - {Sid: Looks, Effect: Allow, Action: ["ec2:Describe*", "servicequotas:GetServiceQuota"], Resource: "*", Condition: {Bool: {"aws:SecureTransport": true}}}
`, ""},
		{"when a policy is JSON, it is read", start + `    policies:
    - |
      {"Version": "2012-10-17",
       "Statement": [{"Effect": "Allow", "Action": "ec2:CreateVpcEndpoint", "Resource": "arn:aws:ec2:*:111111111111:vpc/*"}]}
`, ""},
		{"when a role has a trust policy, it is read", start + `  roles:
  - name: r
    trustPolicy:
      Version: 2012-10-17
      Statement: {Effect: Allow, Principal: {AWS: "arn:aws:iam::222222222222:root"}, Action: "sts:AssumeRole", Condition: {StringEquals: {"sts:ExternalId": x}}}
    policies: []
`, ""},
		{"when permission-only actions are named, they are known", start + `    policies:
    - Statement: {Effect: Allow, Action: ["sts:TagSession", "sts:SetSourceIdentity", "vpce:AllowMultiRegion", "route53:AssociateVPCWithHostedZone"], Resource: "*"}
`, ""},
		{"when a policy has an unknown key, it says where", start + "    policies:\n    - Statement: {Effect: Allow, Actions: \"*\", Resource: \"*\"}\n",
			`world file: accounts[0].users[0]: policies[0]: Statement[0]: unknown element "Actions"`},
		{"when a key is there twice, it says where", start + "    policies:\n    - Statement: {Effect: Allow, Effect: Deny, Action: \"*\", Resource: \"*\"}\n", "Effect is there twice"},
		{"when a policy is no JSON, it says where", start + "    policies:\n    - '{\"Statement\"'\n", "policies[0]: line 1: it is not JSON"},
		{"when an action has a typo, it says where", start + "    policies:\n    - Statement: {Effect: Allow, Action: [\"ec2:*\", \"ec2:CreateVpcEndpont\"], Resource: \"*\"}\n",
			"world file: accounts[0].users[0]: policies[0]: Statement[0]: there is no action ec2:CreateVpcEndpont"},
		{"when a role has both kinds of trust, it is refused", start + "  roles:\n  - name: r\n    externalId: x\n    trustPolicy: {Statement: {Effect: Allow, Principal: \"*\", Action: \"sts:AssumeRole\"}}\n",
			"trustPolicy takes the place of trust and externalId"},
		{"when a role trusts what is no principal, it is refused", start + "  roles:\n  - name: r\n    trust: [\"arn:aws:iam::1111:root\"]\n", "accounts[0].roles[0].trustPolicy: Statement[0].Principal.AWS"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file, err := ParseWorldFile([]byte(test.file))
			if err == nil {
				_, err = New(Config{World: file})
			}
			if test.reason == "" {
				if err != nil {
					t.Error(err)
				}
			} else if err == nil || !strings.Contains(err.Error(), test.reason) {
				t.Errorf("got %v, want %q", err, test.reason)
			}
		})
	}
}

func TestTheAgreedExternalID(t *testing.T) {
	for _, test := range []struct {
		name string
		role WorldRole
		want string
	}{
		{"when it is given in short, it is that", WorldRole{Trust: []string{provider}, ExternalID: "agreed"}, "agreed"},
		{"when the trust policy asks for one, it is that", WorldRole{TrustPolicy: trust(provider, `"sts:AssumeRole"`, `{"StringEquals": {"sts:externalid": ["agreed", "old"]}}`)}, "agreed"},
		{"when the trust policy asks for none, there is none", WorldRole{TrustPolicy: trust(provider, `"sts:AssumeRole"`, `{"StringNotEquals": {"sts:ExternalId": "x"}}`)}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.role.AgreedID(); got != test.want {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestAStaleReadLeavesChangedPoliciesAlone(t *testing.T) {
	before := startCloud(t, withLimited)
	before.mayOnly(consumer, permission{"ec2:DescribeSubnets", "*"})
	snapshot := must(before.Snapshot())(t)
	tc := startCloud(t, withLimited, func(c *Config) { c.Snapshot = snapshot })
	tc.mayOnly(consumer, permission{"ec2:DescribeVpcs", "*"})
	tc.inject(Fault{Action: "DescribeVpcs", Effect: EffectStale})
	for range 2 { // the first is answered by a replica of the cloud as it began
		must(awsec2.NewFromConfig(tc.limitedConfig(consumer)).DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{}))(t)
	}
}

func TestAnEmptyListOfPoliciesIsNotNone(t *testing.T) {
	file := must(ParseWorldFile([]byte("accounts: [{id: \"111111111111\", name: a, users: [{name: u, accessKey: K, secretKey: s}, {name: v, accessKey: L, secretKey: s, policies: []}]}]")))(t)
	again := must(ParseWorldFile(must(yaml.Marshal(file))(t)))(t) // as programs write it
	for _, file := range []WorldFile{file, again} {
		policies := map[string]bool{}
		for _, p := range must(New(Config{World: file}))(t).Policies() {
			policies[p.ARN] = p.Policies != nil
		}
		if policies["arn:aws:iam::111111111111:user/u"] || !policies["arn:aws:iam::111111111111:user/v"] {
			t.Errorf("who has policies: %v", policies)
		}
	}
}

func TestTheWorldIsBuiltWhateverItsFirstUserMay(t *testing.T) {
	tc := startCloud(t, func(c *Config) {
		for i := range c.World.Accounts {
			c.World.Accounts[i].Users[0].Policies = []PolicyDocument{}
		}
	})
	_, err := tc.ec2Of(consumer).DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{})
	wantRefusal(t, err, "ec2:DescribeVpcs")
}

// put changes policies by the admin path, and returns the status and the body of the answer.
func (tc testCloud) put(path, principal, body string) (int, string) {
	tc.t.Helper()
	target := tc.URL() + path + "?principal=" + url.QueryEscape(principal)
	request := must(http.NewRequestWithContext(tc.t.Context(), http.MethodPut, target, strings.NewReader(body)))(tc.t)
	response := must(http.DefaultClient.Do(request))(tc.t)
	defer response.Body.Close()
	return response.StatusCode, string(must(io.ReadAll(response.Body))(tc.t))
}

func TestPoliciesChangeWhileTheCloudRuns(t *testing.T) {
	tc := startCloud(t, withLimited)
	look := func() error {
		_, err := awsec2.NewFromConfig(tc.limitedConfig(consumer)).DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{})
		return err
	}
	wantRefusal(t, look(), "ec2:DescribeVpcs")
	for _, step := range []struct {
		body    string
		allowed bool
	}{
		{"[" + string(allow("ec2:DescribeVpcs", "*", "")) + "]", true},
		{"[]", false},
		{"null", true},
	} {
		if status, body := tc.put("/_linkwright/policies", limited(consumer), step.body); status != http.StatusNoContent {
			t.Fatalf("%s: %d %s", step.body, status, body)
		}
		if err := look(); (err == nil) != step.allowed {
			t.Errorf("after %s: %v", step.body, err)
		}
	}
	if status, body := tc.put("/_linkwright/trust-policy", openRole, string(trust(stranger, `"sts:AssumeRole"`, ""))); status != http.StatusNoContent {
		t.Fatalf("%d %s", status, body)
	}
	_, err := assume(t.Context(), tc.stsOf(provider), openRole)
	wantError(t, err, "AccessDenied")
	must(assume(t.Context(), tc.stsOf(stranger), openRole))(t)

	response := must(http.Get(tc.URL() + "/_linkwright/policies"))(t)
	defer response.Body.Close()
	var seen []struct {
		Principal   string
		Policies    []any
		TrustPolicy any
	}
	if err := json.NewDecoder(response.Body).Decode(&seen); err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(seen, func(p struct {
		Principal   string
		Policies    []any
		TrustPolicy any
	}) bool {
		return p.Principal == agreedRole
	})
	if i < 0 || seen[i].TrustPolicy == nil || seen[i].Policies != nil {
		t.Errorf("got %+v", seen)
	}
}

func TestBadPoliciesChangeNothing(t *testing.T) {
	tc := startCloud(t, withLimited)
	for _, test := range []struct {
		name, path, principal, body, reason string
	}{
		{"when the principal does not exist", "/_linkwright/policies", limited("999999999999"), "[]", "the world has no arn:aws:iam::999999999999:user/limited"},
		{"when the principal is none", "/_linkwright/policies", "limited", "[]", "is not the ARN of a user or role"},
		{"when it is no list", "/_linkwright/policies", limited(consumer), `{"Statement": []}`, "a list of policies is expected"},
		{"when one of the policies is bad", "/_linkwright/policies", limited(consumer), `[` + string(allow("*", "*", "")) + `, {"Statement": []}]`, "policies[1]: Statement: is empty"},
		{"when an action is unknown", "/_linkwright/policies", limited(consumer), `[` + string(allow("ec2:DescribeVpc", "*", "")) + `]`, "policies[0]: Statement[0]: there is no action ec2:DescribeVpc"},
		{"when a user is to be trusted", "/_linkwright/trust-policy", limited(consumer), string(trust(provider, `"sts:AssumeRole"`, "")), "is not a role"},
		{"when the trust policy is bad", "/_linkwright/trust-policy", openRole, `{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumRole"}}`, "there is no action sts:AssumRole"},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := must(json.Marshal(tc.Policies()))(t)
			if status, body := tc.put(test.path, test.principal, test.body); status != http.StatusBadRequest || !strings.Contains(body, test.reason) {
				t.Errorf("got %d %s", status, body)
			}
			if after := must(json.Marshal(tc.Policies()))(t); string(after) != string(before) {
				t.Errorf("the policies became %s", after)
			}
		})
	}
}

func TestChangedPoliciesOutliveTheCloud(t *testing.T) {
	tc := startCloud(t, withLimited)
	tc.mayOnly(consumer, permission{"ec2:DescribeVpcs", "*"})
	if err := tc.SetPolicies(openRole, nil); err != nil {
		t.Fatal(err)
	}
	if err := tc.SetTrustPolicy(openRole, trust(stranger, `"sts:AssumeRole"`, "")); err != nil {
		t.Fatal(err)
	}
	snapshot := must(tc.Snapshot())(t)
	again := startCloud(t, withLimited, func(c *Config) { c.Snapshot = snapshot })
	if was, is := must(json.Marshal(tc.Policies()))(t), must(json.Marshal(again.Policies()))(t); string(was) != string(is) {
		t.Errorf("%s became %s", was, is)
	}
	must(awsec2.NewFromConfig(again.limitedConfig(consumer)).DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{}))(t)
	must(startCloud(t, func(c *Config) { c.Snapshot = snapshot }).Snapshot())(t) // whose world has no limited users
}

// forgetful is a service that says nothing of what one of its actions needs.
type forgetful struct{ sim.Service }

func (f forgetful) Permissions() sim.Permissions {
	p := f.Service.Permissions()
	p.Needs = maps.Clone(p.Needs)
	delete(p.Needs, "CreateVpcEndpoint")
	return p
}

func TestNoActionIsFreeByOversight(t *testing.T) {
	tc := startCloud(t)
	err := checkPermissions(forgetful{tc.services["ec2"]})
	if err == nil || err.Error() != "nothing says which permissions ec2:CreateVpcEndpoint needs" {
		t.Errorf("got %v", err)
	}
}
