package route53

import (
	"encoding/xml"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// setsPerPage is the most record sets in one answer (Route 53 API Reference, ListResourceRecordSets).
const setsPerPage = 300

// wireSet is a record set on the wire. What Route 53 also has, and this simulation does not (routing
// policies, health checks, traffic policies), lands in Other and is refused.
type wireSet struct {
	Name    string      `xml:"Name"`
	Type    string      `xml:"Type"`
	TTL     *uint32     `xml:"TTL"`
	Records *wireValues `xml:"ResourceRecords"`
	Alias   *Alias      `xml:"AliasTarget"`
	Other   []anyField  `xml:",any"`
}

type wireValues struct {
	Record []wireValue `xml:"ResourceRecord"`
}

type wireValue struct {
	Value string `xml:"Value"`
}

type anyField struct {
	XMLName xml.Name
}

type changeSetsRequest struct {
	Comment string `xml:"ChangeBatch>Comment"`
	Changes []struct {
		Action string  `xml:"Action"`
		Set    wireSet `xml:"ResourceRecordSet"`
	} `xml:"ChangeBatch>Changes>Change"`
}

func (s *Service) changeResourceRecordSets(c call) (any, error) {
	z, err := s.zone(c, c.vars[0])
	if err != nil {
		return nil, err
	}
	var req changeSetsRequest
	if err := decode(c, "ChangeResourceRecordSetsRequest", &req); err != nil {
		return nil, err
	}
	if len(req.Changes) == 0 {
		return nil, sim.Errorf("InvalidInput", "A change batch needs at least one change.")
	}
	var changes []recordChange
	for _, ch := range req.Changes {
		a := action(ch.Action)
		if a != create && a != remove && a != upsert {
			return nil, sim.Errorf("InvalidInput", "Action must be CREATE, DELETE or UPSERT, not %q.", ch.Action)
		}
		set, err := ch.Set.read(a)
		if err != nil {
			return nil, err
		}
		changes = append(changes, recordChange{a, set})
	}
	records, err := s.applyBatch(z, changes)
	if err != nil {
		return nil, err
	}
	change := s.acceptChange(c, z, req.Comment)
	z.publish(records, change.Submitted, change.InsyncAt)
	return changeResult{s.changeInfo(change)}, nil
}

// read turns a set of the wire into one of ours.
func (w wireSet) read(a action) (RecordSet, error) {
	name, err := canonicalName(w.Name)
	if err != nil {
		return RecordSet{}, err
	}
	if !slices.Contains(recordTypes, w.Type) {
		return RecordSet{}, sim.Errorf("InvalidInput", "Invalid record type %q for %s.", w.Type, w.Name)
	}
	if len(w.Other) > 0 {
		return RecordSet{}, sim.Errorf("InvalidInput", "%s of %s: the simulated Route 53 has simple and alias record sets only.", w.Other[0].XMLName.Local, w.Name)
	}
	hasValues := w.TTL != nil && w.Records != nil && len(w.Records.Record) > 0
	if hasValues == (w.Alias != nil) {
		found := "none"
		if hasValues {
			found = "more than one"
		}
		return RecordSet{}, sim.Errorf("InvalidInput", "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found %s in Change with [Action=%s, Name=%s, Type=%s, SetIdentifier=null]", found, a, w.Name, w.Type)
	}
	set := RecordSet{Name: name, Type: w.Type}
	if w.Alias != nil {
		target, err := canonicalName(w.Alias.DNSName)
		if err != nil {
			return RecordSet{}, err
		}
		set.Alias = &Alias{HostedZoneID: w.Alias.HostedZoneID, DNSName: target, EvaluateTargetHealth: w.Alias.EvaluateTargetHealth}
		return set, nil
	}
	set.TTL = *w.TTL
	for _, record := range w.Records.Record {
		set.Values = append(set.Values, record.Value)
	}
	return set, nil
}

func (rs RecordSet) wire() wireSet {
	w := wireSet{Name: rs.Name, Type: rs.Type, Alias: rs.Alias}
	if rs.Alias == nil {
		w.TTL, w.Records = &rs.TTL, &wireValues{}
		for _, value := range rs.Values {
			w.Records.Record = append(w.Records.Record, wireValue{value})
		}
	}
	return w
}

// listResourceRecordSets pages through a zone, from a name (and type) on.
func (s *Service) listResourceRecordSets(c call) (any, error) {
	z, err := s.zone(c, c.vars[0])
	if err != nil {
		return nil, err
	}
	size, err := maxItems(c, setsPerPage)
	if err != nil {
		return nil, err
	}
	records := z.records()
	startName, startType := c.query("name"), c.query("type")
	if startName == "" && startType != "" {
		return nil, sim.Errorf("InvalidInput", "The input is not valid: type needs name beside it.")
	}
	if startName != "" {
		name, err := canonicalName(startName)
		if err != nil {
			return nil, err
		}
		i, _ := find(records, name, startType)
		records = records[i:]
	}
	result := struct {
		Sets struct {
			Set []wireSet `xml:"ResourceRecordSet"`
		} `xml:"ResourceRecordSets"`
		IsTruncated    bool   `xml:"IsTruncated"`
		NextRecordName string `xml:"NextRecordName,omitempty"`
		NextRecordType string `xml:"NextRecordType,omitempty"`
		MaxItems       int    `xml:"MaxItems"`
	}{MaxItems: size}
	if len(records) > size {
		next := records[size]
		result.IsTruncated, result.NextRecordName, result.NextRecordType = true, next.Name, next.Type
		records = records[:size]
	}
	for _, rs := range records {
		result.Sets.Set = append(result.Sets.Set, rs.wire())
	}
	return result, nil
}
