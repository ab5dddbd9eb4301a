package ec2

import (
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// State is all that the simulated EC2 remembers: plain data, by id, of every account and Region.
type State struct {
	// Sequence is the number given last: resources are listed in the order of their creation.
	Sequence         int
	VPCs             map[string]*VPC
	Subnets          map[string]*Subnet
	SecurityGroups   map[string]*SecurityGroup
	Rules            map[string]*Rule
	RouteTables      map[string]*RouteTable
	NetworkACLs      map[string]*NetworkACL
	Interfaces       map[string]*NetworkInterface
	EndpointServices map[string]*EndpointService
	Endpoints        map[string]*Endpoint
	Notifications    map[string]*Notification
	Peerings         map[string]*Peering
	PrefixLists      map[string]*PrefixList
	// Tokens are the client tokens that were used, by account, Region, action and token.
	Tokens map[string]Token
}

func newState() *State {
	return &State{
		VPCs:             map[string]*VPC{},
		Subnets:          map[string]*Subnet{},
		SecurityGroups:   map[string]*SecurityGroup{},
		Rules:            map[string]*Rule{},
		RouteTables:      map[string]*RouteTable{},
		NetworkACLs:      map[string]*NetworkACL{},
		Interfaces:       map[string]*NetworkInterface{},
		EndpointServices: map[string]*EndpointService{},
		Endpoints:        map[string]*Endpoint{},
		Notifications:    map[string]*Notification{},
		Peerings:         map[string]*Peering{},
		PrefixLists:      map[string]*PrefixList{},
		Tokens:           map[string]Token{},
	}
}

// resource finds a resource of any kind by its id, nil when there is none.
func (st *State) resource(id string) *Resource {
	switch kind, _, _ := cutLast(id, "-"); kind {
	case "vpc":
		return metaOf(st.VPCs, id)
	case "subnet":
		return metaOf(st.Subnets, id)
	case "sg":
		return metaOf(st.SecurityGroups, id)
	case "sgr":
		return metaOf(st.Rules, id)
	case "rtb":
		return metaOf(st.RouteTables, id)
	case "acl":
		return metaOf(st.NetworkACLs, id)
	case "eni":
		return metaOf(st.Interfaces, id)
	case "vpce-svc":
		return metaOf(st.EndpointServices, id)
	case "vpce":
		return metaOf(st.Endpoints, id)
	case "vpce-nfn":
		return metaOf(st.Notifications, id)
	case "pcx":
		return metaOf(st.Peerings, id)
	case "pl":
		return metaOf(st.PrefixLists, id)
	}
	return nil
}

// ownedResource finds a resource of the caller's, nil when there is none. A peering connection is a resource of both its
// parties.
func (st *State) ownedResource(r *sim.Request, id string) *Resource {
	if p, ok := st.Peerings[id]; ok {
		return p.sideOf(r)
	}
	if resource := st.resource(id); resource != nil && resource.ownedBy(r) {
		return resource
	}
	return nil
}

func metaOf[T item](table map[string]T, id string) *Resource {
	if r, ok := table[id]; ok {
		return r.meta()
	}
	return nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// Resource is what all resources have.
type Resource struct {
	ID       string
	Type     string // as tags name it: "vpc-endpoint"
	Owner    string // account id
	Region   string
	Sequence int
	Created  time.Time
	// Shown is when Describe actions begin to see the resource.
	Shown time.Time
	Tags  map[string]string
}

func (r *Resource) meta() *Resource { return r }

// ownedBy reports whether the resource is of the caller's account and in the request's Region.
func (r *Resource) ownedBy(q *sim.Request) bool {
	return r.Owner == q.Caller.AccountID && r.Region == q.Region
}

// newResource names a resource that r's caller creates.
func (s *Service) newResource(r *sim.Request, prefix, kind string, tags map[string]string) Resource {
	s.state.Sequence++
	id := r.NewID(prefix)
	for s.state.resource(id) != nil { // a seed that was used before
		id = r.NewID(prefix)
	}
	return Resource{
		ID:       id,
		Type:     kind,
		Owner:    r.Caller.AccountID,
		Region:   r.Region,
		Sequence: s.state.Sequence,
		Created:  s.world.Clock.Now(),
		Shown:    s.world.Clock.In(s.options.HiddenFor),
		Tags:     tags,
	}
}

// quota is how much the owner of a resource may have in its Region of what a quota of VPC is for.
func (s *Service) quota(of Resource, code string) int {
	return s.world.Quotas.Value(of.Owner, of.Region, sim.QuotasOfVPC, code)
}

// Lifecycle is a state that passes into the next by itself.
type Lifecycle struct {
	State string
	Next  string    // "" when the state lasts
	Until time.Time // when Next begins
}

// enter takes on a state that lasts.
func (l *Lifecycle) enter(state string) { *l = Lifecycle{State: state} }

// settle lets time take its course.
func (l *Lifecycle) settle(clock *simcloud.Clock) {
	if l.Next != "" && clock.Passed(l.Until) {
		l.enter(l.Next)
	}
}

// settle brings everything to where time has taken it and forgets what is deleted by now.
func (s *Service) settle() {
	clock, st := s.world.Clock, s.state
	s.settlePeerings()
	for id, endpoint := range st.Endpoints {
		endpoint.settle(clock)
		if endpoint.State == endpointDeleted {
			s.removeInterfaces(endpoint.Interfaces)
			delete(st.Endpoints, id)
		}
	}
	for id, service := range st.EndpointServices {
		service.settle(clock)
		s.recheck(service)
		if service.State == serviceDeleted {
			delete(st.EndpointServices, id)
		}
	}
}
