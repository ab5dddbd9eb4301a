package accounts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/servicequotas"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/linkwright/linkwright/internal/simaws"
)

const world = `
accounts:
  - id: "999999999999"
    name: platform
    users: [{name: worker, accessKey: AKIAWORKER, secretKey: worker-secret}]
  - id: "111111111111"
    name: provider
    roles: [{name: linkwright, trust: ["arn:aws:iam::999999999999:user/worker"], externalId: agreed}]
`

const book = `
accounts:
  provider:
    aws: {accountID: "111111111111", roleARN: "arn:aws:iam::111111111111:role/linkwright", externalID: agreed, endpoint: %[1]q}
  misled:
    aws: {accountID: "111111111111", roleARN: "arn:aws:iam::111111111111:role/linkwright", externalID: guessed, endpoint: %[1]q}
  platform:
    aws: {accountID: "999999999999", endpoint: %[1]q}
  mistaken:
    aws: {accountID: "111111111111", endpoint: %[1]q}
  unprofiled:
    aws: {accountID: "111111111111", profile: nobody, endpoint: %[1]q}
`

// start runs a cloud, gives the process the worker's credentials, and opens the book.
func start(t *testing.T) (*simaws.Cloud, *Book) {
	t.Helper()
	return startWith(t, func(*simaws.WorldFile) {})
}

// startWith is start with a change of the world.
func startWith(t *testing.T, change func(*simaws.WorldFile)) (*simaws.Cloud, *Book) {
	t.Helper()
	file, err := simaws.ParseWorldFile([]byte(world))
	if err != nil {
		t.Fatal(err)
	}
	change(&file)
	cloud, err := simaws.New(simaws.Config{World: file, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAWORKER")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "worker-secret")
	t.Setenv("AWS_SESSION_TOKEN", "")
	t.Setenv("AWS_PROFILE", "")
	t.Setenv("AWS_CONFIG_FILE", t.TempDir()+"/none")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", t.TempDir()+"/none")
	b, err := Parse("accounts.yaml", fmt.Appendf(nil, book, cloud.URL()))
	if err != nil {
		t.Fatal(err)
	}
	return cloud, b
}

func calls(cloud *simaws.Cloud, action string) int {
	n := 0
	for _, c := range cloud.Calls() {
		if c.Action == action {
			n++
		}
	}
	return n
}

// whoAmI is the account that a name's clients act in.
func whoAmI(t *testing.T, b *Book, name, region string) (string, error) {
	t.Helper()
	c, err := b.Clients(t.Context(), name, region)
	if err != nil {
		return "", err
	}
	who, err := c.STS.GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", err
	}
	return *who.Account, nil
}

func TestMistake06ARoleAssumedForEveryCall(t *testing.T) {
	cloud, b := start(t)
	var wait sync.WaitGroup
	for i := range 12 {
		wait.Go(func() {
			if got, err := whoAmI(t, b, "provider", []string{"us-east-1", "eu-west-1", "us-west-2"}[i%3]); err != nil || got != "111111111111" {
				t.Errorf("provider acts in %q, %v", got, err)
			}
		})
	}
	wait.Wait()
	if n := calls(cloud, "AssumeRole"); n != 1 {
		t.Errorf("the role was assumed %d times", n)
	}
}

func TestClientsAreMadeOnceForEachRegion(t *testing.T) {
	_, b := start(t)
	first, err := b.Clients(t.Context(), "provider", "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.Clients(t.Context(), "provider", "us-east-1")
	if err != nil {
		t.Fatal(err)
	}
	if first != second {
		t.Error("the second time there are others")
	}
	if b.Forget("provider"); first.ActingAs != "arn:aws:iam::111111111111:role/linkwright" {
		t.Errorf("they act as %q", first.ActingAs)
	}
	if third, err := b.Clients(t.Context(), "provider", "us-east-1"); err != nil || third == first {
		t.Errorf("what was forgotten is still there (%v)", err)
	}
}

// None may go to the real AWS when the accounts file names another endpoint.
func TestAllClientsCallTheEndpointOfTheAccount(t *testing.T) {
	cloud, b := start(t)
	c, err := b.Clients(t.Context(), "provider", "eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	v := reflect.ValueOf(*c)
	found := 0
	for i := range v.NumField() {
		options := v.Field(i).MethodByName("Options")
		if !options.IsValid() {
			continue
		}
		found++
		o := options.Call(nil)[0]
		base, region := o.FieldByName("BaseEndpoint"), o.FieldByName("Region")
		if base.IsNil() || base.Elem().String() != cloud.URL() || region.String() != "eu-west-1" {
			t.Errorf("%s calls %v in %s", v.Type().Field(i).Name, base, region)
		}
	}
	if found != 8 {
		t.Errorf("there are %d clients, want 8", found)
	}
}

func TestAQuotaIsReadWithTheAccountsRole(t *testing.T) {
	cloud, b := start(t)
	c, err := b.Clients(t.Context(), "provider", "eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Quotas.GetServiceQuota(t.Context(), &servicequotas.GetServiceQuotaInput{ServiceCode: aws.String("vpc"), QuotaCode: aws.String("L-29B6F2EB")})
	if err != nil || *got.Quota.Value != 50 || calls(cloud, "AssumeRole") != 1 {
		t.Errorf("the quota is %+v, %v", got, err)
	}
}

func TestBaseCredentialsAreCheckedOnce(t *testing.T) {
	cloud, b := start(t)
	for range 2 {
		if _, err := b.Clients(t.Context(), "platform", "us-east-1"); err != nil {
			t.Fatal(err)
		}
	}
	if n := calls(cloud, "GetCallerIdentity"); n != 1 {
		t.Errorf("it asked %d times whose credentials it has", n)
	}
	if _, err := b.Clients(t.Context(), "mistaken", "us-east-1"); !errors.Is(err, ErrWrongAccount) {
		t.Errorf("when the credentials belong to another account, it answers %v", err)
	}
}

func TestCredentialsErrors(t *testing.T) {
	_, b := start(t)
	for _, c := range []struct {
		name, account, actingAs string
	}{
		{"when the external ID is wrong, it names the role", "misled", "arn:aws:iam::111111111111:role/linkwright"},
		{"when the profile does not exist, it names the account", "unprofiled", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := whoAmI(t, b, c.account, "us-east-1")
			var got *CredentialsError
			if !errors.As(err, &got) || got.Account != c.account || got.ActingAs != c.actingAs {
				t.Errorf("err = %v", err)
			}
		})
	}
	if _, err := whoAmI(t, b, "nobody", "us-east-1"); !errors.Is(err, ErrUnknownAccount) {
		t.Errorf("when the account is unknown, it answers %v", err)
	}
}
