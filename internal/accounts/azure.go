package accounts

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"

	"github.com/linkwright/linkwright/internal/accounts/file"
	"github.com/linkwright/linkwright/internal/link"
)

// AzureClients are the Azure clients of one subscription.
type AzureClients struct {
	Account link.Account
	// ActingAs is the application or identity that the calls are made as, in words.
	ActingAs string

	Services      *armnetwork.PrivateLinkServicesClient
	Endpoints     *armnetwork.PrivateEndpointsClient
	LoadBalancers *armnetwork.LoadBalancersClient
	Subnets       *armnetwork.SubnetsClient
	Interfaces    *armnetwork.InterfacesClient
	Zones         *armprivatedns.PrivateZonesClient
	ZoneLinks     *armprivatedns.VirtualNetworkLinksClient
	Records       *armprivatedns.RecordSetsClient

	limiter *limiter
}

// InLine is how long the step of ctx (see [WithStep]) has waited for its turn to call, over all its attempts. A worker
// that is started anew has forgotten it.
func (c *AzureClients) InLine(ctx context.Context) time.Duration { return c.limiter.inLine(Step(ctx)) }

// azureSession is what is kept of a subscription between calls.
type azureSession struct {
	account  link.Account
	entry    file.Azure
	limiter  *limiter       // of the subscription, which other names may stand for, too
	gauge    *gauge         // nil where nobody measures
	identity *azureIdentity // which other accounts may have, too

	mu      sync.Mutex
	clients *AzureClients // nil until first used
}

// AzureClients returns the Azure clients of an account. They are made when first asked for; accounts of the same
// identity share one credential, and with it one token.
func (b *Book) AzureClients(_ context.Context, name string) (*AzureClients, error) {
	p, err := b.acting(name)
	if err != nil {
		return nil, err
	}
	if p.azure == nil {
		return nil, fmt.Errorf("%w %q of Azure: it is one of %s", ErrUnknownAccount, name, p.account.Cloud)
	}
	return p.azure.get()
}

func (s *azureSession) get() (*AzureClients, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients == nil {
		clients, err := s.load()
		if err != nil {
			return nil, err
		}
		s.clients = clients
	}
	return s.clients, nil
}

func (s *azureSession) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients = nil
	s.identity.forget()
}

// load makes the clients. No secret is read before the first call.
func (s *azureSession) load() (*AzureClients, error) {
	transport, err := transportTrusting(s.entry.CAFile)
	if err != nil {
		return nil, &CredentialsError{Account: s.account.Name, Err: err}
	}
	options := &arm.ClientOptions{
		ClientOptions: azcore.ClientOptions{
			Cloud: s.cloud(),
			// The SDK's own retries smooth over a dropped connection; all that lasts longer is left to Temporal, a longer
			// Retry-After too.
			Retry:            policy.RetryOptions{MaxRetries: attempts - 1, RetryDelay: backoff / 4, MaxRetryDelay: backoff},
			PerCallPolicies:  []policy.Policy{namedCalls{}},
			PerRetryPolicies: []policy.Policy{azureTurns{s.limiter, s.gauge}},
		},
		DisableRPRegistration: true,
	}
	if transport != nil {
		options.Transport = transport
	}
	credential := accountCredential{account: s.account.Name, identity: s.identity}
	network, err := armnetwork.NewClientFactory(s.account.ID, credential, options)
	if err != nil {
		return nil, fmt.Errorf("make Azure's network clients: %w", err)
	}
	dns, err := armprivatedns.NewClientFactory(s.account.ID, credential, options)
	if err != nil {
		return nil, fmt.Errorf("make Azure's DNS clients: %w", err)
	}
	return &AzureClients{
		Account:       s.account,
		ActingAs:      s.identity.String(),
		Services:      network.NewPrivateLinkServicesClient(),
		Endpoints:     network.NewPrivateEndpointsClient(),
		LoadBalancers: network.NewLoadBalancersClient(),
		Subnets:       network.NewSubnetsClient(),
		Interfaces:    network.NewInterfacesClient(),
		Zones:         dns.NewPrivateZonesClient(),
		ZoneLinks:     dns.NewVirtualNetworkLinksClient(),
		Records:       dns.NewRecordSetsClient(),
		limiter:       s.limiter,
	}, nil
}

// cloud is where Azure Resource Manager answers. A private endpoint of it takes the same tokens.
func (s *azureSession) cloud() cloud.Configuration {
	known := azureCloud(s.entry.Cloud)
	if s.entry.Endpoint == "" {
		return known
	}
	manager := known.Services[cloud.ResourceManager]
	manager.Endpoint = s.entry.Endpoint
	known.Services = map[cloud.ServiceName]cloud.ServiceConfiguration{cloud.ResourceManager: manager}
	return known
}

func azureCloud(name string) cloud.Configuration {
	switch name {
	case "government":
		return cloud.AzureGovernment
	case "china":
		return cloud.AzureChina
	}
	return cloud.AzurePublic
}

// transportTrusting is one that trusts the certificates in a file besides the system's; nil without a file, for the
// SDK's own.
func transportTrusting(caFile string) (*http.Client, error) {
	if caFile == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("read the certificates to trust: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("read the system's certificates: %w", err)
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificates in PEM in %s", caFile)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	return &http.Client{Transport: transport}, nil
}
