package privatedns

import (
	"maps"
	"net/http"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// Zone is a private DNS zone. Its name is that of its resource.
type Zone struct {
	InternalID string `json:"internalId"`
}

func (s *Service) showZone(zone *arm.Resource[Zone]) arm.View {
	links, registering := 0, 0
	for _, link := range s.state.Links.Within(zone.ID) {
		links++
		if link.Properties.Registration {
			registering++
		}
	}
	return arm.Show(zone, map[string]any{
		"provisioningState": s.world.State(zone.ID, zone.Failed), "internalId": zone.Properties.InternalID,
		"maxNumberOfRecordSets": s.world.Limits.RecordSetsPerZone, "numberOfRecordSets": len(s.state.Records.Within(zone.ID)),
		"maxNumberOfVirtualNetworkLinks": s.world.Limits.NetworksPerZone, "numberOfVirtualNetworkLinks": links,
		"maxNumberOfVirtualNetworkLinksWithRegistration": s.world.Limits.RegistrationLinksPerZone, "numberOfVirtualNetworkLinksWithRegistration": registering,
	})
}

func (s *Service) zones(r *arm.Request) (arm.Response, error) {
	var all []arm.View
	for _, zone := range s.state.Zones.Within(r.Target().Scope()) {
		all = append(all, s.showZone(zone))
	}
	return arm.Page(r, all), nil
}

func (s *Service) zone(r *arm.Request) (arm.Response, error) {
	zone, err := s.findZone(r.Target())
	if err != nil {
		return arm.Response{}, err
	}
	return arm.OK(s.showZone(zone)), nil
}

func (s *Service) findZone(id arm.ID) (*arm.Resource[Zone], error) {
	zone, ok := s.state.Zones.Get(id)
	if !ok {
		return nil, arm.NotFound(id)
	}
	return zone, nil
}

// putZone makes a zone, or changes its tags, which is all that can be changed (Private Zones - Create Or Update,
// Update).
func (s *Service) putZone(r *arm.Request) (arm.Response, error) {
	var body arm.Body[struct{}]
	if err := r.Read(&body); err != nil {
		return arm.Response{}, err
	}
	id := r.Target()
	zone, exists := s.state.Zones.Get(id)
	etag := ""
	if exists {
		etag = zone.ETag
	}
	if err := r.Precondition(etag); err != nil {
		return arm.Response{}, err
	}
	if err := s.world.Free(id); err != nil {
		return arm.Response{}, err
	}
	if _, ok := s.world.Groups(id.GroupID()); !ok {
		return arm.Response{}, arm.GroupNotFound(id)
	}
	switch {
	case !exists && r.Method == http.MethodPatch:
		return arm.Response{}, arm.NotFound(id)
	case r.Method == http.MethodPut && !strings.EqualFold(body.Location, "global"):
		return arm.Response{}, arm.Errorf("LocationNotAvailableForResourceType", "The provided location '%s' is not available for resource type '%s'. List of available regions for the resource type is 'global'.", body.Location, id.Type())
	case !isZoneName(id.Name()):
		return arm.Response{}, badRequest("The zone name '%s' is not a valid domain name of at least two labels.", id.Name())
	case !exists:
		zone = &arm.Resource[Zone]{ID: id, Location: "global", Properties: Zone{InternalID: "SW1tdXRhYmxlWm9uZUlkZW50aXR5" + s.world.NewGUID(id.Key(), "internal")}}
		s.state.Zones.Put(zone)
		s.putSOA(zone)
	}
	zone.Tags, zone.Failed, zone.ETag = keptTags(body.Tags), false, s.world.NewGUID(id.Key(), "etag")
	return s.begin(r, id, "privateDnsZones", arm.Operation{}), nil
}

// keptTags are those that a zone keeps: others are dropped without a word
// (https://github.com/hashicorp/terraform-provider-azurerm/issues/6129).
func keptTags(tags map[string]string) map[string]string {
	kept := maps.Clone(tags)
	maps.DeleteFunc(kept, func(name, _ string) bool { return strings.ContainsAny(name, ": |") })
	return kept
}

// isZoneName reports whether a zone can have a name: 2 to 34 labels (Azure DNS, "What is an Azure DNS private zone?").
func isZoneName(name string) bool {
	labels := strings.Split(name, ".")
	if len(labels) < 2 || len(labels) > 34 || len(name) > 253 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.ContainsAny(label, " */@") {
			return false
		}
	}
	return true
}

// deleteZone deletes a zone with its records. Links stand in its way (Azure DNS, "Protect private DNS zones and
// records").
func (s *Service) deleteZone(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	zone, ok := s.state.Zones.Get(id)
	if !ok {
		return arm.NoContent(), nil
	}
	if err := r.Precondition(zone.ETag); err != nil {
		return arm.Response{}, err
	}
	if err := s.world.Free(id); err != nil {
		return arm.Response{}, err
	}
	if len(s.state.Links.Within(id)) > 0 {
		return arm.Response{}, &arm.Error{Status: http.StatusConflict, Code: "CannotDeleteResource", Message: "Can not delete resource before nested resources are deleted."}
	}
	return s.begin(r, id, "privateDnsZones", arm.Operation{Deletes: true}), nil
}
