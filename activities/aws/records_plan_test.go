package aws

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/activities"
)

func txtSet(ttl int64, values ...string) *r53types.ResourceRecordSet {
	set := &r53types.ResourceRecordSet{Name: sdk.String("_abc.example.com."), Type: r53types.RRTypeTxt, TTL: sdk.Int64(ttl)}
	for _, v := range values {
		set.ResourceRecords = append(set.ResourceRecords, r53types.ResourceRecord{Value: sdk.String(v)})
	}
	return set
}

func changeOf(action r53types.ChangeAction, set *r53types.ResourceRecordSet) *r53types.Change {
	return &r53types.Change{Action: action, ResourceRecordSet: set}
}

func TestPlanRecord(t *testing.T) {
	want := activities.Record{Name: "_abc.example.com", Value: "vpce:x"}
	fresh := txtSet(proofTTL, `"vpce:x"`)
	fresh.Name = sdk.String("_abc.example.com")
	for _, c := range []struct {
		name string
		have *r53types.ResourceRecordSet
		want *r53types.Change
	}{
		{"when there is no record, it makes one", nil, changeOf(r53types.ChangeActionCreate, fresh)},
		{"when the value is there, it changes nothing", txtSet(300, `"a"`, `"vpce:x"`), nil},
		{"when the value is there in two strings, it changes nothing", txtSet(300, `"vpce" ":x"`), nil},
		{"when other values are there, it keeps them and their time to live", txtSet(300, `"a"`),
			changeOf(r53types.ChangeActionUpsert, txtSet(300, `"a"`, `"vpce:x"`))},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := planRecord(c.have, want); !reflect.DeepEqual(got, c.want) {
				t.Errorf("plan = %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestPlanRecordRemoval(t *testing.T) {
	unwanted := activities.Record{Name: "_abc.example.com", Value: "vpce:x"}
	for _, c := range []struct {
		name string
		have *r53types.ResourceRecordSet
		want *r53types.Change
	}{
		{"when there is no record, it changes nothing", nil, nil},
		{"when the value is not there, it changes nothing", txtSet(300, `"a"`), nil},
		{"when nothing else is there, it deletes exactly what is there", txtSet(300, `"vpce:x"`),
			changeOf(r53types.ChangeActionDelete, txtSet(300, `"vpce:x"`))},
		{"when other values are there, it keeps them", txtSet(300, `"a"`, `"vpce:x"`),
			changeOf(r53types.ChangeActionUpsert, txtSet(300, `"a"`))},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := planRecordRemoval(c.have, unwanted); !reflect.DeepEqual(got, c.want) {
				t.Errorf("plan = %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestChooseZones(t *testing.T) {
	zone := func(name string, private bool) r53types.HostedZone {
		return r53types.HostedZone{Name: sdk.String(name), Config: &r53types.HostedZoneConfig{PrivateZone: private}}
	}
	for _, c := range []struct {
		name  string
		zones []r53types.HostedZone
		want  []string
	}{
		{"when several zones fit, it takes the longest",
			[]r53types.HostedZone{zone("example.com.", false), zone("api.example.com.", false)}, []string{"api.example.com."}},
		{"when the longer zone is private, it takes the public one",
			[]r53types.HostedZone{zone("example.com.", false), zone("api.example.com.", true)}, []string{"example.com."}},
		{"when a name only ends in the same letters, it does not fit",
			[]r53types.HostedZone{zone("i.example.com.", false)}, nil},
		{"when two public zones have the same name, it answers with both",
			[]r53types.HostedZone{zone("example.com.", false), zone("Example.com.", false)}, []string{"example.com.", "Example.com."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, z := range chooseZones(c.zones, "_abc.API.example.com") {
				got = append(got, sdk.ToString(z.Name))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("zones = %q, want %q", got, c.want)
			}
		})
	}
}

func TestQuoteTXT(t *testing.T) {
	for _, c := range []struct{ name, value, quoted string }{
		{"when the value is plain, it is quoted", "vpce:abc", `"vpce:abc"`},
		{"when the value has quotes and backslashes, they are escaped", `a"b\c`, `"a\"b\\c"`},
		{"when the value has other bytes, they are octal", "é", `"\303\251"`},
		{"when the value is long, it becomes several strings", strings.Repeat("x", 300),
			`"` + strings.Repeat("x", 255) + `" "` + strings.Repeat("x", 45) + `"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := quoteTXT(c.value); got != c.quoted {
				t.Errorf("quoteTXT = %s, want %s", got, c.quoted)
			}
			if got := unquoteTXT(c.quoted); got != c.value {
				t.Errorf("unquoteTXT = %q, want %q", got, c.value)
			}
		})
	}
}
