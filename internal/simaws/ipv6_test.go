package simaws

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// withIPv6 gives the world IPv6: the provider's load balancer "api", and the consumer's VPC "main" but for its subnet
// "two".
func withIPv6(c *Config) {
	providers, consumers := c.World.Accounts[0].Regions[region], c.World.Accounts[1].Regions[region]
	for _, vpc := range []*WorldVPC{&providers.VPCs[0], &consumers.VPCs[0]} {
		vpc.IPv6 = true
		for i := range vpc.Subnets {
			vpc.Subnets[i].IPv6 = vpc == &providers.VPCs[0] || vpc.Subnets[i].Name != "two"
		}
	}
	providers.NetworkLoadBalancers[0].IPAddressType = "dualstack"
}

func takesIPv6(in *awsec2.CreateVpcEndpointServiceConfigurationInput) {
	in.SupportedIpAddressTypes = []string{"ipv4", "ipv6"}
}

// nativeSubnet makes a subnet of IPv6 alone in the consumer's VPC "main".
func (tc testCloud) nativeSubnet() string {
	tc.t.Helper()
	client, vpc := tc.ec2Of(consumer), tc.id("consumer", "vpc", "main")
	block := *must(client.DescribeVpcs(tc.t.Context(), &awsec2.DescribeVpcsInput{VpcIds: []string{vpc}}))(tc.t).Vpcs[0].Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock
	last := netip.MustParsePrefix(block).Addr().As16()
	last[7] = 0xff
	return *must(client.CreateSubnet(tc.t.Context(), &awsec2.CreateSubnetInput{
		VpcId: &vpc, Ipv6Native: aws.Bool(true), Ipv6CidrBlock: aws.String(netip.PrefixFrom(netip.AddrFrom16(last), 64).String()), AvailabilityZoneId: aws.String("use1-az1"),
	}))(tc.t).Subnet.SubnetId
}

func TestAddressTypesOfEndpoints(t *testing.T) {
	type input = awsec2.CreateVpcEndpointInput
	kind := func(kind types.IpAddressType, records types.DnsRecordIpType) func(testCloud, *input) {
		return func(_ testCloud, in *input) {
			in.IpAddressType = kind
			if records != "" {
				in.DnsOptions = &types.DnsOptionsSpecification{DnsRecordIpType: records}
			}
		}
	}
	for _, test := range []struct {
		name      string
		change    func(testCloud, *input)
		code      string // "" for success
		addresses []bool // of the network interface: whether each is of IPv6
		records   []bool // in the DNS: whether each is of IPv6
		shown     types.DnsRecordIpType
	}{
		{"when nothing is said, it has IPv4", func(testCloud, *input) {}, "", []bool{false}, []bool{false}, "ipv4"},
		{"when it is dualstack, it has both", kind("dualstack", ""), "", []bool{false, true}, []bool{false, true}, "dualstack"},
		{"when it is dualstack with records of IPv6, the DNS has IPv6", kind("dualstack", "ipv6"), "", []bool{false, true}, []bool{true}, "ipv6"},
		{"when it is of IPv4 with records of IPv6, it is refused", kind("ipv4", "ipv6"), "InvalidParameter", nil, nil, ""},
		{"when it is dualstack in a subnet without IPv6, it is refused", func(tc testCloud, in *input) {
			in.IpAddressType, in.SubnetIds = "dualstack", []string{tc.id("consumer", "subnet", "main/two")}
		}, "InvalidParameter", nil, nil, ""},
		{"when it is of IPv6 in a subnet with IPv4, it is refused", kind("ipv6", ""), "InvalidParameter", nil, nil, ""},
		{"when it is of IPv6 in a subnet of IPv6 alone, it has IPv6", func(tc testCloud, in *input) {
			in.IpAddressType, in.SubnetIds = "ipv6", []string{tc.nativeSubnet()}
		}, "", []bool{true}, []bool{true}, "ipv6"},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t, withIPv6)
			in := tc.connectInput(tc.publish(withoutAcceptance, takesIPv6))
			test.change(tc, in)
			out, err := tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), in)
			if test.code != "" {
				wantError(t, err, test.code)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			tc.advance(time.Minute)
			endpoint := out.VpcEndpoint
			if endpoint.DnsOptions.DnsRecordIpType != test.shown {
				t.Errorf("its records are shown as %s", endpoint.DnsOptions.DnsRecordIpType)
			}
			eni := must(tc.ec2Of(consumer).DescribeNetworkInterfaces(t.Context(), &awsec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: endpoint.NetworkInterfaceIds}))(t).NetworkInterfaces[0]
			var has []string
			if eni.PrivateIpAddress != nil {
				has = append(has, *eni.PrivateIpAddress)
			}
			for _, a := range eni.Ipv6Addresses {
				has = append(has, *a.Ipv6Address)
			}
			if got := ofIPv6(t, has); !slices.Equal(got, test.addresses) {
				t.Errorf("its network interface has %v", has)
			}
			resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, network, tc.DNSAddr().String())
			}}
			found := must(resolver.LookupHost(t.Context(), *endpoint.DnsEntries[0].DnsName+"."))(t)
			slices.SortFunc(found, func(a, b string) int { return len(a) - len(b) })
			if got := ofIPv6(t, found); !slices.Equal(got, test.records) {
				t.Errorf("the DNS has %v", found)
			}
		})
	}
}

func ofIPv6(t *testing.T, addresses []string) []bool {
	var six []bool
	for _, a := range addresses {
		six = append(six, must(netip.ParseAddr(a))(t).Is6())
	}
	return six
}

func TestAddressTypesOfServices(t *testing.T) {
	tc := startCloud(t, withIPv6)
	client := tc.ec2Of(provider)
	_, err := client.CreateVpcEndpointServiceConfiguration(t.Context(), &awsec2.CreateVpcEndpointServiceConfigurationInput{
		NetworkLoadBalancerArns: []string{tc.id("provider", "load-balancer", "other")}, SupportedIpAddressTypes: []string{"ipv6"},
	})
	wantError(t, err, "InvalidParameter") // the load balancer has IPv4 alone
	onlyV4 := tc.publish(withoutAcceptance)
	in := tc.connectInput(onlyV4)
	in.IpAddressType = "dualstack"
	_, err = tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), in)
	wantError(t, err, "InvalidParameter")
	must(client.ModifyVpcEndpointServiceConfiguration(t.Context(), &awsec2.ModifyVpcEndpointServiceConfigurationInput{ServiceId: onlyV4.ServiceId, AddSupportedIpAddressTypes: []string{"ipv6"}}))(t)
	must(tc.ec2Of(consumer).CreateVpcEndpoint(t.Context(), in))(t)
}

func TestAnEndpointThatBecomesDualstackGetsOtherInterfaces(t *testing.T) {
	tc := startCloud(t, withIPv6)
	before := tc.connect(tc.publish(withoutAcceptance, takesIPv6))
	tc.advance(time.Minute)
	must(tc.ec2Of(consumer).ModifyVpcEndpoint(t.Context(), &awsec2.ModifyVpcEndpointInput{VpcEndpointId: before.VpcEndpointId, IpAddressType: "dualstack"}))(t)
	after := tc.endpoint(before.VpcEndpointId)
	if after.State != "pending" || after.NetworkInterfaceIds[0] == before.NetworkInterfaceIds[0] || after.DnsOptions.DnsRecordIpType != "dualstack" {
		t.Errorf("it is %s with %v, was %v", after.State, after.NetworkInterfaceIds, before.NetworkInterfaceIds)
	}
}

func TestBlocksOfIPv6(t *testing.T) {
	tc := startCloud(t)
	client, vpc := tc.ec2Of(consumer), tc.id("consumer", "vpc", "plain")
	given := must(client.AssociateVpcCidrBlock(t.Context(), &awsec2.AssociateVpcCidrBlockInput{VpcId: &vpc, AmazonProvidedIpv6CidrBlock: aws.Bool(true)}))(t).Ipv6CidrBlockAssociation
	_, err := client.AssociateVpcCidrBlock(t.Context(), &awsec2.AssociateVpcCidrBlockInput{VpcId: &vpc, AmazonProvidedIpv6CidrBlock: aws.Bool(true)})
	wantError(t, err, "CidrLimitExceeded")
	whole := must(netip.ParsePrefix(*given.Ipv6CidrBlock))(t)
	subnet := tc.id("consumer", "subnet", "plain/plain")
	part := netip.PrefixFrom(whole.Addr(), 64).String()
	must(client.AssociateSubnetCidrBlock(t.Context(), &awsec2.AssociateSubnetCidrBlockInput{SubnetId: &subnet, Ipv6CidrBlock: &part}))(t)
	_, err = client.CreateSubnet(t.Context(), &awsec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: aws.String("10.2.2.0/24"), Ipv6CidrBlock: &part})
	wantError(t, err, "InvalidSubnet.Conflict")
	_, err = client.CreateSubnet(t.Context(), &awsec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: aws.String("10.2.2.0/24"), Ipv6CidrBlock: aws.String("2001:db8::/64")})
	wantError(t, err, "InvalidSubnet.Range")
	must(client.ModifySubnetAttribute(t.Context(), &awsec2.ModifySubnetAttributeInput{SubnetId: &subnet, AssignIpv6AddressOnCreation: &types.AttributeBooleanValue{Value: aws.Bool(true)}}))(t)
	shown := must(client.DescribeSubnets(t.Context(), &awsec2.DescribeSubnetsInput{SubnetIds: []string{subnet}}))(t).Subnets[0]
	if len(shown.Ipv6CidrBlockAssociationSet) != 1 || *shown.Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock != part || !*shown.AssignIpv6AddressOnCreation || *shown.Ipv6Native {
		t.Errorf("got %+v", shown)
	}
}
