package policy_test

import (
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/simaws/policy"
)

func TestParse(t *testing.T) {
	const good = `"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"`
	const trusting = `"Effect": "Allow", "Principal": {"AWS": "111111111111"}, "Action": "sts:AssumeRole"`
	for _, test := range []struct {
		name   string
		kind   policy.Kind
		text   string
		reason string // a part of the error; "" when it is good
	}{
		{"when it is complete, it is read", policy.Identity, `{"Version": "2012-10-17", "Id": "x", "Statement": [{"Sid": "One", ` + good + `}]}`, ""},
		{"when there is one statement without a list, it is read", policy.Identity, `{"Statement": {` + good + `}}`, ""},
		{"when it negates action and resource, it is read", policy.Identity, `{"Statement": {"Effect": "Deny", "NotAction": ["ec2:*", "sts:*"], "NotResource": "arn:aws:ec2:*:111111111111:vpc/*"}}`, ""},
		{"when conditions have truth values and numbers, it is read", policy.Identity,
			`{"Statement": {` + good + `, "Condition": {"Bool": {"aws:SecureTransport": true}, "NumericLessThan": {"x": 3}}}}`, ""},
		{"when a resource has variables, it is read", policy.Identity, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:GetUser", "Resource": "arn:aws:iam::*:user/${aws:username}"}}`, ""},

		{"when it is not JSON, it says where", policy.Identity, "{\n\"Statement\": [,]}", "line 2: it is not JSON"},
		{"when it is cut off, it is refused", policy.Identity, `{"Statement": [`, "not JSON"},
		{"when something follows, it is refused", policy.Identity, `{"Statement": {` + good + `}} {}`, "something after"},
		{"when it is a list, it is refused", policy.Identity, `[]`, "the policy: must be an object"},
		{"when a key is unknown, it is refused", policy.Identity, `{"Statment": {` + good + `}}`, `unknown element "Statment"; there are Version, Id, Statement`},
		{"when a key is in the wrong case, it is refused", policy.Identity, `{"Statement": {"effect": "Allow", "Action": "*", "Resource": "*"}}`, `Statement[0]: unknown element "effect"`},
		{"when a key is there twice, it is refused", policy.Identity, `{"Statement": {"Effect": "Deny", ` + good + `}}`, "Statement[0]: Effect is there twice"},
		{"when the version is none, it is refused", policy.Identity, `{"Version": "2012-10-18", "Statement": {` + good + `}}`, `Version: must be "2012-10-17"`},
		{"when there is no statement, it is refused", policy.Identity, `{"Version": "2012-10-17"}`, "Statement: is missing"},
		{"when the statements are none, it is refused", policy.Identity, `{"Statement": []}`, "Statement: is empty"},
		{"when the effect is none, it is refused", policy.Identity, `{"Statement": [{` + good + `}, {"Effect": "allow", "Action": "*", "Resource": "*"}]}`, `Statement[1].Effect: must be "Allow" or "Deny", not "allow"`},
		{"when there is no action, it is refused", policy.Identity, `{"Statement": {"Effect": "Allow", "Resource": "*"}}`, "Statement[0]: needs either Action or NotAction"},
		{"when there are both, it is refused", policy.Identity, `{"Statement": {` + good + `, "NotAction": "ec2:*"}}`, "needs either Action or NotAction"},
		{"when the actions are none, it is refused", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": [], "Resource": "*"}}`, "Statement[0].Action: is empty"},
		{"when an action is empty, it is refused", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": ["ec2:*", ""], "Resource": "*"}}`, `Statement[0].Action[1]: "" is not an action`},
		{"when an action has no service, it is refused", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "DescribeVpcs", "Resource": "*"}}`, "is not an action"},
		{"when a service has wildcards, it is refused", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "ec*:DescribeVpcs", "Resource": "*"}}`, "is not an action"},
		{"when an action is a number, it is one that is none", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": {"a": 1}, "Resource": "*"}}`, "Statement[0].Action: must be a string"},
		{"when a resource has too few parts, it is refused", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:ec2:vpc/vpc-1"}}`, "is not an ARN of six parts"},
		{"when a partition is none, it is refused", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:asw:ec2:*:*:vpc/*"}}`, `there is no partition "asw"`},
		{"when an account is too short, it is refused", policy.Identity, `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:ec2:*:1111:vpc/*"}}`, `"1111" is not an account id`},
		{"when it names principals, it is refused", policy.Identity, `{"Statement": {` + good + `, "Principal": "*"}}`, `unknown element "Principal"`},
		{"when two statements share a Sid, it is refused", policy.Identity, `{"Statement": [{"Sid": "A", ` + good + `}, {"Sid": "A", ` + good + `}]}`, `Statement[1].Sid: "A" is the Sid of another`},
		{"when a Sid has spaces, it is refused", policy.Identity, `{"Statement": {"Sid": "a b", ` + good + `}}`, "must be letters and digits"},
		{"when an operator is unknown, it is refused", policy.Identity, `{"Statement": {` + good + `, "Condition": {"StringEqual": {"a": "b"}}}}`, "Statement[0].Condition.StringEqual: there is no such condition operator"},
		{"when Null has IfExists, it is refused", policy.Identity, `{"Statement": {` + good + `, "Condition": {"NullIfExists": {"a": "true"}}}}`, "no such condition operator"},
		{"when a truth value is none, it is refused", policy.Identity, `{"Statement": {` + good + `, "Condition": {"Bool": {"a": "yes"}}}}`, `Statement[0].Condition.Bool.a: "yes" is neither true nor false`},
		{"when a number is none, it is refused", policy.Identity, `{"Statement": {` + good + `, "Condition": {"NumericEquals": {"a": "many"}}}}`, "neither a number"},
		{"when a network is none, it is refused", policy.Identity, `{"Statement": {` + good + `, "Condition": {"IpAddress": {"a": "10.0.0.0/64"}}}}`, "neither an address nor a network"},
		{"when a condition's ARN is none, it is refused", policy.Identity, `{"Statement": {` + good + `, "Condition": {"ArnLike": {"a": "role/x"}}}}`, "is not an ARN"},
		{"when a condition has no values, it is refused", policy.Identity, `{"Statement": {` + good + `, "Condition": {"StringEquals": {"a": []}}}}`, "Statement[0].Condition.StringEquals.a: is empty"},

		{"when it trusts an account, it is read", policy.Trust, `{"Statement": {` + trusting + `}}`, ""},
		{"when it trusts many, it is read", policy.Trust, `{"Statement": {"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:user/a",
			"arn:aws-cn:iam::111111111111:role/team/b", "arn:aws:sts::111111111111:assumed-role/b/session"], "Service": "ec2.amazonaws.com"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}}`, ""},
		{"when it trusts everybody, it is read", policy.Trust, `{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}`, ""},
		{"when it trusts nobody, it is refused", policy.Trust, `{"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole"}}`, "Statement[0].Principal: is missing"},
		{"when a principal is none, it is refused", policy.Trust, `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::1111:root"}, "Action": "sts:AssumeRole"}}`, "Statement[0].Principal.AWS:"},
		{"when a principal has wildcards, it is refused", policy.Trust, `{"Statement": {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:role/*"}, "Action": "sts:AssumeRole"}}`, "Statement[0].Principal.AWS:"},
		{"when a principal is of no known kind, it is refused", policy.Trust, `{"Statement": {"Effect": "Allow", "Principal": {"Aws": "*"}, "Action": "sts:AssumeRole"}}`, `unknown element "Aws"`},
		{"when a trust policy names a resource, it is refused", policy.Trust, `{"Statement": {` + trusting + `, "Resource": "*"}}`, `unknown element "Resource"`},
		{"when a trust policy is about other services, it is refused", policy.Trust, `{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ec2:*"}}`, "actions of sts alone"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := policy.Parse(test.kind, test.text)
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

func TestParseReportsAllThatIsWrong(t *testing.T) {
	_, err := policy.Parse(policy.Identity, `{"Version": "x", "Statement": [{"Effect": "Alow", "Action": "ec2", "Resource": "vpc"}]}`)
	if err == nil || strings.Count(err.Error(), "\n") != 3 {
		t.Errorf("got %v, want four problems", err)
	}
}

func TestUnknownActions(t *testing.T) {
	known := map[string][]string{"ec2": {"DescribeVpcs", "CreateTags"}}
	for _, test := range []struct {
		name, actions string
		ok            bool
	}{
		{"when an action is known, it is good", `"ec2:DescribeVpcs"`, true},
		{"when only its case differs, it is good", `"EC2:describevpcs"`, true},
		{"when a pattern matches one, it is good", `["ec2:Describe*", "ec2:Create?ags"]`, true},
		{"when it is everything, it is good", `"*"`, true},
		{"when the service is another, nothing can be said", `"servicequotas:GetServiceQuota"`, true},
		{"when it has a typo, it is reported", `["ec2:DescribeVpcs", "ec2:DescribeVpc"]`, false},
		{"when a pattern matches none, it is reported", `"ec2:Delete*"`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, err := policy.Parse(policy.Identity, `{"Statement": {"Effect": "Allow", "Action": `+test.actions+`, "Resource": "*"}}`)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Unknown(known); (err == nil) != test.ok {
				t.Errorf("got %v", err)
			}
		})
	}
}
