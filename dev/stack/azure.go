package stack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/linkwright/linkwright/internal/simazure"
)

// The applications of a tenant: the one that Linkwright acts as, and the one that its people act as.
const (
	azureWorker = "linkwright"
	azureAdmin  = "admin"
)

// startAzure starts the simulated Azure, when there is a world for it.
func (s *Stack) startAzure(ctx context.Context) error {
	file := s.options.AzureWorld
	if file == nil && s.options.World == nil {
		file = optionalFile(s.options.Scenario, "azure.yaml")
	}
	if file == nil {
		return nil
	}
	var err error
	if s.azureWorld, err = simazure.ParseWorldFile(file); err != nil {
		return err
	}
	before, err := s.savedCloud(azureFile)
	if err != nil {
		return err
	}
	s.Azure, err = simazure.New(simazure.Config{
		World: s.azureWorld, Scale: s.options.Scale, Snapshot: before, Log: s.log,
		Listen: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.options.AzurePort)),
	})
	if err != nil {
		return err
	}
	if err := s.Azure.Start(ctx); err != nil {
		return err
	}
	s.keep(azureFile, s.Azure.Snapshot)
	return s.writeAzureFiles()
}

const azureFile = "azure.json"

// writeAzureFiles writes what clients need to trust the cloud, and the secrets to which the accounts file refers.
func (s *Stack) writeAzureFiles() error {
	s.AzureCA = filepath.Join(s.Dir, "azure-ca.pem")
	if err := os.WriteFile(s.AzureCA, s.Azure.CAPEM(), 0o600); err != nil {
		return fmt.Errorf("write the certificate authority of the simulated Azure: %w", err)
	}
	for _, tenant := range s.azureWorld.Tenants {
		app, ok := application(tenant, azureWorker)
		if !ok {
			continue
		}
		if err := os.WriteFile(s.azureSecretFile(tenant), []byte(app.Secrets[0]), 0o600); err != nil {
			return fmt.Errorf("write the secret of tenant %s: %w", tenant.Name, err)
		}
	}
	return nil
}

func (s *Stack) azureSecretFile(tenant simazure.WorldTenant) string {
	return filepath.Join(s.Dir, "azure-"+tenant.Name+".secret")
}

// application finds one of a tenant that has a secret.
func application(tenant simazure.WorldTenant, name string) (simazure.WorldApplication, bool) {
	for _, app := range tenant.Applications {
		if app.Name == name && len(app.Secrets) > 0 {
			return app, true
		}
	}
	return simazure.WorldApplication{}, false
}

// azureAccounts are the entries of the accounts file: one for each subscription of a tenant that Linkwright may act in,
// under the subscription's name.
func (s *Stack) azureAccounts() string {
	var b strings.Builder
	for _, tenant := range s.azureWorld.Tenants {
		app, ok := application(tenant, azureWorker)
		if !ok {
			continue
		}
		for _, sub := range tenant.Subscriptions {
			fmt.Fprintf(&b, "  %s:\n    azure:\n      tenantID: %s\n      subscriptionID: %s\n      endpoint: %s\n      caFile: %s\n"+
				"      credential:\n        clientSecret: {clientID: %s, secret: {file: %s}}\n      limits: {scale: %v}\n",
				sub.Name, tenant.TenantID(), sub.SubscriptionID(), s.Azure.URL(), s.AzureCA, app.ID(tenant.Name), s.azureSecretFile(tenant), s.Azure.Scale())
		}
	}
	return b.String()
}

// AzureAccount is how to act in a subscription as its people do.
type AzureAccount struct {
	Name, ID   string
	Credential azcore.TokenCredential
	Options    *arm.ClientOptions
}

// AzureAccounts are the subscriptions of the simulated Azure; none when there is no such cloud.
func (s *Stack) AzureAccounts() ([]AzureAccount, error) {
	var all []AzureAccount
	for _, tenant := range s.azureWorld.Tenants {
		app, ok := application(tenant, azureAdmin)
		if !ok {
			continue
		}
		options := s.azureOptions()
		credential, err := azidentity.NewClientSecretCredential(tenant.TenantID(), app.ID(tenant.Name), app.Secrets[0],
			&azidentity.ClientSecretCredentialOptions{ClientOptions: options, DisableInstanceDiscovery: true})
		if err != nil {
			return nil, fmt.Errorf("act in tenant %s: %w", tenant.Name, err)
		}
		for _, sub := range tenant.Subscriptions {
			all = append(all, AzureAccount{
				Name: sub.Name, ID: strings.ToLower(sub.SubscriptionID()), Credential: credential,
				Options: &arm.ClientOptions{ClientOptions: options, DisableRPRegistration: true},
			})
		}
	}
	return all, nil
}

// azureOptions lead the SDK to the simulated cloud.
func (s *Stack) azureOptions() azcore.ClientOptions {
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(s.Azure.CAPEM())
	return azcore.ClientOptions{
		Cloud: cloud.Configuration{
			ActiveDirectoryAuthorityHost: s.Azure.URL(),
			Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
				cloud.ResourceManager: {Endpoint: s.Azure.URL(), Audience: "https://management.azure.com/"},
			},
		},
		Transport: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}},
	}
}

// AzureWorld is what the simulated Azure was made from.
func (s *Stack) AzureWorld() simazure.WorldFile { return s.azureWorld }

// AzureID is that of a resource which the world file made; empty when it made none of that name.
func (s *Stack) AzureID(subscription, kind, name string) string {
	if s.Azure == nil {
		return ""
	}
	for _, r := range s.Azure.Resources() {
		if r.Subscription == subscription && r.Kind == kind && r.Name == name {
			return string(r.ID)
		}
	}
	return ""
}
