package privatedns

import (
	"net/http"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// Link lets a virtual network resolve the names of a zone.
type Link struct {
	Network      arm.ID `json:"network"`
	Registration bool   `json:"registration,omitempty"`
	Policy       string `json:"policy,omitempty"`
	New          bool   `json:"new,omitempty"` // it has not been made yet
}

type linkBody struct {
	Network      *arm.Ref `json:"virtualNetwork"`
	Registration *bool    `json:"registrationEnabled"`
	Policy       string   `json:"resolutionPolicy"`
}

func (s *Service) showLink(link *arm.Resource[Link]) arm.View {
	state := "Completed"
	if link.Properties.New {
		state = "InProgress"
	}
	policy := link.Properties.Policy
	if policy == "" {
		policy = "Default"
	}
	return arm.Show(link, map[string]any{
		"provisioningState": s.world.State(link.ID, link.Failed), "virtualNetworkLinkState": state,
		"virtualNetwork": arm.Ref{ID: link.Properties.Network}, "registrationEnabled": link.Properties.Registration, "resolutionPolicy": policy,
	})
}

func (s *Service) links(r *arm.Request) (arm.Response, error) {
	if _, err := s.findZone(r.Target()); err != nil {
		return arm.Response{}, err
	}
	var all []arm.View
	for _, link := range s.state.Links.Within(r.Target()) {
		all = append(all, s.showLink(link))
	}
	return arm.Page(r, all), nil
}

func (s *Service) link(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	if _, err := s.findZone(id.Parent()); err != nil {
		return arm.Response{}, err
	}
	link, ok := s.state.Links.Get(id)
	if !ok {
		return arm.Response{}, arm.NotFound(id)
	}
	return arm.OK(s.showLink(link)), nil
}

// putLink links a zone to a virtual network, or changes what the link says (Virtual Network Links - Create Or Update,
// Update).
func (s *Service) putLink(r *arm.Request) (arm.Response, error) {
	var body arm.Body[linkBody]
	if err := r.Read(&body); err != nil {
		return arm.Response{}, err
	}
	id, want := r.Target(), body.Properties
	zone, err := s.findZone(id.Parent())
	if err != nil {
		return arm.Response{}, err
	}
	link, exists := s.state.Links.Get(id)
	if !exists && r.Method == http.MethodPatch {
		return arm.Response{}, arm.NotFound(id)
	}
	if !exists {
		link = &arm.Resource[Link]{ID: id, Location: "global", Properties: Link{New: true}}
	}
	if err := r.Precondition(link.ETag); err != nil {
		return arm.Response{}, err
	}
	if err := s.world.Free(id, zone.ID); err != nil {
		return arm.Response{}, err
	}
	changed := *link
	if want.Network != nil {
		changed.Properties.Network = want.Network.ID
	}
	if want.Registration != nil {
		changed.Properties.Registration = *want.Registration
	} else if r.Method == http.MethodPut {
		changed.Properties.Registration = false
	}
	if want.Policy != "" {
		changed.Properties.Policy = want.Policy
	}
	if err := s.checkLink(r, zone, link, &changed); err != nil {
		return arm.Response{}, err
	}
	changed.Tags, changed.Failed, changed.ETag = keptTags(body.Tags), false, s.world.NewGUID(id.Key(), "etag")
	if r.Fail == nil && !exists {
		r.Fail = s.overlap(zone.ID, changed.Properties.Network)
	}
	s.state.Links.Put(&changed)
	return s.begin(r, id, "virtualNetworkLinks", arm.Operation{}), nil
}

// checkLink refuses at once what can be seen to be wrong (Azure DNS, "What is a virtual network link subresource of
// Azure DNS private zones": one link for a zone and a network; one zone with registration for a network).
func (s *Service) checkLink(r *arm.Request, zone *arm.Resource[Zone], old, link *arm.Resource[Link]) error {
	network := link.Properties.Network
	if !network.HasType(Namespace + "/virtualNetworks") {
		return badRequest("The virtual network '%s' of virtual network link '%s' is no resource id of a virtual network.", network, link.ID.Name())
	}
	if err := r.Linked(Namespace+"/virtualNetworks/join/action", network); err != nil {
		return err
	}
	switch {
	case old.ETag != "" && !old.Properties.Network.Is(network):
		return badRequest("The virtual network of virtual network link '%s' cannot be changed.", link.ID.Name())
	case !s.world.Networks(network):
		return arm.InvalidReference(network, link.ID)
	}
	registering := 0
	for _, other := range s.state.Links.All() {
		if other.ID.Is(link.ID) {
			continue
		}
		same, inZone := other.Properties.Network.Is(network), other.ID.Within(zone.ID)
		switch {
		case same && inZone:
			return conflict("A virtual network link with name '%s' between the zone '%s' and the virtual network '%s' already exists.", other.ID.Name(), zone.ID.Name(), network)
		case same && link.Properties.Registration && other.Properties.Registration:
			return conflict("A virtual network can only be linked to 1 Private DNS zone(s) with auto-registration enabled; conflicting Private DNS zone is '%s'.", other.ID.Parent().Name())
		case inZone && other.Properties.Registration:
			registering++
		}
	}
	limits := s.world.Limits
	if len(s.state.Links.Within(zone.ID)) >= limits.NetworksPerZone && old.ETag == "" || link.Properties.Registration && registering >= limits.RegistrationLinksPerZone {
		return badRequest("The number of virtual network links of the zone '%s' is at its limit.", zone.ID.Name())
	}
	return nil
}

// overlap is how the making of a link ends when the network already resolves a zone of the same name. It is known only
// once Azure has tried.
func (s *Service) overlap(zone, network arm.ID) *arm.Error {
	for _, other := range s.state.Links.All() {
		name := other.ID.Parent().Name()
		if other.Properties.Network.Is(network) && strings.EqualFold(name, zone.Name()) {
			return badRequest("A virtual network cannot be linked to multiple zones with overlapping namespaces. You tried to link virtual network with '%s' and '%s' zones.", zone.Name(), name)
		}
	}
	return nil
}

func (s *Service) deleteLink(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	link, ok := s.state.Links.Get(id)
	if !ok {
		return arm.NoContent(), nil
	}
	if err := r.Precondition(link.ETag); err != nil {
		return arm.Response{}, err
	}
	if err := s.world.Free(id); err != nil {
		return arm.Response{}, err
	}
	return s.begin(r, id, "virtualNetworkLinks", arm.Operation{Deletes: true}), nil
}
