package file

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/buckets"
)

func TestParseNamesEverythingThatIsWrongAndWhere(t *testing.T) {
	const role = "arn:aws:iam::111111111111:role/R"
	for _, c := range []struct {
		name string
		yaml string
		want []string // parts of the error
	}{
		{"when the file is empty, it says what to write", "", []string{"accounts.yaml: no accounts"}},
		{"when the file is not YAML, it says where", "accounts: [", []string{"accounts.yaml", "line"}},
		{"when a field is unknown, it says where", "accounts:\n  a:\n    aws: {accountID: \"111111111111\", secret: x}\n", []string{"line 3", "secret"}},
		{"when a name is given twice, it says where",
			"accounts:\n  a:\n    aws: {accountID: \"111111111111\"}\n  a:\n    aws: {accountID: \"111111111111\"}\n", []string{"line 4", "already defined"}},
		{"when there are two documents, it says so", "accounts: {a: {aws: {accountID: \"111111111111\"}}}\n---\naccounts: {}\n", []string{"more than one"}},
		{"when an account has no cloud, it says so", "accounts:\n  a: {taskQueue: q}\n", []string{"line 2: accounts.a: no cloud"}},
		{"when a name cannot be part of an id, it says so", "accounts:\n  a/b:\n    aws: {accountID: \"111111111111\"}\n", []string{"line 2: accounts.a/b"}},
		{"when several things are wrong, it says all",
			"accounts:\n  a:\n    aws:\n      accountID: \"1\"\n      partition: azure\n      endpoint: localhost:1\n",
			[]string{"line 4: accounts.a.aws.accountID", "line 5: accounts.a.aws.partition", "line 6: accounts.a.aws.endpoint"}},
		{"when the role is of another account, it says so",
			"accounts:\n  a:\n    aws:\n      accountID: \"222222222222\"\n      roleARN: " + role + "\n", []string{"line 5", "a role of account 111111111111"}},
		{"when the role is of another partition, it says so",
			"accounts:\n  a:\n    aws:\n      accountID: \"111111111111\"\n      partition: aws-cn\n      roleARN: " + role + "\n",
			[]string{"line 6", "a role of partition aws,"}},
		{"when the role is a user, it says so",
			"accounts:\n  a:\n    aws:\n      accountID: \"111111111111\"\n      roleARN: arn:aws:iam::111111111111:user/R\n", []string{"line 5", "not the ARN of a role"}},
		{"when there is an external ID without a role, it says so",
			"accounts:\n  a:\n    aws:\n      accountID: \"111111111111\"\n      externalID: xyz\n", []string{"line 5", "add roleARN"}},
		{"when an external ID has odd characters, it says so",
			"accounts:\n  a:\n    aws:\n      accountID: \"111111111111\"\n      roleARN: " + role + "\n      externalID: \"x y\"\n", []string{"line 6", "1224"}},
		{"when limits are out of range, it says all",
			"limits:\n  share: 1.5\n  scale: 0\naccounts:\n  a:\n    aws:\n      accountID: \"111111111111\"\n      limits:\n        share: 0\n",
			[]string{"line 2: limits.share: not above 0 and at most 1: 1.5", "line 3: limits.scale: not above 0", "line 9: accounts.a.aws.limits.share"}},
		{"when a bucket is none, it says all",
			"limits:\n  buckets:\n    s3: []\n    ec2:\n      - {actions: [Describe*], capacity: 1, refill: 1}\n      - actions: ['[']\n        capacity: 0.5\n      - {}\n" +
				"accounts:\n  a:\n    aws: {accountID: \"111111111111\"}\n",
			[]string{"line 3: limits.buckets.s3: not one of the services", "line 6: limits.buckets.ec2.1.actions: not the name", `"["`,
				"line 7: limits.buckets.ec2.1.capacity: not at least 1: 0.5", "line 6: limits.buckets.ec2.1.refill: not above 0", "line 8: limits.buckets.ec2.2: no actions"}},
		{"when two names of one account have other limits, it says so",
			"accounts:\n  a:\n    aws: {accountID: \"111111111111\", limits: {share: 0.5}}\n  b:\n    aws: {accountID: \"111111111111\"}\n",
			[]string{"line 5: accounts.b.aws.limits: not those of account \"a\""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("accounts.yaml", []byte(c.yaml))
			if err == nil {
				t.Fatal("it is taken for good")
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("err = %v, want it to say %q", err, part)
				}
			}
		})
	}
}

func TestWhenAWSDocumentsTheBucketsOfAServiceTheFileMayHaveOthers(t *testing.T) {
	for _, service := range append(slices.Collect(maps.Keys(buckets.Documented())), "ssm") { // ssm's are not documented
		t.Run(service, func(t *testing.T) {
			text := fmt.Sprintf("limits: {buckets: {%s: [{actions: [Get*], capacity: 1, refill: 1}]}}\n", service) +
				"accounts: {a: {aws: {accountID: \"111111111111\"}}}\n"
			if _, err := Parse("accounts.yaml", []byte(text)); err != nil {
				t.Error(err)
			}
		})
	}
}
