package accounts

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simazure"
	"github.com/linkwright/linkwright/internal/simcloud"
)

const azureWorld = `
tenants:
  - name: provider
    id: 11111111-0000-4000-8000-000000000000
    applications: [{name: linkwright, clientId: 11111111-0000-4000-8000-00000000000a, secrets: [provider-secret]}]
    assignments: [{principal: linkwright, role: Network Contributor, scope: ""}]
    subscriptions:
      - {name: one, id: 11111111-0000-4000-8000-000000000001}
      - {name: two, id: 11111111-0000-4000-8000-000000000002}
`

const azureBook = `
accounts:
  one:
    azure: &provider
      tenantID: 11111111-0000-4000-8000-000000000000
      subscriptionID: 11111111-0000-4000-8000-000000000001
      credential: {%[3]s}
      endpoint: %[1]q
      caFile: %[2]q
  two:
    azure: {<<: *provider, subscriptionID: 11111111-0000-4000-8000-000000000002}
  amazon:
    aws: {accountID: "111111111111"}
`

// startAzure runs a cloud, gives the process a secret, and opens the book.
func startAzure(t *testing.T) (*simazure.Cloud, *Book) {
	t.Helper()
	return startAzureWith(t, func(*simazure.WorldApplication) {}, "clientSecret: {clientID: 11111111-0000-4000-8000-00000000000a, secret: {env: AZURE_TEST_SECRET}}")
}

// startAzureWith changes the application, and signs in by a credential.
func startAzureWith(t *testing.T, change func(*simazure.WorldApplication), credential string) (*simazure.Cloud, *Book) {
	t.Helper()
	world, err := simazure.ParseWorldFile([]byte(azureWorld))
	if err != nil {
		t.Fatal(err)
	}
	change(&world.Tenants[0].Applications[0])
	cloud, err := simazure.New(simazure.Config{World: world, Log: slog.New(slog.DiscardHandler)})
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
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, cloud.CAPEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AZURE_TEST_SECRET", "provider-secret")
	b, err := Parse("accounts.yaml", fmt.Appendf(nil, azureBook, cloud.URL(), ca, credential))
	if err != nil {
		t.Fatal(err)
	}
	return cloud, b
}

// listServices makes one call as an account.
func listServices(ctx context.Context, b *Book, account string) error {
	c, err := b.AzureClients(ctx, account)
	if err != nil {
		return err
	}
	_, err = c.Services.NewListBySubscriptionPager(nil).NextPage(ctx)
	return err
}

func TestAnAccountIsASubscription(t *testing.T) {
	_, b := startAzure(t)
	want := link.Account{Name: "one", Cloud: link.Azure, ID: "11111111-0000-4000-8000-000000000001", Partition: "public"}
	if got, err := b.Lookup("one"); err != nil || got != want {
		t.Errorf("it is %+v, %v", got, err)
	}
	for _, account := range []string{"one", "two"} {
		if err := listServices(t.Context(), b, account); err != nil {
			t.Errorf("%s: %v", account, err)
		}
	}
	first, err := b.AzureClients(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.AzureClients(t.Context(), "one")
	if err != nil || first != second {
		t.Errorf("the second time there are others (%v)", err)
	}
	if !strings.Contains(first.ActingAs, "11111111-0000-4000-8000-00000000000a") {
		t.Errorf("they act as %s", first.ActingAs)
	}
	if b.Forget("one"); b.pages["two"].azure.identity.credential != nil {
		t.Error("the credential that both share is not forgotten")
	}
	if third, err := b.AzureClients(t.Context(), "one"); err != nil || third == first {
		t.Errorf("what was forgotten is still there (%v)", err)
	}
}

func TestAnAccountIsOfOneCloud(t *testing.T) {
	_, b := startAzure(t)
	if _, err := b.AzureClients(t.Context(), "amazon"); !errors.Is(err, ErrUnknownAccount) || !strings.Contains(err.Error(), "aws") {
		t.Errorf("of AWS, it answers %v", err)
	}
	if _, err := b.Clients(t.Context(), "one", "eu-central-1"); !errors.Is(err, ErrUnknownAccount) || !strings.Contains(err.Error(), "azure") {
		t.Errorf("of Azure, it answers %v", err)
	}
}

func TestWhenASecretIsWrongTheErrorSaysWhatEntraSaysAndNotTheSecret(t *testing.T) {
	for _, secret := range []string{"guessed-secret", ""} {
		_, b := startAzure(t)
		t.Setenv("AZURE_TEST_SECRET", secret)
		err := listServices(t.Context(), b, "one")
		var credentials *CredentialsError
		if !errors.As(err, &credentials) || credentials.Account != "one" || strings.Contains(err.Error(), "\n") || secret != "" && strings.Contains(err.Error(), secret) {
			t.Fatalf("it answers %v", err)
		}
		var said *SignInError
		if secret != "" && (!errors.As(err, &said) || said.Code != "invalid_client" || said.Status != http.StatusUnauthorized) {
			t.Errorf("it answers %#v", said)
		}
		t.Setenv("AZURE_TEST_SECRET", "provider-secret")
		b.Forget("one")
		if err := listServices(t.Context(), b, "one"); err != nil {
			t.Errorf("once it is mended, it answers %v", err)
		}
	}
}

func TestWhenEntraDoesNotAnswerThatIsTold(t *testing.T) {
	_, b := startAzure(t)
	b.pages["one"].azure.identity.in.Authority = "https://127.0.0.1:1"
	var network *url.Error
	if err := listServices(t.Context(), b, "one"); !errors.As(err, &network) {
		t.Errorf("it answers %v", err)
	}
}

func TestAThrottledCallComesBackWithItsDelay(t *testing.T) {
	cloud, b := startAzure(t)
	fault := simcloud.Fault{Action: "privateLinkServices/read", Effect: simcloud.EffectThrottle}
	if _, err := cloud.Inject(fault); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	err := listServices(t.Context(), b, "one")
	var said *azcore.ResponseError
	if !AzureThrottled(err) || !errors.As(err, &said) || said.RawResponse.Header.Get("Retry-After") == "" {
		t.Errorf("it answers %v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %v: the SDK has waited", took)
	}
}

func TestCallsTakeTheirTurn(t *testing.T) {
	_, b := startAzure(t)
	l := b.pages["one"].azure.limiter
	for range 1000 { // more than the bucket has
		l.ask(l.visit("", "resourceManager", "", "read"), time.Now())
	}
	ctx, cancel := context.WithTimeout(t.Context(), callTime)
	defer cancel()
	var turn *TurnError
	if err := listServices(ctx, b, "one"); !errors.As(err, &turn) || !strings.HasPrefix(err.Error(), "Microsoft.Network/privateLinkServices/read: ") {
		t.Errorf("it answers %v", err)
	}
	if b.pages["two"].azure.limiter == l {
		t.Error("two subscriptions share their buckets")
	}
}

func TestAzureAction(t *testing.T) {
	const group = "/subscriptions/s/resourceGroups/g/providers/"
	for _, c := range []struct{ method, path, want string }{
		{http.MethodGet, group + "Microsoft.Network/privateEndpoints/e", "Microsoft.Network/privateEndpoints/read"},
		{http.MethodPut, group + "Microsoft.Network/virtualNetworks/v/subnets/s", "Microsoft.Network/virtualNetworks/subnets/write"},
		{http.MethodDelete, group + "Microsoft.Network/privateDnsZones/z/virtualNetworkLinks/l", "Microsoft.Network/privateDnsZones/virtualNetworkLinks/delete"},
		{http.MethodGet, "/subscriptions/s/providers/Microsoft.Network/privateLinkServices", "Microsoft.Network/privateLinkServices/read"},
		{http.MethodGet, "/subscriptions/s", "Microsoft.Resources/subscriptions/read"},
	} {
		req, err := http.NewRequest(c.method, "https://management.azure.com"+c.path+"?api-version=1", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := AzureAction(req); got != c.want {
			t.Errorf("%s %s is %s", c.method, c.path, got)
		}
	}
}
