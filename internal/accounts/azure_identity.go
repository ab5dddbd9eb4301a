package accounts

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/linkwright/linkwright/internal/accounts/file"
)

// azureIdentity is who signs in to a tenant of Microsoft Entra ID, and the credential that it does so with. The
// credential keeps its tokens until shortly before they expire.
type azureIdentity struct {
	in file.SignIn

	mu         sync.Mutex
	credential azcore.TokenCredential // nil until first used
}

// String names the identity for people.
func (i *azureIdentity) String() string {
	switch i.in.Kind {
	case "azureCLI":
		return "whoever has signed in to the Azure CLI"
	case "managedIdentity":
		return strings.TrimSpace("the worker's managed identity " + i.in.ClientID)
	}
	return "application " + cmp.Or(i.in.ClientID, "of the worker's environment")
}

func (i *azureIdentity) forget() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.credential = nil
}

func (i *azureIdentity) get() (azcore.TokenCredential, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.credential == nil {
		credential, err := newAzureCredential(i.in)
		if err != nil {
			return nil, err
		}
		i.credential = credential
	}
	return i.credential, nil
}

// newAzureCredential makes the credential of a sign-in, reading its secrets.
func newAzureCredential(in file.SignIn) (azcore.TokenCredential, error) {
	transport, err := transportTrusting(in.CAFile)
	if err != nil {
		return nil, err
	}
	options := azcore.ClientOptions{
		Cloud:            azureCloud(in.Cloud),
		Retry:            policy.RetryOptions{MaxRetries: attempts - 1, RetryDelay: backoff / 4, MaxRetryDelay: backoff},
		PerRetryPolicies: []policy.Policy{outages{}},
	}
	if transport != nil {
		options.Transport = transport
	}
	// An authority of one's own is not among those that Entra ID's discovery knows.
	own := in.Authority != ""
	if own {
		options.Cloud.ActiveDirectoryAuthorityHost = in.Authority
	}
	switch in.Kind {
	case "workloadIdentity":
		return azidentity.NewWorkloadIdentityCredential(&azidentity.WorkloadIdentityCredentialOptions{
			ClientOptions: options, TenantID: in.TenantID, ClientID: in.ClientID, TokenFilePath: in.TokenFile, DisableInstanceDiscovery: own,
		})
	case "managedIdentity":
		managed := &azidentity.ManagedIdentityCredentialOptions{ClientOptions: options}
		if in.ClientID != "" {
			managed.ID = azidentity.ClientID(in.ClientID)
		}
		return azidentity.NewManagedIdentityCredential(managed)
	case "clientSecret":
		secret, err := read(in.Secret)
		if err != nil {
			return nil, err
		}
		return azidentity.NewClientSecretCredential(in.TenantID, in.ClientID, strings.TrimSpace(string(secret)),
			&azidentity.ClientSecretCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: own})
	case "clientCertificate":
		return newCertificateCredential(in, options, own)
	}
	return azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: in.TenantID})
}

func newCertificateCredential(in file.SignIn, options azcore.ClientOptions, own bool) (azcore.TokenCredential, error) {
	data, err := read(in.Secret)
	if err != nil {
		return nil, err
	}
	var password []byte
	if in.Password != (file.Secret{}) {
		if password, err = read(in.Password); err != nil {
			return nil, err
		}
		password = []byte(strings.TrimRight(string(password), "\r\n"))
	}
	certificates, key, err := azidentity.ParseCertificates(data, password)
	if err != nil {
		return nil, fmt.Errorf("the certificate in %s cannot be used: %w", where(in.Secret), err)
	}
	return azidentity.NewClientCertificateCredential(in.TenantID, in.ClientID, certificates, key, &azidentity.ClientCertificateCredentialOptions{
		ClientOptions: options, DisableInstanceDiscovery: own, SendCertificateChain: in.SendChain,
	})
}

// read reads a secret, which no error quotes.
func read(s file.Secret) ([]byte, error) {
	if s.File != "" {
		data, err := os.ReadFile(s.File)
		if err != nil {
			return nil, fmt.Errorf("read a secret: %w", err)
		}
		return data, nil
	}
	value := os.Getenv(s.Env)
	if value == "" {
		return nil, fmt.Errorf("the secret in %s is empty", where(s))
	}
	return []byte(value), nil
}

func where(s file.Secret) string { return cmp.Or(s.File, "environment variable "+s.Env) }

// accountCredential gives out an identity's tokens, and gives failures the name of the account that they were for.
type accountCredential struct {
	account  string
	identity *azureIdentity
}

var _ azcore.TokenCredential = accountCredential{}

// GetToken implements [azcore.TokenCredential].
func (c accountCredential) GetToken(ctx context.Context, options policy.TokenRequestOptions) (azcore.AccessToken, error) {
	credential, err := c.identity.get()
	if err != nil {
		return azcore.AccessToken{}, &CredentialsError{Account: c.account, ActingAs: c.identity.String(), Err: err}
	}
	var out outage
	token, err := credential.GetToken(context.WithValue(ctx, outageKey{}, &out), options)
	if err != nil {
		return azcore.AccessToken{}, &CredentialsError{Account: c.account, ActingAs: c.identity.String(), Err: signInError(err, out)}
	}
	return token, nil
}

// outage is that Entra ID could not be reached for a token, which the SDK's error does not tell from bad credentials.
type outage struct{ err error }

// outageKey is where a context holds the outage of a sign-in.
type outageKey struct{}

// outages writes down what kept a request to Entra ID from being answered.
type outages struct{}

var _ policy.Policy = outages{}

// Do implements [policy.Policy].
func (outages) Do(req *policy.Request) (*http.Response, error) {
	resp, err := req.Next()
	if out, ok := req.Raw().Context().Value(outageKey{}).(*outage); ok {
		out.err = err
	}
	return resp, err
}

// SignInError is what Microsoft Entra ID said instead of giving out a token.
type SignInError struct {
	Status int
	// Code is that of OAuth, such as invalid_client, and Message what stands beside it: "AADSTS7000215: …".
	Code, Message string
	err           error
}

func (e *SignInError) Error() string { return e.Code + ": " + e.Message }

func (e *SignInError) Unwrap() error { return e.err }

// signInError finds what Entra ID said (Microsoft identity platform, "Microsoft Entra authentication and authorization
// error codes"); the error of the SDK quotes its whole answer.
func signInError(err error, out outage) error {
	var failed *azidentity.AuthenticationFailedError
	switch {
	case !errors.As(err, &failed):
		return err
	case failed.RawResponse == nil && out.err != nil:
		return fmt.Errorf("no answer from Entra ID: %w", out.err)
	case failed.RawResponse == nil:
		return err
	}
	said := &SignInError{Status: failed.RawResponse.StatusCode, Code: failed.RawResponse.Status, err: err}
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if data, err := runtime.Payload(failed.RawResponse); err == nil && json.Unmarshal(data, &body) == nil && body.Error != "" {
		said.Code = body.Error
		said.Message, _, _ = strings.Cut(strings.TrimSpace(body.Description), "\n")
		said.Message = strings.TrimSpace(said.Message)
	}
	return said
}
