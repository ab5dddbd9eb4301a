package network

import (
	"net/netip"
	"slices"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// use is an address of a subnet and who has it: an IP configuration of an interface, or a load balancer's frontend.
type use struct {
	Address netip.Addr
	By      arm.ID
}

// uses are the addresses of a subnet that are taken.
func (s *Service) uses(subnet arm.ID) []use {
	var taken []use
	for _, nic := range s.state.Interfaces.All() {
		for _, c := range nic.Properties.Configurations {
			if c.Subnet.Is(subnet) {
				taken = append(taken, use{c.Address, nic.ID.Child("ipConfigurations", c.Name)})
			}
		}
	}
	for _, balancer := range s.state.LoadBalancers.All() {
		for _, f := range balancer.Properties.Frontends {
			if f.Subnet.Is(subnet) {
				taken = append(taken, use{f.Address, frontendID(balancer.ID, f.Name)})
			}
		}
	}
	return taken
}

// reserved is how many addresses at the beginning of a subnet Azure keeps: the network's, the gateway's and two for
// DNS. The last one is the broadcast address (Azure Virtual Network FAQ, "Are there any restrictions on using IP
// addresses within these subnets?").
const reserved = 4

// allocate finds an address in a subnet: the one that is asked for, or the first that is free. more are addresses that
// are about to be taken; of is who already has an address, and may keep it.
func (s *Service) allocate(subnet *arm.Resource[Subnet], wanted string, of arm.ID, more ...netip.Addr) (netip.Addr, error) {
	taken := map[netip.Addr]arm.ID{}
	for _, u := range s.uses(subnet.ID) {
		if of == "" || !u.By.Within(of) {
			taken[u.Address] = u.By
		}
	}
	for _, address := range more {
		taken[address] = subnet.ID
	}
	if wanted != "" {
		address, err := netip.ParseAddr(wanted)
		switch {
		case err != nil:
			return netip.Addr{}, arm.Errorf("InvalidIPAddress", "%s is no IP address.", wanted)
		case !holds(subnet.Properties.Prefixes, address):
			return netip.Addr{}, arm.Errorf("PrivateIPAddressNotInSubnet", "Private static IP address %s does not belong to the range of subnet prefix %s.", wanted, subnet.Properties.Prefixes[0])
		case !usable(subnet.Properties.Prefixes, address):
			return netip.Addr{}, arm.Errorf("PrivateIPAddressInReservedRange", "Private static IP address %s falls within reserved IP range of subnet prefix %s.", wanted, subnet.Properties.Prefixes[0])
		case taken[address] != "":
			return netip.Addr{}, arm.Errorf("PrivateIPAddressIsAllocated", "IP configuration %s is using the private IP address %s which is already allocated to resource %s.", of, wanted, taken[address])
		}
		return address, nil
	}
	for _, prefix := range subnet.Properties.Prefixes {
		for address := prefix.Addr(); prefix.Contains(address); address = address.Next() {
			if taken[address] == "" && usable(subnet.Properties.Prefixes, address) {
				return address, nil
			}
		}
	}
	return netip.Addr{}, arm.Errorf("SubnetIsFull", "Subnet %s with address prefix %s does not have enough capacity for 1 IP addresses.", subnet.ID.Name(), subnet.Properties.Prefixes[0])
}

func holds(prefixes []netip.Prefix, address netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(address) })
}

// usable reports whether Azure does not keep an address for itself.
func usable(prefixes []netip.Prefix, address netip.Addr) bool {
	for _, prefix := range prefixes {
		if !prefix.Contains(address) {
			continue
		}
		kept := prefix.Addr()
		for range reserved {
			if kept == address {
				return false
			}
			kept = kept.Next()
		}
		return prefix.Contains(address.Next()) // not the last one
	}
	return false
}
