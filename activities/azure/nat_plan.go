package azure

import (
	"fmt"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
)

// natAddress is an address under which consumers appear to the load balancer.
type natAddress struct {
	Name    string
	Subnet  string
	Address string // empty for one that Azure picks
	Primary bool
}

// natOf are the addresses of a service.
func natOf(p armnetwork.PrivateLinkService) []natAddress {
	var all []natAddress
	for _, c := range values(p.Properties.IPConfigurations) {
		a := natAddress{Name: value(c.Name)}
		if there := c.Properties; there != nil {
			a.Primary = value(there.Primary)
			if there.Subnet != nil {
				a.Subnet = normal(value(there.Subnet.ID))
			}
			if is(string(value(there.PrivateIPAllocationMethod)), string(armnetwork.IPAllocationMethodStatic)) {
				a.Address = value(there.PrivateIPAddress)
			}
		}
		all = append(all, a)
	}
	return all
}

// planNAT finds the addresses that a service is to have, of those that it has and others, and why Azure cannot change
// them to what is wanted: once there are several, none can be taken away, and one has its subnet, its way of being picked
// and its rank for good.
func planNAT(have []natAddress, want wantedService) (next []natAddress, cannot string) {
	left := want.nat()
	var dropped []string
	for _, a := range have {
		at := slices.IndexFunc(left, func(w natAddress) bool {
			return w.Subnet == a.Subnet && w.Address == a.Address && (w.Primary == a.Primary || len(have) == 1)
		})
		if at < 0 {
			dropped = append(dropped, a.String())
			continue
		}
		a.Primary = left[at].Primary
		next = append(next, a)
		left = slices.Delete(left, at, at+1)
	}
	if len(have) > 1 && len(dropped) > 0 {
		return have, fmt.Sprintf("NAT addresses %v, which cannot be taken away once there are several", dropped)
	}
	for _, w := range left {
		w.Name = freeName(append(slices.Clone(have), next...))
		next = append(next, w)
	}
	return next, ""
}

// nat are the addresses that are wanted.
func (w wantedService) nat() []natAddress {
	var all []natAddress
	for i, address := range w.Addresses {
		all = append(all, natAddress{Subnet: w.Subnet, Address: address, Primary: i == 0})
	}
	for range w.Count {
		all = append(all, natAddress{Subnet: w.Subnet, Primary: len(all) == 0})
	}
	return all
}

// freeName is the first name that none of the addresses has.
func freeName(taken []natAddress) string {
	for i := 1; ; i++ {
		name := fmt.Sprintf("nat-%d", i)
		if !slices.ContainsFunc(taken, func(a natAddress) bool { return is(a.Name, name) }) {
			return name
		}
	}
}

func (a natAddress) configuration() *armnetwork.PrivateLinkServiceIPConfiguration {
	p := &armnetwork.PrivateLinkServiceIPConfigurationProperties{
		Primary: &a.Primary, Subnet: &armnetwork.Subnet{ID: &a.Subnet},
		PrivateIPAddressVersion:   new(armnetwork.IPVersionIPv4),
		PrivateIPAllocationMethod: new(armnetwork.IPAllocationMethodDynamic),
	}
	if a.Address != "" {
		p.PrivateIPAddress, p.PrivateIPAllocationMethod = &a.Address, new(armnetwork.IPAllocationMethodStatic)
	}
	return &armnetwork.PrivateLinkServiceIPConfiguration{Name: &a.Name, Properties: p}
}

func (a natAddress) String() string {
	if a.Address != "" {
		return a.Address
	}
	return a.Name
}

func shownNAT(all []natAddress) []string {
	var shown []string
	for _, a := range all {
		shown = append(shown, a.String())
	}
	return shown
}
