package permissions

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
)

// Grant is what one identity must be allowed: the role of an account, or the worker.
type Grant struct {
	// Account by its name; empty for the worker, and for a policy that is for no account in particular.
	Account   string `json:"account,omitempty"`
	AccountID string `json:"accountID,omitempty"`
	Roles     []Role `json:"roles"`
	// RoleARN is the role to give the policies to; empty when it is not known, or the worker's own identity.
	RoleARN string `json:"roleARN,omitempty"`
	Policy  Policy `json:"policy"`
	// Trust says who may assume the role; nil for the worker's own identity.
	Trust *Policy `json:"trustPolicy,omitempty"`
	// Size of the policy as IAM counts it; see [ManagedPolicyLimit].
	Size int `json:"size"`
	// Remarks are for whoever gives the policies to the role.
	Remarks []string `json:"remarks,omitempty"`
}

// Options narrow policies to what is known.
type Options struct {
	// Owner is the ownership tag of a document's flow. It may have wildcards.
	Owner func(link.Document) string
	// Accounts by their names; nil when there is no accounts file.
	Accounts map[string]Account
	// Worker is the ARN of the worker's own identity; empty when it is not known.
	Worker string
	// Only these roles; nil for all.
	Only []Role
}

// For returns what each account that the documents name must be allowed, by name, and last the worker.
func For(docs []link.Document, o Options) []Grant {
	b := builder{Options: o, accounts: map[string]*needs{}, services: map[string]link.EndpointServiceSpec{},
		inventories: map[string]link.VPCInventorySpec{}}
	for _, d := range docs {
		if d.Service != nil {
			b.services[d.Service.Metadata.Name] = d.Service.Spec.WithDefaults()
		}
		if d.Inventory != nil {
			b.inventories[d.Inventory.Metadata.Name] = d.Inventory.Spec.WithDefaults()
		}
	}
	for _, d := range docs {
		switch {
		case d.Service != nil:
			b.service(d.Service.Spec.WithDefaults(), o.Owner(d))
		case d.Inventory != nil:
			b.inventory(d.Inventory.Spec.WithDefaults())
		default:
			b.connection(d.Connection.Spec.WithDefaults(), o.Owner(d))
		}
	}
	names := slices.Sorted(maps.Keys(b.accounts))
	var grants []Grant
	for _, name := range names {
		n := b.accounts[name]
		if roles, statements := n.inOrder(); len(roles) > 0 {
			grants = append(grants, o.grant(name, roles, statements, n.remarks))
		}
	}
	if g := o.worker(names); o.wants(Orchestrator) && len(g.Policy.Statement) > 0 {
		grants = append(grants, g)
	}
	return grants
}

func (o Options) wants(r Role) bool { return o.Only == nil || slices.Contains(o.Only, r) }

// Of returns what a role must be allowed that does all that it can, for any spec. With an account, it is for that
// account's role; without, for nobody's in particular.
func Of(r Role, account string, o Options) Grant {
	if r == Orchestrator {
		names := slices.Sorted(maps.Keys(o.Accounts))
		if len(names) == 0 {
			names = []string{"PROVIDER", "CONSUMER"}
		}
		return o.worker(names)
	}
	at := everywhere()
	if known, ok := o.Accounts[account]; ok {
		at.partition, at.account = known.Partition, known.ID
	}
	return o.grant(account, []Role{r}, r.general(at), nil)
}

func (o Options) grant(account string, roles []Role, statements []Statement, remarks []string) Grant {
	g := Grant{Account: account, Roles: roles, Policy: newPolicy(statements), Remarks: remarks}
	externalID := blank + "EXTERNAL-ID"
	if known, ok := o.Accounts[account]; ok {
		g.AccountID, g.RoleARN, externalID = known.ID, known.RoleARN, known.ExternalID
	}
	if _, ok := o.Accounts[account]; !ok || g.RoleARN != "" {
		g.Trust = trust(o.Worker, externalID)
	}
	return g.measured()
}

// worker is what the worker's own identity needs to act in accounts.
func (o Options) worker(accounts []string) Grant {
	var roles []string
	for _, name := range accounts {
		known, ok := o.Accounts[name]
		switch {
		case !ok:
			roles = append(roles, blankRole(name))
		case known.RoleARN != "":
			roles = append(roles, known.RoleARN)
		}
	}
	g := Grant{Roles: []Role{Orchestrator}, Policy: newPolicy(nil)}
	if len(roles) > 0 {
		slices.Sort(roles)
		g.Policy = newPolicy(assumption(slices.Compact(roles)))
	}
	return g.measured()
}

// measured fills in the size, and says when it is too much.
func (g Grant) measured() Grant {
	g.Size = g.Policy.Size()
	switch {
	case g.Size > InlinePolicyLimit:
		g.Remarks = append(g.Remarks, fmt.Sprintf("the policy has %d characters, and the inline policies of a role together %d at most: "+
			"give the role several managed policies of up to %d with some of the statements in each", g.Size, InlinePolicyLimit, ManagedPolicyLimit))
	case g.Size > ManagedPolicyLimit:
		g.Remarks = append(g.Remarks, fmt.Sprintf("the policy has %d characters, and a managed policy %d at most: "+
			"make it an inline policy of the role, of which %d are allowed, or split it into several", g.Size, ManagedPolicyLimit, InlinePolicyLimit))
	}
	return g
}

// needs are what an account must be allowed, as far as the documents have been read.
type needs struct {
	statements map[Role][]Statement
	remarks    []string
}

// inOrder are the roles that the account plays, and their statements, as the story goes.
func (n *needs) inOrder() (roles []Role, statements []Statement) {
	for _, r := range Roles() {
		if of := n.statements[r]; len(of) > 0 {
			roles, statements = append(roles, r), append(statements, of...)
		}
	}
	return roles, statements
}

// builder reads documents.
type builder struct {
	Options
	accounts    map[string]*needs
	services    map[string]link.EndpointServiceSpec
	inventories map[string]link.VPCInventorySpec
}

func (b *builder) add(account string, role Role, statements []Statement) *needs {
	n := b.accounts[account]
	if n == nil {
		n = &needs{statements: map[Role][]Statement{}}
		b.accounts[account] = n
	}
	if b.wants(role) {
		n.statements[role] = append(n.statements[role], statements...)
	}
	return n
}

func (b *builder) place(account, region string) place {
	p := place{partition: link.PartitionOf(region), region: region, account: anything}
	if known, ok := b.Accounts[account]; ok {
		p.account = known.ID
	}
	return p
}

func (b *builder) service(spec link.EndpointServiceSpec, owner string) {
	if spec.Publish != nil && spec.Publish.SSMParameter != nil {
		at := spec.Publish.SSMParameter
		b.add(at.Account, Parameter, parameter{b.place(at.Account, at.Region), at.Name}.statements())
	}
	if spec.AWS == nil {
		return
	}
	p := publication{
		place: b.place(spec.Account, spec.Region), owner: owner, tagged: len(spec.AWS.LoadBalancers.Tags) > 0,
		accepts: *spec.AWS.AcceptanceRequired, multiRegion: len(spec.AWS.SupportedRegions) > 0,
		creates: spec.AWS.Service == "", takesOver: spec.AWS.Service,
	}
	if dns := spec.AWS.PrivateDNS; dns != nil {
		p.name = dns.Name
		if zone := dns.Verification.Route53; zone != nil {
			b.add(zone.Account, DNS, proof{link.PartitionOf(spec.Region), dns.Name, zone.ZoneID}.statements())
		}
	}
	b.add(spec.Account, Provider, p.statements())
}

func (b *builder) inventory(spec link.VPCInventorySpec) {
	if spec.AWS == nil {
		return
	}
	groups := slices.ContainsFunc(spec.AWS.VPCs, func(v link.InventoryVPC) bool { return len(v.SecurityGroups) > 0 })
	b.add(spec.Account, Inventory, survey{b.place(spec.Account, spec.Region), groups}.statements())
}

// choices fills in where an endpoint may find a place, when the spec leaves that to inventories, and returns the
// inventories that are not known.
func (b *builder) choices(spec *link.AWSConnection, e *endpoint) (missing []string) {
	if !e.chosen {
		return nil
	}
	e.vpcs, e.subnets = nil, nil
	byDefault := false // in some VPC, the default group is used
	var groups []string
	for _, name := range spec.Inventories {
		inventory, ok := b.inventories[name]
		if !ok || inventory.AWS == nil {
			missing = append(missing, name)
			continue
		}
		for _, vpc := range inventory.AWS.VPCs {
			e.vpcs = append(e.vpcs, vpc.VPC)
			groups = append(groups, vpc.SecurityGroups...)
			byDefault = byDefault || len(vpc.SecurityGroups) == 0
			for _, subnet := range vpc.Subnets {
				e.subnets = append(e.subnets, subnet.Subnet)
			}
		}
	}
	if len(missing) > 0 {
		e.vpcs, e.subnets, byDefault = []string{anything}, []string{anything}, true
	}
	if len(e.groups) == 0 && !e.ownGroup && !byDefault {
		e.groups = groups
	}
	return missing
}

func (b *builder) connection(spec link.ConnectionSpec, owner string) {
	if from := spec.NameFrom; from != nil && from.SSMParameter != nil {
		at := from.SSMParameter
		b.add(at.Account, Parameter, parameter{b.place(at.Account, at.Region), at.Name}.reads())
	}
	if spec.AWS == nil {
		return
	}
	service, known := b.services[spec.Service]
	if spec.NameFrom != nil {
		service, known = link.EndpointServiceSpec{Region: spec.NameFrom.ServiceRegion}, true
	}
	e := endpoint{
		place: b.place(spec.Account, spec.Region), owner: owner,
		vpcs: []string{spec.AWS.VPC}, subnets: spec.AWS.Subnets, groups: spec.AWS.SecurityGroups,
		chosen: len(spec.AWS.Inventories) > 0, ownGroup: spec.AWS.SecurityGroup != nil,
		provider: b.Accounts[service.Account].ID,
		creates:  spec.AWS.Endpoint == "", takesOver: spec.AWS.Endpoint,
		privateDNS: spec.DNS.Mode == link.DNSPrivate, multiRegion: known && service.Region != spec.Region,
	}
	missing := b.choices(spec.AWS, &e)
	n := b.add(spec.Account, Consumer, e.statements())
	if len(missing) > 0 && b.wants(Consumer) {
		n.remarks = append(n.remarks, fmt.Sprintf("the VPCInventory %s is not among the specs: the role may make endpoints in any VPC; "+
			"give its spec as well, and the policy is exact", strings.Join(missing, ", ")))
	}
	if !known && b.wants(Consumer) {
		n.remarks = append(n.remarks, fmt.Sprintf("the EndpointService %s is not among the specs: should it be in another region than %s, "+
			"the role needs %s too; give its spec as well, and the policy is exact", spec.Service, spec.Region, multiRegion))
	}
	b.hostedZone(spec)
	switch in := spec.Ingress; {
	case in == nil:
	case in.Route != nil:
		b.add(in.Account, Ingress, routeOf(*in.Route, b.place(in.Account, spec.Region), owner).statements())
	default:
		b.add(in.Account, Ingress, targets{b.place(in.Account, spec.Region), in.TargetGroup}.statements())
	}
}
