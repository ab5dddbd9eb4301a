package simazure

import (
	"net/http"
	"slices"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"
)

func record(addresses ...string) armprivatedns.RecordSet {
	properties := &armprivatedns.RecordSetProperties{TTL: to(int64(60)), Metadata: map[string]*string{"owner": to("links")}}
	for _, a := range addresses {
		properties.ARecords = append(properties.ARecords, &armprivatedns.ARecord{IPv4Address: to(a)})
	}
	return armprivatedns.RecordSet{Properties: properties}
}

func (s side) zone(name, network string) {
	s.tc.t.Helper()
	finish(s.dns.NewPrivateZonesClient().BeginCreateOrUpdate(s.tc.t.Context(), s.group, name, armprivatedns.PrivateZone{Location: to("global")}, nil))(s.tc.t)
	finish(s.dns.NewVirtualNetworkLinksClient().BeginCreateOrUpdate(s.tc.t.Context(), s.group, name, "link", linkTo(s.tc.id(s.tenant, "virtual-network", network)), nil))(s.tc.t)
}

func linkTo(network *string) armprivatedns.VirtualNetworkLink {
	return armprivatedns.VirtualNetworkLink{Location: to("global"), Properties: &armprivatedns.VirtualNetworkLinkProperties{VirtualNetwork: &armprivatedns.SubResource{ID: network}}}
}

func (s side) put(zone string, kind armprivatedns.RecordType, name string, set armprivatedns.RecordSet) *string {
	s.tc.t.Helper()
	return must(s.dns.NewRecordSetsClient().CreateOrUpdate(s.tc.t.Context(), s.group, zone, kind, name, set, nil))(s.tc.t).Etag
}

func TestResolve(t *testing.T) {
	tc := startCloud(t)
	consumer := tc.consumer()
	consumer.zone("svc.links.internal", "spoke")
	consumer.put("links.internal", armprivatedns.RecordTypeA, "www", record("10.2.0.5", "10.2.0.6"))
	consumer.put("links.internal", armprivatedns.RecordTypeA, "*", record("10.2.0.7"))
	consumer.put("links.internal", armprivatedns.RecordTypeA, "deep.below", record("10.2.0.8"))
	consumer.put("links.internal", armprivatedns.RecordTypeCNAME, "alias", armprivatedns.RecordSet{Properties: &armprivatedns.RecordSetProperties{TTL: to(int64(30)), CnameRecord: &armprivatedns.CnameRecord{Cname: to("www.links.internal")}}})
	consumer.put("svc.links.internal", armprivatedns.RecordTypeA, "@", record("10.2.0.4"))
	consumer.put("svc.links.internal", armprivatedns.RecordTypeTXT, "@", armprivatedns.RecordSet{Properties: &armprivatedns.RecordSetProperties{TTL: to(int64(30)), TxtRecords: []*armprivatedns.TxtRecord{{Value: []*string{to("proof")}}}}})
	for _, test := range []struct {
		name, network, asked, kind, code string
		records                          []string
	}{
		{"when a zone has the name, it answers", "spoke", "www.links.internal", "A", "NOERROR", []string{"www.links.internal. 60 IN A 10.2.0.5", "www.links.internal. 60 IN A 10.2.0.6"}},
		{"when the name is an alias, it is followed", "spoke", "alias.links.internal.", "A", "NOERROR", []string{"alias.links.internal. 30 IN CNAME www.links.internal.", "www.links.internal. 60 IN A 10.2.0.5", "www.links.internal. 60 IN A 10.2.0.6"}},
		{"when a wildcard is above, it answers", "spoke", "any.links.internal", "A", "NOERROR", []string{"any.links.internal. 60 IN A 10.2.0.7"}},
		{"when there are names below, the wildcard does not answer", "spoke", "below.links.internal", "A", "NOERROR", []string{}},
		{"when a more specific zone is there, it answers alone", "spoke", "svc.links.internal", "A", "NOERROR", []string{"svc.links.internal. 60 IN A 10.2.0.4"}},
		{"when the more specific zone lacks the name, nothing else answers", "spoke", "x.svc.links.internal", "A", "NXDOMAIN", []string{}},
		{"when the type is another, its records are the answer", "spoke", "svc.links.internal", "TXT", "NOERROR", []string{`svc.links.internal. 30 IN TXT "proof"`}},
		{"when the name has no records of the type, there are none", "spoke", "www.links.internal", "AAAA", "NOERROR", []string{}},
		{"when the network is not linked, it knows nothing", "other", "www.links.internal", "A", "NXDOMAIN", []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := must(tc.Resolve(*tc.id("consumer", "virtual-network", test.network), test.asked, test.kind))(t)
			if got.Code != test.code || !slices.Equal(got.Records, test.records) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestRecordSets(t *testing.T) {
	tc := startCloud(t)
	consumer := tc.consumer()
	records := consumer.dns.NewRecordSetsClient()
	put := func(options *armprivatedns.RecordSetsClientCreateOrUpdateOptions, name string, set armprivatedns.RecordSet) error {
		_, err := records.CreateOrUpdate(t.Context(), "apps", "links.internal", armprivatedns.RecordTypeA, name, set, options)
		return err
	}
	etag := consumer.put("links.internal", armprivatedns.RecordTypeA, "api", record("10.2.0.4"))
	wantError(t, put(&armprivatedns.RecordSetsClientCreateOrUpdateOptions{IfNoneMatch: to("*")}, "api", record("10.2.0.5")), http.StatusPreconditionFailed, "PreconditionFailed")
	if err := put(&armprivatedns.RecordSetsClientCreateOrUpdateOptions{IfMatch: etag}, "api", record("10.2.0.5")); err != nil {
		t.Error(err)
	}
	wantError(t, put(&armprivatedns.RecordSetsClientCreateOrUpdateOptions{IfMatch: etag}, "api", record("10.2.0.6")), http.StatusPreconditionFailed, "PreconditionFailed")
	wantError(t, put(nil, "bad", record("10.2.0")), http.StatusBadRequest, "BadRequest")
	read := must(records.Get(t.Context(), "apps", "links.internal", armprivatedns.RecordTypeA, "api", nil))(t)
	if *read.Properties.Fqdn != "api.links.internal." || *read.Properties.ARecords[0].IPv4Address != "10.2.0.5" || *read.Properties.Metadata["owner"] != "links" {
		t.Errorf("got %+v", read.Properties)
	}
	all := must(records.NewListPager("apps", "links.internal", nil).NextPage(t.Context()))(t).Value
	if len(all) != 3 { // with the SOA record and that of the world file
		t.Errorf("the zone has %d record sets", len(all))
	}
	_, err := records.Delete(t.Context(), "apps", "links.internal", armprivatedns.RecordTypeSOA, "@", nil)
	wantError(t, err, http.StatusBadRequest, "BadRequest")
}

func TestZonesAndLinks(t *testing.T) {
	tc := startCloud(t)
	consumer, provider := tc.consumer(), tc.provider()
	links := consumer.dns.NewVirtualNetworkLinksClient()
	_, err := consumer.dns.NewPrivateZonesClient().BeginDelete(t.Context(), "apps", "links.internal", nil)
	wantError(t, err, http.StatusConflict, "CannotDeleteResource")
	_, err = links.BeginCreateOrUpdate(t.Context(), "apps", "links.internal", "again", linkTo(tc.id("consumer", "virtual-network", "spoke")), nil)
	wantError(t, err, http.StatusConflict, "Conflict")
	_, err = links.BeginCreateOrUpdate(t.Context(), "apps", "links.internal", "foreign", linkTo(tc.id("provider", "virtual-network", "main")), nil)
	wantError(t, err, http.StatusForbidden, "LinkedAuthorizationFailed")
	provider.zone("links.internal", "main") // of the same name, for another network
	link := must(links.Get(t.Context(), "apps", "links.internal", "spoke", nil))(t)
	if *link.Properties.VirtualNetworkLinkState != armprivatedns.VirtualNetworkLinkStateCompleted {
		t.Errorf("the link is %s", *link.Properties.VirtualNetworkLinkState)
	}
	finish(links.BeginDelete(t.Context(), "apps", "links.internal", "spoke", nil))(t)
	finish(consumer.dns.NewPrivateZonesClient().BeginDelete(t.Context(), "apps", "links.internal", nil))(t)
	_, err = consumer.dns.NewPrivateZonesClient().Get(t.Context(), "apps", "links.internal", nil)
	wantError(t, err, http.StatusNotFound, "ResourceNotFound")
}

// TestTagsOfZones: https://github.com/hashicorp/terraform-provider-azurerm/issues/6129.
func TestTagsOfZones(t *testing.T) {
	consumer := startCloud(t).consumer()
	zone := finish(consumer.dns.NewPrivateZonesClient().BeginCreateOrUpdate(t.Context(), "apps", "tagged.internal", armprivatedns.PrivateZone{
		Location: to("global"), Tags: map[string]*string{"team": to("a:b c"), "our:team": to("lost"), "our team": to("lost")},
	}, nil))(t)
	if len(zone.Tags) != 1 || *zone.Tags["team"] != "a:b c" {
		t.Errorf("the zone has the tags %v, want team alone", zone.Tags)
	}
}
