package aws

import (
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/activities"
)

// proofTTL is the time to live, in seconds, of a record that we make: short, as it is read once or twice.
const proofTTL = 60

// An UPSERT replaces a record set whole, and a DELETE must repeat it exactly (Amazon Route 53 API Reference,
// Change). So both are made from the set as it was read; where none was found, a CREATE makes sure that there is none.

// planRecord is the change that puts the value into the set, nil when it is there already.
func planRecord(have *r53types.ResourceRecordSet, want activities.Record) *r53types.Change {
	if have == nil {
		return &r53types.Change{Action: r53types.ChangeActionCreate, ResourceRecordSet: &r53types.ResourceRecordSet{
			Name:            sdk.String(want.Name),
			Type:            r53types.RRTypeTxt,
			TTL:             sdk.Int64(proofTTL),
			ResourceRecords: []r53types.ResourceRecord{{Value: sdk.String(quoteTXT(want.Value))}},
		}}
	}
	if holds(have, want.Value) {
		return nil
	}
	set := *have
	set.ResourceRecords = append(slices.Clone(have.ResourceRecords), r53types.ResourceRecord{Value: sdk.String(quoteTXT(want.Value))})
	return upsert(set)
}

// planRecordRemoval is the change that takes the value out of the set, nil when it is not there.
func planRecordRemoval(have *r53types.ResourceRecordSet, unwanted activities.Record) *r53types.Change {
	if have == nil || !holds(have, unwanted.Value) {
		return nil
	}
	set := *have
	set.ResourceRecords = slices.DeleteFunc(slices.Clone(have.ResourceRecords), func(r r53types.ResourceRecord) bool {
		return unquoteTXT(sdk.ToString(r.Value)) == unwanted.Value
	})
	if len(set.ResourceRecords) == 0 {
		return &r53types.Change{Action: r53types.ChangeActionDelete, ResourceRecordSet: have}
	}
	return upsert(set)
}

func upsert(set r53types.ResourceRecordSet) *r53types.Change {
	return &r53types.Change{Action: r53types.ChangeActionUpsert, ResourceRecordSet: &set}
}

func holds(set *r53types.ResourceRecordSet, value string) bool {
	return slices.ContainsFunc(set.ResourceRecords, func(r r53types.ResourceRecord) bool {
		return unquoteTXT(sdk.ToString(r.Value)) == value
	})
}

// chooseZones are the public zones with the longest name that the record's name ends in: none, one, or several
// of the same name.
func chooseZones(zones []r53types.HostedZone, record string) []r53types.HostedZone {
	var best []r53types.HostedZone
	length := 0
	for _, z := range zones {
		name := plainName(sdk.ToString(z.Name))
		if z.Config != nil && z.Config.PrivateZone || name == "" || !within(plainName(record), name) {
			continue
		}
		switch {
		case len(name) > length:
			best, length = []r53types.HostedZone{z}, len(name)
		case len(name) == length:
			best = append(best, z)
		}
	}
	return best
}

// within reports whether name is the domain or below it.
func within(name, domain string) bool { return name == domain || strings.HasSuffix(name, "."+domain) }

// plainName is a name as people write it: Route 53 answers with a trailing dot, and with \052 for an asterisk.
func plainName(name string) string {
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	return strings.ReplaceAll(name, `\052`, "*")
}
