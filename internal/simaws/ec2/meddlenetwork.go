package ec2

import (
	"fmt"
	"net/url"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// networkKind is how somebody else acts on a kind of resource.
type networkKind struct {
	id     string // the parameter that names it
	delete string // the action that deletes it
	meta   func(*State, string) *Resource
}

// networkKinds are the kinds, by the beginning of their ids, whose owner is in the middle of his own network.
var networkKinds = map[string]networkKind{
	"sg":  {"GroupId", "DeleteSecurityGroup", func(st *State, id string) *Resource { return metaOf(st.SecurityGroups, id) }},
	"sgr": {"SecurityGroupRuleId.1", "", func(st *State, id string) *Resource { return metaOf(st.Rules, id) }},
	"rtb": {"RouteTableId", "DeleteRouteTable", func(st *State, id string) *Resource { return metaOf(st.RouteTables, id) }},
	"pcx": {"VpcPeeringConnectionId", "DeleteVpcPeeringConnection", func(st *State, id string) *Resource { return metaOf(st.Peerings, id) }},
}

// meddleWithNetwork acts on a security group, one of its rules, a route table or a peering connection. A change names an
// "Action", which gets the resource's id; one that revokes rules, or deletes routes, and names none takes all.
func (s *Service) meddleWithNetwork(r *sim.Request, kind networkKind, resource string, change map[string]string) error {
	meta := kind.meta(s.state, resource)
	if meta == nil {
		return sim.Errorf("InvalidParameterValue", "There is no %s.", resource)
	}
	caller := r.Caller.AccountID
	r.Caller.AccountID, r.Region = meta.Owner, meta.Region
	form := url.Values{"Action": {kind.delete}, kind.id: {resource}}
	for name, value := range change {
		form.Set(name, value)
	}
	if rule, ok := s.state.Rules[resource]; ok {
		form.Set("GroupId", rule.SecurityGroup)
		if change == nil {
			form.Set("Action", map[bool]string{ingress: "RevokeSecurityGroupIngress", egress: "RevokeSecurityGroupEgress"}[rule.Egress])
		}
	}
	if p, ok := s.state.Peerings[resource]; ok {
		p.meddler(r, caller, form.Get("Action"))
	}
	if table, ok := s.state.RouteTables[resource]; ok && form.Get("Action") == "DeleteRoute" && !namesRoute(form) {
		table.Routes = nil
		return nil
	}
	s.nameAllRules(form, resource)
	return s.act(r, form)
}

// meddler makes the one act who can: the other party than the caller when the connection is active, the requester as
// long as it is asked for, and the accepter to accept or reject it.
func (p *Peering) meddler(r *sim.Request, caller, action string) {
	decides := action == "AcceptVpcPeeringConnection" || action == "RejectVpcPeeringConnection"
	if decides || p.State == peeringActive && p.Owner == caller {
		r.Caller.AccountID, r.Region = p.Accepter.Owner, p.Accepter.Region
	}
}

func namesRoute(form url.Values) bool {
	return form.Has("DestinationCidrBlock") || form.Has("DestinationIpv6CidrBlock") || form.Has("DestinationPrefixListId")
}

// nameAllRules has an action that revokes a group's rules of a direction, and names none, revoke all.
func (s *Service) nameAllRules(form url.Values, group string) {
	direction, revokes := map[string]bool{"RevokeSecurityGroupIngress": ingress, "RevokeSecurityGroupEgress": egress}[form.Get("Action")]
	f := query.NewForm(form)
	if !revokes || len(f.List("SecurityGroupRuleId")) > 0 || len(f.Structs("IpPermissions")) > 0 || f.Has("IpProtocol") {
		return
	}
	n := 0
	for _, rule := range s.rulesOf(group) {
		if rule.Egress == direction {
			n++
			form.Set(fmt.Sprintf("SecurityGroupRuleId.%d", n), rule.ID)
		}
	}
}
