package workflows_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// hub is what a memory keeps of security groups, zones, routes and parameters.
type hub struct {
	groups       map[activities.Owner]link.EndpointSecurityGroup
	zones        map[string]*memoryZone // by id
	granted      []string               // authorizations that were not taken back: "zone vpc"
	routes       map[string]memoryRoute // by listener
	certificates map[string]bool        // those that were put on listeners
	targetGroups map[string]bool
	full         map[string]bool // listeners and VPCs without room
	asked        []activities.EnsureEndpointRequest
}

type memoryZone struct {
	Owner    activities.Owner
	Name     string
	Networks []activities.ZoneNetwork
	Records  activities.ZoneRecordsRequest
}

type memoryRoute struct{ Group, Certificate string }

func newHub() hub {
	return hub{
		groups: map[activities.Owner]link.EndpointSecurityGroup{}, zones: map[string]*memoryZone{},
		routes: map[string]memoryRoute{}, targetGroups: map[string]bool{}, certificates: map[string]bool{}, full: map[string]bool{},
	}
}

var (
	_ activities.HostedZones = (*memory)(nil)
	_ activities.Ingress     = (*memory)(nil)
	_ activities.Consumer    = (*memory)(nil)
)

// step takes a step under the memory's lock.
func step[Res any](m *memory, name string, do func() (Res, error)) (Res, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.take(name); err != nil {
		var none Res
		return none, err
	}
	return do()
}

// change is step for one that answers with nothing.
func change(m *memory, name string, do func()) error {
	_, err := step(m, name, func() (struct{}, error) { do(); return struct{}{}, nil })
	return err
}

func (m *memory) LocateService(context.Context, activities.LocateServiceRequest) (activities.ServiceLocation, error) {
	return step(m, "LocateService", func() (activities.ServiceLocation, error) {
		return activities.ServiceLocation{ZoneIDs: []string{"euc1-az1", "euc1-az2"}}, nil
	})
}

func (m *memory) EnsureSecurityGroup(_ context.Context, req activities.SecurityGroupRequest) (activities.SecurityGroup, error) {
	return step(m, "EnsureSecurityGroup", func() (activities.SecurityGroup, error) {
		m.groups[req.Owner] = *req.Want
		return activities.SecurityGroup{ID: "sg-of-" + req.VPC}, nil
	})
}

func (m *memory) RemoveSecurityGroup(_ context.Context, req activities.SecurityGroupRequest) error {
	return change(m, "RemoveSecurityGroup", func() { delete(m.groups, req.Owner) })
}

func (m *memory) EnsureZone(_ context.Context, req activities.ZoneRequest) (activities.Zone, error) {
	return step(m, "EnsureZone", func() (activities.Zone, error) {
		id := req.ZoneID
		if id == "" {
			id = fmt.Sprintf("Z%d", len(m.zones)+1)
			m.zones[id] = &memoryZone{Owner: req.Owner, Name: req.Name, Networks: []activities.ZoneNetwork{req.Network}}
		}
		zone, ok := m.zones[id]
		if !ok {
			return activities.Zone{}, activities.Blocked(link.Problem{Reason: link.ReasonZoneMissing, Message: "no zone " + id}, nil)
		}
		return activities.Zone{ID: id, Name: zone.Name, Networks: slices.Clone(zone.Networks)}, nil
	})
}

func (m *memory) AuthorizeVPC(_ context.Context, req activities.ZoneVPCRequest) error {
	return change(m, "AuthorizeVPC", func() { m.granted = append(m.granted, req.ZoneID+" "+req.Network.VPC) })
}

func (m *memory) AssociateVPC(_ context.Context, req activities.ZoneVPCRequest) error {
	return change(m, "AssociateVPC", func() {
		zone := m.zones[req.ZoneID]
		zone.Networks = append(zone.Networks, req.Network)
	})
}

func (m *memory) DeauthorizeVPC(_ context.Context, req activities.ZoneVPCRequest) error {
	return change(m, "DeauthorizeVPC", func() {
		m.granted = slices.DeleteFunc(m.granted, func(g string) bool { return g == req.ZoneID+" "+req.Network.VPC })
	})
}

func (m *memory) DisassociateVPC(_ context.Context, req activities.ZoneVPCRequest) error {
	return change(m, "DisassociateVPC", func() {
		zone := m.zones[req.ZoneID]
		zone.Networks = slices.DeleteFunc(zone.Networks, func(n activities.ZoneNetwork) bool { return n == req.Network })
	})
}

func (m *memory) EnsureRecords(_ context.Context, req activities.ZoneRecordsRequest) (activities.ZoneRecords, error) {
	return step(m, "EnsureRecords", func() (activities.ZoneRecords, error) {
		m.zones[req.ZoneID].Records = req
		return activities.ZoneRecords{}, nil
	})
}

func (m *memory) RemoveZone(_ context.Context, req activities.ZoneRequest) error {
	return change(m, "RemoveZone", func() {
		if zone := m.zones[req.ZoneID]; zone != nil {
			zone.Records = activities.ZoneRecordsRequest{}
		}
		if req.Name != "" {
			delete(m.zones, req.ZoneID)
		}
	})
}

func (m *memory) RouteRoom(_ context.Context, req activities.RouteRoomRequest) (activities.RouteRoom, error) {
	return step(m, "RouteRoom", func() (activities.RouteRoom, error) {
		if m.full[req.Listener] {
			return activities.RouteRoom{Full: "100 of 100 rules"}, nil
		}
		return activities.RouteRoom{Free: true}, nil
	})
}

func (m *memory) EnsureTargetGroup(_ context.Context, req activities.TargetGroupRequest) (activities.TargetGroup, error) {
	return step(m, "EnsureTargetGroup", func() (activities.TargetGroup, error) {
		arn := fmt.Sprintf("group-%d-at-%s", req.Port, req.Listener)
		m.targetGroups[arn] = true
		return activities.TargetGroup{ARN: arn}, nil
	})
}

func (m *memory) RemoveTargetGroup(_ context.Context, req activities.TargetGroupRequest) error {
	return change(m, "RemoveTargetGroup", func() {
		maps.DeleteFunc(m.targetGroups, func(arn string, _ bool) bool { return arn != req.Keep })
	})
}

func (m *memory) FindCertificate(_ context.Context, req activities.RouteRequest) (activities.Certificate, error) {
	return step(m, "FindCertificate", func() (activities.Certificate, error) {
		return activities.Certificate{ARN: cmp.Or(req.Want.Certificate, "cert-1")}, nil
	})
}

func (m *memory) EnsureRoute(_ context.Context, req activities.RouteRequest) (activities.Route, error) {
	return step(m, "EnsureRoute", func() (activities.Route, error) {
		m.routes[req.Listener] = memoryRoute{req.TargetGroup, req.Certificate}
		m.certificates[req.Certificate] = true
		for _, arn := range req.FormerCertificates {
			delete(m.certificates, arn)
		}
		return activities.Route{Rule: "rule-1", Priority: 7}, nil
	})
}

func (m *memory) RemoveRoute(_ context.Context, req activities.RouteRequest) error {
	return change(m, "RemoveRoute", func() {
		delete(m.routes, req.Listener)
		if req.AddedCertificate {
			delete(m.certificates, req.Certificate)
		}
		for _, arn := range req.FormerCertificates {
			delete(m.certificates, arn)
		}
	})
}

func (m *memory) ReadName(_ context.Context, req activities.ReadNameRequest) (activities.ServiceName, error) {
	return step(m, "ReadName", func() (activities.ServiceName, error) {
		return activities.ServiceName{Name: m.names[req.Parameter]}, nil
	})
}

// TellFlow answers as the flows do that the test has put in place.
func (s *surroundings) TellFlow(_ context.Context, req activities.TellFlowRequest) (json.RawMessage, error) {
	answer, ok := s.updates[req.WorkflowID+" "+req.Update]
	if !ok {
		return nil, activities.Gone(req.WorkflowID+" does not run", nil)
	}
	return json.Marshal(answer(req.Message))
}
