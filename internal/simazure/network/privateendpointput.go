package network

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// endpointBody is what a PUT says of a private endpoint. It replaces all.
type endpointBody struct {
	Subnet    *arm.Ref          `json:"subnet"`
	Automatic []connectionBody  `json:"privateLinkServiceConnections"`
	Manual    []connectionBody  `json:"manualPrivateLinkServiceConnections"`
	Addresses []endpointAddress `json:"ipConfigurations"`
	CustomNIC string            `json:"customNetworkInterfaceName"`
	DNS       json.RawMessage   `json:"customDnsConfigs"`
	Groups    json.RawMessage   `json:"applicationSecurityGroups"`
}

type connectionBody struct {
	Name       string `json:"name"`
	Properties struct {
		Service  string   `json:"privateLinkServiceId"`
		GroupIDs []string `json:"groupIds"`
		Message  string   `json:"requestMessage"`
	} `json:"properties"`
}

// maxMessage is how long a request's message may be (PrivateLinkServiceConnection, requestMessage).
const maxMessage = 140

// putEndpoint makes a private endpoint or replaces what it says (Private Endpoints - Create Or Update). The endpoint is
// provisioned also while its connection waits for approval.
func (s *Service) putEndpoint(r *arm.Request) (arm.Response, error) {
	var body arm.Body[endpointBody]
	if err := r.Read(&body); err != nil {
		return arm.Response{}, err
	}
	id := r.Target()
	endpoint, exists := s.state.Endpoints.Get(id)
	if !exists {
		endpoint = &arm.Resource[PrivateEndpoint]{ID: id}
	}
	location, err := s.locate(id, body.Location, endpoint.Location)
	if err != nil {
		return arm.Response{}, err
	}
	if err := r.Precondition(endpoint.ETag); err != nil {
		return arm.Response{}, err
	}
	if err := s.world.Free(id); err != nil {
		return arm.Response{}, err
	}
	want := body.Properties
	subnet, err := s.endpointSubnet(r, endpoint, want, location)
	if err != nil {
		return arm.Response{}, err
	}
	changed := *endpoint
	changed.Location, changed.Tags, changed.Failed = location, body.Tags, false
	p := &changed.Properties
	p.Subnet, p.Addresses, p.DNS, p.Groups = subnet.ID, want.Addresses, want.DNS, want.Groups
	service, err := s.planConnection(r, &changed, want, exists)
	if err != nil {
		return arm.Response{}, err
	}
	if p.Interface, err = s.planEndpointInterface(&changed, subnet, want.CustomNIC, exists); err != nil {
		return arm.Response{}, err
	}
	changed.ETag = s.world.NewETag(id.Key())
	s.state.Endpoints.Put(&changed)
	if !exists {
		s.connect(service, &changed)
	}
	op := s.begin(r, id, location, "privateEndpoints", arm.Operation{})
	return s.world.Accepted(r, op, putStatus(exists), s.showEndpoint(&changed)), nil
}

// endpointSubnet is the subnet that an endpoint shall be in, which is of its region and for ever.
func (s *Service) endpointSubnet(r *arm.Request, endpoint *arm.Resource[PrivateEndpoint], want endpointBody, location string) (*arm.Resource[Subnet], error) {
	if want.Subnet == nil {
		return nil, arm.Errorf("InvalidRequestFormat", "Cannot parse the request: private endpoint %s needs a subnet.", endpoint.ID)
	}
	subnet, network, err := s.findSubnet(r, want.Subnet.ID, endpoint.ID)
	switch {
	case err != nil:
		return nil, err
	case network.Location != location:
		return nil, arm.InvalidReference(subnet.ID, endpoint.ID)
	case endpoint.ETag != "" && !endpoint.Properties.Subnet.Is(subnet.ID):
		return nil, arm.Errorf("PrivateEndpointSubnetCannotBeChanged", "The subnet of private endpoint %s cannot be changed.", endpoint.ID)
	case endpoint.ETag != "":
		return subnet, nil
	}
	count := 0
	for _, other := range s.state.Endpoints.All() {
		if other.Properties.Subnet.Within(network.ID) {
			count++
		}
	}
	if limit := s.world.Limits.EndpointsPerNetwork; count >= limit {
		return nil, limitReached("PrivateEndpointPerVirtualNetwork", endpoint.ID, limit)
	}
	return subnet, nil
}

// planConnection fills an endpoint's connection in. An existing one keeps its service and its state.
func (s *Service) planConnection(r *arm.Request, endpoint *arm.Resource[PrivateEndpoint], want endpointBody, exists bool) (*arm.Resource[PrivateLinkService], error) {
	wanted := append(append([]connectionBody{}, want.Automatic...), want.Manual...)
	if len(wanted) != 1 {
		return nil, arm.Errorf("PrivateEndpointMustHaveOneConnection", "Private endpoint %s must have exactly one private link service connection.", endpoint.ID)
	}
	w := wanted[0]
	c := endpointConnection{Name: w.Name, Manual: len(want.Manual) == 1, Named: w.Properties.Service, GroupIDs: w.Properties.GroupIDs, Message: w.Properties.Message}
	if utf8.RuneCountInString(c.Message) > maxMessage {
		return nil, arm.Errorf("PrivateLinkServiceConnectionRequestMessageTooLong", "The request message of connection %s of private endpoint %s is longer than %d characters.", c.Name, endpoint.ID, maxMessage)
	}
	if exists {
		old := endpoint.Properties.Connection
		if !strings.EqualFold(c.Named, old.Named) || c.Manual != old.Manual || c.Name != old.Name {
			return nil, arm.Errorf("PrivateEndpointConnectionCannotBeChanged", "The private link service connection of private endpoint %s cannot be changed.", endpoint.ID)
		}
		c.Service, c.State = old.Service, old.State
		endpoint.Properties.Connection = c
		return nil, nil
	}
	service, err := s.target(r, endpoint.ID, c)
	if err != nil {
		return nil, err
	}
	c.Service = service.ID
	c.State, err = s.firstState(r, endpoint.ID, service, c)
	endpoint.Properties.Connection = c
	return service, err
}

// target is the service that a new endpoint names, if it is one for the endpoint's subscription to see.
func (s *Service) target(r *arm.Request, id arm.ID, c endpointConnection) (*arm.Resource[PrivateLinkService], error) {
	service, isAlias := s.byName(c.Named)
	switch {
	case service == nil || !visible(r, service, id.Subscription()):
		return nil, arm.Errorf("ThirdPartyPrivateLinkServiceProvidedDuringPrivateEndpointCreationDoesNotExistOrIsNotVisible",
			"Private link service %s provided during the creation of private endpoint %s does not exist or is not visible to subscription %s.", c.Named, id, id.Subscription())
	case isAlias && !c.Manual:
		return nil, arm.Errorf("PrivateLinkServiceAliasRequiresManualConnection",
			"Private endpoint %s names private link service %s by its alias. Use manualPrivateLinkServiceConnections for that.", id, c.Named)
	case len(c.GroupIDs) > 0:
		return nil, arm.Errorf("PrivateLinkServiceGroupIdsMustBeEmpty", "Group ids of connection %s of private endpoint %s must be empty: private link service %s has none.", c.Name, id, c.Named)
	}
	if op := s.world.On(service.ID); op != nil {
		if op.Deletes {
			return nil, arm.InvalidReference(service.ID, id)
		}
		return nil, arm.Locked(service.ID, op.ID)
	}
	if limit := s.world.Limits.EndpointsPerService; len(service.Properties.Connections) >= limit {
		return nil, limitReached("PrivateEndpointPerPrivateLinkService", id, limit)
	}
	return service, nil
}

// firstState is the state of a new connection. Who is on the service's auto-approval list is let in; so is who may
// approve connections himself and does not ask for the owner's decision (Azure Private Link, "What is a private
// endpoint?").
func (s *Service) firstState(r *arm.Request, id arm.ID, service *arm.Resource[PrivateLinkService], c endpointConnection) (connectionState, error) {
	if service.Properties.approvedByItself(id.Subscription()) {
		return connectionState{Status: approved, Description: "Auto-Approved", ActionsRequired: "None"}, nil
	}
	if c.Manual {
		return connectionState{Status: pending, Description: "Awaiting Approval", ActionsRequired: "None"}, nil
	}
	if err := r.Linked(Namespace+"/privateLinkServices/PrivateEndpointConnectionsApproval/action", service.ID); err != nil {
		return connectionState{}, err
	}
	return connectionState{Status: approved, Description: "Auto-Approved", ActionsRequired: "None"}, nil
}

// planEndpointInterface makes the network interface of an endpoint, with the address that is asked for or with any.
func (s *Service) planEndpointInterface(endpoint *arm.Resource[PrivateEndpoint], subnet *arm.Resource[Subnet], name string, exists bool) (arm.ID, error) {
	p := &endpoint.Properties
	if exists {
		if name != p.CustomNIC {
			return "", arm.Errorf("PrivateEndpointCustomNetworkInterfaceNameCannotBeChanged", "The name of the network interface of private endpoint %s cannot be changed.", endpoint.ID)
		}
		return p.Interface, nil
	}
	p.CustomNIC = name
	if len(p.Addresses) > 1 {
		return "", arm.Errorf("PrivateEndpointIPConfigurationsInvalid", "Private endpoint %s of a private link service can have one IP configuration.", endpoint.ID)
	}
	c := IPConfiguration{Name: "privateEndpointIpConfig." + s.world.NewGUID(endpoint.ID.Key(), "ipconfig"), Subnet: subnet.ID, Primary: true}
	wanted := ""
	if len(p.Addresses) == 1 {
		c.Name, c.Static, wanted = p.Addresses[0].Name, true, p.Addresses[0].Properties.PrivateIPAddress
	}
	var err error
	if c.Address, err = s.allocate(subnet, wanted, ""); err != nil {
		return "", err
	}
	return s.putInterface(endpoint.ID, endpoint.Location, name, []IPConfiguration{c}), nil
}
