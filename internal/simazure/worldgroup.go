package simazure

// WorldGroup is a resource group with what is in it. What is in it is where it is, but for private DNS zones, which are
// everywhere.
type WorldGroup struct {
	Name            string              `yaml:"name"`
	Location        string              `yaml:"location"`
	Tags            map[string]string   `yaml:"tags"`
	VirtualNetworks []WorldNetwork      `yaml:"virtualNetworks"`
	LoadBalancers   []WorldLoadBalancer `yaml:"loadBalancers"`
	PrivateDNSZones []WorldZone         `yaml:"privateDnsZones"`
}

// WorldNetwork is a virtual network.
type WorldNetwork struct {
	Name         string            `yaml:"name"`
	AddressSpace []string          `yaml:"addressSpace"`
	Tags         map[string]string `yaml:"tags"`
	Subnets      []WorldSubnet     `yaml:"subnets"`
}

// WorldSubnet is a subnet. Its policies are Azure's defaults when left out.
type WorldSubnet struct {
	Name            string `yaml:"name"`
	Prefix          string `yaml:"prefix"`
	EndpointPolicy  string `yaml:"privateEndpointNetworkPolicies"`
	ServicePolicies string `yaml:"privateLinkServiceNetworkPolicies"`
}

// WorldLoadBalancer is an internal load balancer; of the Standard SKU when it has no other.
type WorldLoadBalancer struct {
	Name         string            `yaml:"name"`
	SKU          string            `yaml:"sku"`
	Tags         map[string]string `yaml:"tags"`
	Frontends    []WorldFrontend   `yaml:"frontends"`
	BackendPools []WorldPool       `yaml:"backendPools"`
	Rules        []WorldRule       `yaml:"rules"`
}

// WorldFrontend is a frontend: internal in a subnet "NETWORK/SUBNET" of the group or "GROUP/NETWORK/SUBNET" of the
// subscription, with an address or any; or public.
type WorldFrontend struct {
	Name    string `yaml:"name"`
	Subnet  string `yaml:"subnet"`
	Address string `yaml:"address"`
	Public  bool   `yaml:"public"`
}

// WorldPool is a backend pool: of network interfaces, which are not there, or of addresses in a virtual network.
type WorldPool struct {
	Name           string   `yaml:"name"`
	VirtualNetwork string   `yaml:"virtualNetwork"`
	Addresses      []string `yaml:"addresses"`
}

// WorldRule is a load balancing rule: TCP, from a port of a frontend to a port of a pool's members, which is the same
// when left out.
type WorldRule struct {
	Name        string `yaml:"name"`
	Frontend    string `yaml:"frontend"`
	BackendPool string `yaml:"backendPool"`
	Port        int    `yaml:"port"`
	BackendPort int    `yaml:"backendPort"`
}

// WorldZone is a private DNS zone.
type WorldZone struct {
	Name    string            `yaml:"name"`
	Tags    map[string]string `yaml:"tags"`
	Links   []WorldLink       `yaml:"links"`
	Records []WorldRecord     `yaml:"records"`
}

// WorldLink links a zone to a virtual network: "NETWORK" of the group, "GROUP/NETWORK" of the subscription, or
// "SUBSCRIPTION/GROUP/NETWORK".
type WorldLink struct {
	Name           string `yaml:"name"`
	VirtualNetwork string `yaml:"virtualNetwork"`
	Registration   bool   `yaml:"registration"`
}

// WorldRecord is a record set: of type A, AAAA, CNAME or TXT, with its name below the zone's, or "@".
type WorldRecord struct {
	Name   string   `yaml:"name"`
	Type   string   `yaml:"type"`
	TTL    int64    `yaml:"ttl"`
	Values []string `yaml:"values"`
}
