package ec2

import (
	"fmt"

	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// createsPeering is the need of CreateVpcPeeringConnection: on the requester VPC, and on the new connection with both
// its VPCs as condition keys (Amazon VPC Peering Guide, "Identity and access management for VPC peering").
func (s *Service) createsPeering(r *sim.Request, f query.Form) []sim.Need {
	const kind = "vpc-peering-connection"
	needs := s.on("VpcId")(r, f)
	context := requestTags(f, kind)
	setPeers(context, r, "", PeerVPC{ID: f.String("VpcId"), Owner: r.Caller.AccountID, Region: r.Region}, peerAsked(r, f))
	needs = append(needs, sim.Need{Action: action(r), Resource: arn(r, kind, "*"), Context: context})
	return append(needs, tagging(r, f, kind)...)
}

// acceptsPeering is the need of AcceptVpcPeeringConnection: on the connection, and on the accepter VPC (same page).
func (s *Service) acceptsPeering(r *sim.Request, f query.Form) []sim.Need {
	needs := s.on("VpcPeeringConnectionId")(r, f)
	if p, ok := s.state.Peerings[f.String("VpcPeeringConnectionId")]; ok && p.Accepter.ownedBy(r) {
		needs = append(needs, s.existing(r, action(r), "vpc", p.AccepterVPC.ID))
	}
	return needs
}

// setPeers gives the keys by which policies limit who is connected with whom.
func setPeers(context policy.Context, r *sim.Request, id string, requester, accepter PeerVPC) {
	vpc := func(v PeerVPC) string {
		return fmt.Sprintf("arn:%s:ec2:%s:%s:vpc/%s", r.Partition, v.Region, v.Owner, v.ID)
	}
	context.Set("ec2:RequesterVpc", vpc(requester))
	context.Set("ec2:AccepterVpc", vpc(accepter))
	if id != "" {
		context.Set("ec2:VpcPeeringConnectionID", id)
	}
}

// onAssociation is the need of DisassociateRouteTable: on the route table and the subnet of the association.
func (s *Service) onAssociation(r *sim.Request, f query.Form) []sim.Need {
	table, subnet, err := s.association(r, f.String("AssociationId"))
	if err != nil {
		return []sim.Need{{Action: action(r), Resource: arn(r, "route-table", "*")}} // it will not be found
	}
	needs := []sim.Need{s.existing(r, action(r), "route-table", table.ID)}
	if subnet != "" {
		needs = append(needs, s.existing(r, action(r), "subnet", subnet))
	}
	return needs
}

// modifiesRules is the need of ModifySecurityGroupRules: on the group and on each of the rules.
func (s *Service) modifiesRules(r *sim.Request, f query.Form) []sim.Need {
	needs := s.on("GroupId")(r, f)
	for _, update := range f.Structs("SecurityGroupRule") {
		needs = append(needs, s.existing(r, action(r), "security-group-rule", update.String("SecurityGroupRuleId")))
	}
	return needs
}
