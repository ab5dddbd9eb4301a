package simaws

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// anEndpoint matches the id of an endpoint, and that of no endpoint service.
const anEndpoint = "vpce-?????????????????"

// TestSomebodyElseActsInEC2 has the owner of an endpoint, or of a service, act just before it is looked at.
func TestSomebodyElseActsInEC2(t *testing.T) {
	for _, test := range []struct {
		name     string
		fault    Fault
		endpoint string // its state afterwards; "" when it is gone
		service  string
	}{
		{"when the endpoint is deleted, it is being deleted", Fault{Resource: anEndpoint, Effect: EffectDelete}, "deleting", "Available"},
		{"when the service is deleted, its connections are turned away first",
			Fault{Resource: "vpce-svc-*", Action: "DescribeVpcEndpointServiceConfigurations", Effect: EffectDelete}, "rejected", "Deleting"},
		{"when the connection is turned away, it is rejected",
			Fault{Resource: "vpce-svc-*", Action: "AcceptVpcEndpointConnections", Effect: EffectChange,
				Change: map[string]string{"Action": "RejectVpcEndpointConnections", "ServiceId": "{}", "VpcEndpointId.1": "{VpcEndpointId.1}"}}, "rejected", "Available"},
		{"when the service's owner rejects the endpoint, it is rejected",
			Fault{Resource: anEndpoint, Effect: EffectChange, Change: map[string]string{"Action": "RejectVpcEndpointConnections"}}, "rejected", "Available"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			service := tc.publish()
			endpoint := tc.connect(service)
			injected := tc.inject(test.fault)[0]
			services := &awsec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*service.ServiceId}}
			must(tc.ec2Of(provider).DescribeVpcEndpointServiceConfigurations(t.Context(), services))(t)
			must(tc.ec2Of(provider).AcceptVpcEndpointConnections(t.Context(), &awsec2.AcceptVpcEndpointConnectionsInput{
				ServiceId: service.ServiceId, VpcEndpointIds: []string{*endpoint.VpcEndpointId}}))(t)
			if got := string(tc.endpoint(endpoint.VpcEndpointId).State); got != test.endpoint {
				t.Errorf("the endpoint is %q, want %q", got, test.endpoint)
			}
			now := must(tc.ec2Of(provider).DescribeVpcEndpointServiceConfigurations(t.Context(), services))(t)
			if got := string(now.ServiceConfigurations[0].ServiceState); got != test.service {
				t.Errorf("the service is %q, want %q", got, test.service)
			}
			if injected.Struck() != 1 {
				t.Errorf("it has struck %d times", injected.Struck())
			}
		})
	}
}

func TestSomebodyElseChangesAService(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish()
	tc.inject(Fault{Resource: "vpce-svc-*", Effect: EffectChange, Change: map[string]string{"AcceptanceRequired": "false"}})
	now := must(tc.ec2Of(provider).DescribeVpcEndpointServiceConfigurations(t.Context(),
		&awsec2.DescribeVpcEndpointServiceConfigurationsInput{ServiceIds: []string{*service.ServiceId}}))(t)
	if *now.ServiceConfigurations[0].AcceptanceRequired {
		t.Error("acceptance is still required")
	}
}

func TestSomebodyElseActsOnAParameter(t *testing.T) {
	tc := startCloud(t)
	ssm := awsssm.NewFromConfig(tc.config(provider))
	must(ssm.PutParameter(t.Context(), &awsssm.PutParameterInput{Name: aws.String("/x"), Value: aws.String("one"), Type: ssmtypes.ParameterTypeString}))(t)
	tc.inject(
		Fault{Resource: "/x", Effect: EffectChange, Change: map[string]string{"Value": "two"}},
		Fault{Resource: "/x", Effect: EffectDelete, Nth: 2},
	)
	get := &awsssm.GetParameterInput{Name: aws.String("/x")}
	if got := must(ssm.GetParameter(t.Context(), get))(t); *got.Parameter.Value != "two" {
		t.Errorf("the value is %q", *got.Parameter.Value)
	}
	_, err := ssm.GetParameter(t.Context(), get)
	wantError(t, err, "ParameterNotFound")
}

func TestSomebodyElseActsOnARecord(t *testing.T) {
	tc := startCloud(t)
	client, zone := tc.route53Of(provider), tc.id("provider", "hosted-zone", "example.com")
	must(client.ChangeResourceRecordSets(t.Context(), &awsroute53.ChangeResourceRecordSetsInput{
		HostedZoneId: aws.String(zone), ChangeBatch: &r53types.ChangeBatch{Changes: []r53types.Change{{
			Action: r53types.ChangeActionUpsert, ResourceRecordSet: &r53types.ResourceRecordSet{
				Name: aws.String("_a.example.com"), Type: r53types.RRTypeTxt, TTL: aws.Int64(60),
				ResourceRecords: []r53types.ResourceRecord{{Value: aws.String(`"one"`)}},
			}}}}}))(t)
	tc.inject(
		Fault{Resource: "_a.*", Effect: EffectChange, Change: map[string]string{"Value": `"two"`}},
		Fault{Resource: "_a.*", Effect: EffectDelete, Nth: 2},
	)
	list := func() []r53types.ResourceRecordSet {
		return must(client.ListResourceRecordSets(t.Context(), &awsroute53.ListResourceRecordSetsInput{
			HostedZoneId: aws.String(zone), StartRecordName: aws.String("_a.example.com"), StartRecordType: r53types.RRTypeTxt}))(t).ResourceRecordSets
	}
	if got := list(); len(got) != 1 || *got[0].ResourceRecords[0].Value != `"two"` {
		t.Errorf("got %+v", got)
	}
	if got := list(); len(got) != 0 {
		t.Errorf("after the deletion there are %+v", got)
	}
}

func TestSomebodyElseEmptiesATargetGroup(t *testing.T) {
	tc := startCloud(t)
	client := tc.elbOf(provider)
	made := must(client.CreateTargetGroup(t.Context(), &awselb.CreateTargetGroupInput{
		Name: aws.String("group"), Protocol: elbtypes.ProtocolEnumTcp, Port: aws.Int32(443), VpcId: aws.String(tc.id("provider", "vpc", "main")),
		TargetType: elbtypes.TargetTypeEnumIp,
	}))(t)
	group := made.TargetGroups[0].TargetGroupArn
	must(client.RegisterTargets(t.Context(), &awselb.RegisterTargetsInput{TargetGroupArn: group, Targets: []elbtypes.TargetDescription{
		{Id: aws.String("10.0.1.7")}, {Id: aws.String("10.0.2.7")},
	}}))(t)
	tc.inject(Fault{Resource: *group, Effect: EffectChange, Change: map[string]string{"Action": "DeregisterTargets"}})
	must(client.DescribeTargetHealth(t.Context(), &awselb.DescribeTargetHealthInput{TargetGroupArn: group}))(t)
	tc.advance(time.Hour)
	left := must(client.DescribeTargetHealth(t.Context(), &awselb.DescribeTargetHealthInput{TargetGroupArn: group}))(t)
	if n := len(left.TargetHealthDescriptions); n != 0 {
		t.Errorf("%d targets are left", n)
	}
}
