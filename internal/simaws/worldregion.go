package simaws

// WorldRegion is an account's infrastructure in one Region.
type WorldRegion struct {
	PrefixLists              []WorldPrefixList   `yaml:"prefixLists"`
	VPCs                     []WorldVPC          `yaml:"vpcs"`
	TargetGroups             []WorldTargetGroup  `yaml:"targetGroups"`
	NetworkLoadBalancers     []WorldLoadBalancer `yaml:"networkLoadBalancers"`
	ApplicationLoadBalancers []WorldLoadBalancer `yaml:"applicationLoadBalancers"`
	Certificates             []WorldCertificate  `yaml:"certificates"`
	WebACLs                  []WorldWebACL       `yaml:"webACLs"`
	Quotas                   []WorldQuota        `yaml:"quotas"`
}

// WorldQuota is a quota whose value is not AWS's default.
type WorldQuota struct {
	Service string `yaml:"service"` // as Service Quotas calls it: "vpc"
	Code    string `yaml:"code"`    // "L-29B6F2EB"
	Value   int    `yaml:"value"`
}

// WorldVPC is a VPC. DNS support is on and DNS hostnames are off unless said otherwise, as in AWS.
type WorldVPC struct {
	Name           string               `yaml:"name"`
	CIDR           string               `yaml:"cidr"`
	IPv6           bool                 `yaml:"ipv6"` // has an IPv6 block that Amazon provides
	DNSSupport     *bool                `yaml:"dnsSupport"`
	DNSHostnames   *bool                `yaml:"dnsHostnames"`
	Subnets        []WorldSubnet        `yaml:"subnets"`
	SecurityGroups []WorldSecurityGroup `yaml:"securityGroups"`
	RouteTables    []WorldRouteTable    `yaml:"routeTables"`
}

// WorldRouteTable is a route table of subnets of its VPC. The main one, which each VPC has in any case, only gets a name.
type WorldRouteTable struct {
	Name    string   `yaml:"name"`
	Main    bool     `yaml:"main"`
	Subnets []string `yaml:"subnets"`
}

// WorldPrefixList is a prefix list that its account manages.
type WorldPrefixList struct {
	Name          string   `yaml:"name"`
	AddressFamily string   `yaml:"addressFamily"` // "IPv4" when left out, or "IPv6"
	MaxEntries    int32    `yaml:"maxEntries"`    // as many as there are when left out
	Entries       []string `yaml:"entries"`
}

// WorldSubnet is a subnet in a zone, by the account's own name for it or by id.
type WorldSubnet struct {
	Name   string `yaml:"name"`
	CIDR   string `yaml:"cidr"`
	IPv6   bool   `yaml:"ipv6"` // has a part of the VPC's IPv6 block
	Zone   string `yaml:"zone"`
	ZoneID string `yaml:"zoneId"`
}

// WorldSecurityGroup is a security group; it lets everything out.
type WorldSecurityGroup struct {
	Name        string      `yaml:"name"`
	Description string      `yaml:"description"`
	Ingress     []WorldRule `yaml:"ingress"`
}

// WorldRule lets a protocol in on a port from a range, or from a prefix list of the same Region.
type WorldRule struct {
	Protocol   string `yaml:"protocol"`
	Port       int32  `yaml:"port"`
	CIDR       string `yaml:"cidr"`
	PrefixList string `yaml:"prefixList"`
}

// WorldTargetGroup is a target group in a VPC of the same Region.
type WorldTargetGroup struct {
	Name       string `yaml:"name"`
	VPC        string `yaml:"vpc"`
	Protocol   string `yaml:"protocol"`
	Port       int32  `yaml:"port"`
	TargetType string `yaml:"targetType"` // "ip" when left out
}

// WorldLoadBalancer is a load balancer in subnets of the same Region.
type WorldLoadBalancer struct {
	Name           string          `yaml:"name"`
	Scheme         string          `yaml:"scheme"`        // "internal" when left out
	IPAddressType  string          `yaml:"ipAddressType"` // "ipv4" when left out, or "dualstack"
	Subnets        []string        `yaml:"subnets"`
	SecurityGroups []string        `yaml:"securityGroups"`
	Listeners      []WorldListener `yaml:"listeners"`
	WebACL         string          `yaml:"webACL"` // of an application load balancer
}

// WorldListener sends what arrives at a port to a target group, or answers it.
type WorldListener struct {
	Protocol      string              `yaml:"protocol"`
	Port          int32               `yaml:"port"`
	Certificate   string              `yaml:"certificate"`  // of HTTPS and TLS, the default one
	Certificates  []string            `yaml:"certificates"` // the certificate list
	TargetGroup   string              `yaml:"targetGroup"`
	FixedResponse *WorldFixedResponse `yaml:"fixedResponse"`
	Rules         []WorldListenerRule `yaml:"rules"`
}

// WorldListenerRule is a rule of an application load balancer's listener, for host names, paths, or both.
type WorldListenerRule struct {
	Priority      int32               `yaml:"priority"`
	Hosts         []string            `yaml:"hosts"`
	Paths         []string            `yaml:"paths"`
	TargetGroup   string              `yaml:"targetGroup"`
	FixedResponse *WorldFixedResponse `yaml:"fixedResponse"`
	Tags          map[string]string   `yaml:"tags"`
}

// WorldFixedResponse is an answer that the load balancer gives by itself.
type WorldFixedResponse struct {
	Status      string `yaml:"status"` // "404"
	ContentType string `yaml:"contentType"`
	Body        string `yaml:"body"`
}

// WorldCertificate is a certificate in Certificate Manager.
type WorldCertificate struct {
	Name         string   `yaml:"name"`
	Domain       string   `yaml:"domain"`
	Alternatives []string `yaml:"alternatives"`
	Status       string   `yaml:"status"` // "ISSUED" when left out; see acm.Statuses
}

// WorldWebACL is a regional web ACL without rules.
type WorldWebACL struct {
	Name string `yaml:"name"`
}
