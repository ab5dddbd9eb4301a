package aws

import (
	"slices"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

func TestANarrowEnsureServiceLetsNobodyInWhoIsKeptOut(t *testing.T) {
	sc := newScene(t)
	req := sc.serviceRequest(func(s *link.AWSEndpointService) {
		s.AcceptanceRequired, s.SupportedRegions = sdk.Bool(false), []string{"eu-west-1"}
		s.AllowedPrincipals = append(s.AllowedPrincipals, "arn:aws:iam::333333333333:root")
	})
	gone := must(t, NewProvider(sc.config).EnsureService, req)
	client := sc.clients(provider).EC2
	if _, err := client.DeleteVpcEndpointServiceConfigurations(t.Context(),
		&ec2.DeleteVpcEndpointServiceConfigurationsInput{ServiceIds: []string{gone.ID}}); err != nil {
		t.Fatal(err)
	}
	req.Narrow, req.Known = true, gone.ID
	service := must(t, NewProvider(sc.config).EnsureService, req)
	if want := []string{"allowed principals +arn:aws:iam::222222222222:root +arn:aws:iam::333333333333:root"}; !slices.Equal(service.Changes, want) {
		t.Errorf("what is missing is made with the changes %q, want %q", service.Changes, want)
	}
	req.Known = service.ID
	if _, err := client.ModifyVpcEndpointServiceConfiguration(t.Context(), &ec2.ModifyVpcEndpointServiceConfigurationInput{
		ServiceId: sdk.String(service.ID), AcceptanceRequired: sdk.Bool(true),
		AddSupportedRegions: []string{"us-west-2"}, RemoveSupportedRegions: []string{"eu-west-1"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ModifyVpcEndpointServicePermissions(t.Context(), &ec2.ModifyVpcEndpointServicePermissionsInput{
		ServiceId: sdk.String(service.ID), AddAllowedPrincipals: []string{"arn:aws:iam::999999999999:root"},
		RemoveAllowedPrincipals: []string{"arn:aws:iam::333333333333:root"}}); err != nil {
		t.Fatal(err)
	}
	got := must(t, NewProvider(sc.config).EnsureService, req)
	if want := []string{"supported regions -us-west-2", "allowed principals -arn:aws:iam::999999999999:root"}; !slices.Equal(got.Changes, want) || !got.AcceptanceRequired {
		t.Errorf("changes = %q, want %q; acceptance required: %t", got.Changes, want, got.AcceptanceRequired)
	}
	if again := must(t, NewProvider(sc.config).EnsureService, req); len(again.Changes) > 0 {
		t.Errorf("asked again, it changes %q", again.Changes)
	}
	req.Narrow = false
	got = must(t, NewProvider(sc.config).EnsureService, req)
	want := []string{"acceptance is no longer required", "supported regions +eu-west-1", "allowed principals +arn:aws:iam::333333333333:root"}
	if !slices.Equal(got.Changes, want) {
		t.Errorf("once it may, changes = %q, want %q", got.Changes, want)
	}
}

func TestANarrowEnsureSecurityGroupLetsNobodyInWhoIsKeptOut(t *testing.T) {
	sc := newScene(t)
	req := sc.groupRequest("10.0.0.0/8")
	req.Narrow = true
	group := must(t, NewConsumer(sc.config).EnsureSecurityGroup, req)
	sc.wantGroup(group.ID, "tcp 443 from 10.0.0.0/8") // what is missing is made whole
	req.Known = group.ID
	client := sc.clients(consumer).EC2
	if _, err := client.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: sdk.String(group.ID), IpPermissions: wirePermissions([]ingressRule{{"tcp", 22, 22, "0.0.0.0/0"}})}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{
		GroupId: sdk.String(group.ID), IpPermissions: wirePermissions([]ingressRule{{"tcp", 443, 443, "10.0.0.0/8"}})}); err != nil {
		t.Fatal(err)
	}
	must(t, NewConsumer(sc.config).EnsureSecurityGroup, req)
	sc.wantGroup(group.ID)
	made := req
	made.Known = "sg-00000000000000000" // it stands in the place of another, and its rules were not made yet when the worker died
	must(t, NewConsumer(sc.config).EnsureSecurityGroup, made)
	sc.wantGroup(group.ID, "tcp 443 from 10.0.0.0/8")
	if _, err := client.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{
		GroupId: sdk.String(group.ID), IpPermissions: wirePermissions([]ingressRule{{"tcp", 443, 443, "10.0.0.0/8"}})}); err != nil {
		t.Fatal(err)
	}
	req.Narrow = false
	must(t, NewConsumer(sc.config).EnsureSecurityGroup, req)
	sc.wantGroup(group.ID, "tcp 443 from 10.0.0.0/8")
}

func TestANarrowEnsureEndpointLetsNobodyInWhoIsKeptOut(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	https, none := sc.id("consumer", "security-group", "main/https"), sc.id("consumer", "security-group", "main/none")
	req := sc.endpointRequest(service)
	req.Narrow = true
	endpoint := sc.ready(service, must(t, NewConsumer(sc.config).EnsureEndpoint, req)) // what is missing is made
	req.Known = endpoint.ID
	groups := func() []string {
		s := &site{Config: sc.config, place: consumer, Clients: sc.clients(consumer)}
		e, err := s.endpoint(t.Context(), endpoint.ID)
		if err != nil {
			t.Fatal(err)
		}
		return slices.Sorted(slices.Values(groupIDs(e)))
	}
	modify := func(in ec2.ModifyVpcEndpointInput) {
		in.VpcEndpointId = sdk.String(endpoint.ID)
		if _, err := sc.clients(consumer).EC2.ModifyVpcEndpoint(t.Context(), &in); err != nil {
			t.Fatal(err)
		}
		sc.await(endpoint, activities.EndpointAvailable)
	}
	for _, c := range []struct {
		name   string
		change ec2.ModifyVpcEndpointInput
		narrow []string // what it has then
	}{
		{"when a group was added, it is taken away", ec2.ModifyVpcEndpointInput{AddSecurityGroupIds: []string{none}}, []string{https}},
		{"when its group was exchanged, it is left, for it needs one", ec2.ModifyVpcEndpointInput{
			AddSecurityGroupIds: []string{none}, RemoveSecurityGroupIds: []string{https}}, []string{none}},
	} {
		t.Run(c.name, func(t *testing.T) {
			modify(c.change)
			req.Narrow = true
			must(t, NewConsumer(sc.config).EnsureEndpoint, req)
			sc.await(endpoint, activities.EndpointAvailable)
			if got := groups(); !slices.Equal(got, c.narrow) {
				t.Errorf("groups = %q, want %q", got, c.narrow)
			}
			req.Narrow = false
			must(t, NewConsumer(sc.config).EnsureEndpoint, req)
			sc.await(endpoint, activities.EndpointAvailable)
			if got := groups(); !slices.Equal(got, []string{https}) {
				t.Errorf("once it may, groups = %q, want %q", got, https)
			}
		})
	}
}

func TestNarrowEndpointChange(t *testing.T) {
	have := ec2types.VpcEndpoint{SubnetIds: []string{"subnet-1"}, Groups: []ec2types.SecurityGroupIdentifier{{GroupId: sdk.String("sg-1")}, {GroupId: sdk.String("sg-2")}}}
	change := planEndpoint(have, &link.AWSConnection{Subnets: []string{"subnet-1", "subnet-2"}, SecurityGroups: []string{"sg-2", "sg-3"}})
	got := texts(change.narrow(have).differences())
	if want := []string{"subnets +subnet-2", "security groups -sg-1"}; !slices.Equal(got, want) {
		t.Errorf("narrow, it is %q, want %q", got, want)
	}
}
