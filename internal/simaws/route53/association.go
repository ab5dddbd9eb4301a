package route53

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// maxVPCs is how many VPCs a private zone can be associated with (Route 53 Developer Guide, "Quotas on hosted zones").
const maxVPCs = 300

// VPC names a VPC that a private zone answers in.
type VPC struct {
	Region string `xml:"VPCRegion"`
	ID     string `xml:"VPCId"`
}

// Association is what makes a private zone answer in a VPC.
type Association struct {
	VPC
	From  time.Time // when the VPC's resolver begins to answer from the zone
	Until time.Time // when it stops; zero while the association stands
}

// vpcs are the VPCs that the zone is associated with, the oldest association first.
func (z *Zone) vpcs() []VPC {
	var list []VPC
	for _, a := range z.Associations {
		if a.Until.IsZero() {
			list = append(list, a.VPC)
		}
	}
	return list
}

// answersIn reports whether the resolver of a VPC answers from the zone now.
func (z *Zone) answersIn(vpc VPC, now time.Time) bool {
	return slices.ContainsFunc(z.Associations, func(a Association) bool {
		return a.VPC == vpc && !now.Before(a.From) && (a.Until.IsZero() || now.Before(a.Until))
	})
}

func (z *Zone) associate(vpc VPC, change Change) {
	z.Associations = append(z.Associations, Association{VPC: vpc, From: change.InsyncAt})
}

func (z *Zone) disassociate(vpc VPC, change Change) {
	z.Associations = slices.DeleteFunc(z.Associations, func(a Association) bool {
		return !a.Until.IsZero() && !change.Submitted.Before(a.Until) // over
	})
	for i, a := range z.Associations {
		if a.VPC == vpc && a.Until.IsZero() {
			z.Associations[i].Until = change.InsyncAt
		}
	}
}

// PrivateZones implements sim.HostedZones.
func (s *Service) PrivateZones(region, vpcID string) []string {
	var names []string
	for _, z := range s.state.Zones {
		if slices.Contains(z.vpcs(), VPC{Region: region, ID: vpcID}) {
			names = append(names, strings.TrimSuffix(z.Name, "."))
		}
	}
	slices.Sort(names)
	return names
}

// owner is the account that a VPC belongs to. A VPC and the zone must be of one partition (Route 53 API Reference,
// AssociateVPCWithHostedZone).
func (s *Service) owner(vpc VPC, partition string) (string, error) {
	resolver, ok := s.world.Networks.Resolver(vpc.ID)
	if !ok || resolver.Region != vpc.Region || sim.PartitionOf(vpc.Region) != partition {
		return "", sim.Errorf("InvalidVPCId", "The VPC: %s in region %s was not found.", vpc.ID, vpc.Region)
	}
	return resolver.AccountID, nil
}

// conflict refuses a zone of a name in a VPC that resolves the name through another private zone, or this one, already
// (Route 53 API Reference, ConflictingDomainExists). A zone of a parent or child domain is no conflict. The zone in
// which EC2 keeps the private DNS name of an endpoint is one as well.
func (s *Service) conflict(vpc VPC, name string) error {
	refused := func(zone string) error {
		return sim.Errorf("ConflictingDomainExists", "The VPC %s in region %s has already been associated with the hosted zone %s with the same domain name.", vpc.ID, vpc.Region, zone)
	}
	for _, z := range s.state.Zones {
		if z.Name == name && slices.Contains(z.vpcs(), vpc) {
			return refused(z.ID)
		}
	}
	resolver, _ := s.world.Networks.Resolver(vpc.ID)
	for _, private := range resolver.Names {
		if domain, err := canonicalName(private.Domain()); err == nil && domain == name {
			return refused(private.ZoneID)
		}
	}
	return nil
}

// mayAssociate holds an association against the rules of AssociateVPCWithHostedZone (Route 53 API Reference). That it is
// the VPC's owner who must ask, and that the zone's owner gets the message about the VPC's ARN, was seen in
// hashicorp/terraform-provider-aws#18176; that a VPC which has the zone already is a conflict, in saltstack/salt#47480.
func (s *Service) mayAssociate(c call, z *Zone, vpc VPC) error {
	owner, err := s.owner(vpc, z.Partition)
	switch {
	case err != nil:
		return err
	case owner != c.Caller.AccountID:
		return notAuthorized("User: %s is not authorized to perform: route53:AssociateVPCWithHostedZone on resource: arn:%s:ec2:%s:%s:vpc/%s",
			c.Caller.ARN, c.Partition, vpc.Region, c.Caller.AccountID, vpc.ID)
	case owner != z.AccountID && !slices.Contains(z.Authorized, vpc):
		return notAuthorized("The VPC: %s has not been authorized to be associated with the hosted zone %s.", vpc.ID, z.ID)
	case !z.Private:
		return sim.Errorf("PublicZoneVPCAssociation", "The hosted zone %s is public: a VPC can be associated with a private hosted zone only.", z.ID)
	case len(z.vpcs()) >= maxVPCs:
		return sim.Errorf("LimitsExceeded", "The hosted zone %s is associated with %d VPCs, which is the limit.", z.ID, maxVPCs)
	}
	return s.conflict(vpc, z.Name)
}

// notAuthorized has the status 401 (the API's model).
func notAuthorized(format string, args ...any) error {
	e := sim.Errorf("NotAuthorizedException", format, args...)
	e.Status = http.StatusUnauthorized
	return e
}
