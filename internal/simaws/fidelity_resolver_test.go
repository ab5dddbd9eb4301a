package simaws

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/internal/simaws/dns"
)

const phzConsiderations = `Route 53 Developer Guide, "Considerations when working with a private hosted zone"`

// seen is what a VPC's resolver answers: the addresses or texts, or the code when there are none.
func (tc testCloud) seen(vpc *types.VPC, name, kind string) string {
	tc.t.Helper()
	answer := must(tc.Resolve(*vpc.VPCId, name, kind))(tc.t)
	var data []string
	for _, record := range answer.Records {
		if fields := strings.Fields(record); fields[3] == kind {
			data = append(data, fields[4])
		}
	}
	slices.Sort(data)
	if len(data) == 0 {
		return answer.Code
	}
	return strings.Join(data, " ")
}

// records makes changes to a zone, and lets the change propagate.
func (tc testCloud) records(config aws.Config, zone *string, changes ...types.Change) {
	tc.t.Helper()
	must(awsroute53.NewFromConfig(config).ChangeResourceRecordSets(tc.t.Context(), &awsroute53.ChangeResourceRecordSetsInput{
		HostedZoneId: zone, ChangeBatch: &types.ChangeBatch{Changes: changes},
	}))(tc.t)
	tc.advance(time.Minute)
}

func TestFidelityWhatAVPCResolves(t *testing.T) {
	tc := startCloud(t)
	config, main, plain := tc.config(consumer), tc.vpcOf("consumer", "main"), tc.vpcOf("consumer", "plain")
	public := aws.String(tc.id("provider", "hosted-zone", "example.com"))
	tc.records(tc.config(provider), public, sets("CREATE", "A", []string{"api.example.com", "www.example.com", "api.deep.example.com"}, "192.0.2.1")...)
	zone := tc.privateZone(config, "example.com", main)
	tc.records(config, zone, sets("CREATE", "A", []string{"api.example.com", "x.deep.example.com"}, "10.1.0.1")...)
	deep := tc.privateZone(config, "deep.example.com", main)
	tc.records(config, deep, sets("CREATE", "A", []string{"api.deep.example.com"}, "10.1.0.2")...)

	for _, fact := range []struct {
		name  string
		vpc   *types.VPC
		asked string
		want  string
	}{
		{"when a private zone has the name, it comes before the public one", main, "api.example.com", "10.1.0.1"},
		{"when the VPC has no private zone, it sees the public one", plain, "api.example.com", "192.0.2.1"},
		{"when the private zone lacks the name, nobody else is asked", main, "www.example.com", "NXDOMAIN"},
		{"when two private zones have the name, the most specific answers", main, "api.deep.example.com", "10.1.0.2"},
		{"when the most specific lacks the name, the other is not asked", main, "x.deep.example.com", "NXDOMAIN"},
	} {
		t.Run(fact.name, func(t *testing.T) {
			if got := tc.seen(fact.vpc, fact.asked, "A"); got != fact.want {
				t.Errorf("%s is %s, want %s (%s)", fact.asked, got, fact.want, phzConsiderations)
			}
		})
	}
	for _, attribute := range []struct {
		name string
		in   *awsec2.ModifyVpcAttributeInput
		want string
	}{
		{"when DNS hostnames are off, private zones are not seen", &awsec2.ModifyVpcAttributeInput{EnableDnsHostnames: &ec2types.AttributeBooleanValue{Value: aws.Bool(false)}}, "192.0.2.1"},
		{"when DNS support is off, nothing is", &awsec2.ModifyVpcAttributeInput{EnableDnsSupport: &ec2types.AttributeBooleanValue{Value: aws.Bool(false)}}, "REFUSED"},
	} {
		attribute.in.VpcId = main.VPCId
		must(tc.ec2Of(consumer).ModifyVpcAttribute(t.Context(), attribute.in))(t)
		if got := tc.seen(main, "api.example.com", "A"); got != attribute.want {
			t.Errorf("%s: got %s (%s)", attribute.name, got, phzConsiderations)
		}
	}
}

// An association takes effect, and ends, once its change is INSYNC, also when the cloud was stopped meanwhile.
func TestFidelityAssociationsTakeEffectWhenInsync(t *testing.T) {
	tc := startCloud(t)
	config, plain := tc.config(consumer), tc.vpcOf("consumer", "plain")
	must(tc.ec2Of(consumer).ModifyVpcAttribute(t.Context(), &awsec2.ModifyVpcAttributeInput{VpcId: plain.VPCId, EnableDnsHostnames: &ec2types.AttributeBooleanValue{Value: aws.Bool(true)}}))(t)
	zone := tc.privateZone(config, "links.internal", tc.vpcOf("consumer", "main"))
	tc.records(config, zone, sets("CREATE", "A", []string{"api.links.internal"}, "10.1.0.1")...)
	expect := func(when, want string) {
		t.Helper()
		if got := tc.seen(plain, "api.links.internal", "A"); got != want {
			t.Errorf("%s it is %s, want %s", when, got, want)
		}
	}
	if err := associate(t.Context(), config, zone, plain); err != nil {
		t.Fatal(err)
	}
	expect("while the association is pending", "REFUSED")
	again := startCloud(t, func(c *Config) { c.Snapshot = must(tc.Snapshot())(t) })
	again.advance(time.Hour)
	if got := again.seen(plain, "api.links.internal", "A"); got != "10.1.0.1" {
		t.Errorf("in the restored cloud it is %s", got)
	}
	tc.advance(time.Minute)
	expect("once it is in sync", "10.1.0.1")
	if err := disassociate(t.Context(), config, zone, plain); err != nil {
		t.Fatal(err)
	}
	expect("while its end is pending", "10.1.0.1")
	tc.advance(time.Minute)
	expect("after its end", "REFUSED")
}

// An alias answers with the endpoint's addresses, at the apex too, and endpoints' private DNS names answer in their VPC
// alone. With one of them in a VPC, the other cannot be.
func TestFidelityAliasOfAnEndpointResolves(t *testing.T) {
	tc := startCloud(t)
	config, main := tc.config(consumer), tc.vpcOf("consumer", "main")
	endpoint := connected(tc, tc.publish(withoutAcceptance))
	zone := tc.privateZone(config, "api.example.com", main)
	tc.records(config, zone, aliasOf("api.example.com", "A", endpoint.DnsEntries[0]))
	address := tc.seen(main, *endpoint.DnsEntries[0].DnsName, "A")
	if got := tc.seen(main, "api.example.com", "A"); got != address || !strings.HasPrefix(got, "10.1.1.") {
		t.Errorf("the alias is %s, the endpoint %s", got, address)
	}
	if got := tc.seen(tc.vpcOf("consumer", "plain"), "api.example.com", "A"); strings.HasPrefix(got, "10.1.") {
		t.Errorf("another VPC sees %s", got)
	}
}

func TestFidelityPrivateNameOfAnEndpointResolves(t *testing.T) {
	tc := startCloud(t)
	main, plain := tc.vpcOf("consumer", "main"), tc.vpcOf("consumer", "plain")
	endpointWithPrivateDNS(tc, "*.api.example.com")
	if got := tc.seen(main, "a.api.example.com", "A"); !strings.HasPrefix(got, "10.1.1.") {
		t.Errorf("in the endpoint's VPC the private name is %s", got)
	}
	if got := tc.seen(plain, "a.api.example.com", "A"); got != "NXDOMAIN" {
		t.Errorf("in another VPC it is %s", got)
	}
}

func aliasOf(name string, kind types.RRType, entry ec2types.DnsEntry) types.Change {
	return types.Change{Action: "UPSERT", ResourceRecordSet: &types.ResourceRecordSet{
		Name: &name, Type: kind, AliasTarget: &types.AliasTarget{HostedZoneId: entry.HostedZoneId, DNSName: entry.DnsName},
	}}
}

// What an alias of an endpoint must be (Route 53 API Reference, AliasTarget and ResourceRecordSet), and where there are
// none (AWS GovCloud (US) User Guide, "Amazon Route 53").
func TestFidelityAliasesOfEndpointsAreRefused(t *testing.T) {
	tc := startCloud(t)
	entry := connected(tc, tc.publish(withoutAcceptance)).DnsEntries[0]
	gov := tc.config(provider)
	gov.Region = "us-gov-west-1"
	for _, fact := range []struct {
		name   string
		config aws.Config
		change types.Change
		why    string
	}{
		{"when it is of type AAAA", tc.config(provider), aliasOf("api.example.org", "AAAA", entry), "was not found"},
		{"when its zone is another one", tc.config(provider), aliasOf("api.example.org", "A", ec2types.DnsEntry{DnsName: entry.DnsName, HostedZoneId: aws.String("Z38GZ743OKFT7T")}), "does not lie within the target zone"},
		{"when no endpoint has the name", tc.config(provider), aliasOf("api.example.org", "A", ec2types.DnsEntry{DnsName: aws.String("x" + *entry.DnsName), HostedZoneId: entry.HostedZoneId}), "was not found"},
		{"when the partition has no such aliases", gov, aliasOf("api.example.org", "A", entry), "does not lie within the target zone"},
	} {
		t.Run(fact.name, func(t *testing.T) {
			client := awsroute53.NewFromConfig(fact.config)
			zone := must(client.CreateHostedZone(t.Context(), &awsroute53.CreateHostedZoneInput{Name: aws.String("example.org"), CallerReference: aws.String(t.Name())}))(t).HostedZone.Id
			_, err := client.ChangeResourceRecordSets(t.Context(), &awsroute53.ChangeResourceRecordSetsInput{HostedZoneId: zone, ChangeBatch: &types.ChangeBatch{Changes: []types.Change{fact.change}}})
			wantError(t, err, "InvalidChangeBatch")
			if !strings.Contains(err.Error(), fact.why) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestResolveOverHTTP(t *testing.T) {
	tc := startCloud(t)
	vpc := tc.vpcOf("consumer", "main")
	zone := tc.privateZone(tc.config(consumer), "links.internal", vpc)
	tc.records(tc.config(consumer), zone, sets("CREATE", "A", []string{"api.links.internal"}, "10.1.0.1")...)
	get := func(query string) (*http.Response, dns.Answer) {
		response := must(http.Get(tc.URL() + "/_linkwright/resolve?" + query))(t)
		defer response.Body.Close()
		var answer dns.Answer
		if response.StatusCode == http.StatusOK {
			if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
				t.Fatal(err)
			}
		}
		return response, answer
	}
	if _, got := get("name=api.links.internal&vpc=" + *vpc.VPCId); got.Code != "NOERROR" || len(got.Records) != 1 || got.Records[0] != "api.links.internal. 60 IN A 10.1.0.1" {
		t.Errorf("got %+v", got)
	}
	for _, wrong := range []string{"name=a.example.com&vpc=vpc-1", "name=&vpc=" + *vpc.VPCId, "name=a.example.com&type=X&vpc=" + *vpc.VPCId} {
		if response, _ := get(wrong); response.StatusCode != http.StatusBadRequest {
			t.Errorf("%s is answered with %s", wrong, response.Status)
		}
	}
}
