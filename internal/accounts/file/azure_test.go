package file

import (
	"strings"
	"testing"
)

const azureBook = `
accounts:
  a:
    azure:
      tenantID: 00000000-0000-4000-8000-00000000000A
      subscriptionID: 00000000-0000-4000-8000-00000000000B
      credential: {workloadIdentity: {}}
  b:
    azure:
      tenantID: 00000000-0000-4000-8000-00000000000a
      subscriptionID: 00000000-0000-4000-8000-00000000000c
      credential: {workloadIdentity: {}}
  c:
    azure:
      tenantID: 00000000-0000-4000-8000-00000000000a
      subscriptionID: 00000000-0000-4000-8000-00000000000c
      cloud: china
      credential: {clientSecret: {clientID: 00000000-0000-4000-8000-00000000000d, secret: {env: SECRET}}}
      endpoint: https://127.0.0.1:8443
`

func TestAzureDefaults(t *testing.T) {
	f, err := Parse("accounts.yaml", []byte(azureBook))
	if err != nil {
		t.Fatal(err)
	}
	a, b, c := f.Accounts["a"].Azure, f.Accounts["b"].Azure, f.Accounts["c"].Azure
	if a.SubscriptionID != "00000000-0000-4000-8000-00000000000b" || a.Cloud != "public" || a.Authority != "" {
		t.Errorf("a is %+v", *a)
	}
	if a.SignIn() != b.SignIn() || a.Identity() == b.Identity() {
		t.Error("two subscriptions of one identity do not share its sign-in, or they share buckets")
	}
	if c.SignIn() == b.SignIn() || c.Authority != c.Endpoint || c.SignIn().Secret.Env != "SECRET" {
		t.Errorf("c is %+v", *c)
	}
}

func TestParseNamesEverythingThatIsWrongWithAzureAndWhere(t *testing.T) {
	const good = "      tenantID: 00000000-0000-4000-8000-00000000000a\n      subscriptionID: 00000000-0000-4000-8000-00000000000b\n"
	azure := func(rest string) string { return "accounts:\n  a:\n    azure:\n" + good + rest }
	for _, c := range []struct {
		name string
		yaml string
		want []string // parts of the error
	}{
		{"when an account has two clouds, it says so",
			"accounts:\n  a:\n    aws: {accountID: \"111111111111\"}\n    azure: {}\n", []string{"line 2: accounts.a: two clouds"}},
		{"when there is nothing, it says all that is missing", "accounts:\n  a:\n    azure: {cloud: moon}\n",
			[]string{"accounts.a.azure.tenantID: not a GUID", "accounts.a.azure.subscriptionID: not a GUID", "accounts.a.azure.cloud: not one of the clouds", "accounts.a.azure.credential: needs exactly one"}},
		{"when there are two credentials, it says which", azure("      credential: {azureCLI: {}, managedIdentity: {}}\n"), []string{"line 6", "[managedIdentity azureCLI]"}},
		{"when a secret stands in the file, it is refused", azure("      credential: {clientSecret: {clientID: x, secret: hunter2}}\n"), []string{"line 6", "no secret stands in this file"}},
		{"when a secret is where a name belongs, it is refused", azure("      credential: {clientSecret: {clientID: x, secret: {value: hunter2}}}\n"), []string{"line 6", "no secret stands in this file"}},
		{"when a secret is nowhere, or in two places, it says so",
			azure("      credential:\n        clientCertificate:\n          clientID: x\n          certificate: {}\n          password: {env: A, file: b}\n"),
			[]string{"line 8: accounts.a.azure.credential.clientCertificate.clientID", "line 9", "line 10"}},
		{"when URLs are none, or not safe, it says so", azure("      endpoint: http://127.0.0.1\n      authority: login\n      credential: {azureCLI: {}}\n"),
			[]string{"line 6: accounts.a.azure.endpoint: not an https URL", "line 7: accounts.a.azure.authority: not an https URL"}},
		{"when it has buckets of its own, it says so", azure("      credential: {azureCLI: {}}\n      limits: {buckets: {}}\n"), []string{"line 7", "buckets"}},
		{"when limits are out of range, it says so", azure("      credential: {azureCLI: {}}\n      limits: {share: 2}\n"), []string{"line 7: accounts.a.azure.limits.share"}},
		{"when two names of one subscription have other limits, it says so",
			azure("      credential: {azureCLI: {}}\n  b:\n    azure:\n" + good + "      credential: {azureCLI: {}}\n      limits: {share: 0.5}\n"), []string{"accounts.b.azure.limits: not those of account \"a\""}},
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
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("err = %v, which tells a secret", err)
			}
		})
	}
}
