package simaws

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
)

func TestModifyEndpoint(t *testing.T) {
	type input = awsec2.ModifyVpcEndpointInput
	for _, test := range []struct {
		name   string
		change func(testCloud, *input)
		code   string // "" for success
		check  func(*testing.T, testCloud, types.VpcEndpoint)
	}{
		{"when a subnet is added, it gets a network interface", func(tc testCloud, in *input) {
			in.AddSubnetIds = []string{tc.id("consumer", "subnet", "main/two")}
		}, "", func(t *testing.T, _ testCloud, e types.VpcEndpoint) {
			if len(e.SubnetIds) != 2 || len(e.NetworkInterfaceIds) != 2 || len(e.DnsEntries) != 3 {
				t.Errorf("got %v, %v, %v", e.SubnetIds, e.NetworkInterfaceIds, e.DnsEntries)
			}
		}},
		{"when a subnet is exchanged, the old network interface goes", func(tc testCloud, in *input) {
			in.AddSubnetIds = []string{tc.id("consumer", "subnet", "main/one-more")}
			in.RemoveSubnetIds = []string{tc.id("consumer", "subnet", "main/one")}
		}, "", func(t *testing.T, tc testCloud, e types.VpcEndpoint) {
			all := must(tc.ec2Of(consumer).DescribeNetworkInterfaces(t.Context(), &awsec2.DescribeNetworkInterfacesInput{}))(t).NetworkInterfaces
			if len(all) != 1 || *all[0].NetworkInterfaceId != e.NetworkInterfaceIds[0] || *all[0].PrivateIpAddress != "10.1.11.4" {
				t.Errorf("got the interfaces %+v", all)
			}
		}},
		{"when an address is fixed, the network interface is replaced", func(tc testCloud, in *input) {
			in.SubnetConfigurations = []types.SubnetConfiguration{{SubnetId: aws.String(tc.id("consumer", "subnet", "main/one")), Ipv4: aws.String("10.1.1.99")}}
		}, "", func(t *testing.T, tc testCloud, e types.VpcEndpoint) {
			all := must(tc.ec2Of(consumer).DescribeNetworkInterfaces(t.Context(), &awsec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: e.NetworkInterfaceIds}))(t).NetworkInterfaces
			if len(all) != 1 || *all[0].PrivateIpAddress != "10.1.1.99" {
				t.Errorf("got the interfaces %+v", all)
			}
		}},
		{"when a security group is exchanged, the endpoint has the new one", func(tc testCloud, in *input) {
			in.AddSecurityGroupIds = []string{tc.id("consumer", "security-group", "main/https")}
		}, "", func(t *testing.T, _ testCloud, e types.VpcEndpoint) {
			if len(e.Groups) != 2 || *e.Groups[1].GroupName != "https" {
				t.Errorf("got the groups %v", e.Groups)
			}
		}},
		{"when a zone gets a second subnet, it is refused", func(tc testCloud, in *input) {
			in.AddSubnetIds = []string{tc.id("consumer", "subnet", "main/one-more")}
		}, "DuplicateSubnetsInSameZone", func(t *testing.T, _ testCloud, e types.VpcEndpoint) {
			if len(e.SubnetIds) != 1 || e.State != "available" {
				t.Errorf("got %v, %s", e.SubnetIds, e.State)
			}
		}},
		{"when the endpoint does not exist, it is refused", func(_ testCloud, in *input) { in.VpcEndpointId = aws.String("vpce-0") },
			"InvalidVpcEndpointId.NotFound", func(*testing.T, testCloud, types.VpcEndpoint) {}},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			endpoint := tc.connect(tc.publish(withoutAcceptance))
			tc.advance(time.Minute)
			in := &input{VpcEndpointId: endpoint.VpcEndpointId}
			test.change(tc, in)
			_, err := tc.ec2Of(consumer).ModifyVpcEndpoint(t.Context(), in)
			if test.code != "" {
				wantError(t, err, test.code)
			} else {
				if err != nil {
					t.Fatal(err)
				}
				if got := tc.endpoint(endpoint.VpcEndpointId).State; got != "pending" {
					t.Errorf("right after, it is %s", got)
				}
			}
			test.check(t, tc, tc.endpoint(endpoint.VpcEndpointId))
		})
	}
}

func TestModifyEndpointService(t *testing.T) {
	type input = awsec2.ModifyVpcEndpointServiceConfigurationInput
	for _, test := range []struct {
		name      string
		connected bool
		change    func(testCloud, *input)
		code      string
		check     func(*testing.T, types.ServiceConfiguration)
	}{
		{"when acceptance is switched off, it is off", false, func(_ testCloud, in *input) { in.AcceptanceRequired = aws.Bool(false) }, "",
			func(t *testing.T, c types.ServiceConfiguration) {
				if *c.AcceptanceRequired {
					t.Error("it is still on")
				}
			}},
		{"when a load balancer is added, it is there", false, func(tc testCloud, in *input) {
			in.AddNetworkLoadBalancerArns = []string{tc.id("provider", "load-balancer", "other")}
		}, "", func(t *testing.T, c types.ServiceConfiguration) {
			if len(c.NetworkLoadBalancerArns) != 2 {
				t.Errorf("got %v", c.NetworkLoadBalancerArns)
			}
		}},
		{"when the last load balancer goes, it is refused", false, func(tc testCloud, in *input) {
			in.RemoveNetworkLoadBalancerArns = []string{tc.id("provider", "load-balancer", "api")}
		}, "InvalidParameter", nil},
		{"when a load balancer goes under connections, it is refused", true, func(tc testCloud, in *input) {
			in.AddNetworkLoadBalancerArns = []string{tc.id("provider", "load-balancer", "other")}
			in.RemoveNetworkLoadBalancerArns = []string{tc.id("provider", "load-balancer", "api")}
		}, "ExistingVpcEndpointConnections", nil},
		{"when a private name is set, it waits for verification", false, func(_ testCloud, in *input) { in.PrivateDnsName = aws.String("api.example.com") }, "",
			func(t *testing.T, c types.ServiceConfiguration) {
				if *c.PrivateDnsName != "api.example.com" || c.PrivateDnsNameConfiguration.State != types.DnsNameStatePendingVerification {
					t.Errorf("got %+v", c.PrivateDnsNameConfiguration)
				}
			}},
		{"when another Region is supported, it is listed", false, func(_ testCloud, in *input) { in.AddSupportedRegions = []string{"eu-west-1"} }, "",
			func(t *testing.T, c types.ServiceConfiguration) {
				if len(c.SupportedRegions) != 2 || *c.SupportedRegions[0].Region != region || !*c.RemoteAccessEnabled {
					t.Errorf("got %+v", c.SupportedRegions)
				}
			}},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			client := tc.ec2Of(provider)
			service := tc.publish(withoutAcceptance)
			if test.connected {
				tc.connect(service)
			}
			in := &input{ServiceId: service.ServiceId}
			test.change(tc, in)
			_, err := client.ModifyVpcEndpointServiceConfiguration(t.Context(), in)
			if test.code != "" {
				wantError(t, err, test.code)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			out := must(client.DescribeVpcEndpointServiceConfigurations(t.Context(), &awsec2.DescribeVpcEndpointServiceConfigurationsInput{}))(t)
			test.check(t, out.ServiceConfigurations[0])
		})
	}
}

func TestConnectionsFromAnotherRegion(t *testing.T) {
	tc := startCloud(t)
	service := tc.publish(withoutAcceptance, func(in *awsec2.CreateVpcEndpointServiceConfigurationInput) {
		in.SupportedRegions = []string{"eu-west-1"}
	})
	config := tc.config(consumer)
	config.Region = "eu-west-1"
	client := awsec2.NewFromConfig(config)
	vpc := must(client.CreateVpc(t.Context(), &awsec2.CreateVpcInput{CidrBlock: aws.String("10.8.0.0/16")}))(t).Vpc
	subnet := must(client.CreateSubnet(t.Context(), &awsec2.CreateSubnetInput{VpcId: vpc.VpcId, CidrBlock: aws.String("10.8.1.0/24")}))(t).Subnet
	input := &awsec2.CreateVpcEndpointInput{
		VpcId: vpc.VpcId, SubnetIds: []string{*subnet.SubnetId}, ServiceName: service.ServiceName, VpcEndpointType: types.VpcEndpointTypeInterface,
	}
	_, err := client.CreateVpcEndpoint(t.Context(), input)
	wantError(t, err, "InvalidServiceName") // without the service's Region
	input.ServiceRegion = aws.String(region)
	endpoint := must(client.CreateVpcEndpoint(t.Context(), input))(t).VpcEndpoint
	if len(endpoint.DnsEntries) != 1 || *endpoint.ServiceRegion != region {
		t.Errorf("got the names %v", endpoint.DnsEntries)
	}
	seen := must(tc.ec2Of(provider).DescribeVpcEndpointConnections(t.Context(), &awsec2.DescribeVpcEndpointConnectionsInput{
		Filters: []types.Filter{{Name: aws.String("vpc-endpoint-region"), Values: []string{"cross-region"}}},
	}))(t).VpcEndpointConnections
	if len(seen) != 1 || *seen[0].VpcEndpointRegion != "eu-west-1" {
		t.Errorf("the provider sees %+v", seen)
	}
}

func TestZonesWithoutAccessToOtherRegions(t *testing.T) {
	tc := startCloud(t)
	elsewhere := tc.config(provider)
	elsewhere.Region = "eu-west-1"
	far, farBalancers := awsec2.NewFromConfig(elsewhere), awselb.NewFromConfig(elsewhere)
	vpc := must(far.CreateVpc(t.Context(), &awsec2.CreateVpcInput{CidrBlock: aws.String("10.8.0.0/16")}))(t).Vpc
	subnet := must(far.CreateSubnet(t.Context(), &awsec2.CreateSubnetInput{VpcId: vpc.VpcId, CidrBlock: aws.String("10.8.1.0/24")}))(t).Subnet
	balancer := must(farBalancers.CreateLoadBalancer(t.Context(), &awselb.CreateLoadBalancerInput{Name: aws.String("far"), Type: "network", Scheme: "internal", Subnets: []string{*subnet.SubnetId}}))(t).LoadBalancers[0]
	tc.advance(time.Hour)
	service := must(far.CreateVpcEndpointServiceConfiguration(t.Context(), &awsec2.CreateVpcEndpointServiceConfigurationInput{
		NetworkLoadBalancerArns: []string{*balancer.LoadBalancerArn}, SupportedRegions: []string{region},
	}))(t).ServiceConfiguration
	tc.advance(time.Minute)
	must(far.ModifyVpcEndpointServicePermissions(t.Context(), &awsec2.ModifyVpcEndpointServicePermissionsInput{ServiceId: service.ServiceId, AddAllowedPrincipals: []string{"*"}}))(t)
	for _, test := range []struct{ subnet, code string }{{"main/two", ""}, {"main/three", "InvalidParameter"}} { // use1-az2, use1-az3
		in := tc.connectInput(service)
		in.ServiceRegion, in.SubnetIds = aws.String("eu-west-1"), []string{tc.id("consumer", "subnet", test.subnet)}
		_, err := tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), in)
		if test.code != "" {
			wantError(t, err, test.code)
		} else if err != nil {
			t.Errorf("in %s: %v", test.subnet, err)
		}
	}
}

func TestConnectionNotifications(t *testing.T) {
	tc := startCloud(t)
	client, service := tc.ec2Of(provider), tc.publish()
	created := must(client.CreateVpcEndpointConnectionNotification(t.Context(), &awsec2.CreateVpcEndpointConnectionNotificationInput{
		ServiceId: service.ServiceId, ConnectionNotificationArn: aws.String("arn:aws:sns:us-east-1:111111111111:links"), ConnectionEvents: []string{"Connect"},
	}))(t).ConnectionNotification
	must(client.ModifyVpcEndpointConnectionNotification(t.Context(), &awsec2.ModifyVpcEndpointConnectionNotificationInput{
		ConnectionNotificationId: created.ConnectionNotificationId, ConnectionEvents: []string{"Connect", "Delete"},
	}))(t)
	_, err := client.ModifyVpcEndpointConnectionNotification(t.Context(), &awsec2.ModifyVpcEndpointConnectionNotificationInput{
		ConnectionNotificationId: created.ConnectionNotificationId, ConnectionEvents: []string{"Explode"},
	})
	wantError(t, err, "InvalidParameterValue")
	listed := must(client.DescribeVpcEndpointConnectionNotifications(t.Context(), &awsec2.DescribeVpcEndpointConnectionNotificationsInput{}))(t).ConnectionNotificationSet
	if len(listed) != 1 || len(listed[0].ConnectionEvents) != 2 || listed[0].ConnectionNotificationState != types.ConnectionNotificationStateEnabled {
		t.Errorf("got %+v", listed)
	}
	deleted := must(client.DeleteVpcEndpointConnectionNotifications(t.Context(), &awsec2.DeleteVpcEndpointConnectionNotificationsInput{
		ConnectionNotificationIds: []string{*created.ConnectionNotificationId, "vpce-nfn-0"},
	}))(t)
	if len(deleted.Unsuccessful) != 1 || *deleted.Unsuccessful[0].ResourceId != "vpce-nfn-0" {
		t.Errorf("got the failures %+v", deleted.Unsuccessful)
	}
}
