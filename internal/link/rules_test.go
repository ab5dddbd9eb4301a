package link_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/linkwright/linkwright/internal/link"
)

func TestSpecsWithDefaults(t *testing.T) {
	documents, err := link.Decode(read(t, "good/*.yaml")...)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range documents {
		t.Run(d.ID(), func(t *testing.T) {
			switch {
			case d.Service != nil:
				checkDefaults(t, d.Service.Spec)
			case d.Connection != nil:
				checkDefaults(t, d.Connection.Spec)
			default:
				checkDefaults(t, d.Inventory.Spec)
			}
		})
	}
}

func checkDefaults[T interface {
	WithDefaults() T
	Validate() error
}](t *testing.T, spec T) {
	before, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	full := spec.WithDefaults()
	if err := full.Validate(); err != nil {
		t.Errorf("a valid spec is no longer valid with its defaults: %v", err)
	}
	if diff := cmp.Diff(full, full.WithDefaults()); diff != "" {
		t.Errorf("a second time changes something:\n%s", diff)
	}
	after, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(before), string(after)); diff != "" {
		t.Errorf("filling in the defaults changed the spec itself:\n%s", diff)
	}
}

func TestDefaultsAreTheDocumentedOnes(t *testing.T) {
	bare := link.EndpointServiceSpec{
		Region:   "eu-central-1",
		AWS:      &link.AWSEndpointService{},
		Publish:  &link.Publish{SSMParameter: &link.SSMParameter{}},
		Approval: &link.ApprovalPolicy{Timeout: 1},
	}
	full := bare.WithDefaults()
	if bare.AWS.AcceptanceRequired != nil || bare.Publish.SSMParameter.Region != "" || bare.Approval.Mode != "" {
		t.Error("filling in the defaults changed the spec itself")
	}
	required := true
	want := link.EndpointServiceSpec{
		Region:  "eu-central-1",
		AWS:     &link.AWSEndpointService{AcceptanceRequired: &required, IPAddressTypes: []link.IPAddressType{link.IPv4}},
		Publish: &link.Publish{SSMParameter: &link.SSMParameter{Region: "eu-central-1"}},
		Drift:   &link.DriftPolicy{Default: link.DriftRepair},
		Approval: &link.ApprovalPolicy{
			Mode: link.ApproveManually, Timeout: 1, OnTimeout: link.TimeoutWait, Approvers: new(int32(1)), Proof: link.ProofNone,
		},
	}
	if diff := cmp.Diff(want, full); diff != "" {
		t.Error(diff)
	}
	connection := link.ConnectionSpec{Account: "shop", Ingress: &link.Ingress{}}.WithDefaults()
	if connection.DNS.Mode != link.DNSNone || connection.Ingress.Account != "shop" {
		t.Errorf("got %+v", connection)
	}
	checkConnectionDefaults(t)
	// The tags that editors read say the same.
	for _, d := range []struct {
		of    any
		field string
		want  string
	}{
		{link.AWSEndpointService{}, "AcceptanceRequired", "true"},
		{link.AWSEndpointService{}, "IPAddressTypes", string(link.IPv4)},
		{link.ApprovalPolicy{}, "Mode", string(link.ApproveManually)},
		{link.ApprovalPolicy{}, "OnTimeout", string(link.TimeoutWait)},
		{link.ApprovalPolicy{}, "Approvers", "1"},
		{link.ApprovalPolicy{}, "Proof", string(link.ProofNone)},
		{link.DriftPolicy{}, "Default", string(link.DriftRepair)},
		{link.ConnectionDNS{}, "Mode", string(link.DNSNone)},
		{link.ZoneRecord{}, "TTL", "60"},
		{link.EndpointSecurityGroup{}, "Ports", "443"},
		{link.RouteTargets{}, "Protocol", string(link.TargetHTTP)},
		{link.HealthCheck{}, "Path", "/"},
		{link.HealthCheck{}, "Codes", "200"},
		{link.HealthCheck{}, "Interval", "30s"},
		{link.HealthCheck{}, "Timeout", "5s"},
		{link.HealthCheck{}, "Healthy", "5"},
		{link.HealthCheck{}, "Unhealthy", "2"},
	} {
		field, _ := reflect.TypeOf(d.of).FieldByName(d.field)
		if !slices.Contains(strings.Split(field.Tag.Get("jsonschema"), ","), "default="+d.want) {
			t.Errorf("the tag of %T.%s does not say default=%s", d.of, d.field, d.want)
		}
	}
}

func checkConnectionDefaults(t *testing.T) {
	t.Helper()
	bare := link.ConnectionSpec{
		Account: "shop", Region: "eu-central-1",
		NameFrom: &link.NameFrom{SSMParameter: &link.SSMParameter{}},
		AWS:      &link.AWSConnection{SecurityGroup: &link.EndpointSecurityGroup{}},
		DNS: link.ConnectionDNS{HostedZone: &link.HostedZone{
			Name: "example.com", Records: []link.ZoneRecord{{}, {Name: "a.example.com", Type: link.RecordA}}, VPCs: []link.ZoneVPC{{}},
		}},
		Ingress: &link.Ingress{Route: &link.Route{}},
	}
	want := link.ConnectionSpec{
		Account: "shop", Region: "eu-central-1",
		NameFrom: &link.NameFrom{SSMParameter: &link.SSMParameter{Region: "eu-central-1"}, ServiceRegion: "eu-central-1"},
		AWS:      &link.AWSConnection{SecurityGroup: &link.EndpointSecurityGroup{Ports: []int32{443}}},
		DNS: link.ConnectionDNS{Mode: link.DNSNone, HostedZone: &link.HostedZone{
			Account: "shop", Name: "example.com",
			Records: []link.ZoneRecord{{Name: "example.com", Type: link.RecordAlias}, {Name: "a.example.com", Type: link.RecordA, TTL: 60}},
			VPCs:    []link.ZoneVPC{{Account: "shop", Region: "eu-central-1"}},
		}},
		Ingress: &link.Ingress{Account: "shop", Route: &link.Route{Targets: link.RouteTargets{
			Protocol: link.TargetHTTP,
			HealthCheck: link.HealthCheck{
				Path: "/", Codes: "200", Interval: link.Duration(30 * time.Second), Timeout: link.Duration(5 * time.Second), Healthy: 5, Unhealthy: 2,
			},
		}}},
	}
	if diff := cmp.Diff(want, bare.WithDefaults()); diff != "" {
		t.Error(diff)
	}
	bare.Region = "us-gov-west-1"
	if got := bare.WithDefaults().DNS.HostedZone.Records[0]; got.Type != link.RecordA || got.TTL != 60 {
		t.Errorf("where there is no alias to an endpoint, a record is %+v", got)
	}
}

// A spec reaches a workflow also without having been a document.
func TestValidateFindsWhatIsMissingWithoutADocument(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want []string
	}{
		"when a service spec is empty, it asks for what is required": {
			link.EndpointServiceSpec{}.Validate(), []string{"spec.account", "spec.region", "spec"},
		},
		"when a connection spec is empty, it asks for what is required": {
			link.ConnectionSpec{}.Validate(), []string{"spec.service", "spec.account", "spec.region", "spec"},
		},
		"when an inventory's spec is empty, it asks for what is required": {
			link.VPCInventorySpec{}.Validate(), []string{"spec.account", "spec.region", "spec.aws"},
		},
		"when a name is not one, it says so": {
			link.Metadata{Name: "-"}.Validate(), []string{"metadata.name"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var wrong link.Errors
			errors.As(c.err, &wrong)
			var got []string
			for _, e := range wrong {
				got = append(got, e.Path)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if err := (link.Metadata{Name: "payments"}).Validate(); err != nil {
		t.Error(err)
	}
}

func TestDurations(t *testing.T) {
	for written, want := range map[string]string{
		"72h": "72h", "72h0m0s": "72h", "90s": "1m30s", "10m": "10m", "1h10m": "1h10m", "1h0m5s": "1h0m5s", "0s": "0s",
	} {
		var d link.Duration
		if err := d.UnmarshalText([]byte(written)); err != nil {
			t.Fatal(err)
		}
		if got := d.String(); got != want {
			t.Errorf("when written %s, it is shown as %s, want %s", written, got, want)
		}
	}
}

func TestEncodeWritesWhatDecodeReads(t *testing.T) {
	documents, err := link.Decode(read(t, "good/*.yaml")...)
	if err != nil {
		t.Fatal(err)
	}
	text, err := link.Encode(documents...)
	if err != nil {
		t.Fatal(err)
	}
	again, err := link.Decode(link.File{Name: "encoded.yaml", Data: text})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for i := range documents {
		documents[i].File, documents[i].Line = again[i].File, again[i].Line
	}
	if diff := cmp.Diff(documents, again); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
}
