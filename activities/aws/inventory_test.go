package aws

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// surveyRequest asks about the consumer's two VPCs.
func (sc *scene) surveyRequest() activities.SurveyRequest {
	return activities.SurveyRequest{Place: consumer, Spec: link.VPCInventorySpec{Account: consumer.Account, Region: consumer.Region, AWS: &link.AWSInventory{VPCs: []link.InventoryVPC{
		{
			VPC: sc.id("consumer", "vpc", "main"),
			Subnets: []link.InventorySubnet{
				{ZoneID: "use1-az1", Subnet: sc.id("consumer", "subnet", "main/one")}, {ZoneID: "use1-az2", Subnet: sc.id("consumer", "subnet", "main/two")},
			},
			SecurityGroups: []string{sc.id("consumer", "security-group", "main/https")},
		},
		{
			VPC:     sc.id("consumer", "vpc", "plain"),
			Subnets: []link.InventorySubnet{{ZoneID: "use1-az1", Subnet: sc.id("consumer", "subnet", "plain/plain")}},
		},
	}}}}
}

func TestSurvey(t *testing.T) {
	sc := newScene(t, func(f *simaws.WorldFile) { f.EndpointsPerVPC = 7 })
	service := sc.publish()
	before := must(t, NewInventories(sc.config).Survey, sc.surveyRequest())
	ours := sc.connect(service)
	if _, err := sc.clients(consumer).EC2.CreateVpcEndpoint(t.Context(), &ec2.CreateVpcEndpointInput{ // somebody else's
		VpcEndpointType: "Interface", VpcId: sdk.String(ours.Network), ServiceName: sdk.String(service.Name),
		SubnetIds: []string{sc.id("consumer", "subnet", "main/one")},
	}); err != nil {
		t.Fatal(err)
	}
	counted := map[string]int{}
	for _, action := range surveyCalls {
		counted[action] = sc.calls(action)
	}
	got := must(t, NewInventories(sc.config).Survey, sc.surveyRequest())
	for _, action := range surveyCalls {
		if n := sc.calls(action) - counted[action]; n != 1 {
			t.Errorf("it calls %s %d times", action, n)
		}
	}
	if got.Quota != 7 || got.QuotaSource != "Service Quotas" {
		t.Errorf("the quota is %d, from %s", got.Quota, got.QuotaSource)
	}
	main, plain := got.VPCs[0], got.VPCs[1]
	if main.Endpoints != 2 || !slices.Equal(main.Owners, []activities.Owner{connectionFlow}) || len(main.Problems) > 0 || !slices.Equal(main.CIDRs, []string{"10.1.0.0/16"}) {
		t.Errorf("main = %+v", main)
	}
	if plain.Endpoints != 0 || len(plain.Owners) > 0 || len(plain.Problems) > 0 || len(plain.Subnets) != 1 {
		t.Errorf("plain = %+v", plain)
	}
	if one, two := before.VPCs[0].Subnets, main.Subnets; one[0].Free-two[0].Free != 2 || one[1].Free-two[1].Free != 1 {
		t.Errorf("free addresses = %+v, before %+v", two, one)
	}
}

var surveyCalls = []string{"DescribeVpcs", "DescribeVpcEndpoints", "DescribeSubnets", "DescribeSecurityGroups", "GetServiceQuota"}

func TestASurveyTellsWhatIsMissingAndFailsForNothing(t *testing.T) {
	sc := newScene(t)
	req := sc.surveyRequest()
	vpcs := req.Spec.AWS.VPCs
	vpcs[0].Subnets[1].Subnet = "subnet-00000000000000000"
	vpcs[0].SecurityGroups = []string{"sg-00000000000000000"}
	req.Spec.AWS.VPCs = append(vpcs, link.InventoryVPC{VPC: "vpc-00000000000000000", Subnets: vpcs[1].Subnets})
	got := must(t, NewInventories(sc.config).Survey, req)
	if p := got.VPCs[0].Problems; len(p) != 2 || !strings.Contains(p[0], "subnet-0") || !strings.Contains(p[1], "sg-0") {
		t.Errorf("problems = %q", p)
	}
	if p := got.VPCs[1].Problems; len(p) > 0 {
		t.Errorf("problems = %q", p)
	}
	if p := got.VPCs[2].Problems; len(p) != 1 || !strings.Contains(p[0], "vpc-0") {
		t.Errorf("problems = %q", p)
	}
}

// TestASurveyReadsPastAnEmptyPage: lesson 4. What an empty page hides would be taken for missing, or for room.
func TestASurveyReadsPastAnEmptyPage(t *testing.T) {
	for _, action := range surveyCalls[:4] {
		t.Run(action, func(t *testing.T) {
			sc := newScene(t)
			sc.connect(sc.publish())
			sc.inject(simaws.Fault{Action: action, Effect: simaws.EffectEmptyPage})
			got := must(t, NewInventories(sc.config).Survey, sc.surveyRequest())
			if got.VPCs[0].Endpoints != 1 || len(got.VPCs[0].Problems)+len(got.VPCs[1].Problems) > 0 {
				t.Errorf("the survey says %+v", got)
			}
		})
	}
}

func TestWhereTheQuotaIsFrom(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*scene)
		quota   int
		source  string
	}{
		{"when Service Quotas may be asked, it is what holds", func(*scene) {}, 7, "Service Quotas"},
		{"when it may not be asked, it is AWS's default", func(sc *scene) { sc.allBut("servicequotas:GetServiceQuota") },
			50, "role/linkwright is not allowed servicequotas:GetServiceQuota"},
		{"when it does not know the quota, it is AWS's default", func(sc *scene) {
			sc.inject(simaws.Fault{Action: "GetServiceQuota", Effect: simaws.EffectError, Status: 400, Code: "NoSuchResourceException", Message: "no", Times: 9})
		}, 50, "does not know"},
		{"when it has not answered for long, it is AWS's default", func(sc *scene) {
			sc.config.Patience = time.Nanosecond
			sc.inject(simaws.Fault{Action: "GetServiceQuota", Effect: simaws.EffectInternalError, Times: 99})
		}, 50, "does not answer"},
		{"when it is out for a moment, it is asked again", func(sc *scene) {
			sc.inject(simaws.Fault{Action: "GetServiceQuota", Effect: simaws.EffectInternalError, Times: 4})
		}, 7, "Service Quotas"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t, func(f *simaws.WorldFile) { f.EndpointsPerVPC = 7 })
			req := sc.surveyRequest()
			c.prepare(sc)
			got := must(t, NewInventories(sc.config).Survey, req)
			if got.Quota != c.quota || !strings.Contains(got.QuotaSource, c.source) {
				t.Errorf("the quota is %d, from %q", got.Quota, got.QuotaSource)
			}
		})
	}
}

// An inventory may be larger than what one filter takes.
func TestASurveyOfManySubnets(t *testing.T) {
	sc := newScene(t)
	req := sc.surveyRequest()
	for i := range 250 {
		req.Spec.AWS.VPCs[1].Subnets = append(req.Spec.AWS.VPCs[1].Subnets, link.InventorySubnet{ZoneID: "use1-az2", Subnet: fmt.Sprintf("subnet-%017x", i)})
	}
	got := must(t, NewInventories(sc.config).Survey, req)
	if n := sc.calls("DescribeSubnets"); n != 2 || len(got.VPCs[1].Problems) != 250 || len(got.VPCs[0].Problems) > 0 {
		t.Errorf("it takes %d calls and finds %d problems", n, len(got.VPCs[1].Problems))
	}
}

// What the role of an inventory is allowed is enough for its survey, and lets it change nothing.
func TestASurveyMayOnlyLook(t *testing.T) {
	sc := newScene(t)
	req := sc.surveyRequest()
	sc.allow("222222222222", permissions.Inventory)
	got := must(t, NewInventories(sc.config).Survey, req)
	if got.QuotaSource != "Service Quotas" || len(got.VPCs[0].Problems)+len(got.VPCs[1].Problems) > 0 {
		t.Errorf("the survey says %+v", got)
	}
	_, err := sc.clients(consumer).EC2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
		VpcId: sdk.String(req.Spec.AWS.VPCs[0].VPC), GroupName: sdk.String("x"), Description: sdk.String("x")})
	if !hasCode(err, "UnauthorizedOperation") {
		t.Errorf("it may make a security group: %v", err)
	}
}
