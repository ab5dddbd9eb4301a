package aws

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// set is a record set as Route 53 lists it.
func set(kind r53types.RRType, name string, ttl int64, values ...string) r53types.ResourceRecordSet {
	s := r53types.ResourceRecordSet{Name: sdk.String(name + "."), Type: kind, TTL: sdk.Int64(ttl)}
	for _, v := range values {
		s.ResourceRecords = append(s.ResourceRecords, r53types.ResourceRecord{Value: sdk.String(v)})
	}
	return s
}

func alias(name, to string) r53types.ResourceRecordSet {
	return r53types.ResourceRecordSet{Name: sdk.String(name + "."), Type: r53types.RRTypeA,
		AliasTarget: &r53types.AliasTarget{HostedZoneId: sdk.String("ZVPCE"), DNSName: sdk.String(to)}}
}

func weighted(s r53types.ResourceRecordSet) r53types.ResourceRecordSet {
	s.SetIdentifier, s.Weight = sdk.String("one"), sdk.Int64(1)
	return s
}

// shownSet is a set in one line.
func shownSet(s r53types.ResourceRecordSet) string {
	if a := s.AliasTarget; a != nil {
		return fmt.Sprintf("%s %s alias %s %s", plainName(sdk.ToString(s.Name)), s.Type, sdk.ToString(a.HostedZoneId), plainName(sdk.ToString(a.DNSName)))
	}
	return fmt.Sprintf("%s %s %d %s", plainName(sdk.ToString(s.Name)), s.Type, sdk.ToInt64(s.TTL), strings.Join(valuesOf(&s), " "))
}

func shownChanges(changes []r53types.Change) []string {
	var all []string
	for _, c := range changes {
		all = append(all, map[r53types.ChangeAction]string{"CREATE": "+ ", "DELETE": "- "}[c.Action]+shownSet(*c.ResourceRecordSet))
	}
	return all
}

const (
	zonesNote  = `"linkwright:owner=default/connection/payments/shop"`
	othersNote = `"linkwright:owner=default/connection/payments/other"`
	vpceName   = "vpce-01-abcd.vpce-svc-9.us-east-1.vpce.amazonaws.com"
)

func TestPlanZoneRecords(t *testing.T) {
	const a, aaaa, txt, cname = r53types.RRTypeA, r53types.RRTypeAaaa, r53types.RRTypeTxt, r53types.RRTypeCname
	apexSets := []r53types.ResourceRecordSet{set(r53types.RRTypeNs, "k.example.com", 172800, "ns-0.awsdns-00.com."), set(r53types.RRTypeSoa, "k.example.com", 900, "x")}
	wantAlias := []link.ZoneRecord{{Name: "api.k.example.com", Type: link.RecordAlias}}
	wantA := []link.ZoneRecord{{Name: "api.k.example.com", Type: link.RecordA, TTL: 60}}
	v4 := []string{"10.1.2.5", "10.1.1.4", "10.1.2.5"}
	for _, c := range []struct {
		name      string
		have      []r53types.ResourceRecordSet
		want      []link.ZoneRecord
		addresses []string
		changes   []string
		shown     string
		conflicts []string
	}{
		{"when there is nothing, it makes the record and the note", nil, wantAlias, nil,
			[]string{"+ api.k.example.com A alias ZVPCE " + vpceName, "+ api.k.example.com TXT 300 " + zonesNote}, "record api.k.example.com made", nil},
		{"when all is as wanted, it changes nothing",
			[]r53types.ResourceRecordSet{alias("api.k.example.com", vpceName+"."), set(txt, "api.k.example.com", 5, zonesNote)}, wantAlias, nil, nil, "", nil},
		{"when the zone's own name is wanted, it stands beside the zone's own sets", nil,
			[]link.ZoneRecord{{Name: "k.example.com", Type: link.RecordAlias}}, nil,
			[]string{"+ k.example.com A alias ZVPCE " + vpceName, "+ k.example.com TXT 300 " + zonesNote}, "record k.example.com made", nil},
		{"when a wildcard is there, it knows it by its octal name",
			[]r53types.ResourceRecordSet{alias(`\052.k.example.com`, vpceName), set(txt, `\052.k.example.com`, 300, zonesNote)},
			[]link.ZoneRecord{{Name: "*.k.example.com", Type: link.RecordAlias}}, nil, nil, "", nil},
		{"when addresses are wanted, each is there once, in order, by its family", nil, wantA, append([]string{"2001:db8:0::1"}, v4...),
			[]string{"+ api.k.example.com A 60 10.1.1.4 10.1.2.5", "+ api.k.example.com AAAA 60 2001:db8::1", "+ api.k.example.com TXT 300 " + zonesNote},
			"record api.k.example.com made", nil},
		{"when the addresses are listed in another order, it changes nothing",
			[]r53types.ResourceRecordSet{set(a, "api.k.example.com", 60, "10.1.2.5", "10.1.1.4"), set(txt, "api.k.example.com", 300, zonesNote)}, wantA, v4, nil, "", nil},
		{"when the addresses have changed, it puts the new ones in the place of the old ones",
			[]r53types.ResourceRecordSet{set(a, "api.k.example.com", 60, "10.1.1.4"), set(aaaa, "api.k.example.com", 60, "2001:db8::1"), set(txt, "api.k.example.com", 300, zonesNote)}, wantA, v4,
			[]string{"- api.k.example.com A 60 10.1.1.4", "+ api.k.example.com A 60 10.1.1.4 10.1.2.5", "- api.k.example.com AAAA 60 2001:db8::1"}, "record api.k.example.com corrected", nil},
		{"when the time to live has changed, it corrects that",
			[]r53types.ResourceRecordSet{set(a, "api.k.example.com", 10, "10.1.1.4"), set(txt, "api.k.example.com", 300, zonesNote)}, wantA, v4[1:2],
			[]string{"- api.k.example.com A 10 10.1.1.4", "+ api.k.example.com A 60 10.1.1.4"}, "record api.k.example.com corrected", nil},
		{"when an alias becomes addresses, it replaces it",
			[]r53types.ResourceRecordSet{alias("api.k.example.com", vpceName), set(txt, "api.k.example.com", 300, zonesNote)}, wantA, v4[1:2],
			[]string{"- api.k.example.com A alias ZVPCE " + vpceName, "+ api.k.example.com A 60 10.1.1.4"}, "record api.k.example.com corrected", nil},
		{"when the endpoint is another one, the alias follows",
			[]r53types.ResourceRecordSet{alias("api.k.example.com", "vpce-00-old.vpce.amazonaws.com"), set(txt, "api.k.example.com", 300, zonesNote)}, wantAlias, nil,
			[]string{"- api.k.example.com A alias ZVPCE vpce-00-old.vpce.amazonaws.com", "+ api.k.example.com A alias ZVPCE " + vpceName}, "record api.k.example.com corrected", nil},
		{"when somebody has taken our record away, it makes it anew",
			[]r53types.ResourceRecordSet{set(txt, "api.k.example.com", 300, zonesNote)}, wantAlias, nil,
			[]string{"+ api.k.example.com A alias ZVPCE " + vpceName}, "record api.k.example.com made", nil},
		{"when TXT values of others are at the name, the note joins them",
			[]r53types.ResourceRecordSet{set(txt, "api.k.example.com", 60, `"v=spf1 -all"`)}, wantAlias, nil,
			[]string{"+ api.k.example.com A alias ZVPCE " + vpceName, `- api.k.example.com TXT 60 "v=spf1 -all"`,
				"+ api.k.example.com TXT 60 " + zonesNote + ` "v=spf1 -all"`}, "record api.k.example.com made", nil},
		{"when a name is wanted no longer, it removes record and note",
			[]r53types.ResourceRecordSet{set(a, "api.k.example.com", 60, "10.1.1.4"), set(txt, "api.k.example.com", 300, zonesNote), set(a, "www.k.example.com", 60, "10.9.9.9")}, nil, nil,
			[]string{"- api.k.example.com A 60 10.1.1.4", "- api.k.example.com TXT 300 " + zonesNote}, "record api.k.example.com removed", nil},
		{"when a name is wanted no longer, TXT values of others stay",
			[]r53types.ResourceRecordSet{alias("api.k.example.com", vpceName), set(txt, "api.k.example.com", 300, `"a"`, zonesNote)}, nil, nil,
			[]string{"- api.k.example.com A alias ZVPCE " + vpceName, `- api.k.example.com TXT 300 "a" ` + zonesNote, `+ api.k.example.com TXT 300 "a"`},
			"record api.k.example.com removed", nil},
		{"when another flow's records are not wanted here, they stay",
			[]r53types.ResourceRecordSet{alias("api.k.example.com", vpceName), set(txt, "api.k.example.com", 300, othersNote)}, nil, nil, nil, "", nil},
		{"when a record has no note, it is in the way, though it is as wanted",
			[]r53types.ResourceRecordSet{alias("api.k.example.com", vpceName)}, wantAlias, nil, nil, "", []string{"A record api.k.example.com"}},
		{"when an AAAA record or a CNAME has no note, it is in the way",
			[]r53types.ResourceRecordSet{set(aaaa, "api.k.example.com", 60, "2001:db8::1"), set(cname, "b.k.example.com", 60, "x.example.org")},
			append(wantAlias, link.ZoneRecord{Name: "b.k.example.com", Type: link.RecordAlias}), nil, nil, "",
			[]string{"AAAA record api.k.example.com", "CNAME record b.k.example.com"}},
		{"when another flow has noted the name, it is in the way",
			[]r53types.ResourceRecordSet{set(txt, "api.k.example.com", 300, othersNote)}, wantAlias, nil, nil, "",
			[]string{"TXT record api.k.example.com (of default/connection/payments/other)"}},
		{"when Route 53 chooses among records of the name, they are in the way, note or not",
			[]r53types.ResourceRecordSet{weighted(alias("api.k.example.com", vpceName)), set(txt, "api.k.example.com", 300, zonesNote)}, wantAlias, nil, nil, "",
			[]string{"A record api.k.example.com"}},
		{"when one of two names is not free, neither is changed", []r53types.ResourceRecordSet{set(a, "b.k.example.com", 60, "10.9.9.9")},
			append(wantAlias, link.ZoneRecord{Name: "b.k.example.com", Type: link.RecordAlias}), nil, nil, "", []string{"A record b.k.example.com"}},
		{"when records of other types are at the name, they do not matter",
			[]r53types.ResourceRecordSet{set(r53types.RRTypeMx, "api.k.example.com", 60, "10 mail.example.com")}, wantAlias, nil,
			[]string{"+ api.k.example.com A alias ZVPCE " + vpceName, "+ api.k.example.com TXT 300 " + zonesNote}, "record api.k.example.com made", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			want, err := wantedSets(activities.ZoneRecordsRequest{Wanted: c.want, Addresses: c.addresses, Alias: activities.ZoneAlias{Name: vpceName, ZoneID: "ZVPCE"}})
			if err != nil {
				t.Fatal(err)
			}
			p := planZoneRecords(append(c.have, apexSets...), connectionFlow, want)
			if got := shownChanges(p.changes); !slices.Equal(got, c.changes) {
				t.Errorf("changes:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.changes, "\n"))
			}
			if got := strings.Join(p.shown, ", "); got != c.shown {
				t.Errorf("it says %q, want %q", got, c.shown)
			}
			if !slices.Equal(p.conflicts, c.conflicts) {
				t.Errorf("conflicts = %q, want %q", p.conflicts, c.conflicts)
			}
		})
	}
}

func TestOthersInAZone(t *testing.T) {
	const a, txt = r53types.RRTypeA, r53types.RRTypeTxt
	have := []r53types.ResourceRecordSet{
		set(r53types.RRTypeNs, "k.example.com", 172800, "ns-0.awsdns-00.com."), set(r53types.RRTypeSoa, "k.example.com", 900, "x"),
		alias("k.example.com", vpceName), set(txt, "k.example.com", 300, zonesNote),
		set(a, "api.k.example.com", 60, "10.1.1.4"), set(txt, "api.k.example.com", 300, zonesNote, `"a"`),
		alias("b.k.example.com", vpceName), set(txt, "b.k.example.com", 300, othersNote),
		set(r53types.RRTypeNs, "sub.k.example.com", 300, "ns.example.org."),
	}
	want := []string{"A record b.k.example.com", "NS record sub.k.example.com", "TXT record api.k.example.com", "TXT record b.k.example.com"}
	if got := othersIn(have, connectionFlow); !slices.Equal(got, want) {
		t.Errorf("others = %q, want %q", got, want)
	}
	if got := othersIn(have[:4], connectionFlow); got != nil {
		t.Errorf("of a zone with our records alone, others = %q", got)
	}
}
