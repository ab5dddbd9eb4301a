package network

import (
	"encoding/json"
	"net/netip"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// putLoadBalancer makes a load balancer or replaces what it says (Load Balancers - Create Or Update).
func (s *Service) putLoadBalancer(r *arm.Request) (arm.Response, error) {
	var body struct {
		arm.Body[balancerBody]
		SKU sku `json:"sku"`
	}
	if err := r.Read(&body); err != nil {
		return arm.Response{}, err
	}
	id := r.Target()
	balancer, exists := s.state.LoadBalancers.Get(id)
	if !exists {
		balancer = &arm.Resource[LoadBalancer]{ID: id}
	}
	location, err := s.locate(id, body.Location, balancer.Location)
	if err != nil {
		return arm.Response{}, err
	}
	if err := r.Precondition(balancer.ETag); err != nil {
		return arm.Response{}, err
	}
	if err := s.world.Free(id); err != nil {
		return arm.Response{}, err
	}
	kind := sku{Name: orDefault(body.SKU.Name, "Standard"), Tier: orDefault(body.SKU.Tier, "Regional")}
	if exists && !strings.EqualFold(kind.Name, balancer.Properties.SKU.Name) {
		return arm.Response{}, arm.Errorf("LoadBalancerSkuUpdateNotAllowed", "Sku of load balancer %s cannot be changed.", id)
	}
	changed := *balancer
	changed.Location, changed.Tags, changed.Failed = location, body.Tags, false
	frontends, err := s.planFrontends(r, balancer, location, body.Properties.FrontendIPConfigurations)
	if err != nil {
		return arm.Response{}, err
	}
	if err := s.keepFrontends(id, frontends); err != nil {
		return arm.Response{}, err
	}
	changed.Properties = LoadBalancer{SKU: kind, Frontends: frontends, Children: body.Properties.children}
	changed.ETag = s.world.NewETag(id.Key())
	s.state.LoadBalancers.Put(&changed)
	op := s.begin(r, id, location, "loadBalancers", arm.Operation{})
	return s.world.Accepted(r, op, putStatus(exists), s.showLoadBalancer(&changed)), nil
}

// planFrontends are the frontends that a load balancer shall have, with addresses: one keeps its own, unless another
// one is asked for.
func (s *Service) planFrontends(r *arm.Request, balancer *arm.Resource[LoadBalancer], location string, wanted []frontendBody) ([]Frontend, error) {
	var planned []Frontend
	var taken []netip.Addr
	for _, w := range wanted {
		p := w.Properties
		id := frontendID(balancer.ID, w.Name)
		f := Frontend{Name: w.Name, Zones: w.Zones, Static: strings.EqualFold(p.PrivateIPAllocationMethod, "Static")}
		switch {
		case p.Subnet != nil && p.PublicIPAddress != nil:
			return nil, arm.Errorf("FrontendIPConfigHasBothSubnetAndPublicIP", "Frontend IP Configuration %s must not reference both a Subnet and a Public IP Address.", id)
		case p.PublicIPAddress != nil:
			f.PublicIP = p.PublicIPAddress.ID
		case p.Subnet != nil:
			subnet, network, err := s.findSubnet(r, p.Subnet.ID, balancer.ID)
			if err != nil {
				return nil, err
			}
			if network.Location != location {
				return nil, arm.InvalidReference(subnet.ID, balancer.ID)
			}
			f.Subnet = subnet.ID
			address := p.PrivateIPAddress
			if !f.Static {
				address = balancer.Properties.address(f)
			}
			if f.Address, err = s.allocate(subnet, address, id, taken...); err != nil {
				return nil, err
			}
			taken = append(taken, f.Address)
		default:
			return nil, arm.Errorf("FrontendIPConfigDoesNotReferenceSubnetOrPublicIP", "Frontend IP Configuration %s must reference either a Subnet, a Public IP Address or a Public IP Prefix.", id)
		}
		planned = append(planned, f)
	}
	return planned, nil
}

// address is the one that a frontend of that name has in the same subnet; empty when there is none.
func (b LoadBalancer) address(f Frontend) string {
	for _, old := range b.Frontends {
		if strings.EqualFold(old.Name, f.Name) && old.Subnet.Is(f.Subnet) {
			return old.Address.String()
		}
	}
	return ""
}

// keepFrontends refuses to take a frontend away that a private link service uses. Azure does not document the code; that
// it refuses follows from the service's reference to it.
func (s *Service) keepFrontends(id arm.ID, planned []Frontend) error {
	for _, service := range s.servicesOf(id) {
		for _, used := range service.Properties.Frontends {
			if !used.Parent().Is(id) {
				continue
			}
			kept := false
			for _, f := range planned {
				kept = kept || frontendID(id, f.Name).Is(used)
			}
			if !kept {
				return arm.Errorf("InUseFrontendIPConfigurationCannotBeDeleted",
					"Frontend IP configuration %s cannot be deleted since it is referenced by private link service %s.", used, service.ID)
			}
		}
	}
	return nil
}

// byAddress reports whether a pool of the load balancer has its members by their IP addresses, which cannot be behind a
// private link service (Azure Load Balancer, "Backend pool management", limitations).
func (b LoadBalancer) byAddress() bool {
	for _, pool := range b.Children["backendAddressPools"] {
		data, err := json.Marshal(pool.Properties["loadBalancerBackendAddresses"])
		if err != nil {
			continue
		}
		var addresses []struct {
			Properties struct {
				IPAddress        string `json:"ipAddress"`
				NetworkInterface any    `json:"networkInterfaceIPConfiguration"`
			} `json:"properties"`
		}
		if err := json.Unmarshal(data, &addresses); err != nil {
			continue
		}
		for _, a := range addresses {
			if a.Properties.IPAddress != "" && a.Properties.NetworkInterface == nil {
				return true
			}
		}
	}
	return false
}
