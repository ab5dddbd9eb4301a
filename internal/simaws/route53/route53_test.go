package route53_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/internal/simaws/dns"
	"github.com/linkwright/linkwright/internal/simaws/ec2"
	"github.com/linkwright/linkwright/internal/simaws/route53"
	"github.com/linkwright/linkwright/internal/simaws/simtest"
)

// world is a cloud with Route 53 and EC2, and a client of the provider's.
type world struct {
	*simtest.Cloud
	t       *testing.T
	service *route53.Service
	client  *sdk.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	cloud := simtest.New(t)
	network := ec2.New(cloud.World, ec2.Options{})
	t.Cleanup(network.Close)
	service := route53.New(cloud.World)
	cloud.Serve(service, network)
	return &world{cloud, t, service, sdk.NewFromConfig(cloud.Client(simtest.Provider))}
}

// zone makes a public zone and returns its id.
func (w *world) zone(name, reference string) string {
	w.t.Helper()
	out, err := w.client.CreateHostedZone(w.t.Context(), &sdk.CreateHostedZoneInput{Name: &name, CallerReference: &reference})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.HostedZone.Id
}

func (w *world) vpc() string {
	w.t.Helper()
	out, err := ec2sdk.NewFromConfig(w.Client(simtest.Provider)).CreateVpc(w.t.Context(), &ec2sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		w.t.Fatal(err)
	}
	return *out.Vpc.VpcId
}

// change sends one batch.
func (w *world) change(zone string, changes ...types.Change) (*sdk.ChangeResourceRecordSetsOutput, error) {
	return w.client.ChangeResourceRecordSets(w.t.Context(), &sdk.ChangeResourceRecordSetsInput{
		HostedZoneId: &zone, ChangeBatch: &types.ChangeBatch{Changes: changes},
	})
}

func (w *world) mustChange(zone string, changes ...types.Change) {
	w.t.Helper()
	if _, err := w.change(zone, changes...); err != nil {
		w.t.Fatal(err)
	}
}

func set(action types.ChangeAction, name string, recordType types.RRType, values ...string) types.Change {
	rs := &types.ResourceRecordSet{Name: &name, Type: recordType, TTL: aws.Int64(60)}
	for _, v := range values {
		rs.ResourceRecords = append(rs.ResourceRecords, types.ResourceRecord{Value: aws.String(v)})
	}
	return types.Change{Action: action, ResourceRecordSet: rs}
}

func create(name string, recordType types.RRType, values ...string) types.Change {
	return set(types.ChangeActionCreate, name, recordType, values...)
}

func upsert(name string, recordType types.RRType, values ...string) types.Change {
	return set(types.ChangeActionUpsert, name, recordType, values...)
}

func remove(name string, recordType types.RRType, values ...string) types.Change {
	return set(types.ChangeActionDelete, name, recordType, values...)
}

// records lists a zone as "name type".
func (w *world) records(zone string) []string {
	w.t.Helper()
	out, err := w.client.ListResourceRecordSets(w.t.Context(), &sdk.ListResourceRecordSetsInput{HostedZoneId: &zone})
	if err != nil {
		w.t.Fatal(err)
	}
	return names(out.ResourceRecordSets)
}

func names(sets []types.ResourceRecordSet) []string {
	var list []string
	for _, rs := range sets {
		list = append(list, *rs.Name+" "+string(rs.Type))
	}
	return list
}

// values are what a set holds, nil when it does not exist.
func (w *world) values(zone, name string, recordType types.RRType) []string {
	w.t.Helper()
	out, err := w.client.ListResourceRecordSets(w.t.Context(), &sdk.ListResourceRecordSetsInput{
		HostedZoneId: &zone, StartRecordName: &name, StartRecordType: recordType, MaxItems: aws.Int32(1),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	var list []string
	for _, rs := range out.ResourceRecordSets {
		if rs.Type == recordType && *rs.Name == name {
			for _, record := range rs.ResourceRecords {
				list = append(list, *record.Value)
			}
		}
	}
	return list
}

func TestZoneLifecycle(t *testing.T) {
	w := newWorld(t)
	out, err := w.client.CreateHostedZone(t.Context(), &sdk.CreateHostedZoneInput{
		Name: aws.String("Example.COM"), CallerReference: aws.String("one"), HostedZoneConfig: &types.HostedZoneConfig{Comment: aws.String("first")},
	})
	if err != nil {
		t.Fatal(err)
	}
	zone := *out.HostedZone.Id
	if *out.HostedZone.Name != "example.com." || len(out.DelegationSet.NameServers) != 4 || out.ChangeInfo.Status != types.ChangeStatusPending {
		t.Errorf("created %+v %+v %+v", out.HostedZone, out.DelegationSet, out.ChangeInfo)
	}
	if out.Location == nil || *out.Location == "" {
		t.Error("no Location")
	}
	if got := w.records(zone); !slices.Equal(got, []string{"example.com. NS", "example.com. SOA"}) {
		t.Errorf("a new zone holds %q", got)
	}
	if _, err := w.client.UpdateHostedZoneComment(t.Context(), &sdk.UpdateHostedZoneCommentInput{Id: &zone, Comment: aws.String("second")}); err != nil {
		t.Fatal(err)
	}
	w.Restart(w.service)
	got, err := w.client.GetHostedZone(t.Context(), &sdk.GetHostedZoneInput{Id: &zone})
	if err != nil || *got.HostedZone.Config.Comment != "second" || *got.HostedZone.ResourceRecordSetCount != 2 {
		t.Errorf("got %+v, %v", got, err)
	}
	dnssec, err := w.client.GetDNSSEC(t.Context(), &sdk.GetDNSSECInput{HostedZoneId: &zone})
	if err != nil || *dnssec.Status.ServeSignature != "NOT_SIGNING" {
		t.Errorf("DNSSEC %+v, %v", dnssec, err)
	}
	w.mustChange(zone, create("www.example.com", types.RRTypeA, "192.0.2.1"))
	if _, err := w.client.DeleteHostedZone(t.Context(), &sdk.DeleteHostedZoneInput{Id: &zone}); simtest.Code(err) != "HostedZoneNotEmpty" {
		t.Errorf("deleted a zone with records: %v", err)
	}
	w.mustChange(zone, remove("www.example.com", types.RRTypeA, "192.0.2.1"))
	if _, err := w.client.DeleteHostedZone(t.Context(), &sdk.DeleteHostedZoneInput{Id: &zone}); err != nil {
		t.Error(err)
	}
	if _, err := w.client.GetHostedZone(t.Context(), &sdk.GetHostedZoneInput{Id: &zone}); simtest.Code(err) != "NoSuchHostedZone" {
		t.Errorf("got a deleted zone: %v", err)
	}
}

func TestCreateHostedZoneRefuses(t *testing.T) {
	w := newWorld(t)
	w.zone("example.com", "used")
	vpc := &types.VPC{VPCId: aws.String(w.vpc()), VPCRegion: types.VPCRegion(simtest.Region)}
	if _, err := w.client.CreateHostedZone(t.Context(), &sdk.CreateHostedZoneInput{Name: aws.String("internal"), CallerReference: aws.String("p"), VPC: vpc}); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		when string
		in   sdk.CreateHostedZoneInput
		code string
	}{
		{"when the caller reference was used, it says that the zone exists", sdk.CreateHostedZoneInput{Name: aws.String("other.com"), CallerReference: aws.String("used")}, "HostedZoneAlreadyExists"},
		{"when the name has an empty label, it is invalid", sdk.CreateHostedZoneInput{Name: aws.String("a..b"), CallerReference: aws.String("1")}, "InvalidDomainName"},
		{"when the VPC does not exist, it is invalid", sdk.CreateHostedZoneInput{Name: aws.String("x"), CallerReference: aws.String("2"), VPC: &types.VPC{VPCId: aws.String("vpc-0"), VPCRegion: types.VPCRegionEuWest1}}, "InvalidVPCId"},
		{"when a private zone has no VPC, it is invalid", sdk.CreateHostedZoneInput{Name: aws.String("x"), CallerReference: aws.String("3"), HostedZoneConfig: &types.HostedZoneConfig{PrivateZone: true}}, "InvalidInput"},
		{"when the VPC has a zone of that name, they conflict", sdk.CreateHostedZoneInput{Name: aws.String("internal"), CallerReference: aws.String("4"), VPC: vpc}, "ConflictingDomainExists"},
	}
	for _, tt := range tests {
		t.Run(tt.when, func(t *testing.T) {
			if _, err := w.client.CreateHostedZone(t.Context(), &tt.in); simtest.Code(err) != tt.code {
				t.Errorf("%v, want %s", err, tt.code)
			}
		})
	}
}

func TestPrivateZone(t *testing.T) {
	w := newWorld(t)
	vpc := w.vpc()
	out, err := w.client.CreateHostedZone(t.Context(), &sdk.CreateHostedZoneInput{
		Name: aws.String("corp.internal"), CallerReference: aws.String("1"), VPC: &types.VPC{VPCId: &vpc, VPCRegion: types.VPCRegion(simtest.Region)},
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.client.GetHostedZone(t.Context(), &sdk.GetHostedZoneInput{Id: out.HostedZone.Id})
	if err != nil || !got.HostedZone.Config.PrivateZone || len(got.VPCs) != 1 || *got.VPCs[0].VPCId != vpc || got.DelegationSet != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	byVPC, err := w.client.ListHostedZonesByVPC(t.Context(), &sdk.ListHostedZonesByVPCInput{VPCId: &vpc, VPCRegion: types.VPCRegion(simtest.Region)})
	if err != nil || len(byVPC.HostedZoneSummaries) != 1 || *byVPC.HostedZoneSummaries[0].Owner.OwningAccount != simtest.Provider {
		t.Errorf("by VPC %+v, %v", byVPC, err)
	}
	if got := w.service.PrivateZones(simtest.Region, vpc); !slices.Equal(got, []string{"corp.internal"}) {
		t.Errorf("private zones %q", got)
	}
	w.Advance(time.Hour)
	zone, err := w.service.Authority().Zone([]string{"corp.internal."})
	if zone != nil || err != nil {
		t.Errorf("the public DNS knows a private zone: %v, %v", zone, err)
	}
}

func TestListZones(t *testing.T) {
	w := newWorld(t)
	for i, name := range []string{"b.example.com", "example.org", "example.com", "a.example.com", "example.com"} {
		w.zone(name, name+string(rune('0'+i)))
	}
	t.Run("when all pages are read, every zone is there once", func(t *testing.T) {
		seen := map[string]bool{}
		pages := sdk.NewListHostedZonesPaginator(w.client, &sdk.ListHostedZonesInput{MaxItems: aws.Int32(2)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, z := range page.HostedZones {
				seen[*z.Id] = true
			}
		}
		if len(seen) != 5 {
			t.Errorf("saw %d zones", len(seen))
		}
	})
	t.Run("when listed by name, the labels count from the right", func(t *testing.T) {
		var got []string
		in := &sdk.ListHostedZonesByNameInput{MaxItems: aws.Int32(2)}
		for {
			out, err := w.client.ListHostedZonesByName(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			for _, z := range out.HostedZones {
				got = append(got, *z.Name)
			}
			if !out.IsTruncated {
				break
			}
			in.DNSName, in.HostedZoneId = out.NextDNSName, out.NextHostedZoneId
		}
		if want := []string{"example.com.", "example.com.", "a.example.com.", "b.example.com.", "example.org."}; !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
	})
	t.Run("when counted, they are five", func(t *testing.T) {
		out, err := w.client.GetHostedZoneCount(t.Context(), &sdk.GetHostedZoneCountInput{})
		if err != nil || *out.HostedZoneCount != 5 {
			t.Errorf("%+v, %v", out, err)
		}
	})
	t.Run("when another account asks, it sees none and gets none", func(t *testing.T) {
		other := sdk.NewFromConfig(w.Client(simtest.Consumer))
		out, err := other.ListHostedZones(t.Context(), &sdk.ListHostedZonesInput{})
		if err != nil || len(out.HostedZones) != 0 {
			t.Errorf("%+v, %v", out, err)
		}
		id := w.zone("example.net", "net")
		if _, err := other.GetHostedZone(t.Context(), &sdk.GetHostedZoneInput{Id: &id}); simtest.Code(err) != "AccessDenied" {
			t.Errorf("%v, want AccessDenied", err)
		}
	})
}

func TestTags(t *testing.T) {
	w := newWorld(t)
	id := w.zone("example.com", "1")[len("/hostedzone/"):]
	_, err := w.client.ChangeTagsForResource(t.Context(), &sdk.ChangeTagsForResourceInput{
		ResourceType: types.TagResourceTypeHostedzone, ResourceId: &id,
		AddTags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.client.ChangeTagsForResource(t.Context(), &sdk.ChangeTagsForResourceInput{
		ResourceType: types.TagResourceTypeHostedzone, ResourceId: &id, RemoveTagKeys: []string{"a"},
	})
	if err != nil {
		t.Fatal(err)
	}
	one, err := w.client.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceType: types.TagResourceTypeHostedzone, ResourceId: &id})
	if err != nil || len(one.ResourceTagSet.Tags) != 1 || *one.ResourceTagSet.Tags[0].Key != "b" {
		t.Errorf("%+v, %v", one, err)
	}
	many, err := w.client.ListTagsForResources(t.Context(), &sdk.ListTagsForResourcesInput{ResourceType: types.TagResourceTypeHostedzone, ResourceIds: []string{id}})
	if err != nil || len(many.ResourceTagSets) != 1 || *many.ResourceTagSets[0].ResourceId != id {
		t.Errorf("%+v, %v", many, err)
	}
}

func TestUnknownOperation(t *testing.T) {
	w := newWorld(t)
	if _, err := w.client.ListHealthChecks(t.Context(), &sdk.ListHealthChecksInput{}); simtest.Code(err) != "UnknownOperationException" {
		t.Errorf("%v, want a refusal", err)
	}
}

func TestDNSSeesAChangeOnceItIsInsync(t *testing.T) {
	w := newWorld(t)
	server, err := dns.Listen(0, dns.Names{Zones: w.service.Authority(), Hosts: []dns.Hosts{w.service.Authority()}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	resolver := dns.Resolver{Server: server.Addr()}
	zone := w.zone("example.com", "1")
	if _, err := resolver.LookupTXT(t.Context(), "_x.example.com"); err == nil {
		t.Error("a zone is served before its creation has propagated")
	}
	w.Advance(30 * time.Second)
	if got, err := resolver.LookupTXT(t.Context(), "_x.example.com"); err != nil || len(got) != 0 {
		t.Errorf("an empty zone answers %q, %v", got, err)
	}
	out, err := w.change(zone, create("_x.example.com", types.RRTypeTxt, `"vpce:AbC\052\"q\""`))
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after  time.Duration
		status types.ChangeStatus
		want   []string
	}{
		{29 * time.Second, types.ChangeStatusPending, nil},
		{time.Second, types.ChangeStatusInsync, []string{`vpce:AbC*"q"`}},
	} {
		w.Advance(step.after)
		w.Restart(w.service)
		change, err := w.client.GetChange(t.Context(), &sdk.GetChangeInput{Id: out.ChangeInfo.Id})
		if err != nil || change.ChangeInfo.Status != step.status {
			t.Errorf("change %+v, %v; want %s", change, err, step.status)
		}
		if got, err := resolver.LookupTXT(t.Context(), "_x.example.com"); err != nil || !slices.Equal(got, step.want) {
			t.Errorf("DNS answers %q, %v; want %q", got, err, step.want)
		}
	}
	t.Run("when two zones have the name, the newer one answers", func(t *testing.T) {
		newer := w.zone("example.com", "2")
		w.mustChange(newer, create("_x.example.com", types.RRTypeTxt, `"newer"`))
		w.Advance(30 * time.Second)
		if got, err := resolver.LookupTXT(t.Context(), "_x.example.com"); err != nil || !slices.Equal(got, []string{"newer"}) {
			t.Errorf("DNS answers %q, %v", got, err)
		}
	})
	t.Run("when asked for a zone's name server, DNS knows its address", func(t *testing.T) {
		got, err := w.client.GetHostedZone(t.Context(), &sdk.GetHostedZoneInput{Id: &zone})
		if err != nil {
			t.Fatal(err)
		}
		for _, ns := range got.DelegationSet.NameServers {
			if addresses := w.service.Authority().Addresses(ns + "."); len(addresses) != 1 || !addresses[0].IsLoopback() {
				t.Errorf("%s is at %v", ns, addresses)
			}
		}
	})
}
