package privatedns

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// RecordSet are the records of one name and type, in the form in which clients write them.
type RecordSet struct {
	TTL      int64             `json:"ttl"`
	Metadata map[string]string `json:"metadata,omitempty"`
	A        []aRecord         `json:"aRecords,omitempty"`
	AAAA     []aaaaRecord      `json:"aaaaRecords,omitempty"`
	CNAME    *cnameRecord      `json:"cnameRecord,omitempty"`
	TXT      []txtRecord       `json:"txtRecords,omitempty"`
	SOA      *soaRecord        `json:"soaRecord,omitempty"`
}

type (
	aRecord struct {
		IPv4Address string `json:"ipv4Address"`
	}
	aaaaRecord struct {
		IPv6Address string `json:"ipv6Address"`
	}
	cnameRecord struct {
		CNAME string `json:"cname"`
	}
	txtRecord struct {
		Value []string `json:"value"`
	}
	soaRecord struct {
		Host         string `json:"host"`
		Email        string `json:"email"`
		SerialNumber int64  `json:"serialNumber"`
		RefreshTime  int64  `json:"refreshTime"`
		RetryTime    int64  `json:"retryTime"`
		ExpireTime   int64  `json:"expireTime"`
		MinimumTTL   int64  `json:"minimumTtl"`
	}
)

// recordTypes are the types that zones here have. Azure has MX, PTR and SRV too.
func recordTypes() []string { return []string{"A", "AAAA", "CNAME", "TXT", "SOA"} }

// kindOf is the type of a record set, by its id.
func kindOf(id arm.ID) string {
	kind := id.Type()
	return strings.ToUpper(kind[strings.LastIndex(kind, "/")+1:])
}

// fqdn is the full name of a record set: of "@", the zone's.
func fqdn(id arm.ID) string {
	zone := id.Parent().Name()
	if id.Name() == "@" {
		return zone + "."
	}
	return id.Name() + "." + zone + "."
}

func (s *Service) showRecordSet(set *arm.Resource[RecordSet]) arm.View {
	p := set.Properties
	shown := map[string]any{"fqdn": fqdn(set.ID), "ttl": p.TTL, "isAutoRegistered": false}
	switch kindOf(set.ID) {
	case "A":
		shown["aRecords"] = append([]aRecord{}, p.A...)
	case "AAAA":
		shown["aaaaRecords"] = append([]aaaaRecord{}, p.AAAA...)
	case "CNAME":
		shown["cnameRecord"] = p.CNAME
	case "TXT":
		shown["txtRecords"] = append([]txtRecord{}, p.TXT...)
	case "SOA":
		shown["soaRecord"] = p.SOA
	}
	if p.Metadata != nil {
		shown["metadata"] = p.Metadata
	}
	return arm.Show(set, shown)
}

// recordSets lists those of a zone, or those of one type (Record Sets - List, List By Type).
func (s *Service) recordSets(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	if _, err := s.findZone(id); err != nil {
		return arm.Response{}, err
	}
	kind := r.Path[strings.LastIndex(r.Path, "/")+1:]
	suffix := strings.ToLower(r.Query.Get("$recordsetnamesuffix"))
	var all []arm.View
	for _, set := range s.state.Records.Within(id) {
		if (strings.EqualFold(kind, "ALL") || strings.EqualFold(kind, kindOf(set.ID))) && strings.HasSuffix(strings.ToLower(set.ID.Name()), suffix) {
			all = append(all, s.showRecordSet(set))
		}
	}
	if top, err := strconv.Atoi(r.Query.Get("$top")); err == nil && top >= 0 && top < len(all) {
		all = all[:top]
	}
	return arm.Page(r, all), nil
}

func (s *Service) recordSet(r *arm.Request) (arm.Response, error) {
	set, err := s.findRecordSet(r.Target())
	if err != nil {
		return arm.Response{}, err
	}
	return arm.OK(s.showRecordSet(set)), nil
}

func (s *Service) findRecordSet(id arm.ID) (*arm.Resource[RecordSet], error) {
	if _, err := s.findZone(id.Parent()); err != nil {
		return nil, err
	}
	set, ok := s.state.Records.Get(id)
	if !ok {
		return nil, &arm.Error{Status: http.StatusNotFound, Code: "NotFound", Message: "The resource record '" + id.Name() + "' does not exist in resource group '" + id.Group() + "' of subscription '" + id.Subscription() + "'."}
	}
	return set, nil
}

// putRecordSet makes a record set or replaces what it says, at once (Record Sets - Create Or Update, Update).
func (s *Service) putRecordSet(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	zone, err := s.findZone(id.Parent())
	if err != nil {
		return arm.Response{}, err
	}
	set, exists := s.state.Records.Get(id)
	if !exists && (r.Method == http.MethodPatch || kindOf(id) == "SOA") {
		_, err := s.findRecordSet(id)
		return arm.Response{}, err
	}
	if !exists {
		set = &arm.Resource[RecordSet]{ID: id}
	}
	if err := r.Precondition(set.ETag); err != nil {
		return arm.Response{}, err
	}
	if op := s.world.On(zone.ID); op != nil && op.Deletes {
		return arm.Response{}, arm.Locked(zone.ID, op.ID)
	}
	var body arm.Body[json.RawMessage]
	if err := r.Read(&body); err != nil {
		return arm.Response{}, err
	}
	changed := *set
	if r.Method == http.MethodPut {
		changed.Properties = RecordSet{SOA: set.Properties.SOA}
	}
	if err := json.Unmarshal(orEmpty(body.Properties), &changed.Properties); err != nil {
		return arm.Response{}, badRequest("The record set '%s' cannot be read: %s.", id.Name(), err)
	}
	if err := s.checkRecordSet(&changed, exists); err != nil {
		return arm.Response{}, err
	}
	changed.ETag = s.world.NewGUID(id.Key(), "etag")
	s.state.Records.Put(&changed)
	s.countUp(zone)
	response := arm.OK(s.showRecordSet(&changed))
	if !exists {
		response.Status = http.StatusCreated
	}
	return response, nil
}

func orEmpty(data json.RawMessage) json.RawMessage {
	if len(data) == 0 {
		return json.RawMessage("{}")
	}
	return data
}

func (s *Service) deleteRecordSet(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	zone, err := s.findZone(id.Parent())
	if err != nil {
		return arm.Response{}, err
	}
	if kindOf(id) == "SOA" {
		return arm.Response{}, badRequest("The SOA record set of the zone '%s' cannot be deleted.", zone.ID.Name())
	}
	set, ok := s.state.Records.Get(id)
	if !ok {
		return arm.NoContent(), nil
	}
	if err := r.Precondition(set.ETag); err != nil {
		return arm.Response{}, err
	}
	s.state.Records.Remove(id)
	s.countUp(zone)
	return arm.Response{Status: http.StatusOK}, nil
}

// putSOA gives a new zone its SOA record, with the values that Azure gives it.
func (s *Service) putSOA(zone *arm.Resource[Zone]) {
	id := zone.ID.Child("SOA", "@")
	s.state.Records.Put(&arm.Resource[RecordSet]{ID: id, ETag: s.world.NewGUID(id.Key(), "etag"), Properties: RecordSet{TTL: 3600, SOA: &soaRecord{
		Host: "azureprivatedns.net", Email: "azureprivatedns-host.microsoft.com", SerialNumber: 1, RefreshTime: 3600, RetryTime: 300, ExpireTime: 2419200, MinimumTTL: 10,
	}}})
}

// countUp raises the zone's serial number.
func (s *Service) countUp(zone *arm.Resource[Zone]) {
	if soa, ok := s.state.Records.Get(zone.ID.Child("SOA", "@")); ok {
		soa.Properties.SOA.SerialNumber++
	}
}
