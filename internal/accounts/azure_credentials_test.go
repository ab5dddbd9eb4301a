package accounts

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/linkwright/linkwright/internal/simazure"
	"github.com/linkwright/linkwright/internal/simcloud"
)

const application = "11111111-0000-4000-8000-00000000000a"

// TestEveryKindOfCredentialSignsIn leaves out the Azure CLI's, which test/clients has.
func TestEveryKindOfCredentialSignsIn(t *testing.T) {
	key, certificate := selfSigned(t)
	issuer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&issuer.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	const subject, audience = "system:serviceaccount:linkwright:worker", "api://AzureADTokenExchange"
	world := func(app *simazure.WorldApplication) {
		app.Certificates = []string{certificate}
		app.Federated = []simazure.WorldFederated{{Issuer: "https://issuer.example", Subject: subject, Audience: audience, PublicKey: pemOf("PUBLIC KEY", public)}}
		app.IdentityHeader = "only-here"
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.RegisteredClaims{
		Issuer: "https://issuer.example", Subject: subject, Audience: jwt.ClaimStrings{audience}, ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
	}).SignedString(issuer)
	if err != nil {
		t.Fatal(err)
	}
	pair, tokenFile := filepath.Join(t.TempDir(), "pair.pem"), filepath.Join(t.TempDir(), "token")
	if err := errors.Join(os.WriteFile(pair, []byte(key+certificate), 0o600), os.WriteFile(tokenFile, []byte(token), 0o600)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CERTIFICATE", key+certificate)

	for _, c := range []struct {
		name, credential string
		env              map[string]string
		actingAs         string
	}{
		{"when a certificate is in a file", "clientCertificate: {clientID: " + application + ", certificate: {file: " + pair + "}}", nil, application},
		{"when a certificate is in the environment, with its chain", "clientCertificate: {clientID: " + application + ", certificate: {env: CERTIFICATE}, sendChain: true}", nil, application},
		{"when a cluster gives the token", "workloadIdentity: {clientID: " + application + ", tokenFile: " + tokenFile + "}", nil, application},
		{"when the webhook has set the environment", "workloadIdentity: {}", map[string]string{"AZURE_CLIENT_ID": application, "AZURE_FEDERATED_TOKEN_FILE": tokenFile}, "the worker's environment"},
		{"when what the worker runs on has an identity", "managedIdentity: {}", map[string]string{"IDENTITY_ENDPOINT": "{cloud}/msi/token", "IDENTITY_HEADER": "only-here"}, "managed identity"},
		{"when it has several", "managedIdentity: {clientID: " + application + "}", map[string]string{"IDENTITY_ENDPOINT": "{cloud}/msi/token", "IDENTITY_HEADER": "only-here"}, "managed identity " + application},
	} {
		t.Run(c.name, func(t *testing.T) {
			cloud, book := startAzureWith(t, world, c.credential)
			for name, value := range c.env {
				t.Setenv(name, strings.ReplaceAll(value, "{cloud}", cloud.URL()))
			}
			if err := listServices(t.Context(), book, "one"); err != nil {
				t.Fatal(err)
			}
			clients, err := book.AzureClients(t.Context(), "one")
			if err != nil || !strings.Contains(clients.ActingAs, c.actingAs) {
				t.Errorf("it acts as %q (%v), want %q", clients.ActingAs, err, c.actingAs)
			}
			calls := cloud.Calls()
			if !slices.ContainsFunc(calls, func(call simcloud.Call) bool {
				return call.Principal == application && call.Action == "privateLinkServices/read"
			}) {
				t.Errorf("the application has made none of the calls %+v", calls)
			}
		})
	}
}

// selfSigned is a key and its certificate, in PEM.
func selfSigned(t *testing.T) (key, certificate string) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "linkwright"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf("PRIVATE KEY", der), pemOf("CERTIFICATE", signed)
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
