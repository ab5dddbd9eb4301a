package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli"
)

// TestWhatWasMadeByHandIsImportedAndAdopted makes a service and two endpoints by hand, prints them as specs, and has
// Linkwright take them over, which changes nothing but their tags.
func TestWhatWasMadeByHandIsImportedAndAdopted(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	service, serviceName := s.serviceByHand()
	shop, crm := s.openEndpoint(serviceName), s.openEndpoint(serviceName)
	s.tag(s.consumerEC2(), shop, "Name", "shop")
	s.letInByHand(service, shop)
	cluster, _ := s.foreignService("spare")
	s.tag(s.providerEC2(), cluster, "kubernetes.io/cluster/blue", "owned")

	s.grantRole(permissions.Importer, s.provider())
	s.grantRole(permissions.Importer, s.consumer())
	began := time.Now()
	both := []string{"import", "aws", "--account", s.provider(), "--account", s.consumer(), "--region", region}
	imported := s.runHeard(both...)
	imported.expect(t, cli.ExitOK, "vpc-endpoint-service "+cluster, "kubernetes.io/cluster/blue", "Terraform")
	specs := s.file("imported.yaml", imported.out)
	s.run("validate", specs).expect(t, cli.ExitOK, "endpointservice/"+s.name+" is valid",
		s.connection("shop").String()+" is valid", s.connection(crm).String()+" is valid")
	s.grantFor(imported.out)
	s.enforce()

	before := s.state(service, shop, crm)
	s.run("plan", "-f", specs).expect(t, cli.ExitOK, "< "+link.KindService+" "+service, "< "+link.KindEndpoint+" "+shop,
		"Plan: 0 to create, 0 to change, 3 to adopt, 0 to delete; 0 left alone.", "approve the endpoint")
	s.run("apply", "-f", specs).expect(t, cli.ExitError, "nothing was done", "--adopt")
	s.runHeard("apply", "-f", specs, "--adopt").expect(t, cli.ExitOK, "endpointservice/"+s.name+" created")
	s.awaitArrival(s.service())
	ready := s.awaitArrival(s.connection("shop"))
	if question := s.awaitQuestion(s.connection(crm)); question.Endpoint != crm {
		t.Errorf("the endpoint that waits is asked about as %+v", question)
	}
	if slices.ContainsFunc(ready.Phases, func(p link.PhaseTime) bool { return p.Phase == link.AwaitingApproval }) {
		t.Errorf("somebody was asked about an endpoint that was let in: %+v", ready.Phases)
	}
	for _, w := range s.writes(began) {
		if w.action != "CreateTags" {
			t.Errorf("it has called %+v", w)
		}
	}
	if after := s.state(service, shop, crm); after != before {
		t.Errorf("it was\n%s\nand is\n%s", before, after)
	}
	s.run("plan", "-f", specs).expect(t, cli.ExitOK, "0 to adopt, 0 to delete; 3 left alone")
	s.runHeard(both...).expect(t, cli.ExitOK, "it belongs to Linkwright's flow "+s.owner(s.service()), "it belongs to Linkwright's flow "+s.owner(s.connection("shop")))

	// What was waiting is decided on, and what was adopted follows its spec.
	s.decide(s.connection(crm), link.Approve)
	s.awaitArrival(s.connection(crm))
	s.remove(s.service())
	left := s.serviceConfiguration(service)
	if owner := slices.ContainsFunc(left.Tags, func(tag ec2types.Tag) bool { return aws.ToString(tag.Key) == activities.OwnerTag }); owner ||
		!strings.EqualFold(string(left.ServiceState), string(ec2types.ServiceStateAvailable)) {
		t.Errorf("the service is left as %+v", left)
	}
	s.deleteByHand(service, cluster)
	name, value := s.txt(left)
	s.changeTXT(r53types.ChangeActionDelete, name, value)
	s.wantAsBefore()
}

// TestWhatIsNotAdopted asks for what is not as the specs say, and for what another tool manages.
func TestWhatIsNotAdopted(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	service, serviceName := s.foreignService("main")
	s.tag(s.providerEC2(), service, "hypershift.openshift.io/hosted-control-plane", "blue")
	endpoint := s.openEndpoint(serviceName)
	both := []string{"import", "aws", "--account", s.provider(), "--account", s.consumer(), "--region", region, "--service", service}
	s.grantRole(permissions.Importer, s.provider())
	s.runHeard(both...).expect(t, cli.ExitError, "account "+s.consumer()+" could not be looked at", "allow ec2:DescribeVpcEndpointServiceConfigurations for")
	s.grantRole(permissions.Importer, s.consumer())
	s.runHeard(both...).expect(t, cli.ExitOK, "it is managed by HyperShift", "nameFrom:")
	all := s.runHeard(append(both, "--include-managed")...)
	all.expect(t, cli.ExitOK, "allowManaged: true", "managed by HyperShift")
	s.grantFor(all.out)
	s.enforce()
	began := time.Now()
	for name, c := range map[string]struct {
		old, new string
		says     []string
	}{
		"when another tool manages it":     {"    allowManaged: true\n", "", []string{"is managed by HyperShift", "let that tool go of it first"}},
		"when the spec says otherwise":     {"    allowedPrincipals:\n      - arn:aws:iam::" + s.consumerID + ":root\n", "", []string{"is taken over as it is", "allowed principals -arn:aws:iam::"}},
		"when it does not exist":           {service, "vpce-svc-0123456789abcdef0", []string{"does not exist in this account and region"}},
		"when the endpoint does not exist": {endpoint, "vpce-0123456789abcdef0", []string{"does not exist in this account and region"}},
	} {
		changed := strings.ReplaceAll(all.out, c.old, c.new)
		if changed == all.out {
			t.Errorf("%s: nothing is changed", name)
		}
		s.run("apply", "--adopt", "-f", s.file("changed.yaml", changed)).expect(t, cli.ExitError, append(c.says, "nothing was done")...)
	}
	if written := s.writes(began); len(written) > 0 {
		t.Errorf("it has changed something: %v", written)
	}
	s.run("import", "aws", "--account", "nobody", "--region", region).expect(t, cli.ExitError, `"nobody"`, "accounts file")
	s.run("import", "azure", "--account", s.provider()).expect(t, cli.ExitError, "linkwright import aws looks at it")
	s.run("import", "aws", "--account", s.provider(), "--region", region, "--service", "vpce-svc-0123456789abcdef0").
		expect(t, cli.ExitError, "there is no service vpce-svc-0123456789abcdef0")
	s.deleteEndpoints(endpoint)
	s.deleteByHand(service)
	s.wantAsBefore()
}

// serviceByHand has the provider publish a service under a name of its own, proved, with acceptance.
func (s *scene) serviceByHand() (id, name string) {
	s.t.Helper()
	made, err := s.providerEC2().CreateVpcEndpointServiceConfiguration(s.ctx, &ec2.CreateVpcEndpointServiceConfigurationInput{
		AcceptanceRequired: aws.Bool(true), PrivateDnsName: aws.String(s.privateName()),
		NetworkLoadBalancerArns: []string{s.id(s.provider(), "load-balancer", "main")},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	id, name = aws.ToString(made.ServiceConfiguration.ServiceId), aws.ToString(made.ServiceConfiguration.ServiceName)
	if _, err := s.providerEC2().ModifyVpcEndpointServicePermissions(s.ctx, &ec2.ModifyVpcEndpointServicePermissionsInput{
		ServiceId: &id, AddAllowedPrincipals: []string{"arn:aws:iam::" + s.consumerID + ":root"},
	}); err != nil {
		s.t.Fatal(err)
	}
	s.tag(s.providerEC2(), id, "Name", s.name)
	s.awaitForeignService(s.providerEC2(), id)
	s.until("the proof that AWS asks for", func() bool {
		p := s.serviceConfiguration(id).PrivateDnsNameConfiguration
		return p != nil && p.Value != nil
	},
		func() any { return id })
	record, value := s.txt(s.serviceConfiguration(id))
	s.changeTXT(r53types.ChangeActionUpsert, record, value)
	s.until("the domain to be verified", func() bool {
		if _, err := s.providerEC2().StartVpcEndpointServicePrivateDnsVerification(s.ctx, &ec2.StartVpcEndpointServicePrivateDnsVerificationInput{ServiceId: &id}); err != nil {
			s.t.Fatal(err)
		}
		return strings.EqualFold(string(s.serviceConfiguration(id).PrivateDnsNameConfiguration.State), string(ec2types.DnsNameStateVerified))
	}, func() any { return s.serviceConfiguration(id) })
	return id, name
}

// letInByHand has the provider accept an endpoint, and its owner switch private DNS on.
func (s *scene) letInByHand(service, endpoint string) {
	s.t.Helper()
	if _, err := s.providerEC2().AcceptVpcEndpointConnections(s.ctx, &ec2.AcceptVpcEndpointConnectionsInput{
		ServiceId: &service, VpcEndpointIds: []string{endpoint},
	}); err != nil {
		s.t.Fatal(err)
	}
	available := func() bool {
		return strings.EqualFold(string(s.endpoint(endpoint).State), string(ec2types.StateAvailable))
	}
	s.until("the endpoint to be available", available, func() any { return s.endpoint(endpoint) })
	if _, err := s.consumerEC2().ModifyVpcEndpoint(s.ctx, &ec2.ModifyVpcEndpointInput{VpcEndpointId: &endpoint, PrivateDnsEnabled: aws.Bool(true)}); err != nil {
		s.t.Fatal(err)
	}
	s.until("the endpoint to be available again", available, func() any { return s.endpoint(endpoint) })
}

// deleteByHand has the provider delete all its services.
func (s *scene) deleteByHand(services ...string) {
	s.t.Helper()
	for _, id := range services {
		s.deleteForeignService(id)
	}
	s.until("the provider's services to be gone", func() bool { return len(s.built().Of(inventory.Service)) == 0 }, func() any { return s.built() })
}

func (s *scene) tag(client *ec2.Client, id, key, value string) {
	s.t.Helper()
	if _, err := client.CreateTags(s.ctx, &ec2.CreateTagsInput{Resources: []string{id}, Tags: []ec2types.Tag{{Key: &key, Value: &value}}}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) serviceConfiguration(id string) ec2types.ServiceConfiguration {
	s.t.Helper()
	out, err := s.providerEC2().DescribeVpcEndpointServiceConfigurations(s.ctx, &ec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{id}})
	if err != nil {
		s.t.Fatal(err)
	}
	return out.ServiceConfigurations[0]
}

// txt is the record that proves the domain of a service.
func (s *scene) txt(c ec2types.ServiceConfiguration) (name, value string) {
	p := c.PrivateDnsNameConfiguration
	return aws.ToString(p.Name) + "." + strings.TrimPrefix(aws.ToString(c.PrivateDnsName), "*."), aws.ToString(p.Value)
}

// state is all that EC2 says of a service and its endpoints, but for their tags.
func (s *scene) state(service string, endpoints ...string) string {
	s.t.Helper()
	c := s.serviceConfiguration(service)
	c.Tags = nil
	connections, err := s.providerEC2().DescribeVpcEndpointConnections(s.ctx, &ec2.DescribeVpcEndpointConnectionsInput{
		Filters: []ec2types.Filter{{Name: aws.String("service-id"), Values: []string{service}}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	there := s.endpoints(endpoints...)
	for i := range there {
		there[i].Tags = nil
	}
	text, err := json.MarshalIndent([]any{c, s.principals(service), connections.VpcEndpointConnections, there}, "", "  ")
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}
