package aws

import (
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// values are those of a TXT record in the zone example.com, as Route 53 has them.
func (sc *scene) values(name string) []string {
	sc.t.Helper()
	s := &site{Config: sc.config, place: domains, Clients: sc.clients(domains)}
	set, err := s.recordSet(sc.t.Context(), sc.id("domains", "hosted-zone", "example.com"), name)
	if err != nil {
		sc.t.Fatal(err)
	}
	if set == nil {
		return nil
	}
	var values []string
	for _, r := range set.ResourceRecords {
		values = append(values, sdk.ToString(r.Value))
	}
	return values
}

func TestRecordsOfOthersStay(t *testing.T) {
	sc := newScene(t)
	z := NewZones(sc.config)
	first := activities.RecordRequest{Place: domains, Record: activities.Record{Name: "_abc.example.com", Value: `vpce:"one"`}}
	second := first
	second.Record.Value = "vpce:two"
	for _, req := range []activities.RecordRequest{first, second, second} {
		if zone := must(t, z.EnsureRecord, req); zone.ZoneName != "example.com" {
			t.Fatalf("zone = %+v", zone)
		}
	}
	if got := strings.Join(sc.values("_abc.example.com"), " "); got != `"vpce:\"one\"" "vpce:two"` {
		t.Errorf("values = %s", got)
	}
	must(t, plain(z.RemoveRecord), first)
	if got := strings.Join(sc.values("_abc.example.com"), " "); got != `"vpce:two"` {
		t.Errorf("after the removal of one, values = %s", got)
	}
	must(t, plain(z.RemoveRecord), first)
	must(t, plain(z.RemoveRecord), second)
	if got := sc.values("_abc.example.com"); got != nil {
		t.Errorf("after the removal of both, values = %q", got)
	}
}

func TestEnsureRecordWaitsForTheNameServers(t *testing.T) {
	sc := newScene(t, func(f *simaws.WorldFile) { f.Scale = 0.001 }) // propagation takes for ever
	z := NewZones(sc.config)
	req := activities.RecordRequest{Place: domains, Record: activities.Record{Name: "_abc.example.com", Value: "vpce:x"}}
	var heartbeat any
	for n := range 2 {
		if _, err := attempt(t, z.EnsureRecord, req, &heartbeat); err == nil {
			t.Fatalf("attempt %d answers before the name servers have the record", n)
		}
	}
	if sc.calls("ChangeResourceRecordSets") != 1 || sc.calls("GetChange") != 1 {
		t.Errorf("it changed %d times and asked %d times, want 1 and 1", sc.calls("ChangeResourceRecordSets"), sc.calls("GetChange"))
	}
	var forgotten any
	if _, err := attempt(t, z.EnsureRecord, req, &forgotten); err != nil {
		t.Errorf("when it has forgotten the change, the record's being there is not enough: %v", err)
	}
}

func TestZonesAreBlocked(t *testing.T) {
	sc := newScene(t)
	z := NewZones(sc.config)
	record := activities.Record{Name: "_abc.example.com", Value: "vpce:x"}
	if _, err := sc.clients(domains).Route53.CreateHostedZone(t.Context(), &route53.CreateHostedZoneInput{
		Name: sdk.String("twice.org"), CallerReference: sdk.String("1")}); err != nil {
		t.Fatal(err)
	}
	if _, err := sc.clients(domains).Route53.CreateHostedZone(t.Context(), &route53.CreateHostedZoneInput{
		Name: sdk.String("twice.org"), CallerReference: sdk.String("2")}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		req  activities.RecordRequest
		says string
	}{
		{"when the account has no zone for the name", activities.RecordRequest{Record: activities.Record{Name: "_abc.example.net"}}, "no public hosted zone"},
		{"when two zones have the name", activities.RecordRequest{Record: activities.Record{Name: "_abc.twice.org"}}, "2 public hosted zones"},
		{"when the named zone does not exist", activities.RecordRequest{ZoneID: "Z00000000000000000000", Record: record}, "NoSuchHostedZone"},
		{"when the named zone is another one",
			activities.RecordRequest{ZoneID: sc.id("domains", "hosted-zone", "k.example.com"), Record: record}, "not a public zone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.req.Place = domains
			_, err := run(t, z.EnsureRecord, c.req)
			if p := wantProblem(t, err, link.ReasonZoneMissing); !strings.Contains(p.Message, c.says) {
				t.Errorf("message = %q, want it to say %q", p.Message, c.says)
			}
		})
	}
	must(t, plain(z.RemoveRecord), activities.RecordRequest{Place: domains, ZoneID: "Z00000000000000000000", Record: record})
}

func TestEnsureRecordGoesOnWhenTheZoneIsBusy(t *testing.T) {
	sc := newScene(t)
	sc.inject(simaws.Fault{Action: "ChangeResourceRecordSets", Effect: simaws.EffectError, Status: 400, Code: "PriorRequestNotComplete", Message: "wait", Times: 3})
	req := activities.RecordRequest{Place: domains, Record: activities.Record{Name: "_abc.example.com", Value: "vpce:x"}}
	must(t, NewZones(sc.config).EnsureRecord, req)
}

func TestNames(t *testing.T) {
	sc := newScene(t)
	n := NewNames(sc.config)
	name := activities.NameRequest{Place: consumer, Owner: serviceFlow, Parameter: "/linkwright/payments", Value: "one"}
	must(t, plain(n.PublishName), name)
	must(t, plain(n.PublishName), name)
	if calls := sc.calls("PutParameter"); calls != 1 {
		t.Errorf("publishing the same twice writes %d times", calls)
	}
	name.Value = "two"
	must(t, plain(n.PublishName), name)

	others := name
	others.Owner = "default/endpoint-service/second"
	_, err := run(t, plain(n.PublishName), others)
	wantProblem(t, err, link.ReasonParameterConflict)
	must(t, plain(n.WithdrawName), others)
	s := &site{Config: sc.config, place: consumer, Clients: sc.clients(consumer)}
	if p, err := s.parameter(t.Context(), name.Parameter); err != nil || p == nil || p.value != "two" || p.owner != serviceFlow {
		t.Errorf("after others tried, the parameter is %+v, %v", p, err)
	}
	must(t, plain(n.WithdrawName), name)
	must(t, plain(n.WithdrawName), name)
	if p, err := s.parameter(t.Context(), name.Parameter); err != nil || p != nil {
		t.Errorf("after the withdrawal, the parameter is %+v, %v", p, err)
	}
}

func TestMendedCredentialsAreTakenUp(t *testing.T) {
	sc := newScene(t)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "guessed")
	_, err := run(t, NewProvider(sc.config).EnsureService, sc.serviceRequest())
	wantProblem(t, err, link.ReasonBadCredentials)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "worker-secret")
	sc.publish()
}
