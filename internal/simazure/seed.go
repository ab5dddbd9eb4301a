package simazure

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simazure/network"
)

// Resource is something that the world file made.
type Resource struct {
	Tenant       string `json:"tenant"`
	Subscription string `json:"subscription"`
	Group        string `json:"group,omitempty"`
	Kind         string `json:"kind"` // "resource-group", "virtual-network", "subnet", "load-balancer", "frontend", "private-dns-zone"
	Name         string `json:"name"` // in the world file; a subnet's is "NETWORK/SUBNET", a frontend's "BALANCER/FRONTEND"
	ID           arm.ID `json:"id"`
}

// Resources are what the world file made.
func (c *Cloud) Resources() []Resource {
	c.parts.world.Lock()
	defer c.parts.world.Unlock()
	return slices.Clone(c.resources)
}

// build makes the world file's infrastructure, whatever roles say, and at once.
func (c *Cloud) build() error {
	c.parts.world.Lock()
	defer c.parts.world.Unlock()
	c.parts.world.Building = true
	defer func() { c.parts.world.Building = false }()
	if err := c.eachGroup(builder.infrastructure); err != nil {
		return err
	}
	return c.eachGroup(builder.zones) // which may be linked to networks of other groups and subscriptions
}

func (c *Cloud) eachGroup(do func(builder, WorldGroup) error) error {
	for _, tenant := range c.config.World.Tenants {
		for _, sub := range tenant.Subscriptions {
			for _, group := range sub.ResourceGroups {
				b := builder{cloud: c, tenant: tenant.Name, subscription: sub.Name, group: arm.IDOf("subscriptions", sub.SubscriptionID(), "resourceGroups", group.Name)}
				if err := do(b, group); err != nil {
					return fmt.Errorf("subscription %s, resource group %s: %w", sub.Name, group.Name, err)
				}
			}
		}
	}
	return nil
}

// builder makes what is in one resource group.
type builder struct {
	cloud                *Cloud
	tenant, subscription string
	group                arm.ID
}

// made remembers a resource.
func (b builder) made(kind, name string, id arm.ID) {
	b.cloud.resources = append(b.cloud.resources, Resource{Tenant: b.tenant, Subscription: b.subscription, Group: b.group.Group(), Kind: kind, Name: name, ID: id})
}

// put makes a resource of the group.
func (b builder) put(path string, body map[string]any) (arm.ID, error) {
	id := b.group + arm.ID("/providers/"+network.Namespace+"/"+path)
	_, err := b.cloud.act(http.MethodPut, id, body)
	return id, err
}

// network is the id of a virtual network that the file names: "NETWORK", "GROUP/NETWORK" or
// "SUBSCRIPTION/GROUP/NETWORK".
func (b builder) network(name string) (arm.ID, error) {
	parts := strings.Split(name, "/")
	subscription, group := b.subscription, b.group.Group()
	if len(parts) > 1 {
		group = parts[len(parts)-2]
	}
	if len(parts) > 2 {
		subscription = parts[len(parts)-3]
	}
	for _, r := range b.cloud.resources {
		if r.Kind == "virtual-network" && r.Subscription == subscription && r.Group == group && r.Name == parts[len(parts)-1] {
			return r.ID, nil
		}
	}
	return "", fmt.Errorf("there is no virtual network %q in the world file", name)
}

// subnet is the id of a subnet that the file names, behind its network.
func (b builder) subnet(name string) (arm.ID, error) {
	i := strings.LastIndex(name, "/")
	if i < 0 {
		return "", fmt.Errorf("subnet %q: a subnet is NETWORK/SUBNET", name)
	}
	id, err := b.network(name[:i])
	return id.Child("subnets", name[i+1:]), err
}

func (b builder) infrastructure(group WorldGroup) error {
	if _, err := b.cloud.act(http.MethodPut, b.group, map[string]any{"location": group.Location, "tags": group.Tags}); err != nil {
		return err
	}
	b.made("resource-group", group.Name, b.group)
	for _, n := range group.VirtualNetworks {
		if err := b.virtualNetwork(group, n); err != nil {
			return fmt.Errorf("virtual network %s: %w", n.Name, err)
		}
	}
	for _, balancer := range group.LoadBalancers {
		if err := b.loadBalancer(group, balancer); err != nil {
			return fmt.Errorf("load balancer %s: %w", balancer.Name, err)
		}
	}
	return nil
}

func (b builder) virtualNetwork(group WorldGroup, n WorldNetwork) error {
	subnets := []any{}
	for _, s := range n.Subnets {
		subnets = append(subnets, map[string]any{"name": s.Name, "properties": map[string]any{
			"addressPrefix": s.Prefix, "privateEndpointNetworkPolicies": s.EndpointPolicy, "privateLinkServiceNetworkPolicies": s.ServicePolicies,
		}})
	}
	id, err := b.put("virtualNetworks/"+n.Name, map[string]any{"location": group.Location, "tags": n.Tags, "properties": map[string]any{
		"addressSpace": map[string]any{"addressPrefixes": n.AddressSpace}, "subnets": subnets,
	}})
	if err != nil {
		return err
	}
	b.made("virtual-network", n.Name, id)
	for _, s := range n.Subnets {
		b.made("subnet", n.Name+"/"+s.Name, id.Child("subnets", s.Name))
	}
	return nil
}

func (b builder) zones(group WorldGroup) error {
	for _, zone := range group.PrivateDNSZones {
		if err := b.zone(zone); err != nil {
			return fmt.Errorf("private DNS zone %s: %w", zone.Name, err)
		}
	}
	return nil
}

func (b builder) zone(zone WorldZone) error {
	id, err := b.put("privateDnsZones/"+zone.Name, map[string]any{"location": "global", "tags": zone.Tags})
	if err != nil {
		return err
	}
	b.made("private-dns-zone", zone.Name, id)
	for _, link := range zone.Links {
		at, err := b.network(link.VirtualNetwork)
		if err != nil {
			return err
		}
		if _, err := b.put("privateDnsZones/"+zone.Name+"/virtualNetworkLinks/"+link.Name, map[string]any{"location": "global", "properties": map[string]any{
			"virtualNetwork": arm.Ref{ID: at}, "registrationEnabled": link.Registration,
		}}); err != nil {
			return fmt.Errorf("link %s: %w", link.Name, err)
		}
		if !b.cloud.parts.privatedns.IsLinked(id, at) {
			return fmt.Errorf("link %s: the network already resolves a zone of that name", link.Name)
		}
	}
	for _, record := range zone.Records {
		properties, err := record.properties()
		if err != nil {
			return err
		}
		if _, err := b.put("privateDnsZones/"+zone.Name+"/"+record.Type+"/"+record.Name, map[string]any{"properties": properties}); err != nil {
			return fmt.Errorf("record %s: %w", record.Name, err)
		}
	}
	return nil
}

// properties are those of the record set.
func (r WorldRecord) properties() (map[string]any, error) {
	list := []any{}
	add := func(field string) {
		for _, value := range r.Values {
			list = append(list, map[string]any{field: value})
		}
	}
	properties := map[string]any{"ttl": max(r.TTL, 1)}
	switch r.Type {
	case "A":
		add("ipv4Address")
		properties["aRecords"] = list
	case "AAAA":
		add("ipv6Address")
		properties["aaaaRecords"] = list
	case "TXT":
		for _, value := range r.Values {
			list = append(list, map[string]any{"value": []string{value}})
		}
		properties["txtRecords"] = list
	case "CNAME":
		if len(r.Values) != 1 {
			return nil, fmt.Errorf("record %s: a CNAME has one value", r.Name)
		}
		properties["cnameRecord"] = map[string]any{"cname": r.Values[0]}
	default:
		return nil, fmt.Errorf("record %s: type %q is none of A, AAAA, CNAME, TXT", r.Name, r.Type)
	}
	return properties, nil
}
