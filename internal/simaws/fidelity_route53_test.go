package simaws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

const (
	changeSets    = "Route 53 API Reference, ChangeResourceRecordSets"
	changeQuotas  = `Route 53 Developer Guide, "Quotas on ChangeResourceRecordSets requests"`
	txtRecords    = `Route 53 Developer Guide, "TXT record type"`
	route53Common = `Route 53 API Reference, "Common Errors"`
)

// sets are changes of one action, each of one record set of a type with its values.
func sets(action types.ChangeAction, kind types.RRType, names []string, values ...string) []types.Change {
	var changes []types.Change
	for _, name := range names {
		set := &types.ResourceRecordSet{Name: aws.String(name), Type: kind, TTL: aws.Int64(60)}
		for _, v := range values {
			set.ResourceRecords = append(set.ResourceRecords, types.ResourceRecord{Value: aws.String(v)})
		}
		changes = append(changes, types.Change{Action: action, ResourceRecordSet: set})
	}
	return changes
}

// change sends a batch of changes to the provider's zone example.com.
func (tc testCloud) change(ctx context.Context, config aws.Config, changes ...types.Change) error {
	_, err := awsroute53.NewFromConfig(config).ChangeResourceRecordSets(ctx, &awsroute53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(tc.id("provider", "hosted-zone", "example.com")), ChangeBatch: &types.ChangeBatch{Changes: changes},
	})
	return err
}

func changing(changes ...types.Change) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, config aws.Config) error {
		err := tc.change(ctx, config, changes...)
		var typed *types.InvalidChangeBatch
		if err != nil && !errors.As(err, &typed) {
			return fmt.Errorf("the SDK has no type for %w", err)
		}
		return err
	}
}

// many are n names in example.com.
func many(n int) []string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("n%d.example.com", i))
	}
	return names
}

func TestFidelityWhatRoute53Refuses(t *testing.T) {
	const invalid = "InvalidChangeBatch"
	one := []string{"a.example.com"}
	for _, fact := range []refusal{
		{"when a TXT value has no quotation marks, it is refused", txtRecords, changing(sets("CREATE", "TXT", one, "vpce:abc")...), 400, invalid, "quotation marks"},
		{"when a string of a TXT value has 256 bytes, it is refused", txtRecords, changing(sets("CREATE", "TXT", one, `"`+strings.Repeat("x", 256)+`"`)...), 400, invalid, "too long"},
		{"when what is created is there, it is refused", changeSets, changing(append(sets("CREATE", "A", one, "192.0.2.1"), sets("CREATE", "A", one, "192.0.2.1")...)...), 400, invalid,
			"Tried to create resource record set [name='a.example.com.', type='A'] but it already exists"},
		{"when what is deleted is not there, it is refused", changeSets, changing(sets("DELETE", "A", one, "192.0.2.1")...), 400, invalid,
			"Tried to delete resource record set [name='a.example.com.', type='A'] but it was not found"},
		{"when a deletion has another value, it is refused", changeSets, changing(append(sets("CREATE", "A", one, "192.0.2.1"), sets("DELETE", "A", one, "192.0.2.2")...)...), 400, invalid,
			"but the values provided do not match the current values"},
		{"when a name is not in the zone, it is refused", changeSets, changing(sets("CREATE", "A", []string{"a.example.org"}, "192.0.2.1")...), 400, invalid, "is not permitted in zone example.com."},
		{"when there are 1001 records, it is refused", changeQuotas, changing(sets("CREATE", "A", many(1001), "192.0.2.1")...), 400, invalid, "1000"},
		{"when 501 records are upserted, they count twice", changeQuotas, changing(sets("UPSERT", "A", many(501), "192.0.2.1")...), 400, invalid, "1000"},
		{"when there are more than 32000 characters, it is refused", changeQuotas, changing(sets("CREATE", "TXT", many(130), `"`+strings.Repeat("x", 250)+`"`)...), 400, invalid, "32000"},
		{"when a zone does not exist, it is NoSuchHostedZone", changeSets, func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsroute53.NewFromConfig(c).GetHostedZone(ctx, &awsroute53.GetHostedZoneInput{Id: aws.String("Z00000000000000000000")})
			var typed *types.NoSuchHostedZone
			if !errors.As(err, &typed) {
				return fmt.Errorf("the SDK has no type for %w", err)
			}
			return err
		}, 404, "NoSuchHostedZone", "Z00000000000000000000"},
		{"when a zone with records is deleted, it is HostedZoneNotEmpty", "Route 53 API Reference, DeleteHostedZone", func(ctx context.Context, tc testCloud, c aws.Config) error {
			tc.record("a.example.com", "x")
			_, err := awsroute53.NewFromConfig(c).DeleteHostedZone(ctx, &awsroute53.DeleteHostedZoneInput{Id: aws.String(tc.id("provider", "hosted-zone", "example.com"))})
			return err
		}, 400, "HostedZoneNotEmpty", ""},
	} {
		fact.check(t, provider, inQuery)
	}
	conflict := refusal{"when a VPC has a private zone of the name, it is ConflictingDomainExists", "Route 53 API Reference, CreateHostedZone", func(ctx context.Context, tc testCloud, c aws.Config) error {
		var err error
		for _, reference := range []string{"1", "2"} {
			_, err = awsroute53.NewFromConfig(c).CreateHostedZone(ctx, &awsroute53.CreateHostedZoneInput{
				Name: aws.String("links.internal"), CallerReference: &reference, VPC: &types.VPC{VPCId: aws.String(tc.id("consumer", "vpc", "main")), VPCRegion: region},
			})
		}
		return err
	}, 400, "ConflictingDomainExists", ""}
	conflict.check(t, consumer, inQuery)
}

// Both limits of a batch are for what they say, and not for one less.
func TestFidelityTheLargestBatches(t *testing.T) {
	for name, changes := range map[string][]types.Change{
		"1000 records":          sets("CREATE", "A", many(1000), "192.0.2.1"),
		"500 records, upserted": sets("UPSERT", "A", many(500), "192.0.2.1"),
		"32000 characters":      sets("CREATE", "TXT", many(128), `"`+strings.Repeat("x", 248)+`"`),
	} {
		t.Run(name, func(t *testing.T) {
			tc := startCloud(t)
			if err := tc.change(t.Context(), tc.config(provider), changes...); err != nil {
				t.Error(err)
			}
		})
	}
}

// A value keeps its quotation marks on the way, an UPSERT replaces the whole set, names come back absolute and with
// their wildcard escaped (Route 53 Developer Guide, "DNS domain name format").
func TestFidelityRecordSets(t *testing.T) {
	tc := startCloud(t)
	config, wire := tc.taped(provider)
	zone := tc.id("provider", "hosted-zone", "example.com")
	name := []string{"*.links.example.com"}
	for _, values := range [][]string{{`"vpce:abc"`, `"other" "strings"`}, {`"vpce:AbC"`}} {
		if err := tc.change(t.Context(), config, sets("UPSERT", "TXT", name, values...)...); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(wire.request, "<Value>&#34;vpce:") && !strings.Contains(wire.request, `<Value>"vpce:`) && !strings.Contains(wire.request, "<Value>&quot;vpce:") {
			t.Errorf("the SDK sends %s", wire.request)
		}
		wire.has(t, "<ChangeInfo><Id>/change/C", "<Status>PENDING</Status>")
	}
	client := awsroute53.NewFromConfig(config)
	listed := must(client.ListResourceRecordSets(t.Context(), &awsroute53.ListResourceRecordSetsInput{HostedZoneId: &zone, StartRecordName: aws.String("*.links.example.com")}))(t)
	wire.has(t, `<ResourceRecordSet><Name>\052.links.example.com.</Name><Type>TXT</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>`)
	got := listed.ResourceRecordSets[0]
	if *got.Name != `\052.links.example.com.` || len(got.ResourceRecords) != 1 || *got.ResourceRecords[0].Value != `"vpce:AbC"` {
		t.Errorf("the SDK has %s %+v", *got.Name, got.ResourceRecords)
	}
	path := "/2013-04-01/hostedzone/" + strings.TrimPrefix(zone, "/hostedzone/") + "/rrset?name=links.example.com"
	tc.send(provider, "route53", http.MethodGet, path, "", nil).has(t, `<ListResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">`, "<IsTruncated>false</IsTruncated>", "<MaxItems>300</MaxItems>")
}

// An alias has a target and no TTL (Route 53 API Reference, AliasTarget).
func TestFidelityAliases(t *testing.T) {
	tc := startCloud(t)
	endpoint := connected(tc, tc.publish(withoutAcceptance))
	config, wire := tc.taped(provider)
	alias := types.Change{Action: "CREATE", ResourceRecordSet: &types.ResourceRecordSet{Name: aws.String("api.example.com"), Type: "A", AliasTarget: &types.AliasTarget{
		DNSName: endpoint.DnsEntries[0].DnsName, HostedZoneId: endpoint.DnsEntries[0].HostedZoneId,
	}}}
	if err := tc.change(t.Context(), config, alias); err != nil {
		t.Fatal(err)
	}
	zone := tc.id("provider", "hosted-zone", "example.com")
	listed := must(awsroute53.NewFromConfig(config).ListResourceRecordSets(t.Context(), &awsroute53.ListResourceRecordSetsInput{HostedZoneId: &zone, StartRecordName: aws.String("api.example.com")}))(t).ResourceRecordSets[0]
	wire.has(t, "<Name>api.example.com.</Name><Type>A</Type><AliasTarget><HostedZoneId>Z7HUB22UULQXV</HostedZoneId><DNSName>"+*endpoint.DnsEntries[0].DnsName+".</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>")
	if listed.TTL != nil || listed.ResourceRecords != nil {
		t.Errorf("an alias has %+v", listed)
	}
}

// A change is PENDING and then INSYNC (Route 53 API Reference, GetChange); the SDK takes an id with or without its
// prefix.
func TestFidelityChanges(t *testing.T) {
	tc := startCloud(t)
	config, wire := tc.taped(provider)
	client := awsroute53.NewFromConfig(config)
	zone := tc.id("provider", "hosted-zone", "example.com")
	out := must(client.ChangeResourceRecordSets(t.Context(), &awsroute53.ChangeResourceRecordSetsInput{
		HostedZoneId: &zone, ChangeBatch: &types.ChangeBatch{Changes: sets("CREATE", "A", []string{"a.example.com"}, "192.0.2.1")},
	}))(t)
	for _, status := range []types.ChangeStatus{types.ChangeStatusPending, types.ChangeStatusInsync} {
		for _, id := range []string{*out.ChangeInfo.Id, strings.TrimPrefix(*out.ChangeInfo.Id, "/change/")} {
			change := must(client.GetChange(t.Context(), &awsroute53.GetChangeInput{Id: &id}))(t).ChangeInfo
			wire.has(t, "<Status>"+string(status)+"</Status>", "<Id>"+*out.ChangeInfo.Id+"</Id>")
			if change.Status != status {
				t.Errorf("the SDK has %s", change.Status)
			}
		}
		tc.advance(time.Minute)
	}
}

// Changes are throttled by their number, across requests; an UPSERT counts twice (Route 53 API Reference, "Throttling
// API requests").
func TestFidelityThroughputOfChanges(t *testing.T) {
	tc := startCloud(t, func(c *Config) { c.World.RequestBuckets.Enabled = true })
	config, wire := tc.taped(provider)
	upsert := func(n int) error { return tc.change(t.Context(), config, sets("UPSERT", "A", many(n), "192.0.2.1")...) }
	for _, n := range []int{500, 249} { // 1498 of 1500
		if err := upsert(n); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, upsert(2), "Throttling")
	wire.has(t, inQuery("Throttling"))
	if err := upsert(1); err != nil {
		t.Errorf("what is left in the bucket is not given: %v", err)
	}
	tc.advance(time.Second) // a hundred more, but for a rounding
	if err := upsert(49); err != nil {
		t.Error(err)
	}
}

// Some errors are for the moment, and have the status 400 all the same: the SDK sends such a request three times. What
// is wrong with a batch stays wrong: it is sent once (Route 53 API Reference, "Common Errors").
func TestFidelityWhatTheSDKSendsAgain(t *testing.T) {
	for _, fact := range []struct {
		code  string
		sends int
	}{{"PriorRequestNotComplete", 3}, {"Throttling", 3}, {"InvalidChangeBatch", 1}} {
		t.Run(fact.code, func(t *testing.T) {
			tc := startCloud(t)
			must(tc.Inject(Fault{Service: "route53", Action: "ChangeResourceRecordSets", Times: 9, Effect: EffectError, Status: 400, Code: fact.code, Message: "[not now]"}))(t)
			config, wire := tc.taped(provider)
			config.RetryMaxAttempts = 3
			err := tc.change(t.Context(), config, sets("UPSERT", "A", []string{"a.example.com"}, "192.0.2.1")...)
			wantError(t, err, fact.code)
			wire.has(t, inQuery(fact.code))
			if wire.count != fact.sends || wire.status != 400 {
				t.Errorf("it was sent %d times, with the status %d (%s)", wire.count, wire.status, route53Common)
			}
		})
	}
	hurried := refusal{"when a bucket is empty, it is Throttling", "Route 53 API Reference, Throttling API requests", func(ctx context.Context, _ testCloud, c aws.Config) error {
		for range 51 {
			if _, err := awsroute53.NewFromConfig(c).GetHostedZoneCount(ctx, &awsroute53.GetHostedZoneCountInput{}); err != nil {
				return err
			}
		}
		return nil
	}, 400, "Throttling", "Rate exceeded"}
	hurried.check(t, stranger, inQuery, func(c *Config) { c.World.RequestBuckets.Enabled = true })
}
