package ec2

import (
	"net/netip"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// reservedAddresses in each block of a subnet are AWS's own: the first four and the last, of IPv4 and of IPv6
// (Amazon VPC User Guide, "Subnet CIDR blocks").
const reservedAddresses = 5

// addresses are those of a network interface in a subnet; an empty one is not there, or was not asked for.
type addresses struct {
	v4, v6 string
}

// findAddresses finds addresses for an interface: of IPv4, of IPv6 or both, at those wanted if any are.
func (s *Service) findAddresses(subnet *Subnet, kind string, wanted addresses) (found addresses, err error) {
	if kind != "ipv6" {
		if found.v4, err = s.freeAddress(subnet, subnet.CIDR, wanted.v4); err != nil {
			return found, err
		}
	}
	if kind != "ipv4" {
		found.v6, err = s.freeAddress(subnet, subnet.V6.CIDR, wanted.v6)
	}
	return found, err
}

// freeAddress is the lowest address of a subnet's block that nobody has, or the one asked for.
func (s *Service) freeAddress(subnet *Subnet, cidr, wanted string) (string, error) {
	taken := s.takenAddresses(subnet)
	block := netip.MustParsePrefix(cidr)
	address := block.Addr()
	for range reservedAddresses - 1 {
		address = address.Next()
	}
	if wanted != "" {
		asked, err := netip.ParseAddr(wanted)
		switch {
		case err != nil || !block.Contains(asked) || asked.Less(address) || !block.Contains(asked.Next()):
			return "", sim.Errorf("InvalidParameterValue", "Address %s does not fall within the subnet's address range", wanted)
		case taken[asked.String()]:
			return "", sim.Errorf("InvalidIPAddress.InUse", "Address %s is in use.", wanted)
		}
		return asked.String(), nil
	}
	for ; block.Contains(address.Next()); address = address.Next() { // the last address is reserved
		if !taken[address.String()] {
			return address.String(), nil
		}
	}
	return "", sim.Errorf("InsufficientFreeAddressesInSubnet", "The specified subnet does not have enough free addresses to satisfy the request: %s", subnet.ID)
}

func (s *Service) takenAddresses(subnet *Subnet) map[string]bool {
	taken := map[string]bool{}
	for _, eni := range s.state.Interfaces {
		if eni.Subnet == subnet.ID {
			taken[eni.Address], taken[eni.AddressV6] = true, true
		}
	}
	return taken
}

// freeAddresses is how many IPv4 addresses of a subnet nobody has.
func (s *Service) freeAddresses(subnet *Subnet) int {
	if subnet.CIDR == "" {
		return 0
	}
	free := 1<<(32-netip.MustParsePrefix(subnet.CIDR).Bits()) - reservedAddresses
	for _, eni := range s.state.Interfaces {
		if eni.Subnet == subnet.ID {
			free--
		}
	}
	return free
}
