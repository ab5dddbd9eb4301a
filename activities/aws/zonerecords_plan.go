package aws

import (
	"maps"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Records carry no tags. So each name that leads to an endpoint has a note beside it: a TXT value that says whose it
// is. It stands at the name itself, which is never a CNAME, and shares its record set with the values of others.
//
//	what the zone has at a wanted name   what is done
//	nothing                              note and record are made
//	TXT values of others                 the note joins them, and the record is made
//	our note, and a record as wanted     nothing
//	our note, and another record         the record is corrected
//	a record without our note            nothing; it is somebody else's, and blocks
//
//	what it has at a name not wanted     what is done
//	our note                             the record is removed, and the note; TXT values of others stay
//	anything else                        nothing
//
// A set is changed by a DELETE of what was read and a CREATE of what is wanted, in one batch: Route 53 carries it out
// as a whole, and only when nobody has changed the set meanwhile (Amazon Route 53 API Reference,
// ChangeResourceRecordSets). It costs what an UPSERT does.

// ownerNote is the value that marks a name as an owner's.
func ownerNote(owner activities.Owner) string { return ownerTag + "=" + string(owner) }

// noteTTL is the time to live of a note, in seconds. Nobody waits for it.
const noteTTL = 300

// recordsPlan is how the records of an owner are brought in step: a batch of changes, or what is in its way.
type recordsPlan struct {
	changes   []r53types.Change
	shown     []string // what is changed, for people
	conflicts []string // the records of others at wanted names
	names     []plannedName
}

// plannedName is what is done at a name.
type plannedName struct {
	name   string
	action link.Action
}

// verbs are how what is done at a name is shown.
var verbs = map[link.Action]string{link.ActionCreate: "made", link.ActionChange: "corrected", link.ActionDelete: "removed"}

// planZoneRecords compares what a zone has with the sets that an owner wants there.
func planZoneRecords(have []r53types.ResourceRecordSet, owner activities.Owner, want []r53types.ResourceRecordSet) recordsPlan {
	there, wanted := byName(have), byName(want)
	var p recordsPlan
	for _, name := range slices.Sorted(maps.Keys(union(there, wanted))) {
		p.plan(name, owner, there[name], wanted[name])
	}
	if len(p.conflicts) > 0 {
		p.changes, p.shown = nil, nil // all or nothing
	}
	return p
}

// plan plans for one name.
func (p *recordsPlan) plan(name string, owner activities.Owner, have, want []r53types.ResourceRecordSet) {
	text, _ := simple(have, r53types.RRTypeTxt)
	ours := text != nil && holds(text, ownerNote(owner))
	switch {
	case !ours && len(want) == 0:
		return
	case len(want) > 0:
		if in := inTheWay(name, owner, have, ours); len(in) > 0 {
			p.conflicts = append(p.conflicts, in...)
			return
		}
	}
	before := len(p.changes)
	var had bool
	for _, kind := range leading {
		old, _ := simple(have, kind)
		next, _ := simple(want, kind)
		had = had || old != nil
		if !sameSet(old, next) {
			p.replace(old, next)
		}
	}
	p.replace(text, noted(name, owner, text, len(want) > 0))
	action := link.ActionCreate
	switch {
	case len(p.changes) == before:
		action = link.ActionKeep
	case len(want) == 0:
		action = link.ActionDelete
	case had:
		action = link.ActionChange
	}
	p.names = append(p.names, plannedName{name, action})
	if action != link.ActionKeep {
		p.shown = append(p.shown, "record "+name+" "+verbs[action])
	}
}

// replace puts one set in the place of another; nil stands for none.
func (p *recordsPlan) replace(old, next *r53types.ResourceRecordSet) {
	if old == next {
		return
	}
	if old != nil {
		p.changes = append(p.changes, r53types.Change{Action: r53types.ChangeActionDelete, ResourceRecordSet: old})
	}
	if next != nil {
		p.changes = append(p.changes, r53types.Change{Action: r53types.ChangeActionCreate, ResourceRecordSet: next})
	}
}

// noted is the TXT set of a name with the owner's note in it, or without it; text itself when it is right already.
func noted(name string, owner activities.Owner, text *r53types.ResourceRecordSet, wanted bool) *r53types.ResourceRecordSet {
	note := ownerNote(owner)
	if wanted {
		add := planRecord(text, activities.Record{Name: name, Value: note})
		switch {
		case add == nil:
			return text
		case text == nil:
			add.ResourceRecordSet.TTL = sdk.Int64(noteTTL)
		}
		return add.ResourceRecordSet
	}
	remove := planRecordRemoval(text, activities.Record{Name: name, Value: note})
	switch {
	case remove == nil:
		return text
	case remove.Action == r53types.ChangeActionDelete:
		return nil
	}
	return remove.ResourceRecordSet
}

// leading are the types of the sets that lead to an endpoint.
var leading = []r53types.RRType{r53types.RRTypeA, r53types.RRTypeAaaa}

// inTheWay are the sets at a wanted name that are not the owner's. Of each type there is one set at a name, or a group
// of them among which Route 53 chooses: a group is never ours.
func inTheWay(name string, owner activities.Owner, have []r53types.ResourceRecordSet, ours bool) []string {
	by := theirs(have, owner)
	var found []string
	for _, kind := range []r53types.RRType{r53types.RRTypeA, r53types.RRTypeAaaa, r53types.RRTypeCname, r53types.RRTypeTxt} {
		set, group := simple(have, kind)
		shared := kind == r53types.RRTypeTxt && by == "" // a note can join the values of others
		if group || set != nil && !ours && !shared {
			found = append(found, string(kind)+" record "+name+by)
		}
	}
	return found
}

// theirs says which other flow has a note at a name; empty when none has.
func theirs(have []r53types.ResourceRecordSet, owner activities.Owner) string {
	text, _ := simple(have, r53types.RRTypeTxt)
	if text == nil {
		return ""
	}
	for _, r := range text.ResourceRecords {
		if by, ok := strings.CutPrefix(unquoteTXT(sdk.ToString(r.Value)), ownerNote("")); ok && by != string(owner) {
			return " (of " + by + ")"
		}
	}
	return ""
}

// othersIn are the sets that a zone would have without the owner's records, but for the two that each zone must have.
func othersIn(have []r53types.ResourceRecordSet, owner activities.Owner) []string {
	zone := apex(have)
	var others []string
	for name, sets := range byName(have) {
		text, _ := simple(sets, r53types.RRTypeTxt)
		ours := text != nil && holds(text, ownerNote(owner))
		for _, set := range sets {
			switch {
			case name == zone && (set.Type == r53types.RRTypeSoa || set.Type == r53types.RRTypeNs):
			case ours && set.SetIdentifier == nil && slices.Contains(leading, set.Type):
			case ours && set.Type == r53types.RRTypeTxt && len(set.ResourceRecords) == 1:
			default:
				others = append(others, string(set.Type)+" record "+name)
			}
		}
	}
	slices.Sort(others)
	return slices.Compact(others)
}

// apex is the name of the zone that has these sets; empty when the set that tells is not among them.
func apex(have []r53types.ResourceRecordSet) string {
	for _, set := range have {
		if set.Type == r53types.RRTypeSoa {
			return plainName(sdk.ToString(set.Name))
		}
	}
	return ""
}

// simple is the one set of a type among those of a name; nil when there is none, or a group of them.
func simple(sets []r53types.ResourceRecordSet, kind r53types.RRType) (set *r53types.ResourceRecordSet, group bool) {
	for i := range sets {
		switch {
		case sets[i].Type != kind:
		case sets[i].SetIdentifier != nil:
			group = true
		default:
			set = &sets[i]
		}
	}
	return set, group
}

// sameSet reports whether a set is as wanted.
func sameSet(have, want *r53types.ResourceRecordSet) bool {
	if have == nil || want == nil {
		return have == want
	}
	if have.HealthCheckId != nil || (have.AliasTarget == nil) != (want.AliasTarget == nil) {
		return false
	}
	if a, b := have.AliasTarget, want.AliasTarget; a != nil {
		return sdk.ToString(a.HostedZoneId) == sdk.ToString(b.HostedZoneId) && a.EvaluateTargetHealth == b.EvaluateTargetHealth &&
			plainName(sdk.ToString(a.DNSName)) == plainName(sdk.ToString(b.DNSName))
	}
	return sdk.ToInt64(have.TTL) == sdk.ToInt64(want.TTL) && slices.Equal(valuesOf(have), valuesOf(want))
}

func valuesOf(set *r53types.ResourceRecordSet) []string {
	var values []string
	for _, r := range set.ResourceRecords {
		values = append(values, sdk.ToString(r.Value))
	}
	slices.Sort(values)
	return values
}

// byName sorts sets by their names as people write them.
func byName(sets []r53types.ResourceRecordSet) map[string][]r53types.ResourceRecordSet {
	names := map[string][]r53types.ResourceRecordSet{}
	for _, set := range sets {
		name := plainName(sdk.ToString(set.Name))
		names[name] = append(names[name], set)
	}
	return names
}

func union[V any](a, b map[string]V) map[string]V {
	sum := maps.Clone(a)
	maps.Copy(sum, b)
	return sum
}

// outside are the wanted names that do not lie in the zone.
func outside(zone string, want []link.ZoneRecord) []string {
	var names []string
	for _, w := range want {
		if zone != "" && !within(plainName(w.Name), zone) {
			names = append(names, w.Name)
		}
	}
	return names
}
