package route53

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// What one ChangeResourceRecordSets request may hold, where an UPSERT counts twice
// (Route 53 Developer Guide, "Quotas on ChangeResourceRecordSets requests").
const (
	maxRecordsPerBatch    = 1000
	maxCharactersPerBatch = 32000
)

type action string

const (
	create action = "CREATE"
	remove action = "DELETE"
	upsert action = "UPSERT"
)

// recordChange is one change of a batch.
type recordChange struct {
	Action action
	Set    RecordSet
}

// applyBatch returns what a zone's records become by a batch: all its changes, in order, or none. The error
// lists everything that is wrong with the batch.
func (s *Service) applyBatch(z *Zone, changes []recordChange) ([]RecordSet, error) {
	if err := checkBatchSize(changes); err != nil {
		return nil, err
	}
	records := slices.Clone(z.records())
	var problems []string
	for _, change := range changes {
		var problem string
		if records, problem = s.apply(z, records, change); problem != "" {
			problems = append(problems, problem)
		}
	}
	if len(problems) == 0 {
		problems = checkZone(z, records, changes)
	}
	if len(problems) > 0 {
		return nil, sim.Errorf("InvalidChangeBatch", "[%s]", strings.Join(problems, ", "))
	}
	return records, nil
}

// apply carries one change out on records, or says why it cannot.
func (s *Service) apply(z *Zone, records []RecordSet, change recordChange) (_ []RecordSet, problem string) {
	set := change.Set
	if !within(set.Name, z.Name) {
		return records, fmt.Sprintf("RRSet with DNS name %s is not permitted in zone %s", set.Name, z.Name)
	}
	i, exists := find(records, set.Name, set.Type)
	if change.Action == remove {
		switch {
		case !exists:
			return records, fmt.Sprintf("Tried to delete resource record set %s but it was not found", set)
		case !records[i].equal(set):
			return records, fmt.Sprintf("Tried to delete resource record set %s but the values provided do not match the current values", set)
		}
		return slices.Delete(records, i, i+1), ""
	}
	if problem := s.checkSet(z, set); problem != "" {
		return records, problem
	}
	switch {
	case exists && change.Action == create:
		return records, fmt.Sprintf("Tried to create resource record set %s but it already exists", set)
	case exists:
		records[i] = set
		return records, ""
	}
	return slices.Insert(records, i, set), ""
}

// checkSet says what is wrong with a set by itself.
func (s *Service) checkSet(z *Zone, set RecordSet) string {
	if set.Alias == nil {
		seen := map[string]bool{}
		for _, value := range set.Values {
			if seen[value] {
				return fmt.Sprintf("Duplicate Resource Record: '%s'", value)
			}
			seen[value] = true
		}
	} else if why := s.checkAlias(z, set); why != "" {
		return fmt.Sprintf("Tried to create an alias that targets %s, type %s in zone %s, but %s", set.Alias.DNSName, set.Type, set.Alias.HostedZoneID, why)
	}
	var bad *valueError
	if _, err := set.served(); errors.As(err, &bad) {
		return bad.Error()
	} else if err != nil {
		return fmt.Sprintf("Invalid Resource Record: '%v'", err)
	}
	return ""
}

// checkZone says what is wrong with the zone that a batch would leave: a name with a CNAME has nothing else
// (RFC 1034, section 3.6.2), and the apex keeps its SOA and NS.
func checkZone(z *Zone, records []RecordSet, changes []recordChange) []string {
	var problems []string
	for _, change := range changes {
		name := change.Set.Name
		if change.Action == remove {
			continue
		}
		i, found := find(records, name, "CNAME")
		switch {
		case found && name == z.Name:
			problems = append(problems, fmt.Sprintf("RRSet of type CNAME with DNS name %s is not permitted at apex in zone %s", name, z.Name))
		case found && (i > 0 && records[i-1].Name == name || i+1 < len(records) && records[i+1].Name == name):
			problems = append(problems, fmt.Sprintf("RRSet of type %s with DNS name %s is not permitted as it conflicts with other records with the same DNS name in zone %s", change.Set.Type, name, z.Name))
		}
	}
	if i, ok := find(records, z.Name, "SOA"); !ok || len(records[i].Values) != 1 {
		problems = append(problems, "A HostedZone must contain exactly one SOA record.")
	}
	if _, ok := find(records, z.Name, "NS"); !ok {
		problems = append(problems, "A HostedZone must contain at least one NS record for the zone itself.")
	}
	return problems
}

func checkBatchSize(changes []recordChange) error {
	records, characters := 0, 0
	for _, change := range changes {
		weight := 1
		if change.Action == upsert {
			weight = 2
		}
		records += weight * len(change.Set.Values)
		for _, value := range change.Set.Values {
			characters += weight * len(value)
		}
	}
	switch {
	case records > maxRecordsPerBatch:
		return sim.Errorf("InvalidChangeBatch", "[Number of records limit of %d exceeded.]", maxRecordsPerBatch)
	case characters > maxCharactersPerBatch:
		return sim.Errorf("InvalidChangeBatch", "[Number of characters limit of %d exceeded.]", maxCharactersPerBatch)
	}
	return nil
}
