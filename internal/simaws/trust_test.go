package simaws

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

const openRole, agreedRole = "arn:aws:iam::111111111111:role/open", "arn:aws:iam::111111111111:role/agreed"

// trust is a trust policy that allows actions to a principal under conditions, which are JSON, or "".
func trust(principal, actions, conditions string) PolicyDocument {
	if conditions != "" {
		conditions = `, "Condition": ` + conditions
	}
	return PolicyDocument(fmt.Sprintf(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": %q}, "Action": %s%s}}`, principal, actions, conditions))
}

func TestWhoMayAssumeARole(t *testing.T) {
	const assumeOnly = `"sts:AssumeRole"`
	external := func(id string) func(*awssts.AssumeRoleInput) {
		return func(in *awssts.AssumeRoleInput) { in.ExternalId = aws.String(id) }
	}
	tagged := func(in *awssts.AssumeRoleInput) {
		in.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("net")}}
	}
	identified := func(in *awssts.AssumeRoleInput) { in.SourceIdentity = aws.String("ann") }
	may := []PolicyDocument{allow("sts:AssumeRole", openRole, "")}
	for _, test := range []struct {
		name    string
		account string // whose limited user asks
		own     []PolicyDocument
		trust   PolicyDocument
		change  func(*awssts.AssumeRoleInput)
		action  string // that is refused; "" when it is let in
		message string // a part of the refusal
	}{
		{"when both policies of two accounts allow it, it is let in", consumer, may, trust(limited(consumer), assumeOnly, ""), nil, "", ""},
		{"when the other account trusts the user, and its own does not allow it, it is refused", consumer, nil, trust(limited(consumer), assumeOnly, ""), nil, "sts:AssumeRole", "no identity-based policy allows the sts:AssumeRole action"},
		{"when the user's own account allows it, and the role does not trust it, it is refused", consumer, may, trust(limited(stranger), assumeOnly, ""), nil, "sts:AssumeRole", openRole},
		{"when the role trusts the user's whole account, its own policies decide", provider, nil, trust(provider, assumeOnly, ""), nil, "sts:AssumeRole", "no identity-based policy"},
		{"when the role trusts the user's whole account, and its own policies allow it, it is let in", provider, may, trust(provider, assumeOnly, ""), nil, "", ""},
		{"when the role of the same account trusts the user, its own policies need not allow it", provider, nil, trust(limited(provider), assumeOnly, ""), nil, "", ""},
		{"when the role trusts the user, and its own policies deny it, it is refused", provider, []PolicyDocument{`{"Statement": {"Effect": "Deny", "Action": "sts:*", "Resource": "*"}}`},
			trust(limited(provider), assumeOnly, ""), nil, "sts:AssumeRole", "with an explicit deny in an identity-based policy"},
		{"when the role does not trust its own account, its policies do not help", provider, may, trust(consumer, assumeOnly, ""), nil, "sts:AssumeRole", openRole},
		{"when the role denies it to everybody, it is refused", consumer, may, `{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:*"}, {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]}`,
			nil, "sts:AssumeRole", "with an explicit deny in a resource-based policy"},
		{"when the external ID is the agreed one, it is let in", consumer, may, trust(consumer, assumeOnly, `{"StringEquals": {"sts:ExternalId": "agreed"}}`), external("agreed"), "", ""},
		{"when the external ID is wrong, it is refused", consumer, may, trust(consumer, assumeOnly, `{"StringEquals": {"sts:ExternalId": "agreed"}}`), external("guess"), "sts:AssumeRole", openRole},
		{"when there is no external ID, it is refused", consumer, may, trust(consumer, assumeOnly, `{"StringEquals": {"sts:ExternalId": "agreed"}}`), nil, "sts:AssumeRole", openRole},
		{"when only a certain principal is meant, it is let in", consumer, may, trust("*", assumeOnly, `{"ArnEquals": {"aws:PrincipalArn": "`+limited(consumer)+`"}}`), nil, "", ""},
		{"when a session has tags, and nobody allows them, it is refused", consumer, may, trust(consumer, assumeOnly, ""), tagged, "sts:TagSession", openRole},
		{"when a session has tags, and both policies allow them, it is let in", consumer, []PolicyDocument{allow("sts:*", openRole, "")},
			trust(consumer, `["sts:AssumeRole", "sts:TagSession"]`, ""), tagged, "", ""},
		{"when a session has a source identity, and the role does not allow it, it is refused", consumer, []PolicyDocument{allow("sts:*", "*", "")}, trust(consumer, assumeOnly, ""), identified, "sts:SetSourceIdentity", openRole},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t, withLimited)
			tc.setPolicies(test.account, test.own...)
			if err := tc.SetTrustPolicy(openRole, test.trust); err != nil {
				t.Fatal(err)
			}
			change := test.change
			if change == nil {
				change = func(*awssts.AssumeRoleInput) {}
			}
			_, err := assume(t.Context(), awssts.NewFromConfig(tc.limitedConfig(test.account)), openRole, change)
			if test.action == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, "AccessDenied")
			if got := err.Error(); !strings.Contains(got, "not authorized to perform: "+test.action+" on resource: "+openRole) || !strings.Contains(got, test.message) {
				t.Errorf("got %q", got)
			}
		})
	}
}

// as is the configuration of a session of a role.
func (tc testCloud) as(account, role string, changes ...func(*awssts.AssumeRoleInput)) aws.Config {
	tc.t.Helper()
	session := must(assume(tc.t.Context(), tc.stsOf(account), role, changes...))(tc.t).Credentials
	config := tc.config(account)
	config.Credentials = credentials.NewStaticCredentialsProvider(*session.AccessKeyId, *session.SecretAccessKey, *session.SessionToken)
	return config
}

func TestSessionsHaveTheirRolesPolicies(t *testing.T) {
	const deny = `{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}`
	vpcs := func(ctx context.Context, config aws.Config) error {
		_, err := awsec2.NewFromConfig(config).DescribeVpcs(ctx, &awsec2.DescribeVpcsInput{})
		return err
	}
	for _, test := range []struct {
		name    string
		role    []PolicyDocument
		session string // policy
		message string // of the refusal; "" when it is let in
	}{
		{"when the role has no policies, it may do everything", nil, "", ""},
		{"when the role has an empty list, it may do nothing", []PolicyDocument{}, "", "no identity-based policy allows the ec2:DescribeVpcs action"},
		{"when the role may, so does its session", []PolicyDocument{allow("ec2:Describe*", "*", "")}, "", ""},
		{"when the session's policy allows less, it holds", nil, string(allow("ssm:*", "*", "")), "no session policy allows the ec2:DescribeVpcs action"},
		{"when the session's policy denies it, it is refused", nil, deny, "with an explicit deny in a session policy"},
		{"when the session's policy allows more, the role's holds", []PolicyDocument{allow("ssm:*", "*", "")}, string(allow("*", "*", "")), "no identity-based policy allows the ec2:DescribeVpcs action"},
		{"when both allow it, it is let in", []PolicyDocument{allow("*", "*", "")}, string(allow("ec2:*", "*", "")), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			if err := tc.SetPolicies(openRole, test.role); err != nil {
				t.Fatal(err)
			}
			err := vpcs(t.Context(), tc.as(provider, openRole, func(in *awssts.AssumeRoleInput) {
				if test.session != "" {
					in.Policy = &test.session
				}
			}))
			if test.message == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantError(t, err, "UnauthorizedOperation")
			if !strings.Contains(err.Error(), "User: arn:aws:sts::111111111111:assumed-role/open/test is") || !strings.Contains(err.Error(), test.message) {
				t.Errorf("got %q", err)
			}
		})
	}
	t.Run("when the session's tags are asked for, they are found", func(t *testing.T) {
		tc := startCloud(t)
		if err := tc.SetPolicies(openRole, []PolicyDocument{allow("ec2:*", "*", `{"StringEquals": {"aws:PrincipalTag/team": "net"}}`)}); err != nil {
			t.Fatal(err)
		}
		tag := func(value string) func(*awssts.AssumeRoleInput) {
			return func(in *awssts.AssumeRoleInput) {
				in.Tags = []types.Tag{{Key: aws.String("team"), Value: &value}}
			}
		}
		if err := vpcs(t.Context(), tc.as(provider, openRole, tag("net"))); err != nil {
			t.Error(err)
		}
		wantRefusal(t, vpcs(t.Context(), tc.as(provider, openRole, tag("web"))), "ec2:DescribeVpcs")
	})
	t.Run("when the session's policy is none, no session begins", func(t *testing.T) {
		tc := startCloud(t)
		_, err := assume(t.Context(), tc.stsOf(provider), openRole, func(in *awssts.AssumeRoleInput) { in.Policy = aws.String(`{"Statement": {}}`) })
		wantError(t, err, "MalformedPolicyDocument")
	})
}
