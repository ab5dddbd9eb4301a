package aws

import (
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// byHand makes a service as a person does, open to the consumer.
func (sc *scene) byHand(balancer string, tags map[string]string, changes ...func(*ec2.CreateVpcEndpointServiceConfigurationInput)) ec2types.ServiceConfiguration {
	sc.t.Helper()
	in := &ec2.CreateVpcEndpointServiceConfigurationInput{
		NetworkLoadBalancerArns: []string{sc.id("provider", "load-balancer", balancer)},
		TagSpecifications:       specified(ec2types.ResourceTypeVpcEndpointService, tags),
	}
	for _, change := range changes {
		change(in)
	}
	client := sc.clients(provider).EC2
	made := onceSeen(sc, "InvalidParameter", func() (*ec2.CreateVpcEndpointServiceConfigurationOutput, error) {
		return client.CreateVpcEndpointServiceConfiguration(sc.t.Context(), in) // refused while the load balancer is being provisioned
	})
	if _, err := client.ModifyVpcEndpointServicePermissions(sc.t.Context(), &ec2.ModifyVpcEndpointServicePermissionsInput{
		ServiceId: made.ServiceConfiguration.ServiceId, AddAllowedPrincipals: []string{"arn:aws:iam::222222222222:root"},
	}); err != nil {
		sc.t.Fatal(err)
	}
	return *made.ServiceConfiguration
}

// opened makes an endpoint as a person does.
func (sc *scene) opened(serviceName string, tags map[string]string) string {
	sc.t.Helper()
	in := &ec2.CreateVpcEndpointInput{
		VpcEndpointType: "Interface", VpcId: sdk.String(sc.id("consumer", "vpc", "main")), ServiceName: &serviceName,
		SubnetIds:         []string{sc.id("consumer", "subnet", "main/one")},
		SecurityGroupIds:  []string{sc.id("consumer", "security-group", "main/https")},
		TagSpecifications: specified(ec2types.ResourceTypeVpcEndpoint, tags),
	}
	made := onceSeen(sc, "InvalidServiceName", func() (*ec2.CreateVpcEndpointOutput, error) {
		return sc.clients(consumer).EC2.CreateVpcEndpoint(sc.t.Context(), in) // refused while the service is pending
	})
	return sdk.ToString(made.VpcEndpoint.VpcEndpointId)
}

// onceSeen calls again for as long as AWS refuses with the code, as it does until what the call names is there.
func onceSeen[Out any](sc *scene, code string, call func() (*Out, error)) *Out {
	sc.t.Helper()
	made, err := call()
	for hasCode(err, code) && sc.t.Context().Err() == nil {
		time.Sleep(time.Millisecond)
		made, err = call()
	}
	if err != nil {
		sc.t.Fatal(err)
	}
	return made
}

func specified(kind ec2types.ResourceType, tags map[string]string) []ec2types.TagSpecification {
	if len(tags) == 0 {
		return nil
	}
	spec := ec2types.TagSpecification{ResourceType: kind}
	for key, value := range tags {
		spec.Tags = append(spec.Tags, ec2types.Tag{Key: sdk.String(key), Value: sdk.String(value)})
	}
	return []ec2types.TagSpecification{spec}
}

func (sc *scene) discover(place activities.Place, changes ...func(*activities.DiscoverRequest)) activities.Discovered {
	sc.t.Helper()
	req := activities.DiscoverRequest{Place: place, Room: 1 << 20}
	for _, change := range changes {
		change(&req)
	}
	return must(sc.t, NewImporter(sc.config).Discover, req)
}

func TestWhatIsThereBecomesSpecs(t *testing.T) {
	sc := newScene(t)
	c := sc.byHand("api", map[string]string{"Name": "Payments API"}, func(in *ec2.CreateVpcEndpointServiceConfigurationInput) {
		in.AcceptanceRequired = sdk.Bool(false)
		in.PrivateDnsName = sdk.String("api.example.com")
	})
	id, name := sdk.ToString(c.ServiceId), sdk.ToString(c.ServiceName)
	managed := sc.byHand("other", map[string]string{"kubernetes.io/cluster/blue": "owned"})
	endpoint := sc.opened(name, map[string]string{"Name": "shop"})

	calls := len(sc.cloud.Calls())
	found := sc.discover(provider)
	for _, call := range sc.cloud.Calls()[calls:] {
		if !strings.HasPrefix(call.Action, "Describe") {
			t.Errorf("it calls %s", call.Action)
		}
	}
	if len(found.Services) != 1 {
		t.Fatalf("it finds %+v", found)
	}
	s := found.Services[0]
	want := link.AWSEndpointService{
		Service: id, LoadBalancers: link.LoadBalancers{ARNs: []string{sc.id("provider", "load-balancer", "api")}},
		AcceptanceRequired: new(false), AllowedPrincipals: []string{"arn:aws:iam::222222222222:root"},
		PrivateDNS: &link.ServicePrivateDNS{Name: "api.example.com", Verification: link.DomainVerification{ByHand: &link.ByHand{}}},
	}
	changed, _ := link.ServiceChanges(s.Spec, link.EndpointServiceSpec{Account: "provider", Region: "us-east-1", AWS: &want})
	if s.ID != id || s.Name != name || s.Called != "Payments API" || len(changed) > 0 || s.Spec.Validate() != nil {
		t.Errorf("%+v differs in %v, %v", s.Spec.AWS, changed, s.Spec.Validate())
	}
	if len(found.LeftOut) != 1 || found.LeftOut[0].ID != sdk.ToString(managed.ServiceId) ||
		!strings.Contains(found.LeftOut[0].Why, "kubernetes.io/cluster/blue: owned") {
		t.Errorf("it leaves out %+v", found.LeftOut)
	}

	there := sc.discover(consumer)
	if len(there.Endpoints) != 1 || len(there.Services) > 0 {
		t.Fatalf("it finds %+v", there)
	}
	e := there.Endpoints[0]
	if e.ID != endpoint || e.Called != "shop" || e.Service != name || e.Spec.AWS.Endpoint != endpoint || e.Spec.DNS.Mode != "" ||
		!slices.Equal(e.Spec.AWS.SecurityGroups, []string{sc.id("consumer", "security-group", "main/https")}) {
		t.Errorf("the endpoint is %+v", e)
	}
}

func TestDiscoveryIsNarrowed(t *testing.T) {
	sc := newScene(t)
	c := sc.byHand("api", map[string]string{"Name": "payments"})
	other := sc.byHand("other", map[string]string{"kubernetes.io/cluster/blue": "owned"})
	sc.opened(sdk.ToString(c.ServiceName), nil)
	sc.opened(sdk.ToString(other.ServiceName), nil)
	for _, want := range []string{"payments", sdk.ToString(c.ServiceId), sdk.ToString(c.ServiceName)} {
		found := sc.discover(provider, func(r *activities.DiscoverRequest) { r.Services = []string{want} })
		if len(found.Services) != 1 || found.Services[0].ID != sdk.ToString(c.ServiceId) || len(found.LeftOut) > 0 {
			t.Errorf("asked for %s, it finds %+v", want, found)
		}
	}
	for _, want := range []string{sdk.ToString(c.ServiceId), sdk.ToString(c.ServiceName)} {
		if found := sc.discover(consumer, func(r *activities.DiscoverRequest) { r.Services = []string{want} }); len(found.Endpoints) != 1 {
			t.Errorf("asked for %s, it finds the endpoints %+v", want, found)
		}
	}
	if found := sc.discover(provider, func(r *activities.DiscoverRequest) { r.Services = []string{"vpce-svc-0123456789abcdef0"} }); len(found.Services)+len(found.LeftOut) > 0 {
		t.Errorf("asked for what is not there, it finds %+v", found)
	}
	all := sc.discover(provider, func(r *activities.DiscoverRequest) { r.IncludeManaged = true })
	if len(all.Services) != 2 || len(all.LeftOut) > 0 || !slices.ContainsFunc(all.Services, func(s activities.FoundService) bool {
		return s.Spec.AWS.AllowManaged && s.Spec.AWS.Service == sdk.ToString(other.ServiceId)
	}) {
		t.Errorf("with what others manage, it finds %+v", all)
	}
	if few := sc.discover(provider, func(r *activities.DiscoverRequest) { r.Room = 100 }); len(few.Services) > 0 || few.More != 2 {
		t.Errorf("without room, it finds %+v", few)
	}
	sc.publishNamed(sdk.ToString(c.ServiceId))
	if owned := sc.discover(provider).LeftOut; len(owned) != 2 || !slices.ContainsFunc(owned, func(l link.LeftOut) bool {
		return l.Owner == string(serviceFlow) && l.ServiceName == sdk.ToString(c.ServiceName)
	}) {
		t.Errorf("of what a flow owns, it leaves out %+v", owned)
	}
}
