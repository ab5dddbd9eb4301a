package link

import "slices"

// ConnectionDNS is one choice among the ways in which the consumer's network resolves the service's name.
// It is one choice by construction, because a VPC cannot have both the service's private DNS on the
// endpoint and a private hosted zone for the same name.
type ConnectionDNS struct {
	// Mode is private (the service's own private DNS name, switched on at the endpoint), hostedZone (records in a
	// private hosted zone) or none (consumers use the endpoint's own DNS names). Default: none.
	Mode DNSMode `json:"mode,omitempty" jsonschema:"enum=none,enum=private,enum=hostedZone,default=none"`
	// HostedZone says which names lead to the endpoint, and in which VPCs; required with mode hostedZone.
	HostedZone *HostedZone `json:"hostedZone,omitempty"`
}

// DNSMode is a way to resolve the service's name.
type DNSMode string

const (
	DNSNone       DNSMode = "none"
	DNSPrivate    DNSMode = "private"
	DNSHostedZone DNSMode = "hostedZone"
)

// HostedZone is a private hosted zone: one that is made for this connection and removed with it, by name, or one
// that is there already, by id, in which nothing but the connection's own records is touched.
type HostedZone struct {
	// Account of the zone, by its name in the workers' accounts file. Default: the connection's account.
	Account string `json:"account,omitempty"`
	// Name of a zone that is made for this connection, such as api.k.example.com.
	Name string `json:"name,omitempty" jsonschema:"oneof_required=name,maxLength=255,example=api.k.example.com"`
	// ZoneID of a private zone that is there already: its id on AWS, its resource id on Azure.
	ZoneID string `json:"zoneID,omitempty" jsonschema:"oneof_required=zoneID,maxLength=400,pattern=^(Z[A-Z0-9]{1\\,31}$|/subscriptions/),example=Z0123456789ABCDEFGHIJ"`
	// Records that lead to the endpoint.
	Records []ZoneRecord `json:"records" jsonschema:"required,minItems=1"`
	// VPCs that see the zone. Default: for a zone that is made, the endpoint's VPC; for one that is there, those that
	// see it already. VPCs are added to a zone that is there, and only those that were added here are taken out.
	VPCs []ZoneVPC `json:"vpcs,omitempty"`
	// ResourceGroup of a zone that is made on Azure. Default: that of the connection's private endpoint.
	ResourceGroup string `json:"resourceGroup,omitempty" jsonschema:"maxLength=90,pattern=^[A-Za-z0-9_().-]*[A-Za-z0-9_()-]$,example=rg-shop"`
	// VirtualNetworks are the resource ids of those that see a zone on Azure, as vpcs are on AWS.
	VirtualNetworks []string `json:"virtualNetworks,omitempty" jsonschema:"uniqueItems=true,maxLength=400,pattern=^/subscriptions/,example=/subscriptions/00000000-0000-0000-0000-000000000002/resourceGroups/rg-shop/providers/Microsoft.Network/virtualNetworks/shop"`
}

// Uses reports whether some of the records are of a type.
func (z HostedZone) Uses(t RecordType) bool {
	return slices.ContainsFunc(z.Records, func(r ZoneRecord) bool { return r.Type == t })
}

// ZoneRecord is a name that leads to the endpoint.
type ZoneRecord struct {
	// Name is a domain name in the zone, in lower case; a leading "*." covers all names below it. It may be the
	// zone's own. Default: the zone's own, when the zone has a name here.
	Name string `json:"name,omitempty" jsonschema:"maxLength=255,example=api.k.example.com"`
	// Type is alias (the endpoint's own DNS name, followed by Route 53) or A (the addresses of the endpoint's network
	// interfaces, which follow them when they change). Default: alias, or A on Azure and in partitions of AWS that know
	// no alias to an endpoint.
	Type RecordType `json:"type,omitempty" jsonschema:"enum=alias,enum=A"`
	// TTL of an A record in seconds. Default: 60.
	TTL int32 `json:"ttl,omitempty" jsonschema:"minimum=1,maximum=86400,default=60"`
}

// RecordType is how a record leads to the endpoint.
type RecordType string

const (
	RecordAlias RecordType = "alias"
	RecordA     RecordType = "A"
)

// ZoneVPC is a VPC that sees a zone.
type ZoneVPC struct {
	// Account that owns the VPC, by its name in the workers' accounts file. Default: the connection's account.
	Account string `json:"account,omitempty"`
	// Region of the VPC. Default: the connection's region.
	Region string `json:"region,omitempty" jsonschema:"pattern=^[a-z]+(-[a-z]+)+-[0-9]+$,example=eu-central-1"`
	// VPC is its id.
	VPC string `json:"vpc" jsonschema:"required,pattern=^vpc-[0-9a-f]+$,example=vpc-0a1b2c3d4e5f67890"`
}
