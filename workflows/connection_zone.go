package workflows

import (
	"cmp"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// zone is what a connection has in a private hosted zone, or was about to have.
type zone struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	// Name is that of a zone that is made for the connection; empty for one that was there.
	Name string `json:"name,omitempty"`
	ID   string `json:"id,omitempty"`
	// ResourceGroup is where it is made on Azure.
	ResourceGroup string `json:"resourceGroup,omitempty"`
	// VPCs are those that were let see the zone by this connection.
	VPCs []zoneVPC `json:"vpcs,omitempty"`
}

// zoneVPC is a VPC that sees the zone.
type zoneVPC struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	VPC     string `json:"vpc"`
	// Authorized is true for as long as the zone's owner may still have to take an authorization back.
	Authorized bool `json:"authorized,omitempty"`
}

// hostedZone is the zone of the spec; nil when its names are resolved in another way.
func (c *connection) hostedZone() *link.HostedZone {
	if c.Spec.DNS.Mode != link.DNSHostedZone {
		return nil
	}
	return c.Spec.DNS.HostedZone
}

// ensureZone makes the names of the spec lead to the endpoint, in every VPC of the spec. What is about to be made is
// written down first.
func (c *connection) ensureZone(ctx workflow.Context) error {
	want := c.hostedZone()
	if c.Zone == nil {
		c.Zone = zoneOf(want, c.Spec.Region)
	}
	vpcs := c.zoneVPCs()
	first, err := c.firstNetwork(ctx, vpcs)
	if err != nil {
		return err
	}
	made, err := do(ctx, &c.flow, c.Zone.Account, activities.HostedZones.EnsureZone, activities.ZoneRequest{
		Place: c.Zone.place(), Owner: c.owner, Name: want.Name, ZoneID: c.Zone.ID, ResourceGroup: want.ResourceGroup, Network: first,
	})
	if err != nil {
		return err
	}
	c.Zone.ID = made.ID
	c.showZone(made.Name)
	for _, vpc := range vpcs {
		if err := c.associate(ctx, made, vpc); err != nil {
			return err
		}
	}
	for _, vpc := range slices.Clone(c.Zone.VPCs) {
		if !slices.ContainsFunc(vpcs, vpc.is) {
			if err := c.disassociate(ctx, vpc); err != nil {
				return err
			}
		}
	}
	return c.ensureRecords(ctx, want, len(made.Changes) > 0)
}

// zoneOf is what a connection is about to have.
func zoneOf(want *link.HostedZone, region string) *zone {
	return &zone{Account: want.Account, Region: region, Name: want.Name, ID: want.ZoneID, ResourceGroup: want.ResourceGroup}
}

// firstNetwork is a VPC of the zone's own account, which a zone must have from its beginning.
func (c *connection) firstNetwork(ctx workflow.Context, vpcs []zoneVPC) (activities.ZoneNetwork, error) {
	if c.Zone.Name == "" {
		return activities.ZoneNetwork{}, nil
	}
	for _, vpc := range vpcs {
		foreign, err := c.foreign(ctx, vpc)
		if err != nil {
			return activities.ZoneNetwork{}, err
		}
		if !foreign {
			return vpc.network(), nil
		}
	}
	return activities.ZoneNetwork{}, nil // the step says what is missing
}

// foreign reports whether a VPC belongs to another cloud account than the zone.
func (c *connection) foreign(ctx workflow.Context, vpc zoneVPC) (bool, error) {
	return persist(ctx, &c.flow, func() (bool, error) {
		owner, err := c.account(ctx, vpc.Account)
		if err != nil {
			return false, err
		}
		zone, err := c.account(ctx, c.Zone.Account)
		return owner.ID != zone.ID, err
	})
}

// associate lets a VPC see the zone. Across accounts, the owner of the zone authorizes it, the owner of the VPC
// associates it, and the authorization is taken back, which would otherwise count against a quota for ever.
func (c *connection) associate(ctx workflow.Context, there activities.Zone, vpc zoneVPC) error {
	noted := slices.IndexFunc(c.Zone.VPCs, vpc.is)
	seen := slices.Contains(there.Networks, vpc.network())
	switch {
	case seen && noted < 0 && c.Zone.Name == "":
		return nil // somebody else let it see a zone that was there: it is not ours to take out again
	case noted < 0:
		c.Zone.VPCs = append(c.Zone.VPCs, vpc)
		noted = len(c.Zone.VPCs) - 1
	}
	mine := &c.Zone.VPCs[noted]
	if !seen {
		foreign, err := c.foreign(ctx, vpc)
		if err != nil {
			return err
		}
		if foreign {
			mine.Authorized = true
			if err := effect(ctx, &c.flow, c.Zone.Account, activities.HostedZones.AuthorizeVPC, c.zoneVPC(c.Zone.Account, vpc, there.Name)); err != nil {
				return err
			}
		}
		if err := effect(ctx, &c.flow, vpc.Account, activities.HostedZones.AssociateVPC, c.zoneVPC(vpc.Account, vpc, there.Name)); err != nil {
			return err
		}
	}
	c.Status.AddResource(link.Resource{
		Kind: c.cloud().ZoneNetworkKind(), ID: vpc.VPC, Account: vpc.Account, Region: vpc.Region, Detail: "sees zone " + there.Name,
	})
	return c.deauthorize(ctx, mine)
}

// deauthorize takes an authorization back that may have been given.
func (c *connection) deauthorize(ctx workflow.Context, vpc *zoneVPC) error {
	if !vpc.Authorized {
		return nil
	}
	if err := effect(ctx, &c.flow, c.Zone.Account, activities.HostedZones.DeauthorizeVPC, c.zoneVPC(c.Zone.Account, *vpc, c.Zone.Name)); err != nil {
		return err
	}
	vpc.Authorized = false
	return nil
}

// disassociate ends that a VPC sees the zone, which this connection had begun.
func (c *connection) disassociate(ctx workflow.Context, vpc zoneVPC) error {
	noted := slices.IndexFunc(c.Zone.VPCs, vpc.is)
	if err := c.deauthorize(ctx, &c.Zone.VPCs[noted]); err != nil {
		return err
	}
	if err := effect(ctx, &c.flow, vpc.Account, activities.HostedZones.DisassociateVPC, c.zoneVPC(vpc.Account, vpc, c.Zone.Name)); err != nil {
		return err
	}
	c.Zone.VPCs = slices.Delete(c.Zone.VPCs, noted, noted+1)
	c.Status.Resources = slices.DeleteFunc(c.Status.Resources, func(r link.Resource) bool {
		return r.Kind == c.cloud().ZoneNetworkKind() && r.ID == vpc.VPC
	})
	return nil
}

// ensureRecords brings the records in step with the endpoint as it is now. In a zone that has just been made, there are
// none.
func (c *connection) ensureRecords(ctx workflow.Context, want *link.HostedZone, justMade bool) error {
	if want.Uses(link.RecordA) || len(c.Endpoint.DNSNames) == 0 || c.Endpoint.DNSZone == "" {
		if err := c.describe(ctx); err != nil {
			return err
		}
	}
	request := c.recordsRequest(want)
	request.New = justMade
	if _, err := do(ctx, &c.flow, c.Zone.Account, activities.HostedZones.EnsureRecords, request); err != nil {
		return err
	}
	c.Status.DropResources(link.KindZoneRecord)
	var names []string
	for _, r := range want.Records {
		names = append(names, r.Name)
		leads := cmp.Or(request.Alias.Name, "the endpoint")
		if r.Type == link.RecordA {
			leads = strings.Join(request.Addresses, ", ")
		}
		c.Status.AddResource(link.Resource{
			Kind: link.KindZoneRecord, ID: r.Name, Account: c.Zone.Account, Region: c.Zone.Region, Detail: string(r.Type) + " to " + leads,
		})
	}
	c.condition(ctx, link.DNSEnabled, true, "HostedZone", strings.Join(names, ", ")+" leads to the endpoint")
	return nil
}

// recordsRequest is about the records that lead to the endpoint as it is now.
func (c *connection) recordsRequest(want *link.HostedZone) activities.ZoneRecordsRequest {
	request := activities.ZoneRecordsRequest{Place: c.Zone.place(), Owner: c.owner, ZoneID: c.Zone.ID, Wanted: want.Records}
	if want.Uses(link.RecordA) {
		request.Addresses = ips(c.Endpoint.Addresses)
	}
	if want.Uses(link.RecordAlias) && len(c.Endpoint.DNSNames) > 0 {
		request.Alias = activities.ZoneAlias{Name: c.Endpoint.DNSNames[0], ZoneID: c.Endpoint.DNSZone}
	}
	return request
}

// zoneRequest is about the zone as it was written down.
func (c *connection) zoneRequest() activities.ZoneRequest {
	return activities.ZoneRequest{Place: c.Zone.place(), Owner: c.owner, Name: c.Zone.Name, ZoneID: c.Zone.ID, ResourceGroup: c.Zone.ResourceGroup}
}

// removeZone takes away what the connection has in the zone, and the zone itself when it was made for it. Whoever sees
// a zone that is deleted sees it no longer; from one that stays, only those are taken out that were let see it here.
func (c *connection) removeZone(ctx workflow.Context) error {
	if c.Zone == nil {
		return nil
	}
	for i := range c.Zone.VPCs {
		if err := c.deauthorize(ctx, &c.Zone.VPCs[i]); err != nil {
			return err
		}
	}
	if err := effect(ctx, &c.flow, c.Zone.Account, activities.HostedZones.RemoveZone, c.zoneRequest()); err != nil {
		return err
	}
	if c.Zone.Name == "" {
		for _, vpc := range slices.Clone(c.Zone.VPCs) {
			if err := c.disassociate(ctx, vpc); err != nil {
				return err
			}
		}
	}
	c.Zone = nil
	for _, kind := range []string{c.cloud().ZoneKind(), link.KindZoneRecord, c.cloud().ZoneNetworkKind()} {
		c.Status.DropResources(kind)
	}
	c.condition(ctx, link.DNSEnabled, false, "Removed", "")
	return nil
}

// fits reports whether the zone is the one that the spec wants.
func (z *zone) fits(want *link.HostedZone) bool {
	return want != nil && z.Account == want.Account && z.Name == want.Name && (want.ZoneID == "" || link.SameAzureID(z.ID, want.ZoneID))
}

func (z *zone) place() activities.Place {
	return activities.Place{Account: z.Account, Region: z.Region}
}

// zoneVPCs are the VPCs that are to see the zone: for a zone that is made, the endpoint's own unless others are named.
func (c *connection) zoneVPCs() []zoneVPC {
	want := c.hostedZone()
	var list []zoneVPC
	for _, v := range want.VPCs {
		list = append(list, zoneVPC{Account: v.Account, Region: v.Region, VPC: v.VPC})
	}
	networks := want.VirtualNetworks
	if len(list)+len(networks) == 0 && want.Name != "" {
		if c.Spec.Azure == nil {
			return []zoneVPC{{Account: c.Spec.Account, Region: c.Spec.Region, VPC: c.Endpoint.Network}}
		}
		networks = []string{c.Endpoint.Network}
	}
	for _, id := range networks { // on Azure, whoever has the zone lets them see it
		list = append(list, zoneVPC{Account: want.Account, Region: c.Spec.Region, VPC: id})
	}
	return list
}

func (v zoneVPC) is(other zoneVPC) bool {
	return v.Account == other.Account && v.Region == other.Region && v.VPC == other.VPC
}

func (v zoneVPC) network() activities.ZoneNetwork {
	return activities.ZoneNetwork{VPC: v.VPC, Region: v.Region}
}

// zoneVPC is about a VPC of the zone, on the side of an account.
func (c *connection) zoneVPC(account string, vpc zoneVPC, name string) activities.ZoneVPCRequest {
	return activities.ZoneVPCRequest{
		Place: activities.Place{Account: account, Region: vpc.Region}, Owner: c.owner, ZoneID: c.Zone.ID, ZoneName: name, Network: vpc.network(),
	}
}

func (c *connection) showZone(name string) {
	detail := name
	if c.Zone.Name != "" {
		detail += ", made for this connection"
	}
	c.Status.DropResources(c.cloud().ZoneKind())
	c.Status.AddResource(link.Resource{Kind: c.cloud().ZoneKind(), ID: c.Zone.ID, Account: c.Zone.Account, Detail: detail})
}
