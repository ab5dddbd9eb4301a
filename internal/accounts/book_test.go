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
