package sim

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"slices"
	"strings"
	"sync"

	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// World is what every simulated service lives in: one lock, one clock, the accounts, and the narrow looks
// that services take at one another. The front door holds the lock while a service handles a request;
// anything that must wait (a DNS query) runs outside and takes the lock to write its result down.
type World struct {
	sync.Mutex
	Clock *simcloud.Clock
	// Admitted counts the requests that were let in. A request that was let in before another was carried out, and is
	// carried out after it, was under way at the same time.
	Admitted int
	// Accounts by twelve-digit id.
	Accounts map[string]*Account
	// Quotas are how much accounts may have. Services enforce their own.
	Quotas Quotas
	// The looks that services take at one another; each is set by the service that owns the facts.
	Networks      Networks
	LoadBalancers LoadBalancers
	HostedZones   HostedZones
	// EndpointServices and Certificates may be nil, which is a world without any.
	EndpointServices EndpointServices
	Certificates     Certificates
}

// Account is one simulated AWS account and the identities that may act in it.
type Account struct {
	ID    string
	Name  string
	Users []User
	Roles []Role
}

// User is an IAM user with one access key.
type User struct {
	Name      string
	AccessKey string
	SecretKey string
	// Policies say what the user may do; nil for everything.
	Policies []*policy.Document
}

// Role is an IAM role.
type Role struct {
	Name string
	// Trust says who may assume it, and on what conditions.
	Trust *policy.Document
	// Policies say what its sessions may do; nil for everything.
	Policies []*policy.Document
}

// User finds a user by name, nil when there is none.
func (a *Account) User(name string) *User {
	i := slices.IndexFunc(a.Users, func(u User) bool { return u.Name == name })
	if i < 0 {
		return nil
	}
	return &a.Users[i]
}

// Role finds a role by name, nil when there is none.
func (a *Account) Role(name string) *Role {
	i := slices.IndexFunc(a.Roles, func(r Role) bool { return r.Name == name })
	if i < 0 {
		return nil
	}
	return &a.Roles[i]
}

// Policies are those that say what a caller may do; nil for everything. A session whose role is gone may do nothing.
func (w *World) Policies(caller Caller) []*policy.Document {
	account, ok := w.Accounts[caller.AccountID]
	if !ok {
		return []*policy.Document{}
	}
	_, resource, _ := strings.Cut(caller.Principal(), ":iam::"+account.ID+":")
	kind, name, _ := strings.Cut(resource, "/")
	if user := account.User(name); kind == "user" && user != nil {
		return user.Policies
	}
	if role := account.Role(name); kind == "role" && role != nil {
		return role.Policies
	}
	return []*policy.Document{}
}

// Networks is what other services may ask of EC2.
type Networks interface {
	// VPC reports the VPC's CIDR blocks; false when the account has no such VPC in the region.
	VPC(accountID, region, vpcID string) (cidrs []string, ok bool)
	// Subnet reports the subnet's VPC and availability zone.
	Subnet(accountID, region, subnetID string) (SubnetInfo, bool)
	// ZoneAt reports the availability zone of the VPC's subnet that holds ip; false when none does.
	ZoneAt(accountID, region, vpcID, ip string) (zone string, ok bool)
	// AnswersAt reports whether an available VPC endpoint's network interface holds ip in the region, so
	// that load balancers can tell healthy targets. ip is in any VPC of any account.
	AnswersAt(region, ip string) bool
	// Resolver reports how names are resolved in a VPC, of whatever account; false when there is no such VPC.
	Resolver(vpcID string) (VPCResolver, bool)
	// EndpointZone reports the hosted zone that a DNS name of an endpoint is in, as an alias has to name it; false when
	// no endpoint has the name.
	EndpointZone(dnsName string) (zoneID string, ok bool)
}

// VPCResolver is a VPC's DNS as its neighbours see it.
type VPCResolver struct {
	AccountID, Region string
	// Support and Hostnames are the VPC's attributes enableDnsSupport and enableDnsHostnames.
	Support, Hostnames bool
	// Names are the private DNS names of the endpoints in the VPC.
	Names []PrivateName
}

// PrivateName is a private DNS name of an endpoint. EC2 keeps each in a private hosted zone of its own.
type PrivateName struct {
	Name   string // "api.example.com", "*.example.com"
	ZoneID string // "Z…"
	Target string // the endpoint's own DNS name
}

// Domain is the domain of the zone that a private DNS name is in.
func (p PrivateName) Domain() string { return strings.TrimPrefix(p.Name, "*.") }

// SubnetInfo is a subnet as its neighbours see it.
type SubnetInfo struct {
	VPCID, Zone, ZoneID string
	CIDR, CIDRv6        string // empty without addresses of that family
}

// LoadBalancers is what other services may ask of Elastic Load Balancing.
type LoadBalancers interface {
	// LoadBalancer looks one up by ARN, whatever account asks.
	LoadBalancer(arn string) (LoadBalancerInfo, bool)
	// UsesSecurityGroup reports whether a load balancer has the security group, which then cannot be deleted.
	UsesSecurityGroup(id string) bool
	// CertificateUsers are the ARNs of the load balancers that a listener of which has the certificate, in order.
	CertificateUsers(arn string) []string
}

// Certificates is what other services may ask of Certificate Manager.
type Certificates interface {
	// CertificateStatus is the status of an account's certificate in a region; false when it has no such one.
	CertificateStatus(accountID, region, arn string) (status string, ok bool)
}

// EndpointServices is what other services may ask of EC2 about endpoint services.
type EndpointServices interface {
	// UsesLoadBalancer reports whether an endpoint service stands on the load balancer, which then cannot
	// be deleted.
	UsesLoadBalancer(arn string) bool
}

// LoadBalancerInfo is a load balancer as its neighbours see it.
type LoadBalancerInfo struct {
	ARN, AccountID, Region, VPCID string
	Type                          string   // "network", "application", "gateway"
	Scheme                        string   // "internal", "internet-facing"
	State                         string   // "provisioning", "active", …
	Zones                         []string // availability zone names
	ZoneIDs                       []string
	IPAddressType                 string // "ipv4", "dualstack"
	Tags                          map[string]string
}

// HostedZones is what other services may ask of Route 53.
type HostedZones interface {
	// PrivateZones are the domains, without a dot at the end, of the private hosted zones that a VPC is
	// associated with.
	PrivateZones(region, vpcID string) []string
	// PublicCNAME is what the public DNS has a name stand for; false when it has no CNAME record there.
	PublicCNAME(name string) (target string, ok bool)
}

// NewID returns an EC2-style resource id: the prefix, a dash and 17 hexadecimal digits.
func NewID(prefix string) string { return prefix + "-" + Hex(17) }

// StableID returns an IAM-style unique id that is always the same for the same names: the prefix and 17
// capital letters and digits.
func StableID(prefix string, names ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(names, "/")))
	return prefix + base32.StdEncoding.EncodeToString(sum[:])[:17]
}

// Hex returns n random hexadecimal digits.
func Hex(n int) string {
	b := make([]byte, (n+1)/2)
	rand.Read(b) // never fails (crypto/rand since Go 1.24)
	return hex.EncodeToString(b)[:n]
}
