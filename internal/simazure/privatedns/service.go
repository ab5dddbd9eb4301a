// Package privatedns is the simulated Azure Private DNS: zones, their links to virtual networks, their record sets, and
// what a name is in a virtual network.
package privatedns

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// Namespace is the resource provider's, which is that of networks too.
const Namespace = "Microsoft.Network"

// Service is the provider.
type Service struct {
	world *arm.World
	takes Durations
	state state
}

type state struct {
	Zones   arm.Table[Zone]      `json:"zones"`
	Links   arm.Table[Link]      `json:"links"`
	Records arm.Table[RecordSet] `json:"records"`
}

// Durations are how long operations take, in the real service's time.
type Durations map[string]time.Duration

// DefaultDurations are guesses on the pessimistic side: Azure documents none. Record sets change at once.
func DefaultDurations() Durations {
	return Durations{"privateDnsZones": 20 * time.Second, "virtualNetworkLinks": 40 * time.Second}
}

// New makes the provider.
func New(world *arm.World, takes Durations) *Service {
	return &Service{world: world, takes: takes, state: state{Zones: arm.Table[Zone]{}, Links: arm.Table[Link]{}, Records: arm.Table[RecordSet]{}}}
}

// Name is what the provider's state is called in a snapshot.
func (s *Service) Name() string { return "privatedns" }

const (
	groupPath = "/subscriptions/{subscription}/resourceGroups/{group}/providers/" + Namespace
	zonePath  = groupPath + "/privateDnsZones/{zone}"
)

func route(action, method, path string, do func(*arm.Request) (arm.Response, error)) arm.Route {
	return arm.Route{Provider: Namespace, Action: action, Method: method, Path: path, Do: do}
}

// Routes are the provider's operations.
func (s *Service) Routes() []arm.Route {
	const (
		links = zonePath + "/virtualNetworkLinks"
		link  = links + "/{link}"
	)
	routes := []arm.Route{
		route("privateDnsZones/read", http.MethodGet, "/subscriptions/{subscription}/providers/"+Namespace+"/privateDnsZones", s.zones),
		route("privateDnsZones/read", http.MethodGet, groupPath+"/privateDnsZones", s.zones),
		route("privateDnsZones/read", http.MethodGet, zonePath, s.zone),
		route("privateDnsZones/write", http.MethodPut, zonePath, s.putZone),
		route("privateDnsZones/write", http.MethodPatch, zonePath, s.putZone),
		route("privateDnsZones/delete", http.MethodDelete, zonePath, s.deleteZone),
		route("privateDnsZones/virtualNetworkLinks/read", http.MethodGet, links, s.links),
		route("privateDnsZones/virtualNetworkLinks/read", http.MethodGet, link, s.link),
		route("privateDnsZones/virtualNetworkLinks/write", http.MethodPut, link, s.putLink),
		route("privateDnsZones/virtualNetworkLinks/write", http.MethodPatch, link, s.putLink),
		route("privateDnsZones/virtualNetworkLinks/delete", http.MethodDelete, link, s.deleteLink),
		route("privateDnsZones/ALL/read", http.MethodGet, zonePath+"/ALL", s.recordSets),
	}
	for _, kind := range recordTypes() {
		at := zonePath + "/" + kind
		routes = append(routes,
			route("privateDnsZones/"+kind+"/read", http.MethodGet, at, s.recordSets),
			route("privateDnsZones/"+kind+"/read", http.MethodGet, at+"/{name}", s.recordSet),
			route("privateDnsZones/"+kind+"/write", http.MethodPut, at+"/{name}", s.putRecordSet),
			route("privateDnsZones/"+kind+"/write", http.MethodPatch, at+"/{name}", s.putRecordSet),
			route("privateDnsZones/"+kind+"/delete", http.MethodDelete, at+"/{name}", s.deleteRecordSet),
		)
	}
	// Whoever may begin an operation may watch it, as for networks.
	for path, show := range map[string]func(*arm.Request, string) (arm.Response, error){
		"privateDnsOperationStatuses": s.world.ShowStatus, "privateDnsOperationResults": s.world.ShowOutcome,
	} {
		look := route(path+"/read", http.MethodGet, groupPath+"/"+path+"/{operation}", func(r *arm.Request) (arm.Response, error) {
			return show(r, r.Params["operation"])
		})
		look.Free = true
		routes = append(routes, look)
	}
	return routes
}

// begin starts an operation on a zone or a link. Private DNS answers all that takes a while with 202, and says where to
// look for it in both ways.
func (s *Service) begin(r *arm.Request, id arm.ID, kind string, op arm.Operation) arm.Response {
	at := id.GroupID() + "/providers/" + Namespace
	op.Provider, op.Resource = s.Name(), id
	op.Status, op.Outcome = string(at+"/privateDnsOperationStatuses"), string(at+"/privateDnsOperationResults")
	begun := s.world.Begin(r, op, s.takes[kind])
	response := s.world.Accepted(r, begun, http.StatusAccepted, nil)
	response.Header.Set("Location", r.Endpoint+begun.Outcome+"?api-version="+r.Query.Get("api-version"))
	return response
}

// Finish brings about what an operation has come to. A link that could not be made is not there.
func (s *Service) Finish(op *arm.Operation) {
	link, isLink := s.state.Links.Get(op.Resource)
	switch {
	case op.Failure != nil && isLink && link.Properties.New:
		s.state.Links.Remove(op.Resource)
	case op.Failure != nil && isLink:
		link.Failed = true
	case op.Failure != nil:
		if zone, ok := s.state.Zones.Get(op.Resource); ok {
			zone.Failed = true
		}
	case op.Deletes:
		s.remove(op.Resource)
	case isLink:
		link.Properties.New = false
	}
}

func (s *Service) remove(id arm.ID) {
	s.state.Links.Remove(id)
	if _, ok := s.state.Zones.Get(id); !ok {
		return
	}
	s.state.Zones.Remove(id)
	for _, set := range s.state.Records.Within(id) {
		s.state.Records.Remove(set.ID)
	}
}

// List are the zones and links below a scope.
func (s *Service) List(scope arm.ID) []arm.View {
	var all []arm.View
	for _, zone := range s.state.Zones.Within(scope) {
		all = append(all, s.showZone(zone))
	}
	for _, link := range s.state.Links.Within(scope) {
		all = append(all, s.showLink(link))
	}
	return all
}

// Empty deletes all zones of a group with what is in them.
func (s *Service) Empty(group arm.ID) error {
	for _, link := range s.state.Links.Within(group) {
		s.state.Links.Remove(link.ID)
	}
	for _, zone := range s.state.Zones.Within(group) {
		s.remove(zone.ID)
	}
	return nil
}

// Snapshot returns the state.
func (s *Service) Snapshot() (json.RawMessage, error) { return json.Marshal(s.state) }

// Restore takes it back.
func (s *Service) Restore(data json.RawMessage) error { return json.Unmarshal(data, &s.state) }

// conflict is a refusal because of something else that is there.
func conflict(format string, args ...any) *arm.Error {
	return &arm.Error{Status: http.StatusConflict, Code: "Conflict", Message: fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) *arm.Error {
	return arm.Errorf("BadRequest", format, args...)
}
