package simazure

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/golang-jwt/jwt/v5"

	"github.com/linkwright/linkwright/internal/simcloud"
)

const managementScope = "https://management.core.windows.net//.default"

func (tc testCloud) token(credential azcore.TokenCredential) (string, error) {
	token, err := credential.GetToken(tc.t.Context(), policy.TokenRequestOptions{Scopes: []string{managementScope}})
	return token.Token, err
}

func TestSecrets(t *testing.T) {
	tc := startCloud(t)
	provider := tc.config.World.Tenants[0]
	app := provider.Applications[0].ID(provider.Name)
	for _, test := range []struct{ name, tenant, client, secret, code string }{
		{"when the secret is right, there is a token", provider.TenantID(), app, "provider-secret", ""},
		{"when AD FS is asked, the tenant is the application's own", "adfs", app, "provider-secret", ""},
		{"when the secret is wrong, it is refused", provider.TenantID(), app, "wrong", "AADSTS7000215"},
		{"when the application is not there, it is refused", provider.TenantID(), "99999999-9999-4999-8999-999999999999", "provider-secret", "AADSTS700016"},
		{"when the tenant is another, the application is not there", tc.config.World.Tenants[1].TenantID(), app, "provider-secret", "AADSTS700016"},
		{"when the tenant is not there, it is refused", "99999999-9999-4999-8999-999999999999", app, "provider-secret", "AADSTS90002"},
	} {
		t.Run(test.name, func(t *testing.T) {
			credential := must(azidentity.NewClientSecretCredential(test.tenant, test.client, test.secret, &azidentity.ClientSecretCredentialOptions{ClientOptions: tc.options(), DisableInstanceDiscovery: true}))(t)
			token, err := tc.token(credential)
			if test.code == "" && (err != nil || token == "") || test.code != "" && (err == nil || !strings.Contains(err.Error(), test.code)) {
				t.Errorf("got %q, %v", token, err)
			}
		})
	}
}

// TestAssertions proves who an application is with a certificate, with a token of another issuer, and as a managed
// identity.
func TestAssertions(t *testing.T) {
	key := must(rsa.GenerateKey(rand.Reader, 2048))(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "linkwright"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	certificate := must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))(t)))(t)
	issuer := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	tc := startCloud(t, func(c *Config) {
		app := &c.World.Tenants[0].Applications[0]
		app.Certificates = []string{text("CERTIFICATE", certificate.Raw)}
		app.Federated = []WorldFederated{{Issuer: "https://issuer.example", Subject: "worker", Audience: "api://AzureADTokenExchange", PublicKey: text("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(&issuer.PublicKey))(t))}}
		app.IdentityHeader = "only-here"
	})
	tenant := tc.config.World.Tenants[0]
	app := tenant.Applications[0].ID(tenant.Name)
	assertion := func(subject string) func(context.Context) (string, error) {
		return func(context.Context) (string, error) {
			return jwt.NewWithClaims(jwt.SigningMethodES256, jwt.RegisteredClaims{
				Issuer: "https://issuer.example", Subject: subject, Audience: jwt.ClaimStrings{"api://AzureADTokenExchange"}, ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
			}).SignedString(issuer)
		}
	}
	byAssertion := func(subject string) azcore.TokenCredential {
		return must(azidentity.NewClientAssertionCredential(tenant.TenantID(), app, assertion(subject), &azidentity.ClientAssertionCredentialOptions{ClientOptions: tc.options(), DisableInstanceDiscovery: true}))(t)
	}
	t.Setenv("IDENTITY_ENDPOINT", tc.URL()+"/msi/token")
	t.Setenv("IDENTITY_HEADER", "only-here")
	for name, credential := range map[string]azcore.TokenCredential{
		"certificate":      must(azidentity.NewClientCertificateCredential(tenant.TenantID(), app, []*x509.Certificate{certificate}, key, &azidentity.ClientCertificateCredentialOptions{ClientOptions: tc.options(), DisableInstanceDiscovery: true}))(t),
		"federated":        byAssertion("worker"),
		"managed identity": must(azidentity.NewManagedIdentityCredential(&azidentity.ManagedIdentityCredentialOptions{ClientOptions: tc.options()}))(t),
	} {
		if token, err := tc.token(credential); err != nil || token == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := tc.token(byAssertion("somebody")); err == nil || !strings.Contains(err.Error(), "AADSTS700213") {
		t.Errorf("an assertion of somebody else: %v", err)
	}
}

func TestTokens(t *testing.T) {
	tc := startCloud(t)
	ask := func(token string) (*http.Response, string) {
		request := must(http.NewRequestWithContext(t.Context(), http.MethodGet, tc.URL()+"/subscriptions/"+tc.subscriptionID("payments")+"?api-version=2022-12-01", nil))(t)
		if token != "" {
			request.Header.Set("Authorization", "Bearer "+token)
		}
		response := must(tc.transport().Do(request))(t)
		code := ""
		for _, call := range tc.Calls() {
			code = call.Error
		}
		return response, code
	}
	good := must(tc.token(tc.credential("provider")))(t)
	for _, test := range []struct{ name, token, code string }{
		{"when there is none, it is refused", "", "AuthenticationFailed"},
		{"when it is none, it is refused", "nonsense", "InvalidAuthenticationToken"},
		{"when it is of another tenant, it is refused", must(tc.token(tc.credential("consumer")))(t), "InvalidAuthenticationTokenTenant"},
		{"when it is good, it lets in", good, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			response, code := ask(test.token)
			if code != test.code || test.code != "" && (response.StatusCode != http.StatusUnauthorized || response.Header.Get("WWW-Authenticate") == "") {
				t.Errorf("got %d %s", response.StatusCode, code)
			}
		})
	}
	tc.freeze(2 * time.Hour)
	if _, code := ask(good); code != "ExpiredAuthenticationToken" {
		t.Errorf("two hours later it is %q", code)
	}
}

func TestWhenAFaultStrikesTheLoginTheClientHearsOfIt(t *testing.T) {
	tc := startCloud(t)
	tc.inject(simcloud.Fault{Service: Login, Effect: simcloud.EffectUnavailable})
	_, err := tc.token(tc.credential("provider"))
	var failed *azidentity.AuthenticationFailedError
	if !errors.As(err, &failed) || failed.RawResponse.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("got %v", err)
	}
	if _, err := tc.token(tc.credential("provider")); err != nil {
		t.Error(err)
	}
}
