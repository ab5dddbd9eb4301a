package link_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/linkwright/linkwright/internal/link"
)

// goodSpecs are the specs of testdata/specs/good.
func goodSpecs(t testing.TB) (services []link.EndpointServiceSpec, connections []link.ConnectionSpec) {
	t.Helper()
	documents, err := link.Decode(read(t, "good/*.yaml")...)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range documents {
		if d.Service != nil {
			services = append(services, d.Service.Spec)
		} else {
			connections = append(connections, d.Connection.Spec)
		}
	}
	return services, connections
}

func TestSpecsWithDefaults(t *testing.T) {
	services, connections := goodSpecs(t)
	for _, spec := range services {
		full := spec.WithDefaults()
		if err := full.Validate(); err != nil {
			t.Errorf("a valid spec is no longer valid with its defaults: %v", err)
		}
		if diff := cmp.Diff(full, full.WithDefaults()); diff != "" {
			t.Errorf("a second time changes something:\n%s", diff)
		}
	}
	for _, spec := range connections {
		full := spec.WithDefaults()
		if err := full.Validate(); err != nil {
			t.Errorf("a valid spec is no longer valid with its defaults: %v", err)
		}
		if diff := cmp.Diff(full, full.WithDefaults()); diff != "" {
			t.Errorf("a second time changes something:\n%s", diff)
		}
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
		{link.ConnectionDNS{}, "Mode", string(link.DNSNone)},
	} {
		field, _ := reflect.TypeOf(d.of).FieldByName(d.field)
		if !slices.Contains(strings.Split(field.Tag.Get("jsonschema"), ","), "default="+d.want) {
			t.Errorf("the tag of %T.%s does not say default=%s", d.of, d.field, d.want)
		}
	}
}

// A spec reaches a workflow also without having been a document.
func TestValidateFindsWhatIsMissingWithoutADocument(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want []string
	}{
		"when a service spec is empty, it asks for what is required": {
			link.EndpointServiceSpec{}.Validate(), []string{"spec.account", "spec.region", "spec.aws"},
		},
		"when a connection spec is empty, it asks for what is required": {
			link.ConnectionSpec{}.Validate(), []string{"spec.service", "spec.account", "spec.region", "spec.aws"},
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
