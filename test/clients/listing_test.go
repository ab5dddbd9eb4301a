package clients

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/linkwright/linkwright/test/lab"
)

// listing is one thing that the AWS CLI and the SDK can both list.
type listing struct {
	name    string
	account string
	args    string // of the CLI
	sdk     func(context.Context) (any, error)
	// of is the list in the answer, empty for an answer that is no list, and fields what each of its items must have,
	// in every client.
	of     string
	fields []string
}

// listings are everything that is in the accounts of a link.
func listings(ctx context.Context, cloud *lab.Cloud, l link) []listing {
	providers, consumers := cloud.Admin("provider"), cloud.Admin("consumer")
	provider, consumer := ec2.NewFromConfig(providers), ec2.NewFromConfig(consumers)
	balancers := elasticloadbalancingv2.NewFromConfig(consumers)
	zones := route53.NewFromConfig(cloud.Admin("dns"))
	parameters := ssm.NewFromConfig(providers)
	zone := cloud.Resource("dns", "hosted-zone", "acme.com")
	front := cloud.Resource("consumer", "load-balancer", "central")
	return []listing{
		{"endpoint services", "provider", "ec2 describe-vpc-endpoint-service-configurations", func(ctx context.Context) (any, error) {
			return provider.DescribeVpcEndpointServiceConfigurations(ctx, &ec2.DescribeVpcEndpointServiceConfigurationsInput{})
		}, "ServiceConfigurations", []string{"ServiceId", "ServiceName", "ServiceState", "AcceptanceRequired", "NetworkLoadBalancerArns", "AvailabilityZones", "PrivateDnsName", "PrivateDnsNameConfiguration", "Tags"}},
		{"permissions", "provider", "ec2 describe-vpc-endpoint-service-permissions --service-id " + *l.service.ServiceId, func(ctx context.Context) (any, error) {
			return provider.DescribeVpcEndpointServicePermissions(ctx, &ec2.DescribeVpcEndpointServicePermissionsInput{ServiceId: l.service.ServiceId})
		}, "AllowedPrincipals", []string{"Principal", "PrincipalType"}},
		{"connections", "provider", "ec2 describe-vpc-endpoint-connections", func(ctx context.Context) (any, error) {
			return provider.DescribeVpcEndpointConnections(ctx, &ec2.DescribeVpcEndpointConnectionsInput{})
		}, "VpcEndpointConnections", []string{"ServiceId", "VpcEndpointId", "VpcEndpointOwner", "VpcEndpointState", "CreationTimestamp", "DnsEntries"}},
		{"services to connect to", "consumer", "ec2 describe-vpc-endpoint-services", func(ctx context.Context) (any, error) {
			return consumer.DescribeVpcEndpointServices(ctx, &ec2.DescribeVpcEndpointServicesInput{})
		}, "ServiceDetails", []string{"ServiceName", "ServiceId", "Owner", "AvailabilityZones", "PrivateDnsName", "PrivateDnsNameVerificationState"}},
		{"endpoints", "consumer", "ec2 describe-vpc-endpoints", func(ctx context.Context) (any, error) {
			return consumer.DescribeVpcEndpoints(ctx, &ec2.DescribeVpcEndpointsInput{})
		}, "VpcEndpoints", []string{"VpcEndpointId", "VpcId", "ServiceName", "State", "SubnetIds", "NetworkInterfaceIds", "Groups", "DnsEntries", "PrivateDnsEnabled", "CreationTimestamp", "OwnerId"}},
		{"network interfaces", "consumer", "ec2 describe-network-interfaces", func(ctx context.Context) (any, error) {
			return consumer.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{})
		}, "NetworkInterfaces", []string{"NetworkInterfaceId", "PrivateIpAddress", "SubnetId", "AvailabilityZone", "Description", "Status", "Groups"}},
		{"VPCs", "consumer", "ec2 describe-vpcs", func(ctx context.Context) (any, error) {
			return consumer.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
		}, "Vpcs", []string{"VpcId", "CidrBlock", "OwnerId", "State", "Tags"}},
		{"subnets", "consumer", "ec2 describe-subnets", func(ctx context.Context) (any, error) {
			return consumer.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{})
		}, "Subnets", []string{"SubnetId", "CidrBlock", "AvailabilityZone", "AvailabilityZoneId", "AvailableIpAddressCount"}},
		{"security groups", "consumer", "ec2 describe-security-groups", func(ctx context.Context) (any, error) {
			return consumer.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{})
		}, "SecurityGroups", []string{"GroupId", "GroupName", "VpcId", "IpPermissionsEgress"}},
		{"load balancers", "consumer", "elbv2 describe-load-balancers", func(ctx context.Context) (any, error) {
			return balancers.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{})
		}, "LoadBalancers", []string{"LoadBalancerArn", "DNSName", "CanonicalHostedZoneId", "CreatedTime", "State", "AvailabilityZones"}},
		{"listeners", "consumer", "elbv2 describe-listeners --load-balancer-arn " + front, func(ctx context.Context) (any, error) {
			return balancers.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: &front})
		}, "Listeners", []string{"ListenerArn", "Port", "Protocol", "DefaultActions"}},
		{"target groups", "consumer", "elbv2 describe-target-groups", func(ctx context.Context) (any, error) {
			return balancers.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{})
		}, "TargetGroups", []string{"TargetGroupArn", "Protocol", "Port", "TargetType", "HealthCheckIntervalSeconds", "LoadBalancerArns"}},
		{"target health", "consumer", "elbv2 describe-target-health --target-group-arn " + l.group, func(ctx context.Context) (any, error) {
			return balancers.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &l.group})
		}, "TargetHealthDescriptions", []string{"Target", "TargetHealth", "HealthCheckPort"}},
		{"hosted zones", "dns", "route53 list-hosted-zones", func(ctx context.Context) (any, error) {
			return zones.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
		}, "HostedZones", []string{"Id", "Name", "CallerReference", "ResourceRecordSetCount"}},
		{"records", "dns", "route53 list-resource-record-sets --hosted-zone-id " + zone, func(ctx context.Context) (any, error) {
			return zones.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: &zone})
		}, "ResourceRecordSets", []string{"Name", "Type", "TTL", "ResourceRecords"}},
		{"parameters", "provider", "ssm describe-parameters", func(ctx context.Context) (any, error) {
			return parameters.DescribeParameters(ctx, &ssm.DescribeParametersInput{})
		}, "Parameters", []string{"Name", "Type", "Version", "LastModifiedDate", "LastModifiedUser"}},
		{"a parameter", "provider", "ssm get-parameter --name /links/payments", func(ctx context.Context) (any, error) {
			return parameters.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/links/payments")})
		}, "", []string{"Parameter"}},
		{"the caller", "provider", "sts get-caller-identity", func(ctx context.Context) (any, error) {
			return sts.NewFromConfig(providers).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		}, "", []string{"Account", "Arn", "UserId"}},
	}
}

// compare has every client list the same. What is listed stands still, but for the health of new targets, which the
// link has waited for.
func (l listing) compare(ctx context.Context, t *testing.T, clis []cli) {
	out, err := l.sdk(ctx)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]any{"the SDK": plain(t, out)}
	for _, c := range clis {
		said, err := c.list(ctx, l.account, strings.Fields(l.args)...)
		if err != nil {
			t.Fatal(err)
		}
		seen["the AWS CLI "+c.version] = said
	}
	for who, said := range seen {
		for _, lacking := range l.lacking(said) {
			t.Errorf("%s: %s", who, lacking)
		}
		for other, otherwise := range seen {
			if who < other {
				for _, difference := range differences("", said, otherwise) {
					t.Errorf("%s and %s differ: %s", who, other, difference)
				}
			}
		}
	}
}

// plain is a value as its JSON has it.
func plain(t *testing.T, v any) any {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var read any
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	return read
}

// lacking is what an answer should have and has not.
func (l listing) lacking(said any) []string {
	items := []any{said}
	if l.of != "" {
		top, ok := said.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%v has no %s", said, l.of)}
		}
		items, _ = top[l.of].([]any)
	}
	if len(items) == 0 {
		return []string{l.of + " is empty"}
	}
	var found []string
	for _, item := range items {
		has, _ := item.(map[string]any)
		for _, field := range l.fields {
			if v, ok := has[field]; !ok || v == nil || v == "" {
				found = append(found, fmt.Sprintf("%v has no %s", item, field))
			}
		}
	}
	return found
}

// differences are where two answers disagree: where both know something, they must say the same. What only one knows
// is as it may be, for a client knows the API of its own day; and nothing, in whatever form, is nothing.
func differences(at string, a, b any) []string {
	if nothing(a) && nothing(b) {
		return nil
	}
	if one, isMap := a.(map[string]any); isMap {
		other, isMap := b.(map[string]any)
		if !isMap {
			return []string{fmt.Sprintf("%s is %v and %v", at, a, b)}
		}
		var found []string
		for key, value := range one {
			if otherwise, ok := other[key]; ok {
				found = append(found, differences(at+"."+key, value, otherwise)...)
			}
		}
		return found
	}
	if one, isList := a.([]any); isList {
		other, isList := b.([]any)
		if !isList || len(one) != len(other) {
			return []string{fmt.Sprintf("%s is %v and %v", at, a, b)}
		}
		var found []string
		for i := range one {
			found = append(found, differences(fmt.Sprintf("%s[%d]", at, i), one[i], other[i])...)
		}
		return found
	}
	if a == b || sameTime(a, b) {
		return nil
	}
	return []string{fmt.Sprintf("%s is %v and %v", at, a, b)}
}

func nothing(v any) bool {
	list, isList := v.([]any)
	object, isMap := v.(map[string]any)
	return v == nil || v == "" || v == false || isList && len(list) == 0 || isMap && len(object) == 0
}

// sameTime reports whether two values are one moment, as text or in seconds since 1970.
func sameTime(a, b any) bool {
	one, isTime := moment(a)
	other, isTimeToo := moment(b)
	return isTime && isTimeToo && one.Sub(other).Abs() < time.Millisecond
}

func moment(v any) (time.Time, bool) {
	switch v := v.(type) {
	case float64:
		return time.UnixMicro(int64(v * 1e6)), true
	case string:
		at, err := time.Parse(time.RFC3339Nano, v)
		return at, err == nil
	}
	return time.Time{}, false
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }
