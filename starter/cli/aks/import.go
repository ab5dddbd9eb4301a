package aks

import (
	"errors"
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
)

// Surroundings are what a Service does not say.
type Surroundings struct {
	// Account is the provider's, by its name in the workers' accounts file, and Region the cluster's.
	Account, Region string
	// NodeResourceGroup is where the cluster's load balancer is.
	NodeResourceGroup string
	// VirtualNetwork is the resource id of the cluster's.
	VirtualNetwork string
	// Subnet is the name of the one that the cluster's nodes are in: where a private link service gets its addresses
	// unless an annotation says otherwise.
	Subnet string
	// Subscription of the cluster; only for Adopt.
	Subscription string
	// Adopt leaves the private link service to the cluster's cloud controller, and only lets connections in and turns
	// them away.
	Adopt bool
}

// Import turns a Service into the spec that publishes it as its annotations say, with their defaults.
func Import(s Service, in Surroundings) (link.EndpointService, error) {
	doc := link.EndpointService{APIVersion: link.APIVersion, Kind: link.KindEndpointService, Metadata: link.Metadata{Name: s.Metadata.Name}}
	doc.Spec = link.EndpointServiceSpec{Account: in.Account, Region: in.Region}
	if err := s.check(); err != nil {
		return doc, err
	}
	var err error
	if in.Adopt {
		doc.Spec.Azure, err = s.adopted(in)
	} else {
		doc.Spec.Azure, err = s.made(in)
	}
	if err != nil {
		return doc, fmt.Errorf("service %s: %w", s, err)
	}
	if err := doc.Validate(); err != nil {
		return doc, fmt.Errorf("service %s: its spec would not be valid:\n%w", s, err)
	}
	return doc, nil
}

// adopted is the private link service that the cloud controller has made, and looks after.
func (s Service) adopted(in Surroundings) (*link.AzureEndpointService, error) {
	called := s.plsName()
	if called == "" {
		return nil, errors.New("it has no metadata.uid, by which the cloud controller names the private link service: take the Service as it is in the cluster (kubectl get service -o yaml)")
	}
	return &link.AzureEndpointService{PrivateLinkService: link.AzureID{
		Subscription: strings.ToLower(in.Subscription), ResourceGroup: s.groupIn(in),
		Type: "Microsoft.Network/privateLinkServices", Names: []string{called},
	}.String()}, nil
}

// made is a private link service that Linkwright makes in place of the cloud controller.
func (s Service) made(in Surroundings) (*link.AzureEndpointService, error) {
	front := link.AzureKubernetesFrontend{ResourceGroup: in.NodeResourceGroup}
	switch {
	case s.address() != "":
		front.Address = s.address()
	case s.Metadata.UID != "":
		front.UID = s.Metadata.UID
	default:
		return nil, errors.New("it has neither an address nor a metadata.uid, by which its frontend is found: take the Service as it is in the cluster (kubectl get service -o yaml)")
	}
	nat, err := s.nat(in)
	if err != nil {
		return nil, err
	}
	return &link.AzureEndpointService{
		ResourceGroup: s.groupIn(in), Name: s.plsName(),
		Frontends: &link.AzureFrontends{Kubernetes: &front}, NAT: nat,
		Visibility: lower(s.list(visibility)), AutoApproval: lower(s.list(autoApproval)),
		ProxyProtocol: s.annotation(proxyProtocol) == "true", FQDNs: lower(s.list(fqdns)),
	}, nil
}

// nat is where the addresses are from: the subnet that is named, else that of the load balancer, else the nodes'.
func (s Service) nat(in Surroundings) (*link.AzureNAT, error) {
	network, ok := link.ParseAzureID(in.VirtualNetwork)
	if !ok {
		return nil, fmt.Errorf("%q is not the resource id of the cluster's virtual network", in.VirtualNetwork)
	}
	within := in.Subnet
	for _, key := range []string{balancerSubnet, subnet} {
		if named := s.annotation(key); named != "" {
			within = named
		}
	}
	if within == "" {
		return nil, fmt.Errorf("%s names no subnet, so it is that of the cluster's nodes: name it", subnet)
	}
	network.Type += "/subnets"
	network.Names = append(network.Names, within)
	count, err := s.count()
	if err != nil {
		return nil, err
	}
	return &link.AzureNAT{Subnet: network.String(), Count: new(int32(count)), Addresses: s.list(addresses)}, nil
}

// plsName is what the private link service is called; empty when that depends on a UID that is not known.
func (s Service) plsName() string {
	if named := s.annotation(name); named != "" {
		return named
	}
	if front := s.frontend(); front != "" {
		return "pls-" + front
	}
	return ""
}

func (s Service) groupIn(in Surroundings) string {
	if named := s.annotation(group); named != "" {
		return named
	}
	return in.NodeResourceGroup
}

func lower(list []string) []string {
	for i := range list {
		list[i] = strings.ToLower(list[i])
	}
	return list
}
