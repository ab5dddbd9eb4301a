package permissions

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
)

// Grant is what the identity that acts in one subscription must be allowed.
type Grant struct {
	// Account by its name; empty for roles that are for no account in particular.
	Account        string `json:"account,omitempty"`
	TenantID       string `json:"tenantID,omitempty"`
	SubscriptionID string `json:"subscriptionID,omitempty"`
	// ClientID is the application that the roles are assigned to; empty when it is not known.
	ClientID string `json:"clientID,omitempty"`
	Roles    []Role `json:"roles"`
	// CustomRoles in the order in which they are needed.
	CustomRoles []CustomRole `json:"customRoles"`
	// Remarks are for whoever assigns the roles.
	Remarks []string `json:"remarks,omitempty"`
}

// Assignee is the application that the roles are assigned to, or what is to be filled in.
func (g Grant) Assignee() string {
	switch {
	case g.ClientID != "":
		return g.ClientID
	case g.Account == "":
		return blank + "CLIENT-ID"
	}
	return blank + "CLIENT-ID-OF-" + g.Account
}

// Blank reports whether something has to be filled in.
func (g Grant) Blank() bool {
	return g.ClientID == "" || slices.ContainsFunc(g.CustomRoles, func(r CustomRole) bool {
		return slices.ContainsFunc(r.Scopes, func(scope string) bool { return strings.Contains(scope, blank) })
	})
}

// CustomRole is a role definition and where it is to be assigned.
type CustomRole struct {
	Definition Definition `json:"roleDefinition"`
	Scopes     []string   `json:"scopes"`
}

// Definition is a role definition as "az role definition create" and New-AzRoleDefinition take it.
type Definition struct {
	Name             string
	IsCustom         bool
	Description      string
	Actions          []string
	NotActions       []string
	AssignableScopes []string
}

// Account is what the accounts file says of an account.
type Account struct{ TenantID, SubscriptionID, ClientID string }

// Options narrow roles to what is known.
type Options struct {
	// Accounts by their names; nil when there is no accounts file.
	Accounts map[string]Account
	// Only these roles; nil for all.
	Only []Role
}

// For returns what each account that the documents name must be allowed, by name.
func For(docs []link.Document, o Options) []Grant {
	b := builder{Options: o, accounts: map[string]*needs{}}
	for _, d := range docs {
		switch {
		case d.Service != nil:
			b.service(d.Service.Spec.WithDefaults())
		case d.Connection != nil:
			b.connection(d.Connection.Spec.WithDefaults())
		}
	}
	var grants []Grant
	for _, name := range slices.Sorted(maps.Keys(b.accounts)) {
		if g := o.grant(name, b.accounts[name]); len(g.CustomRoles) > 0 {
			grants = append(grants, g)
		}
	}
	return grants
}

// Of returns what a role must be allowed that does all that it can, for any spec, in a whole subscription.
func Of(r Role, account string, o Options) Grant {
	n := newNeeds()
	for _, j := range r.jobs() {
		n.add(j, subscriptionScope(o.subscription(account)))
	}
	return o.grant(account, n)
}

func (o Options) grant(account string, n *needs) Grant {
	known := o.Accounts[account]
	g := Grant{Account: account, TenantID: known.TenantID, SubscriptionID: known.SubscriptionID, ClientID: known.ClientID, CustomRoles: []CustomRole{}}
	for _, r := range Roles() {
		if o.Only != nil && !slices.Contains(o.Only, r) {
			continue
		}
		plays := false
		for _, j := range r.jobs() {
			if scopes := n.scopes[j.name]; len(scopes) > 0 {
				g.CustomRoles, plays = append(g.CustomRoles, j.definition(account, scopes)), true
			}
		}
		if plays {
			g.Roles, g.Remarks = append(g.Roles, r), append(g.Remarks, n.remarks[r]...)
		}
	}
	return g
}

// subscription is an account's, or what is to be filled in.
func (o Options) subscription(account string) string {
	if id := o.Accounts[account].SubscriptionID; id != "" {
		return id
	}
	if account == "" {
		return blank + "SUBSCRIPTION-ID"
	}
	return blank + "SUBSCRIPTION-ID-OF-" + account
}

// needs are what an account must be allowed, as far as the documents have been read.
type needs struct {
	scopes  map[string][]string // by the name of a job
	remarks map[Role][]string
}

func newNeeds() *needs { return &needs{scopes: map[string][]string{}, remarks: map[Role][]string{}} }

func (n *needs) add(j job, scopes ...string) { n.scopes[j.name] = append(n.scopes[j.name], scopes...) }

func (n *needs) remark(r Role, text string) {
	if !slices.Contains(n.remarks[r], text) {
		n.remarks[r] = append(n.remarks[r], text)
	}
}

// builder reads documents.
type builder struct {
	Options
	accounts map[string]*needs
}

func (b *builder) of(account string) *needs {
	if b.accounts[account] == nil {
		b.accounts[account] = newNeeds()
	}
	return b.accounts[account]
}

func (b *builder) service(spec link.EndpointServiceSpec) {
	want := spec.Azure
	if want == nil {
		return
	}
	n, subscription := b.of(spec.Account), b.subscription(spec.Account)
	n.add(seesServices, subscriptionScope(subscription))
	if want.PrivateLinkService != "" {
		n.add(decides, want.PrivateLinkService)
		return
	}
	group := groupScope(subscription, want.ResourceGroup)
	n.add(keepsServices, group)
	n.add(decides, group)
	n.add(cutsOff, group)
	if k := want.Frontends.Kubernetes; k != nil {
		n.add(usesBalancers, groupScope(subscription, k.ResourceGroup)) // the cluster makes the load balancer when it pleases
	} else {
		n.add(usesBalancers, parentOf(want.Frontends.IDs[0]))
	}
	n.add(usesNATSubnets, want.NAT.Subnet)
	n.remark(Provider, "the network policies of subnet "+want.NAT.Subnet+" are switched off by writing it: should it have a network security group, "+
		"a route table or a NAT gateway, Azure asks for Microsoft.Network/networkSecurityGroups/join/action and its like on these, too; "+
		"once privateLinkServiceNetworkPolicies is Disabled there, nothing writes it")
}

func (b *builder) connection(spec link.ConnectionSpec) {
	want := spec.Azure
	if want == nil {
		return
	}
	n, subscription := b.of(spec.Account), b.subscription(spec.Account)
	n.add(seesEndpoints, subscriptionScope(subscription))
	group, kept := groupScope(subscription, want.ResourceGroup), groupScope(subscription, want.ResourceGroup)
	if want.PrivateEndpoint != "" {
		group, kept = groupOf(want.PrivateEndpoint), want.PrivateEndpoint
	}
	n.add(keepsEndpoints, kept)
	n.add(seesAddresses, group)
	n.add(usesSubnets, want.Subnet)
	if spec.DNS.Mode == link.DNSHostedZone && spec.DNS.HostedZone != nil {
		b.zone(*spec.DNS.HostedZone, spec)
	}
}

func (b *builder) zone(want link.HostedZone, spec link.ConnectionSpec) {
	account := cmp.Or(want.Account, spec.Account)
	n, subscription := b.of(account), b.subscription(account)
	n.add(seesZones, subscriptionScope(subscription))
	at, networks := want.ZoneID, want.VirtualNetworks
	if at == "" {
		at = groupScope(subscription, cmp.Or(want.ResourceGroup, spec.Azure.ResourceGroup))
		n.add(keepsZones, at)
		if len(networks) == 0 {
			networks = []string{parentOf(spec.Azure.Subnet)}
		}
	}
	n.add(keepsRecords, at)
	if len(networks) > 0 {
		n.add(linksNetworks, at)
		n.add(joinsNetworks, networks...)
	}
}
