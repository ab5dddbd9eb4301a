package simazure

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simazure/network"
	"github.com/linkwright/linkwright/internal/simazure/privatedns"
	"github.com/linkwright/linkwright/internal/simazure/rbac"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// WorldFile says what a simulated cloud holds when it starts:
//
//	scale: 60                       # operations run so many times faster than in Azure; 1 when left out
//	throttling: true                # with Azure's documented limits; off when left out
//	tokenLifetime: 1h               # in real time; an hour when left out
//	provisioning: {privateEndpoints: 90s} # how long operations take, in Azure's time
//	limits: {endpointsPerService: 2} # where Azure's documented ones do not apply
//	tenants:
//	  - name: provider              # ids that are left out are made of the names
//	    id: 11111111-1111-4111-8111-111111111111
//	    applications:
//	      - name: linkwright
//	        clientId: 11111111-aaaa-4aaa-8aaa-111111111111
//	        secrets: [provider-secret]
//	        certificates: ["-----BEGIN CERTIFICATE-----\n…"]
//	        federated: [{issuer: "https://issuer.example", subject: worker, audience: "api://AzureADTokenExchange", publicKey: "-----BEGIN PUBLIC KEY-----\n…"}]
//	        identityHeader: only-here # opens the managed identity endpoint
//	        tenants: [consumer]     # in which it has a service principal, beside its own
//	    roles:                      # custom role definitions
//	      - {name: approver, actions: ["Microsoft.Network/privateLinkServices/*"], notActions: []}
//	    assignments:                # scope: a subscription, SUBSCRIPTION/GROUP, an id, or empty for the whole tenant
//	      - {principal: linkwright, role: Network Contributor, scope: payments}
//	    subscriptions:
//	      - name: payments
//	        resourceGroups:
//	          - name: services
//	            location: westeurope
//	            virtualNetworks:
//	              - name: main
//	                addressSpace: [10.1.0.0/16]
//	                subnets:
//	                  - {name: nodes, prefix: 10.1.0.0/24}
//	                  - {name: nat, prefix: 10.1.1.0/24, privateLinkServiceNetworkPolicies: Disabled}
//	            loadBalancers:
//	              - name: kubernetes-internal
//	                tags: {k8s-azure-service: payments/api}
//	                frontends: [{name: api, subnet: main/nodes, address: 10.1.0.10}]
//	                backendPools: [{name: nodes}]
//	                rules: [{name: https, frontend: api, backendPool: nodes, port: 443}]
//	            privateDnsZones:
//	              - name: links.internal
//	                links: [{name: main, virtualNetwork: main}]
//	                records: [{name: api, type: A, ttl: 60, values: [10.1.0.10]}]
//
// The infrastructure is made by the cloud's own API. Its ids are the same each time.
type WorldFile struct {
	Scale      float64 `yaml:"scale"`
	Throttling bool    `yaml:"throttling"`
	// TokenLifetime is in real time, which is that of the clients.
	TokenLifetime simcloud.Duration `yaml:"tokenLifetime"`
	// Provisioning is how long operations on resources of a type take, in the real service's time.
	Provisioning map[string]simcloud.Duration `yaml:"provisioning"`
	Limits       arm.Limits                   `yaml:"limits"`
	Tenants      []WorldTenant                `yaml:"tenants"`
}

// WorldTenant is a Microsoft Entra tenant with the subscriptions that trust it.
type WorldTenant struct {
	ID            string              `yaml:"id"`
	Name          string              `yaml:"name"`
	Applications  []WorldApplication  `yaml:"applications"`
	Roles         []rbac.Role         `yaml:"roles"`
	Assignments   []WorldAssignment   `yaml:"assignments"`
	Subscriptions []WorldSubscription `yaml:"subscriptions"`
}

// WorldApplication is an app registration.
type WorldApplication struct {
	Name         string           `yaml:"name"`
	ClientID     string           `yaml:"clientId"`
	Secrets      []string         `yaml:"secrets"`
	Certificates []string         `yaml:"certificates"` // PEM
	Federated    []WorldFederated `yaml:"federated"`
	// IdentityHeader is what IDENTITY_HEADER has where the application stands for a managed identity.
	IdentityHeader string `yaml:"identityHeader"`
	// Tenants are others in which it has a service principal too, by name.
	Tenants []string `yaml:"tenants"`
}

// WorldFederated is a federated identity credential, with the issuer's key, which Entra would fetch from it.
type WorldFederated struct {
	Issuer    string `yaml:"issuer"`
	Subject   string `yaml:"subject"`
	Audience  string `yaml:"audience"`
	PublicKey string `yaml:"publicKey"` // PEM
}

// WorldAssignment gives a role to an application's service principal in the tenant: one of the tenant's own, or
// "TENANT/APPLICATION".
type WorldAssignment struct {
	Principal string `yaml:"principal"`
	Role      string `yaml:"role"`
	Scope     string `yaml:"scope"`
}

// WorldSubscription is an Azure subscription.
type WorldSubscription struct {
	ID             string       `yaml:"id"`
	Name           string       `yaml:"name"`
	ResourceGroups []WorldGroup `yaml:"resourceGroups"`
}

// ParseWorldFile reads a world file. Unknown keys are errors.
func ParseWorldFile(data []byte) (WorldFile, error) {
	var file WorldFile
	if err := simcloud.DecodeStrictly(data, &file); err != nil {
		return WorldFile{}, fmt.Errorf("read the world file: %w", err)
	}
	if _, err := file.read(); err != nil {
		return WorldFile{}, err
	}
	return file, nil
}

var guid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// TenantID is the tenant's id, or one made of its name.
func (t WorldTenant) TenantID() string { return idOr(t.ID, "tenant", t.Name) }

// SubscriptionID is the subscription's id, or one made of its name.
func (s WorldSubscription) SubscriptionID() string { return idOr(s.ID, "subscription", s.Name) }

// ID is the application's client id, or one made of its name and its tenant's.
func (a WorldApplication) ID(tenant string) string {
	return idOr(a.ClientID, "application", tenant, a.Name)
}

func idOr(id string, purpose ...any) string {
	if id != "" {
		return id
	}
	return arm.StableGUID(purpose...)
}

func (file WorldFile) tokenLifetime() time.Duration {
	if file.TokenLifetime > 0 {
		return time.Duration(file.TokenLifetime)
	}
	return time.Hour
}

// durations are how long operations take, with the file's own in the place of the usual ones.
func (file WorldFile) durations() (network.Durations, privatedns.Durations, error) {
	networks, zones := network.DefaultDurations(), privatedns.DefaultDurations()
	for kind, d := range file.Provisioning {
		switch {
		case networks[kind] != 0:
			networks[kind] = time.Duration(d)
		case zones[kind] != 0:
			zones[kind] = time.Duration(d)
		default:
			known := append(slices.Sorted(maps.Keys(networks)), slices.Sorted(maps.Keys(zones))...)
			return nil, nil, fmt.Errorf("world file: provisioning: %q is none of %s", kind, strings.Join(known, ", "))
		}
	}
	return networks, zones, nil
}

// validate reports all that is wrong with names and ids.
func (file WorldFile) validate() error {
	var wrong []error
	report := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf("world file: "+format, args...)) }
	if file.Scale < 0 {
		report("scale must be above zero")
	}
	if len(file.Tenants) == 0 {
		report("tenants: at least one is needed")
	}
	taken := map[string]string{}
	claim := func(at, what, name, id string) {
		if name == "" {
			report("%s.name is missing", at)
		}
		if !guid.MatchString(id) {
			report("%s: %q is no GUID", at, id)
		}
		for _, key := range []string{what + " " + name, strings.ToLower(id)} {
			if other, ok := taken[key]; ok {
				report("%s: the id or the name is used by %s", at, other)
			}
			taken[key] = at
		}
	}
	for i, tenant := range file.Tenants {
		at := fmt.Sprintf("tenants[%d]", i)
		claim(at, "tenant", tenant.Name, tenant.TenantID())
		for j, app := range tenant.Applications {
			claim(fmt.Sprintf("%s.applications[%d]", at, j), "application "+tenant.Name, app.Name, app.ID(tenant.Name))
		}
		for j, sub := range tenant.Subscriptions {
			claim(fmt.Sprintf("%s.subscriptions[%d]", at, j), "subscription", sub.Name, sub.SubscriptionID())
		}
	}
	return errors.Join(wrong...)
}
