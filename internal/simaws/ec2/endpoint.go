package ec2

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Endpoint is a VPC endpoint of a consumer, and at once a connection of the service that it connects to.
type Endpoint struct {
	Resource
	Lifecycle
	ConnectionID   string
	VPC            string
	ServiceID      string
	ServiceName    string
	ServiceRegion  string
	Subnets        []string
	Interfaces     []string // one for each subnet
	SecurityGroups []string
	IPAddressType  string
	DNSRecordType  string
	PrivateDNS     bool
	PrivateZone    string // id of the hosted zone behind the private DNS name
	Label          string // random part of its DNS names
	Domain         string // of the service: what its DNS names end in
	Policy         string
	Payers         map[string]string // by scope; empty until somebody was made to pay
}

// The states of an endpoint as they stand on the wire, in camel case (AWS PrivateLink Guide, "Endpoint
// states"); the SDKs' constants are in Pascal case.
const (
	endpointPendingAcceptance = "pendingAcceptance"
	endpointPending           = "pending"
	endpointAvailable         = "available"
	endpointRejected          = "rejected"
	endpointExpired           = "expired"
	endpointDeleting          = "deleting"
	endpointDeleted           = "deleted"
)

// How long the real service takes, roughly; nothing is documented.
const (
	endpointProvisioning = 60 * time.Second
	endpointDeletion     = 60 * time.Second
)

var (
	// DescribeVpcEndpoints and ModifyVpcEndpoint answer with the first code, DeleteVpcEndpoints with the second.
	endpointNotFound        = missing("InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '%s' does not exist")
	deletedEndpointNotFound = missing("InvalidVpcEndpoint.NotFound", "The Vpc Endpoint Id '%s' does not exist")
)

// fullAccess is the policy of an endpoint that was given none.
const fullAccess = `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}`

// maxPolicy is the size of an endpoint's policy in characters (AWS PrivateLink Guide, "Quotas").
const maxPolicy = 20480

// readPolicy reads the policy that a request gives; was when it gives none.
func readPolicy(f query.Form, was string) (string, error) {
	policy := f.String("PolicyDocument")
	switch {
	case policy == "":
		return was, nil
	case !json.Valid([]byte(policy)):
		return "", sim.Errorf("InvalidPolicyDocument", "The policy document is not valid JSON.")
	case len([]rune(policy)) > maxPolicy:
		return "", sim.Errorf("InvalidPolicyDocument", "The policy document exceeds the maximum size of %d characters.", maxPolicy)
	}
	return policy, nil
}

func (s *Service) createEndpoint(r *sim.Request, f query.Form) (any, error) {
	id, err := s.madeBefore(r, f)
	if err != nil {
		return nil, err
	}
	endpoint := s.state.Endpoints[id]
	if endpoint == nil {
		if endpoint, err = s.newEndpoint(r, f); err != nil {
			return nil, err
		}
		s.remember(r, f, endpoint.ID)
	}
	var result struct {
		Endpoint    endpointItem `xml:"vpcEndpoint"`
		ClientToken string       `xml:"clientToken,omitempty"`
	}
	result.Endpoint, result.ClientToken = s.endpointItem(endpoint), f.String("ClientToken")
	return result, nil
}

// newEndpoint connects a VPC to a service. The endpoint has its network interfaces and DNS names at once;
// they begin to answer when it is available.
func (s *Service) newEndpoint(r *sim.Request, f query.Form) (*Endpoint, error) {
	vpc, err := s.vpc(r, f.String("VpcId"))
	if err != nil {
		return nil, err
	}
	service, err := s.serviceToConnect(r, f)
	if err != nil {
		return nil, err
	}
	tags, err := newTags(f, "vpc-endpoint")
	if err != nil {
		return nil, err
	}
	policy, err := readPolicy(f, fullAccess)
	if err != nil {
		return nil, err
	}
	if s.endpointsIn(vpc.ID) >= s.quota(vpc.Resource, sim.QuotaInterfaceEndpoints) {
		return nil, sim.Errorf("VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached for %s.", vpc.ID)
	}
	endpoint := &Endpoint{
		Resource:      s.newResource(r, "vpce", "vpc-endpoint", tags),
		ConnectionID:  sim.NewID("vpce-con"),
		VPC:           vpc.ID,
		ServiceID:     service.ID,
		ServiceName:   service.Name(),
		ServiceRegion: service.Region,
		Label:         sim.Hex(8),
		Domain:        service.domain(),
		Policy:        policy,
	}
	if err := endpoint.setAddressTypes(f, service); err != nil {
		return nil, err
	}
	if endpoint.SecurityGroups, err = s.endpointGroups(r, vpc, f.List("SecurityGroupId")); err != nil {
		return nil, err
	}
	if service.Acceptance {
		s.awaitAcceptance(endpoint)
	} else {
		s.provision(endpoint)
	}
	if err := s.choosePrivateDNS(f, endpoint, service); err != nil {
		return nil, err
	}
	if err := s.addSubnets(r, f, endpoint, service, f.List("SubnetId")); err != nil {
		return nil, err
	}
	s.state.Endpoints[endpoint.ID] = endpoint
	return endpoint, nil
}

// serviceToConnect finds the service that a new endpoint names. One that the caller is not allowed to see
// does not exist for him.
func (s *Service) serviceToConnect(r *sim.Request, f query.Form) (*EndpointService, error) {
	name, kind := f.String("ServiceName"), cmp.Or(f.String("VpcEndpointType"), "Gateway")
	if name == "" {
		return nil, missingParameter("ServiceName")
	}
	var regions []string
	if region := f.String("ServiceRegion"); region != "" {
		regions = []string{region}
	}
	for _, service := range s.state.EndpointServices {
		switch {
		case service.Name() != name || !service.offered(r, regions):
			continue
		case !s.world.Clock.Passed(service.Shown):
			return nil, &sim.Error{Status: http.StatusServiceUnavailable, Code: "Unavailable", Message: "The service is unavailable. Please try again shortly."}
		case service.PrivateDNS.lapsed():
			return nil, sim.Errorf("InvalidParameter", "The VPC endpoint service %s takes no new connections because its private DNS name %s is not verified any more.", name, service.PrivateDNS.Name)
		case kind != "Interface":
			return nil, sim.Errorf("InvalidParameter", "Endpoint type (%s) does not match available service types ([Interface]).", kind)
		}
		return service, nil
	}
	return nil, noSuchService(name)
}

func (s *Service) endpointsIn(vpc string) int {
	n := 0
	for _, endpoint := range s.state.Endpoints {
		if endpoint.VPC == vpc {
			n++
		}
	}
	return n
}

// endpointGroups are the security groups that a request names, or the VPC's default group.
func (s *Service) endpointGroups(r *sim.Request, vpc *VPC, ids []string) ([]string, error) {
	if len(ids) == 0 {
		for id, group := range s.state.SecurityGroups {
			if group.VPC == vpc.ID && group.Name == defaultGroup {
				return []string{id}, nil
			}
		}
	}
	if len(ids) > s.quota(vpc.Resource, sim.QuotaGroupsPerInterface) {
		return nil, sim.Errorf("SecurityGroupsPerInterfaceLimitExceeded", "The maximum number of security groups per interface has been reached.")
	}
	for _, id := range ids {
		group, err := owned(r, s.state.SecurityGroups, id, groupNotFound)
		if err != nil {
			return nil, err
		}
		if group.VPC != vpc.ID {
			return nil, sim.Errorf("InvalidParameter", "The security group %s does not belong to the VPC %s.", id, vpc.ID)
		}
	}
	return ids, nil
}

// awaitAcceptance waits for the service's owner, for ever unless requests expire in this cloud.
func (s *Service) awaitAcceptance(e *Endpoint) {
	e.enter(endpointPendingAcceptance)
	if s.options.AcceptanceWithin > 0 {
		e.Next, e.Until = endpointExpired, s.world.Clock.In(s.options.AcceptanceWithin)
	}
}

// turnedAway reports whether the endpoint has no connection to its service and will get none: it was rejected, or
// nobody accepted it in time.
func (e *Endpoint) turnedAway() bool {
	return e.State == endpointRejected || e.State == endpointExpired
}

// provision sets out for available.
func (s *Service) provision(e *Endpoint) {
	e.Lifecycle = Lifecycle{State: endpointPending, Next: endpointAvailable, Until: s.world.Clock.In(endpointProvisioning)}
}

// addSubnets gives the endpoint a network interface in each subnet: of its own VPC, one for each availability
// zone, and only in zones that the service is in, unless the service is in another Region.
func (s *Service) addSubnets(r *sim.Request, f query.Form, e *Endpoint, service *EndpointService, ids []string) error {
	wanted, err := fixedAddresses(f, slices.Concat(e.Subnets, ids))
	if err != nil {
		return err
	}
	var made []string
	for _, id := range ids {
		if err = s.addSubnet(r, e, service, id, wanted[id]); err != nil {
			s.removeInterfaces(made)
			return err
		}
		made = append(made, e.Interfaces[len(e.Interfaces)-1])
	}
	return nil
}

// fixedAddresses are the addresses that the request wants in certain subnets.
func fixedAddresses(f query.Form, subnets []string) (map[string]addresses, error) {
	wanted := map[string]addresses{}
	for _, c := range f.Structs("SubnetConfiguration") {
		id := c.String("SubnetId")
		if !slices.Contains(subnets, id) {
			return nil, sim.Errorf("InvalidParameter", "The subnet %s of a subnet configuration is not among the endpoint's subnets.", id)
		}
		wanted[id] = addresses{v4: c.String("Ipv4"), v6: c.String("Ipv6")}
	}
	return wanted, nil
}

func (s *Service) addSubnet(r *sim.Request, e *Endpoint, service *EndpointService, id string, wanted addresses) error {
	subnet, err := owned(r, s.state.Subnets, id, endpointSubnetNotFound)
	if err != nil {
		return err
	}
	if subnet.VPC != e.VPC {
		return sim.Errorf("InvalidParameter", "The subnet %s does not belong to the VPC %s.", id, e.VPC)
	}
	for _, other := range e.Subnets {
		if s.state.Subnets[other].Zone == subnet.Zone {
			return sim.Errorf("DuplicateSubnetsInSameZone", "Found another VPC endpoint subnet in the availability zone of %s", id)
		}
	}
	switch {
	case service.Region == e.Region && !slices.Contains(service.ZoneIDs, subnet.Zone.ID):
		return sim.Errorf("InvalidParameter", "The VPC endpoint service %s does not support the availability zone of the subnet: %s.", service.Name(), id)
	case service.Region != e.Region && slices.Contains(noRemoteAccess, subnet.Zone.ID):
		return sim.Errorf("InvalidParameter", "Only the following availability zones are supported for remote access: %s", remoteZones(r))
	}
	if err := e.fits(subnet); err != nil {
		return err
	}
	eni, err := s.addInterface(r, e, subnet, wanted)
	if err != nil {
		return err
	}
	e.Subnets, e.Interfaces = append(e.Subnets, id), append(e.Interfaces, eni.ID)
	return nil
}

// deleteEndpoints begins to delete endpoints. What cannot be deleted is reported in the answer's list of
// failures; the request itself succeeds.
func (s *Service) deleteEndpoints(r *sim.Request, f query.Form) (any, error) {
	ids := f.List("VpcEndpointId")
	if len(ids) == 0 {
		return nil, missingParameter("VpcEndpointId")
	}
	return each(r, ids, func(id string) error {
		endpoint, err := owned(r, s.state.Endpoints, id, deletedEndpointNotFound)
		if err != nil {
			return err
		}
		if endpoint.State != endpointDeleting {
			endpoint.Lifecycle = Lifecycle{State: endpointDeleting, Next: endpointDeleted, Until: s.world.Clock.In(endpointDeletion)}
			endpoint.PrivateDNS = false
		}
		return nil
	})
}
