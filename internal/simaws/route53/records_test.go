package route53_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

func TestChangeRefuses(t *testing.T) {
	w := newWorld(t)
	zone := w.zone("example.com", "1")
	w.mustChange(zone, create("there.example.com", types.RRTypeTxt, `"a"`, `"b"`))
	before := w.records(zone)
	many := make([]string, 501)
	for i := range many {
		many[i] = fmt.Sprintf(`"%d"`, i)
	}
	long := make([]string, 150)
	for i := range long {
		long[i] = fmt.Sprintf(`"%0230d"`, i)
	}
	soa := remove("example.com", types.RRTypeSoa, w.values(zone, "example.com.", types.RRTypeSoa)...)
	soa.ResourceRecordSet.TTL = aws.Int64(900)
	tests := []struct {
		when    string
		changes []types.Change
		message string
	}{
		{"when a set to create exists, it says so", []types.Change{create("there.example.com", types.RRTypeTxt, `"c"`)}, "Tried to create resource record set [name='there.example.com.', type='TXT'] but it already exists"},
		{"when a set to delete does not exist, it says so", []types.Change{remove("gone.example.com", types.RRTypeTxt, `"a"`)}, "Tried to delete resource record set [name='gone.example.com.', type='TXT'] but it was not found"},
		{"when a set to delete has other values, it says so", []types.Change{remove("there.example.com", types.RRTypeTxt, `"a"`)}, "but the values provided do not match the current values"},
		{"when one change of several is wrong, none is made", []types.Change{create("new.example.com", types.RRTypeA, "192.0.2.1"), remove("gone.example.com", types.RRTypeA, "192.0.2.1")}, "was not found"},
		{"when two changes are wrong, it names both", []types.Change{create("there.example.com", types.RRTypeTxt, `"c"`), remove("gone.example.com", types.RRTypeA, "192.0.2.1")}, "already exists, Tried to delete"},
		{"when the name is outside the zone, it is not permitted", []types.Change{create("www.example.org", types.RRTypeA, "192.0.2.1")}, "RRSet with DNS name www.example.org. is not permitted in zone example.com."},
		{"when a TXT value has no quotes, it asks for them", []types.Change{create("t.example.com", types.RRTypeTxt, "vpce:abc")}, "Value should be enclosed in quotation marks"},
		{"when a string has more than 255 bytes, it is too long", []types.Change{create("t.example.com", types.RRTypeTxt, `"`+strings.Repeat("x", 256)+`"`)}, "CharacterStringTooLong"},
		{"when an A value is no IPv4 address, it is refused", []types.Change{create("a.example.com", types.RRTypeA, "2001:db8::1")}, "not a valid IPv4 address"},
		{"when an MX value has no preference, it is refused", []types.Change{create("a.example.com", types.RRTypeMx, "mail.example.com")}, "Value is not valid"},
		{"when a value is there twice, it is refused", []types.Change{create("a.example.com", types.RRTypeA, "192.0.2.1", "192.0.2.1")}, "Duplicate Resource Record"},
		{"when a CNAME is at the apex, it is not permitted", []types.Change{create("example.com", types.RRTypeCname, "www.example.org")}, "not permitted at apex"},
		{"when a CNAME meets other records, they conflict", []types.Change{create("there.example.com", types.RRTypeCname, "www.example.org")}, "conflicts with other records"},
		{"when the apex would lose its SOA, it is kept", []types.Change{soa}, "must contain exactly one SOA record"},
		{"when an UPSERT has more than 500 values, which count twice, it is too much", []types.Change{upsert("m.example.com", types.RRTypeTxt, many...)}, "Number of records limit of 1000 exceeded"},
		{"when the values have more than 32000 characters, it is too much", []types.Change{create("m.example.com", types.RRTypeTxt, long...)}, "Number of characters limit of 32000 exceeded"},
	}
	for _, tt := range tests {
		t.Run(tt.when, func(t *testing.T) {
			_, err := w.change(zone, tt.changes...)
			var invalid *types.InvalidChangeBatch
			if !errors.As(err, &invalid) {
				t.Fatalf("%v, want InvalidChangeBatch", err)
			}
			if !strings.Contains(invalid.ErrorMessage(), tt.message) {
				t.Errorf("message %q, want %q in it", invalid.ErrorMessage(), tt.message)
			}
			if got := w.records(zone); !slices.Equal(got, before) {
				t.Errorf("the zone changed: %q", got)
			}
		})
	}
}

func TestChangeRefusesWhatIsNotASet(t *testing.T) {
	w := newWorld(t)
	zone := w.zone("example.com", "1")
	alias := &types.AliasTarget{HostedZoneId: aws.String("Z1"), DNSName: aws.String("x.example.net")}
	tests := []struct {
		when string
		set  types.ResourceRecordSet
	}{
		{"when there is neither a value nor an alias", types.ResourceRecordSet{Name: aws.String("a.example.com"), Type: types.RRTypeA, TTL: aws.Int64(60)}},
		{"when there is no TTL", types.ResourceRecordSet{Name: aws.String("a.example.com"), Type: types.RRTypeA, ResourceRecords: []types.ResourceRecord{{Value: aws.String("192.0.2.1")}}}},
		{"when there is both a value and an alias", types.ResourceRecordSet{Name: aws.String("a.example.com"), Type: types.RRTypeA, TTL: aws.Int64(60), AliasTarget: alias, ResourceRecords: []types.ResourceRecord{{Value: aws.String("192.0.2.1")}}}},
		{"when there is a routing policy, which is not simulated", types.ResourceRecordSet{Name: aws.String("a.example.com"), Type: types.RRTypeA, TTL: aws.Int64(60), SetIdentifier: aws.String("one"), Weight: aws.Int64(1), ResourceRecords: []types.ResourceRecord{{Value: aws.String("192.0.2.1")}}}},
	}
	for _, tt := range tests {
		t.Run(tt.when, func(t *testing.T) {
			_, err := w.change(zone, types.Change{Action: types.ChangeActionCreate, ResourceRecordSet: &tt.set})
			var invalid *types.InvalidInput
			if !errors.As(err, &invalid) {
				t.Errorf("%v, want InvalidInput", err)
			}
		})
	}
}

func TestUpsertReplacesTheWholeSet(t *testing.T) {
	w := newWorld(t)
	zone := w.zone("example.com", "1")
	w.mustChange(zone, upsert("t.example.com", types.RRTypeTxt, `"a"`, `"b"`))
	w.mustChange(zone, upsert("t.example.com", types.RRTypeTxt, `"c"`))
	if got := w.values(zone, "t.example.com.", types.RRTypeTxt); !slices.Equal(got, []string{`"c"`}) {
		t.Errorf("values %q", got)
	}
	t.Run("when deleted and created in one batch, the new set stands", func(t *testing.T) {
		w.mustChange(zone, remove("t.example.com", types.RRTypeTxt, `"c"`), create("t.example.com", types.RRTypeTxt, `"d"`))
		if got := w.values(zone, "t.example.com.", types.RRTypeTxt); !slices.Equal(got, []string{`"d"`}) {
			t.Errorf("values %q", got)
		}
	})
}

func TestAliasIsStored(t *testing.T) {
	w := newWorld(t)
	zone := w.zone("example.com", "1")
	alias := func(action types.ChangeAction, dnsName string) types.Change {
		return types.Change{Action: action, ResourceRecordSet: &types.ResourceRecordSet{
			Name: aws.String("api.example.com"), Type: types.RRTypeA,
			AliasTarget: &types.AliasTarget{HostedZoneId: aws.String("Z2IFOLAFXWLO4F"), DNSName: &dnsName},
		}}
	}
	w.mustChange(zone, alias(types.ChangeActionCreate, "LB-1.elb.eu-west-1.amazonaws.com"))
	out, err := w.client.ListResourceRecordSets(t.Context(), &sdk.ListResourceRecordSetsInput{HostedZoneId: &zone, StartRecordName: aws.String("api.example.com")})
	if err != nil {
		t.Fatal(err)
	}
	rs := out.ResourceRecordSets[0]
	if rs.AliasTarget == nil || *rs.AliasTarget.DNSName != "lb-1.elb.eu-west-1.amazonaws.com." || rs.TTL != nil || len(rs.ResourceRecords) != 0 {
		t.Errorf("got %+v", rs)
	}
	if _, err := w.change(zone, alias(types.ChangeActionDelete, "lb-2.elb.eu-west-1.amazonaws.com")); err == nil {
		t.Error("deleted an alias of another target")
	}
	w.mustChange(zone, alias(types.ChangeActionDelete, "lb-1.elb.eu-west-1.amazonaws.com."))
}

func TestListRecords(t *testing.T) {
	w := newWorld(t)
	zone := w.zone("example.com", "1")
	w.mustChange(zone,
		create("b.example.com", types.RRTypeTxt, `"1"`), create("b.example.com", types.RRTypeA, "192.0.2.1"),
		create("*.example.com", types.RRTypeA, "192.0.2.1"), create("z.a.example.com", types.RRTypeA, "192.0.2.1"),
		create("a.example.com", types.RRTypeA, "192.0.2.1"))
	want := []string{
		"example.com. NS", "example.com. SOA", `\052.example.com. A`, "a.example.com. A", "z.a.example.com. A",
		"b.example.com. A", "b.example.com. TXT",
	}
	if got := w.records(zone); !slices.Equal(got, want) {
		t.Errorf("order %q, want %q", got, want)
	}
	t.Run("when read in pages of two, nothing is lost", func(t *testing.T) {
		var got []string
		in := &sdk.ListResourceRecordSetsInput{HostedZoneId: &zone, MaxItems: aws.Int32(2)}
		for {
			out, err := w.client.ListResourceRecordSets(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, names(out.ResourceRecordSets)...)
			if !out.IsTruncated {
				break
			}
			in.StartRecordName, in.StartRecordType = out.NextRecordName, out.NextRecordType
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages %q, want %q", got, want)
		}
	})
	t.Run("when started at a name and type, it begins there", func(t *testing.T) {
		out, err := w.client.ListResourceRecordSets(t.Context(), &sdk.ListResourceRecordSetsInput{
			HostedZoneId: &zone, StartRecordName: aws.String("b.example.com"), StartRecordType: types.RRTypeNs,
		})
		if err != nil || !slices.Equal(names(out.ResourceRecordSets), []string{"b.example.com. TXT"}) {
			t.Errorf("%+v, %v", out, err)
		}
	})
	t.Run("when a wildcard is deleted by its plain name, it is found", func(t *testing.T) {
		w.mustChange(zone, remove("*.example.com", types.RRTypeA, "192.0.2.1"))
	})
}
