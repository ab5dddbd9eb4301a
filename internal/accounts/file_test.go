package accounts

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
)

const good = `
accounts:
  provider:
    taskQueue: linkwright-provider
    aws:
      accountID: "111111111111"
      roleARN: arn:aws-cn:iam::111111111111:role/team/Linkwright
      externalID: agreed:2026/x
  consumer:
    aws: {accountID: "022222222222", endpoint: "http://127.0.0.1:4566"}
`

func TestParse(t *testing.T) {
	b, err := Parse("accounts.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []link.Account{
		{Name: "provider", Cloud: link.AWS, ID: "111111111111", Partition: "aws-cn", TaskQueue: "linkwright-provider"},
		{Name: "consumer", Cloud: link.AWS, ID: "022222222222", Partition: "aws"},
	} {
		if got, err := b.Lookup(want.Name); err != nil || got != want {
			t.Errorf("Lookup(%q) = %+v, %v; want %+v", want.Name, got, err, want)
		}
	}
}

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

func TestLoadNamesTheFile(t *testing.T) {
	path := t.TempDir() + "/accounts.yaml"
	if _, err := Load(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("when there is no file, it answers %v", err)
	}
	if err := os.WriteFile(path, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err != nil {
		t.Error(err)
	}
}

func TestServing(t *testing.T) {
	b, err := Parse("accounts.yaml", []byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Serving("consumer"); !errors.Is(err, ErrNoTaskQueue) || !strings.Contains(err.Error(), "taskQueue") {
		t.Errorf("when an account has no task queue, it answers %v", err)
	}
	if _, err := b.Serving("nobody"); !errors.Is(err, ErrUnknownAccount) || !strings.Contains(err.Error(), "consumer, provider") {
		t.Errorf("when an account is unknown, it answers %v", err)
	}
	if got := b.Served(); len(got) != 2 || got[0].Name != "consumer" {
		t.Errorf("without a restriction, it serves %+v", got)
	}
	some, err := b.Serving("provider")
	if err != nil {
		t.Fatal(err)
	}
	if got := some.Served(); len(got) != 1 || got[0].Name != "provider" {
		t.Errorf("it serves %+v", got)
	}
	if _, err := some.Clients(t.Context(), "consumer", "us-east-1"); !errors.Is(err, ErrNotServed) {
		t.Errorf("when an account is not served, it answers %v", err)
	}
	if _, err := some.Lookup("consumer"); err != nil {
		t.Errorf("an account that is not served is still known: %v", err)
	}
}
