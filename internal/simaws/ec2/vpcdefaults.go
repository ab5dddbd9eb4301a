package ec2

import (
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// NetworkACL is the default network ACL that every VPC comes with: it lets everything in and out.
type NetworkACL struct {
	Resource
	VPC string
}

func (s *Service) addDefaultNetworkACL(r *sim.Request, vpc *VPC) {
	acl := &NetworkACL{Resource: s.newResource(r, "acl", "network-acl", nil), VPC: vpc.ID}
	s.state.NetworkACLs[acl.ID] = acl
}

type networkACLItem struct {
	ID           string               `xml:"networkAclId"`
	VPC          string               `xml:"vpcId"`
	Owner        string               `xml:"ownerId"`
	Default      bool                 `xml:"default"`
	Entries      []aclEntryItem       `xml:"entrySet>item"`
	Associations []aclAssociationItem `xml:"associationSet>item"`
	Tags         []tagItem            `xml:"tagSet>item"`
}

type aclEntryItem struct {
	CIDR     string `xml:"cidrBlock"`
	Egress   bool   `xml:"egress"`
	Protocol string `xml:"protocol"`
	Action   string `xml:"ruleAction"`
	Number   int    `xml:"ruleNumber"`
}

type aclAssociationItem struct {
	ID     string `xml:"networkAclAssociationId"`
	ACL    string `xml:"networkAclId"`
	Subnet string `xml:"subnetId"`
}

// lastACLRule is the number of the rule that refuses whatever no other rule matched, "*" in the console.
const lastACLRule = 32767

func (s *Service) describeNetworkACLs(r *sim.Request, f query.Form) (any, error) {
	var result struct {
		ACLs      []networkACLItem `xml:"networkAclSet>item"`
		NextToken string           `xml:"nextToken,omitempty"`
	}
	acls, next, err := list(s, r, f, listing[*NetworkACL]{
		table: s.state.NetworkACLs, ids: "NetworkAclId",
		absent: missing("InvalidNetworkAclID.NotFound", "The networkAcl ID '%s' does not exist"),
		filters: map[string]func(*NetworkACL) []string{
			"vpc-id":         one(func(a *NetworkACL) string { return a.VPC }),
			"owner-id":       one(func(a *NetworkACL) string { return a.Owner }),
			"network-acl-id": one(func(a *NetworkACL) string { return a.ID }),
			"default":        one(func(*NetworkACL) string { return "true" }),
			"association.subnet-id": func(a *NetworkACL) []string {
				var ids []string
				for _, association := range s.aclAssociations(a) {
					ids = append(ids, association.Subnet)
				}
				return ids
			},
		},
	})
	if err != nil {
		return nil, err
	}
	for _, a := range acls {
		result.ACLs = append(result.ACLs, networkACLItem{
			ID: a.ID, VPC: a.VPC, Owner: a.Owner, Default: true, Tags: tagSet(a.Tags),
			Associations: s.aclAssociations(a),
			Entries: []aclEntryItem{
				{CIDR: "0.0.0.0/0", Egress: true, Protocol: "-1", Action: "allow", Number: 100},
				{CIDR: "0.0.0.0/0", Egress: true, Protocol: "-1", Action: "deny", Number: lastACLRule},
				{CIDR: "0.0.0.0/0", Egress: false, Protocol: "-1", Action: "allow", Number: 100},
				{CIDR: "0.0.0.0/0", Egress: false, Protocol: "-1", Action: "deny", Number: lastACLRule},
			},
		})
	}
	result.NextToken = next
	return result, nil
}

// aclAssociations are the subnets of the VPC: each is associated with the default network ACL.
func (s *Service) aclAssociations(a *NetworkACL) []aclAssociationItem {
	var items []aclAssociationItem
	for _, subnet := range s.subnetsOf(a.VPC) {
		items = append(items, aclAssociationItem{ID: subnet.ACLAssociation, ACL: a.ID, Subnet: subnet.ID})
	}
	return items
}
