package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/simazure"
)

// AzureCloud is the simulated Azure.
type AzureCloud struct {
	Simulation
	CA        string              `json:"ca"` // path
	Accounts  []Subscription      `json:"accounts"`
	Resources []simazure.Resource `json:"resources"`
}

// Subscription is an account, and who may act in it.
type Subscription struct {
	Name         string `json:"name"`
	ID           string `json:"id"`
	TenantID     string `json:"tenantId"`
	Applications []struct {
		Name     string `json:"name"`
		ClientID string `json:"clientId"`
		Secret   string `json:"secret"`
	} `json:"applications"`
}

// Application finds one by its name.
func (s Subscription) Application(name string) (clientID, secret string) {
	for _, app := range s.Applications {
		if app.Name == name {
			return app.ClientID, app.Secret
		}
	}
	return "", ""
}

// The applications of a tenant: the one that Linkwright acts as, and the one that its people act as.
const (
	azureWorker = "linkwright"
	azureAdmin  = "admin"
)

// connect gets ready to speak with the cloud.
func (c *AzureCloud) connect() error {
	ca, err := os.ReadFile(c.CA)
	if err != nil {
		return err
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(ca)
	c.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12}}}
	c.isAdmin = func(principal string) bool {
		for _, s := range c.Accounts {
			if id, _ := s.Application(azureAdmin); id == principal {
				return true
			}
		}
		return false
	}
	return nil
}

// Subscription finds an account by its name.
func (c *AzureCloud) Subscription(account string) (Subscription, error) {
	for _, s := range c.Accounts {
		if s.Name == account {
			return s, nil
		}
	}
	return Subscription{}, fmt.Errorf("there is no subscription %s", account)
}

// Worker is the client id of the application that Linkwright acts as in an account.
func (c *AzureCloud) Worker(account string) string {
	s, err := c.Subscription(account)
	if err != nil {
		return ""
	}
	id, _ := s.Application(azureWorker)
	return id
}

// Admin acts in a subscription as its administrator does.
func (c *AzureCloud) Admin(account string) (subscription string, credential azcore.TokenCredential, options *arm.ClientOptions, err error) {
	s, err := c.Subscription(account)
	if err != nil {
		return "", nil, nil, err
	}
	own := azcore.ClientOptions{
		Cloud: cloud.Configuration{
			ActiveDirectoryAuthorityHost: c.Endpoint,
			Services: map[cloud.ServiceName]cloud.ServiceConfiguration{
				cloud.ResourceManager: {Endpoint: c.Endpoint, Audience: "https://management.azure.com/"},
			},
		},
		Transport: c.client,
	}
	clientID, secret := s.Application(azureAdmin)
	credential, err = azidentity.NewClientSecretCredential(s.TenantID, clientID, secret,
		&azidentity.ClientSecretCredentialOptions{ClientOptions: own, DisableInstanceDiscovery: true})
	return s.ID, credential, &arm.ClientOptions{ClientOptions: own, DisableRPRegistration: true}, err
}

// Resource is the id of what the world file made in a subscription.
func (c *AzureCloud) Resource(account, kind, name string) string {
	for _, r := range c.Resources {
		if r.Subscription == account && r.Kind == kind && r.Name == name {
			return string(r.ID)
		}
	}
	return ""
}

// Inventory is what there is in subscriptions.
func (c *AzureCloud) Inventory(ctx context.Context, accounts ...string) (inventory.Inventory, error) {
	var all inventory.Inventory
	for _, account := range accounts {
		subscription, credential, options, err := c.Admin(account)
		if err != nil {
			return nil, err
		}
		found, err := inventory.TakeAzure(ctx, account, subscription, credential, options)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}
