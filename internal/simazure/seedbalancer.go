package simazure

import (
	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simazure/network"
)

func (b builder) loadBalancer(group WorldGroup, balancer WorldLoadBalancer) error {
	id := b.group + arm.ID("/providers/"+network.Namespace+"/loadBalancers/"+balancer.Name)
	frontends, pools, rules := []any{}, []any{}, []any{}
	for _, f := range balancer.Frontends {
		frontend, err := b.frontend(f)
		if err != nil {
			return err
		}
		frontends = append(frontends, frontend)
	}
	for _, p := range balancer.BackendPools {
		pool, err := b.pool(p)
		if err != nil {
			return err
		}
		pools = append(pools, pool)
	}
	for _, r := range balancer.Rules {
		backendPort := r.BackendPort
		if backendPort == 0 {
			backendPort = r.Port
		}
		rules = append(rules, map[string]any{"name": r.Name, "properties": map[string]any{
			"protocol": "Tcp", "frontendPort": r.Port, "backendPort": backendPort, "idleTimeoutInMinutes": 4, "enableFloatingIP": false,
			"frontendIPConfiguration": arm.Ref{ID: id.Child("frontendIPConfigurations", r.Frontend)},
			"backendAddressPool":      arm.Ref{ID: id.Child("backendAddressPools", r.BackendPool)},
		}})
	}
	if _, err := b.put("loadBalancers/"+balancer.Name, map[string]any{
		"location": group.Location, "tags": balancer.Tags, "sku": map[string]any{"name": balancer.SKU},
		"properties": map[string]any{"frontendIPConfigurations": frontends, "backendAddressPools": pools, "loadBalancingRules": rules},
	}); err != nil {
		return err
	}
	b.made("load-balancer", balancer.Name, id)
	for _, f := range balancer.Frontends {
		b.made("frontend", balancer.Name+"/"+f.Name, id.Child("frontendIPConfigurations", f.Name))
	}
	return nil
}

func (b builder) frontend(f WorldFrontend) (any, error) {
	if f.Public {
		address := b.group + arm.ID("/providers/"+network.Namespace+"/publicIPAddresses/"+f.Name)
		return map[string]any{"name": f.Name, "properties": map[string]any{"publicIPAddress": arm.Ref{ID: address}}}, nil
	}
	subnet, err := b.subnet(f.Subnet)
	method := "Dynamic"
	if f.Address != "" {
		method = "Static"
	}
	return map[string]any{"name": f.Name, "properties": map[string]any{
		"privateIPAddress": f.Address, "privateIPAllocationMethod": method, "subnet": arm.Ref{ID: subnet},
	}}, err
}

func (b builder) pool(p WorldPool) (any, error) {
	properties := map[string]any{}
	if len(p.Addresses) > 0 {
		at, err := b.network(p.VirtualNetwork)
		if err != nil {
			return nil, err
		}
		addresses := []any{}
		for _, address := range p.Addresses {
			addresses = append(addresses, map[string]any{"name": address, "properties": map[string]any{"ipAddress": address, "virtualNetwork": arm.Ref{ID: at}}})
		}
		properties["loadBalancerBackendAddresses"] = addresses
	}
	return map[string]any{"name": p.Name, "properties": properties}, nil
}
