package route53

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// The wire shapes of hosted zones.

type hostedZone struct {
	ID              string           `xml:"Id"`
	Name            string           `xml:"Name"`
	CallerReference string           `xml:"CallerReference"`
	Config          hostedZoneConfig `xml:"Config"`
	Count           int              `xml:"ResourceRecordSetCount"`
}

type hostedZoneConfig struct {
	Comment     *string `xml:"Comment"`
	PrivateZone bool    `xml:"PrivateZone"`
}

type delegationSet struct {
	NameServers []string `xml:"NameServers>NameServer"`
}

type changeInfo struct {
	ID          string `xml:"Id"`
	Status      string `xml:"Status"`
	SubmittedAt string `xml:"SubmittedAt"`
	Comment     string `xml:"Comment,omitempty"`
}

func (z *Zone) wire() hostedZone {
	return hostedZone{
		ID: "/hostedzone/" + z.ID, Name: z.Name, CallerReference: z.CallerReference,
		Config: hostedZoneConfig{Comment: z.Comment, PrivateZone: z.Private},
		Count:  len(z.records()),
	}
}

// delegation is the zone's name servers; a private zone has none to tell of.
func (z *Zone) delegation() *delegationSet {
	if z.Private {
		return nil
	}
	return &delegationSet{NameServers: z.NameServers}
}

func (s *Service) changeInfo(c Change) changeInfo {
	info := changeInfo{ID: "/change/" + c.ID, Status: "PENDING", SubmittedAt: timestamp(c.Submitted), Comment: c.Comment}
	if s.world.Clock.Passed(c.InsyncAt) {
		info.Status = "INSYNC"
	}
	return info
}

type createHostedZoneRequest struct {
	Name            string            `xml:"Name"`
	CallerReference string            `xml:"CallerReference"`
	Config          *hostedZoneConfig `xml:"HostedZoneConfig"`
	VPC             *VPC              `xml:"VPC"`
	DelegationSetID string            `xml:"DelegationSetId"`
}

type createHostedZoneResult struct {
	HostedZone    hostedZone     `xml:"HostedZone"`
	ChangeInfo    changeInfo     `xml:"ChangeInfo"`
	DelegationSet *delegationSet `xml:"DelegationSet"`
	VPC           *VPC           `xml:"VPC"`
}

func (r createHostedZoneResult) location() string {
	return "https://route53.amazonaws.com/2013-04-01" + r.HostedZone.ID
}

func (s *Service) createHostedZone(c call) (any, error) {
	var req createHostedZoneRequest
	if err := decode(c, "CreateHostedZoneRequest", &req); err != nil {
		return nil, err
	}
	return s.makeZone(c, req)
}

func (s *Service) makeZone(c call, req createHostedZoneRequest) (any, error) {
	name, err := canonicalName(req.Name)
	if err != nil {
		return nil, err
	}
	if err := s.mayCreate(c, req, name); err != nil {
		return nil, err
	}
	s.state.Made++
	z := &Zone{
		AccountID: c.Caller.AccountID, Partition: c.Partition, Name: name, CallerReference: req.CallerReference,
		Private: req.VPC != nil, NameServers: nameServers(req.VPC != nil), Number: s.state.Made,
		Tags: map[string]string{},
	}
	if req.Config != nil {
		z.Comment = req.Config.Comment
	}
	change := s.acceptChange(c, z, "")
	z.ID = newID(c, "Z")
	if z.Private {
		z.associate(*req.VPC, change)
	}
	z.publish(apexRecords(z), change.Submitted, change.InsyncAt)
	s.state.Zones[z.ID] = z
	return createHostedZoneResult{z.wire(), s.changeInfo(change), z.delegation(), req.VPC}, nil
}

// mayCreate holds a request against the rules of CreateHostedZone (Route 53 API Reference).
func (s *Service) mayCreate(c call, req createHostedZoneRequest, name string) error {
	switch {
	case req.CallerReference == "":
		return sim.Errorf("InvalidInput", "CallerReference must not be empty.")
	case req.DelegationSetID != "":
		return sim.Errorf("NoSuchDelegationSet", "No delegation set found with ID: %s", req.DelegationSetID)
	case req.VPC == nil && req.Config != nil && req.Config.PrivateZone:
		return sim.Errorf("InvalidInput", "When you're creating a private hosted zone, you must specify a VPC.")
	}
	for _, z := range s.state.Zones {
		if z.AccountID == c.Caller.AccountID && z.CallerReference == req.CallerReference {
			return &sim.Error{Status: http.StatusConflict, Code: "HostedZoneAlreadyExists",
				Message: fmt.Sprintf("A hosted zone has already been created with the specified caller reference: %s", req.CallerReference)}
		}
	}
	if req.VPC == nil {
		return nil
	}
	if owner, err := s.owner(*req.VPC, c.Partition); err != nil || owner != c.Caller.AccountID {
		return sim.Errorf("InvalidVPCId", "The VPC: %s in region %s that you provided is not authorized to make the association.", req.VPC.ID, req.VPC.Region)
	}
	return s.conflict(*req.VPC, name)
}

func (s *Service) getHostedZone(c call) (any, error) {
	z, err := s.zone(c, c.vars[0])
	if err != nil {
		return nil, err
	}
	return struct {
		HostedZone    hostedZone     `xml:"HostedZone"`
		DelegationSet *delegationSet `xml:"DelegationSet"`
		VPCs          *vpcList       `xml:"VPCs"`
	}{z.wire(), z.delegation(), vpcs(z)}, nil
}

type vpcList struct {
	VPC []VPC `xml:"VPC"`
}

func vpcs(z *Zone) *vpcList {
	if !z.Private {
		return nil
	}
	return &vpcList{z.vpcs()}
}

func (s *Service) updateHostedZoneComment(c call) (any, error) {
	z, err := s.zone(c, c.vars[0])
	if err != nil {
		return nil, err
	}
	var req struct {
		Comment *string `xml:"Comment"`
	}
	if err := decode(c, "UpdateHostedZoneCommentRequest", &req); err != nil {
		return nil, err
	}
	z.Comment = req.Comment
	return struct {
		HostedZone hostedZone `xml:"HostedZone"`
	}{z.wire()}, nil
}

func (s *Service) deleteHostedZone(c call) (any, error) {
	z, err := s.zone(c, c.vars[0])
	if err != nil {
		return nil, err
	}
	if len(z.records()) > 2 { // all but the apex's NS and SOA
		return nil, sim.Errorf("HostedZoneNotEmpty", "The specified hosted zone contains non-required resource record sets and so cannot be deleted.")
	}
	s.deleteZone(z)
	return changeResult{s.changeInfo(s.acceptChange(c, z, ""))}, nil
}

func (s *Service) deleteZone(z *Zone) {
	delete(s.state.Zones, z.ID)
	delete(s.served, z.ID)
}

func (s *Service) getDNSSEC(c call) (any, error) {
	if _, err := s.zone(c, c.vars[0]); err != nil {
		return nil, err
	}
	return struct {
		Status string   `xml:"Status>ServeSignature"`
		Keys   struct{} `xml:"KeySigningKeys"`
	}{Status: "NOT_SIGNING"}, nil
}

func (s *Service) getHostedZoneCount(c call) (any, error) {
	return struct {
		Count int `xml:"HostedZoneCount"`
	}{len(s.zonesOf(c.Caller.AccountID))}, nil
}

// getChange tells of a change to whoever asked for it and to the zone's owner. Of an association that the VPC's owner
// asked for, reports differ as to which of them may look (org-formation/aws-resource-providers#86: the zone's owner;
// Terraform's provider waits as the VPC's): here both may.
func (s *Service) getChange(c call) (any, error) {
	id := strings.TrimPrefix(c.vars[0], "/change/")
	change, ok := s.state.Changes[id]
	if !ok || change.AccountID != c.Caller.AccountID && change.ZoneOwner != c.Caller.AccountID {
		return nil, &sim.Error{Status: http.StatusNotFound, Code: "NoSuchChange",
			Message: fmt.Sprintf("A change with id %s was not found", id)}
	}
	return changeResult{s.changeInfo(change)}, nil
}

// zonesOf are an account's zones by id.
func (s *Service) zonesOf(account string) []*Zone {
	var zones []*Zone
	for _, z := range s.state.Zones {
		if z.AccountID == account {
			zones = append(zones, z)
		}
	}
	slices.SortFunc(zones, func(a, b *Zone) int { return cmp.Compare(a.ID, b.ID) })
	return zones
}
