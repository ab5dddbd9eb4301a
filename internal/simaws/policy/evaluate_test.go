package policy_test

import (
	"testing"

	"github.com/linkwright/linkwright/internal/simaws/policy"
)

func parse(t *testing.T, kind policy.Kind, text string) *policy.Document {
	t.Helper()
	d, err := policy.Parse(kind, text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEvaluate(t *testing.T) {
	const vpc = "arn:aws:ec2:eu-west-1:111111111111:vpc/vpc-1"
	allow := func(action, resource string) string {
		return `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "` + action + `", "Resource": "` + resource + `"}}`
	}
	const all = `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`
	for _, test := range []struct {
		name     string
		policies []string
		action   string
		resource string
		want     policy.Decision
	}{
		{"when there are no policies, nobody is allowed", nil, "ec2:DeleteVpc", vpc, policy.Silent},
		{"when one of several allows, it is allowed", []string{allow("ssm:*", "*"), allow("ec2:DeleteVpc", "*")}, "ec2:DeleteVpc", vpc, policy.Allowed},
		{"when one denies, it is denied", []string{all, `{"Statement": {"Effect": "Deny", "Action": "ec2:Delete*", "Resource": "*"}}`}, "ec2:DeleteVpc", vpc, policy.Denied},
		{"when one denies something else, it is allowed", []string{all, `{"Statement": {"Effect": "Deny", "Action": "ec2:Delete*", "Resource": "*"}}`}, "ec2:CreateVpc", vpc, policy.Allowed},
		{"when the case of an action differs, it is allowed", []string{allow("EC2:deleteVPC", "*")}, "ec2:DeleteVpc", vpc, policy.Allowed},
		{"when a question mark stands for one letter, it is allowed", []string{allow("ec2:Delete?pc", "*")}, "ec2:DeleteVpc", vpc, policy.Allowed},
		{"when the action is another, policies are silent", []string{allow("ec2:DeleteVpcEndpoints", "*")}, "ec2:DeleteVpc", vpc, policy.Silent},
		{"when the resource is the one, it is allowed", []string{allow("*", vpc)}, "ec2:DeleteVpc", vpc, policy.Allowed},
		{"when the case of the resource differs, policies are silent", []string{allow("*", "arn:aws:ec2:eu-west-1:111111111111:vpc/VPC-1")}, "ec2:DeleteVpc", vpc, policy.Silent},
		{"when wildcards stand for parts, it is allowed", []string{allow("*", "arn:aws:ec2:*:*:vpc/vpc-*")}, "ec2:DeleteVpc", vpc, policy.Allowed},
		{"when a wildcard would reach over a part, policies are silent", []string{allow("*", "arn:aws:ec2:*:111111111111:vpc/*")}, "ec2:DeleteVpc", "arn:aws:ec2:eu-west-1:222222222222:x:111111111111:vpc/y", policy.Silent},
		{"when the account is another, policies are silent", []string{allow("*", "arn:aws:ec2:*:222222222222:vpc/*")}, "ec2:DeleteVpc", vpc, policy.Silent},
		{"when the action has no resources, an ARN allows nothing", []string{allow("ec2:DescribeVpcs", "arn:aws:ec2:*:*:vpc/*")}, "ec2:DescribeVpcs", "*", policy.Silent},
		{"when the resource is not there yet, a wildcard allows it", []string{allow("*", "arn:aws:ec2:*:*:vpc/*")}, "ec2:CreateVpc", "arn:aws:ec2:eu-west-1:111111111111:vpc/*", policy.Allowed},
		{"when the resource is not there yet, an id does not", []string{allow("*", vpc)}, "ec2:CreateVpc", "arn:aws:ec2:eu-west-1:111111111111:vpc/*", policy.Silent},
		{"when the action is among those not meant, policies are silent", []string{`{"Statement": {"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"}}`}, "ec2:DeleteVpc", vpc, policy.Silent},
		{"when the action is not among those not meant, it is allowed", []string{`{"Statement": {"Effect": "Allow", "NotAction": "ssm:*", "Resource": "*"}}`}, "ec2:DeleteVpc", vpc, policy.Allowed},
		{"when the resource is among those not meant, it is not denied", []string{all, `{"Statement": {"Effect": "Deny", "Action": "*", "NotResource": "` + vpc + `"}}`}, "ec2:DeleteVpc", vpc, policy.Allowed},
		{"when the resource is not among those not meant, it is denied", []string{all, `{"Statement": {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:ec2:*:*:subnet/*"}}`}, "ec2:DeleteVpc", vpc, policy.Denied},
		{"when a variable gives the name, it is allowed", []string{allow("iam:GetUser", "arn:aws:iam::111111111111:user/${aws:username}")}, "iam:GetUser", "arn:aws:iam::111111111111:user/ann", policy.Allowed},
		{"when a variable gives another name, policies are silent", []string{allow("iam:GetUser", "arn:aws:iam::111111111111:user/${aws:username}")}, "iam:GetUser", "arn:aws:iam::111111111111:user/bob", policy.Silent},
		{"when a variable has a default, it stands in", []string{allow("iam:GetUser", "arn:aws:iam::111111111111:user/${aws:none, 'bob'}")}, "iam:GetUser", "arn:aws:iam::111111111111:user/bob", policy.Allowed},
		{"when a variable has no value, policies are silent", []string{allow("iam:GetUser", "arn:aws:iam::111111111111:user/${aws:none}")}, "iam:GetUser", "arn:aws:iam::111111111111:user/", policy.Silent},
		{"when the version knows no variables, there are none", []string{`{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:iam::111111111111:user/${aws:username}"}}`},
			"iam:GetUser", "arn:aws:iam::111111111111:user/ann", policy.Silent},
	} {
		t.Run(test.name, func(t *testing.T) {
			var documents []*policy.Document
			for _, text := range test.policies {
				documents = append(documents, parse(t, policy.Identity, text))
			}
			request := policy.Request{Action: test.action, Resource: test.resource, Context: policy.Context{"aws:username": {"ann"}}}
			if got := policy.Evaluate(documents, request); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func TestConditions(t *testing.T) {
	context := policy.Context{}
	context.Set("one", "alpha")
	context.Set("several", "a", "b")
	context.Set("number", "5")
	context.Set("time", "2026-05-01T00:00:00Z")
	context.Set("address", "10.1.2.3")
	context.Set("role", "arn:aws:iam::111111111111:role/team/Linkwright")
	context.Set("yes", "true")
	context.SetTags("aws:ResourceTag/", map[string]string{"Team": "net"})
	for _, test := range []struct {
		condition string
		holds     bool
	}{
		{`{"StringEquals": {"one": "alpha"}}`, true},
		{`{"StringEquals": {"ONE": ["beta", "alpha"]}}`, true},
		{`{"StringEquals": {"one": "Alpha"}}`, false},
		{`{"StringEquals": {"one": "al*"}}`, false},
		{`{"StringEquals": {"none": "alpha"}}`, false},
		{`{"StringEquals": {"one": "alpha", "number": "6"}}`, false},
		{`{"StringEquals": {"one": "alpha"}, "NumericEquals": {"number": 5}}`, true},
		{`{"StringEquals": {"aws:ResourceTag/team": "net"}}`, true},
		{`{"StringEquals": {"aws:ResourceTag/team": "NET"}}`, false},
		{`{"StringNotEquals": {"one": ["beta", "gamma"]}}`, true},
		{`{"StringNotEquals": {"one": ["beta", "alpha"]}}`, false},
		{`{"StringNotEquals": {"none": "alpha"}}`, true},
		{`{"StringNotEquals": {"several": "a"}}`, false},
		{`{"StringEqualsIgnoreCase": {"one": "ALPHA"}}`, true},
		{`{"StringNotEqualsIgnoreCase": {"one": "ALPHA"}}`, false},
		{`{"StringLike": {"one": "a?p*"}}`, true},
		{`{"StringNotLike": {"one": "a*"}}`, false},
		{`{"StringLike": {"none": "*"}}`, false},
		{`{"StringEqualsIfExists": {"none": "alpha"}}`, true},
		{`{"StringEqualsIfExists": {"one": "beta"}}`, false},
		{`{"ForAllValues:StringEquals": {"several": ["a", "b", "c"]}}`, true},
		{`{"ForAllValues:StringEquals": {"several": ["a", "c"]}}`, false},
		{`{"ForAllValues:StringEquals": {"none": "a"}}`, true},
		{`{"ForAllValues:StringNotEquals": {"several": "a"}}`, false},
		{`{"ForAllValues:StringNotEquals": {"several": "c"}}`, true},
		{`{"ForAnyValue:StringEquals": {"several": ["b", "c"]}}`, true},
		{`{"ForAnyValue:StringEquals": {"several": "c"}}`, false},
		{`{"ForAnyValue:StringEquals": {"none": "a"}}`, false},
		{`{"ForAnyValue:StringNotEquals": {"several": "a"}}`, true},
		{`{"ForAnyValue:StringNotEquals": {"none": "a"}}`, false},
		{`{"ForAnyValue:StringLike": {"several": "?"}}`, true},
		{`{"Null": {"one": "false"}}`, true},
		{`{"Null": {"none": false}}`, false},
		{`{"Null": {"none": "true"}}`, true},
		{`{"Bool": {"yes": true}}`, true},
		{`{"Bool": {"yes": "False"}}`, false},
		{`{"Bool": {"none": "false"}}`, false},
		{`{"BoolIfExists": {"none": "false"}}`, true},
		{`{"ArnLike": {"role": "arn:aws:iam::*:role/team/*"}}`, true},
		{`{"ArnEquals": {"role": "arn:aws:iam::111111111111:role/*"}}`, true},
		{`{"ArnLike": {"role": "arn:aws:iam::*:user/*"}}`, false},
		{`{"ArnNotLike": {"role": "arn:aws:iam::*:user/*"}}`, true},
		{`{"ArnNotEquals": {"role": "arn:aws:iam::*:role/*"}}`, false},
		{`{"NumericLessThan": {"number": "5"}}`, false},
		{`{"NumericLessThanEquals": {"number": "5"}}`, true},
		{`{"NumericGreaterThan": {"number": 4.5}}`, true},
		{`{"NumericNotEquals": {"number": "5"}}`, false},
		{`{"NumericEquals": {"one": "5"}}`, false},
		{`{"DateLessThan": {"time": "2026-05-01T00:00:01Z"}}`, true},
		{`{"DateGreaterThanEquals": {"time": "2026-05-01"}}`, true},
		{`{"DateGreaterThan": {"time": "1777593600"}}`, false},
		{`{"IpAddress": {"address": ["192.168.0.0/16", "10.0.0.0/8"]}}`, true},
		{`{"NotIpAddress": {"address": "10.1.2.3"}}`, false},
		{`{"StringEquals": {"one": "${several}"}}`, false},
		{`{"StringLike": {"one": "${one}"}}`, true},
	} {
		t.Run(test.condition, func(t *testing.T) {
			d := parse(t, policy.Identity, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": `+test.condition+`}}`)
			got := policy.Evaluate([]*policy.Document{d}, policy.Request{Action: "ec2:DeleteVpc", Resource: "*", Context: context})
			if (got == policy.Allowed) != test.holds {
				t.Errorf("it holds: %t, want %t", !test.holds, test.holds)
			}
		})
	}
}

func TestTrusts(t *testing.T) {
	ann := policy.Principal{ARN: "arn:aws:iam::111111111111:user/ann", Role: "arn:aws:iam::111111111111:user/ann", Account: "111111111111"}
	session := policy.Principal{ARN: "arn:aws:sts::111111111111:assumed-role/ops/s1", Role: "arn:aws:iam::111111111111:role/ops", Account: "111111111111"}
	for _, test := range []struct {
		name      string
		principal string
		effect    string
		by        policy.Principal
		want      policy.Decision
		direct    bool
	}{
		{"when it names the account, the account decides", `{"AWS": "111111111111"}`, "Allow", ann, policy.Allowed, false},
		{"when it names the account's root, the account decides", `{"AWS": "arn:aws:iam::111111111111:root"}`, "Allow", session, policy.Allowed, false},
		{"when it names the user, he is let in", `{"AWS": "arn:aws:iam::111111111111:user/ann"}`, "Allow", ann, policy.Allowed, true},
		{"when it names the role, its session is let in", `{"AWS": "arn:aws:iam::111111111111:role/ops"}`, "Allow", session, policy.Allowed, true},
		{"when it names the session, it is let in", `{"AWS": "arn:aws:sts::111111111111:assumed-role/ops/s1"}`, "Allow", session, policy.Allowed, true},
		{"when it names another session, it is silent", `{"AWS": "arn:aws:sts::111111111111:assumed-role/ops/s2"}`, "Allow", session, policy.Silent, false},
		{"when it names everybody, he is let in", `{"AWS": "*"}`, "Allow", ann, policy.Allowed, true},
		{"when it names another account, it is silent", `{"AWS": "222222222222"}`, "Allow", ann, policy.Silent, false},
		{"when it names a service, it is silent", `{"Service": "ec2.amazonaws.com"}`, "Allow", ann, policy.Silent, false},
		{"when it denies the account, he is denied", `{"AWS": "111111111111"}`, "Deny", ann, policy.Denied, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := parse(t, policy.Trust, `{"Statement": {"Effect": "`+test.effect+`", "Principal": `+test.principal+`, "Action": "sts:AssumeRole"}}`)
			got, direct := d.Trusts(test.by, policy.Request{Action: "sts:AssumeRole", Resource: "arn:aws:iam::111111111111:role/x", Context: policy.Context{}})
			if got != test.want || direct != test.direct {
				t.Errorf("got %d, %t, want %d, %t", got, direct, test.want, test.direct)
			}
		})
	}
}
