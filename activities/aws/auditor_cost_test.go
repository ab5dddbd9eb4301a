package aws

import (
	"fmt"
	"slices"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// newCrowd is a place with so many links that work.
func newCrowd(t *testing.T, links int) *audited {
	t.Helper()
	a := newAudited(t)
	for n := 1; n < links; n++ {
		endpoint := a.endpoint
		endpoint.Owner = activities.Owner(fmt.Sprintf("default/connection/payments/%02d", n))
		made := a.ready(a.made, must(t, NewConsumer(a.config).EnsureEndpoint, endpoint))
		endpoint.Known = made.ID
		group := a.groupRequest("10.0.0.0/8")
		group.Owner = endpoint.Owner
		must(t, NewConsumer(a.config).EnsureSecurityGroup, group)
		letIn := connectionRequest(a.made, made)
		name := activities.NameRequest{Place: consumer, Owner: endpoint.Owner, Parameter: fmt.Sprint(publishedAs, n%9), Value: a.made.Name}
		zone := activities.ZoneRequest{Place: consumer, Owner: endpoint.Owner, Name: fmt.Sprintf("zone%d.example.com", n%9), Network: a.network("consumer", "main")}
		a.ledger.expected = append(a.ledger.expected,
			activities.Expected{Flow: string(endpoint.Owner[len("default/"):]), Expectation: activities.Expectation{
				Place: consumer, Endpoint: &endpoint, SecurityGroup: &group, Name: &name, Zone: &zone}},
			activities.Expected{Flow: string(endpoint.Owner[len("default/"):]), Expectation: activities.Expectation{Place: provider, Connection: &letIn}})
	}
	return a
}

func TestTheCallsOfAnAuditDoNotGrowWithTheLinks(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes thirty links")
	}
	calls := func(links int) map[activities.Place][]string {
		a := newCrowd(t, links)
		batches := map[activities.Place][]string{}
		for _, place := range []activities.Place{provider, consumer} {
			before := len(a.cloud.Calls())
			found := a.audit(activities.AuditRequest{Place: place, Orphans: true, Reads: 1})
			for _, c := range a.cloud.Calls()[before:] {
				batches[place] = append(batches[place], c.Action+c.Error)
			}
			if found.Links != links+1 || len(found.Unseen) > 0 {
				t.Errorf("of %d links, it audits %d flows in %v, and does not see %+v", links, found.Links, place, found.Unseen)
			}
		}
		return batches
	}
	one, thirty := calls(1), calls(30)
	const retries = 2 // the SDK asks again when a connection is lost
	for place, made := range one {
		if len(thirty[place]) > len(made)+retries {
			t.Errorf("in %v, one link takes the calls %q, and thirty take %q", place, made, thirty[place])
		}
	}
}

func TestTheReadsOfAnAuditGoRound(t *testing.T) {
	a := newAudited(t)
	other := a.service
	other.Owner = "default/endpoint-service/other"
	other.Spec.AWS = &link.AWSEndpointService{LoadBalancers: link.LoadBalancers{ARNs: []string{a.id("provider", "load-balancer", "other")}}}
	other.Known = must(t, NewProvider(a.config).EnsureService, other).ID
	a.ledger.expected = append(a.ledger.expected, activities.Expected{
		Flow: "endpoint-service/other", Expectation: activities.Expectation{Place: provider, Service: &other}})
	for _, c := range []struct {
		name  string
		after string
		reads int
		deep  []string // the flows that were looked at with reads of their own, the last one last
	}{
		{"when there is no bound, it reads for all", "", 0, []string{"endpoint-service/other", paymentsFlow}},
		{"when there is room for one, it reads for the first", "", 1, []string{"endpoint-service/other"}},
		{"when that was read for, it goes on behind it", "endpoint-service/other", 1, []string{paymentsFlow}},
		{"when the last was read for, it begins again", paymentsFlow, 1, []string{"endpoint-service/other"}},
		{"when there is room for more, it goes round once", "endpoint-service/other", 9, []string{paymentsFlow, "endpoint-service/other"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(a.cloud.Calls())
			found := a.audit(activities.AuditRequest{Place: provider, Reads: c.reads, After: c.after})
			var read []string
			for _, call := range a.cloud.Calls()[before:] {
				if call.Action == "DescribeVpcEndpointServicePermissions" {
					read = append(read, map[bool]string{true: paymentsFlow, false: "endpoint-service/other"}[slices.Contains(call.Names, a.made.ID)])
				}
			}
			if found.Links != 3 || found.Deep != len(c.deep) || found.Reads != len(c.deep) || found.Last != c.deep[len(c.deep)-1] || !slices.Equal(read, c.deep) {
				t.Errorf("it has read for %q, and answers %+v; want %q", read, found, c.deep)
			}
		})
	}
}

// What there is no room for is found by the audit after it.
func TestBeyondItsReadsAnAuditFindsWhatItCan(t *testing.T) {
	a := newAudited(t)
	a.ledger.expected = append(a.ledger.expected, activities.Expected{Flow: "connection/payments/another", Expectation: activities.Expectation{
		Place: consumer, ZoneVPCs: []activities.ZoneVPCRequest{a.seenFrom("main")}}})
	must(t, plain(NewHostedZones(a.config).DisassociateVPC), a.seenFrom("plain"))
	if err := a.modifyEndpoint(ec2.ModifyVpcEndpointInput{PrivateDnsEnabled: sdk.Bool(false)}); err != nil {
		t.Fatal(err)
	}
	kinds := func(after string) (kinds []link.DriftKind) {
		for _, d := range a.audit(activities.AuditRequest{Place: consumer, Reads: 1, After: after}).Drifted {
			for _, drift := range d.Drifts {
				kinds = append(kinds, drift.Kind)
			}
		}
		return kinds
	}
	if got := kinds(""); !slices.Equal(got, []link.DriftKind{link.DriftPrivateDNS}) {
		t.Errorf("without reads for the link, it finds %v", got)
	}
	if got := kinds("connection/payments/another"); !slices.Equal(got, []link.DriftKind{link.DriftPrivateDNS, link.DriftAssociations}) {
		t.Errorf("with reads for the link, it finds %v", got)
	}
}

// When others use up what the account is allowed, the reads end there.
func TestAThrottledReadEndsTheReads(t *testing.T) {
	a := newAudited(t)
	a.inject(simaws.Fault{Action: "DescribeVpcEndpointServicePermissions", Effect: simaws.EffectThrottle, Times: 3})
	found := a.audit(activities.AuditRequest{Place: provider, After: "connection/payments/shop", Reads: 5})
	if found.Links != 2 || found.Deep != 0 || found.Last != "connection/payments/shop" || len(found.Drifted)+len(found.Unseen) > 0 {
		t.Errorf("it answers %+v", found)
	}
}

func TestAnAuditSaysWhatItWasKeptFromSeeing(t *testing.T) {
	a := newAudited(t)
	a.allBut("route53:ListResourceRecordSets")
	if _, err := a.consumer().DeleteTags(t.Context(), &ec2.DeleteTagsInput{Resources: []string{a.group}}); err != nil {
		t.Fatal(err)
	}
	found := a.audit(activities.AuditRequest{Place: consumer})
	if len(found.Unseen) != 1 || found.Unseen[0].Flow != shopFlow || found.Unseen[0].Problem.Reason != link.ReasonMissingPermission ||
		found.Unseen[0].Problem.Call != "route53:ListResourceRecordSets" {
		t.Errorf("unseen = %+v", found.Unseen)
	}
	if len(found.Drifted) != 1 || len(found.Drifted[0].Drifts) != 1 || found.Drifted[0].Drifts[0].Kind != link.DriftTags {
		t.Errorf("drifted = %+v", found.Drifted)
	}
}

func TestAnAuditThatSeesNothingIsBlocked(t *testing.T) {
	a := newAudited(t)
	a.ledger.expected = slices.DeleteFunc(a.ledger.expected, func(e activities.Expected) bool { return e.Connection == nil })
	a.inject(simaws.Fault{Action: "DescribeVpcEndpointConnections", Effect: simaws.EffectAccessDenied})
	_, err := run(t, NewAuditor(a.config, &a.ledger).Audit, activities.AuditRequest{Place: provider})
	wantProblem(t, err, link.ReasonMissingPermission)
}
