package route53

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

const (
	// maxAuthorizations is how many VPCs of other accounts may be let at a zone (Route 53 Developer Guide, "Quotas on
	// hosted zones").
	maxAuthorizations = 1000
	// authorizationsPerPage is the most in one answer (Route 53 API Reference, ListVPCAssociationAuthorizations).
	authorizationsPerPage = 50
)

// vpcID is what an id of a VPC looks like (EC2 User Guide, "Resource IDs").
var vpcID = regexp.MustCompile(`^vpc-([0-9a-f]{8}|[0-9a-f]{17})$`)

// authorizationRequest reads a request about an authorization: of the zone's owner, for a private zone. Nobody can see
// the VPCs of another account, so that an id which could be one is believed: that is assumed, as is InvalidInput for a
// public zone, for which the API has no other error here.
func (s *Service) authorizationRequest(c call, root string) (*Zone, VPC, error) {
	z, err := s.zone(c, c.vars[0])
	if err != nil {
		return nil, VPC{}, err
	}
	var req vpcRequest
	if err := decode(c, root, &req); err != nil {
		return nil, VPC{}, err
	}
	switch {
	case !z.Private:
		return nil, VPC{}, sim.Errorf("InvalidInput", "The hosted zone %s is public: VPCs can be authorized for private hosted zones only.", z.ID)
	case !vpcID.MatchString(req.VPC.ID) || sim.PartitionOf(req.VPC.Region) != z.Partition:
		return nil, VPC{}, sim.Errorf("InvalidVPCId", "The VPC: %s in region %s is not valid.", req.VPC.ID, req.VPC.Region)
	case s.overtaken(c, z.ID+"/authorizations"):
		// Route 53 API Reference, ConcurrentModification: "at the same time that you did". The message was seen in
		// hashicorp/terraform-provider-aws#29221.
		return nil, VPC{}, sim.Errorf("ConcurrentModification", "A conflicting modification to the authorizations in place for %s occurred. Please retry.", z.ID)
	}
	return z, req.VPC, nil
}

// createAuthorization lets the owner of a VPC associate it with the zone. To authorize a VPC again changes nothing.
func (s *Service) createAuthorization(c call) (any, error) {
	z, vpc, err := s.authorizationRequest(c, "CreateVPCAssociationAuthorizationRequest")
	if err != nil {
		return nil, err
	}
	if !slices.Contains(z.Authorized, vpc) {
		if len(z.Authorized) >= maxAuthorizations {
			return nil, sim.Errorf("TooManyVPCAssociationAuthorizations", "The hosted zone %s has %d authorizations, which is the limit.", z.ID, maxAuthorizations)
		}
		z.Authorized = append(z.Authorized, vpc)
		slices.SortFunc(z.Authorized, func(a, b VPC) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Region, b.Region)) })
		s.note(z.ID + "/authorizations")
	}
	return struct {
		HostedZoneID string `xml:"HostedZoneId"`
		VPC          VPC    `xml:"VPC"`
	}{z.ID, vpc}, nil
}

// deleteAuthorization takes the permission back. An association that was made with it stands (Route 53 API Reference,
// DeleteVPCAssociationAuthorization).
func (s *Service) deleteAuthorization(c call) (any, error) {
	z, vpc, err := s.authorizationRequest(c, "DeleteVPCAssociationAuthorizationRequest")
	if err != nil {
		return nil, err
	}
	i := slices.Index(z.Authorized, vpc)
	if i < 0 {
		return nil, &sim.Error{Status: http.StatusNotFound, Code: "VPCAssociationAuthorizationNotFound",
			Message: "The VPC " + vpc.ID + " is not authorized to be associated with the hosted zone " + z.ID + "."}
	}
	z.Authorized = slices.Delete(z.Authorized, i, i+1)
	s.note(z.ID + "/authorizations")
	return struct{}{}, nil
}

func (s *Service) listAuthorizations(c call) (any, error) {
	z, err := s.zone(c, c.vars[0])
	if err != nil {
		return nil, err
	}
	size, err := pageSize(c, "maxresults", authorizationsPerPage)
	if err != nil {
		return nil, err
	}
	start, err := startOf(c)
	if err != nil {
		return nil, err
	}
	page := slices.DeleteFunc(slices.Clone(z.Authorized), func(vpc VPC) bool { return vpc.ID < start })
	result := struct {
		HostedZoneID string  `xml:"HostedZoneId"`
		NextToken    string  `xml:"NextToken,omitempty"`
		VPCs         vpcList `xml:"VPCs"`
	}{HostedZoneID: z.ID}
	if len(page) > size {
		result.NextToken = tokenFor(c, page[size].ID)
		page = page[:size]
	}
	result.VPCs.VPC = page
	return result, nil
}
