package simaws

import (
	"fmt"

	"github.com/linkwright/linkwright/internal/simaws/dns"
)

// Resolve asks the resolver of a VPC for a name, as an instance in the VPC would: private zones first, then the public
// DNS. A VPC without DNS support has no resolver, so that every question is refused.
func (c *Cloud) Resolve(vpcID, name, recordType string) (dns.Answer, error) {
	c.world.Lock()
	resolver, ok := c.world.Networks.Resolver(vpcID)
	c.world.Unlock()
	switch {
	case !ok:
		return dns.Answer{}, fmt.Errorf("there is no VPC %q", vpcID)
	case !resolver.Support:
		return dns.Refused(), nil
	}
	public := c.publicNames()
	public.Private = c.route53.Authority().InVPC(vpcID)
	return public.Lookup(name, recordType)
}

// publicNames are those that everybody can resolve.
func (c *Cloud) publicNames() dns.Names {
	authority := c.route53.Authority()
	return dns.Names{Zones: authority, Hosts: []dns.Hosts{authority, c.ec2.Hosts()}}
}
