package clients

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// refusedStatus is how a CLI ends when the service refuses what it asked, by major version (AWS CLI User Guide,
// "Return codes").
var refusedStatus = map[string]int{"1": 255, "2": 254}

// behaves holds one CLI against what its users rely on: pages, filters, queries, and how it ends and what it says
// when it is refused.
func (c cli) behaves(ctx context.Context, t *testing.T, l link) {
	connections := []string{"ec2", "describe-vpc-endpoint-connections"}
	for _, test := range []struct {
		name string
		args []string
		want []string // ids of endpoints, in any order
	}{
		{"when pages are small, it lists all", []string{"--page-size", "5"}, l.endpoints},
		{"when pages are switched off, it lists all", []string{"--no-paginate"}, l.endpoints},
		{"when a state is asked for in camel case, it lists those in it", []string{"--filters", "Name=vpc-endpoint-state,Values=pendingAcceptance"}, l.endpoints[endpoints-1:]},
		{"when a state is asked for in another case, it lists none", []string{"--filters", "Name=vpc-endpoint-state,Values=PendingAcceptance"}, nil},
		{"when two filters are given, it lists what passes both", []string{"--filters", "Name=vpc-endpoint-state,Values=available", "Name=vpc-endpoint-id,Values=" + l.endpoints[0] + "," + l.endpoints[endpoints-1]}, l.endpoints[:1]},
	} {
		t.Run(test.name, func(t *testing.T) {
			said, err := c.list(ctx, "provider", slices.Concat(connections, test.args, []string{"--query", "VpcEndpointConnections[].VpcEndpointId"})...)
			if err != nil {
				t.Fatal(err)
			}
			if got := texts(said); !slices.Equal(sorted(got), sorted(test.want)) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	t.Run("when no more than some are wanted, the rest comes with the token", func(t *testing.T) { c.continues(ctx, t, l) })
	t.Run("when text is wanted, it is text", func(t *testing.T) {
		said, err := c.run(ctx, "consumer", "ec2", "describe-vpc-endpoints", "--output", "text", "--query", "VpcEndpoints[?State=='pendingAcceptance'].VpcEndpointId")
		if err != nil || said.status != 0 || strings.TrimSpace(said.stdout) != l.endpoints[endpoints-1] {
			t.Errorf("got %+v, %v", said, err)
		}
	})
	t.Run("when a batch fails item by item, it ends well", func(t *testing.T) {
		said, err := c.run(ctx, "consumer", "ec2", "delete-vpc-endpoints", "--vpc-endpoint-ids", "vpce-0", "--query", "Unsuccessful[].[ResourceId,Error.Code]")
		var failed [][]string
		if err == nil {
			err = json.Unmarshal([]byte(said.stdout), &failed)
		}
		if err != nil || said.status != 0 || len(failed) != 1 || !slices.Equal(failed[0], []string{"vpce-0", "InvalidVpcEndpoint.NotFound"}) {
			t.Errorf("got %+v, %v", said, err)
		}
	})
	for _, test := range []struct{ account, args, code, operation, message string }{
		{"consumer", "ec2 describe-vpc-endpoints --vpc-endpoint-ids vpce-0", "InvalidVpcEndpointId.NotFound", "DescribeVpcEndpoints", "The Vpc Endpoint Id 'vpce-0' does not exist"},
		{"consumer", "ec2 describe-vpc-endpoints --filters Name=colour,Values=red", "InvalidParameterValue", "DescribeVpcEndpoints", "The filter 'colour' is invalid"},
		{"provider", "ec2 delete-vpc-endpoint-service-configurations --dry-run --service-ids " + *l.service.ServiceId, "DryRunOperation", "DeleteVpcEndpointServiceConfigurations", "Request would have succeeded, but DryRun flag is set."},
		{"consumer", "elbv2 describe-load-balancers --names none", "LoadBalancerNotFound", "DescribeLoadBalancers", "Load balancers '[none]' not found"},
		{"dns", "route53 get-hosted-zone --id Z0", "NoSuchHostedZone", "GetHostedZone", "No hosted zone found with ID: Z0"},
		{"provider", "ssm get-parameter --name /none", "ParameterNotFound", "GetParameter", "Parameter /none not found."},
		{"provider", "sts assume-role --role-session-name test --role-arn arn:aws:iam::222222222222:role/Linkwright", "AccessDenied", "AssumeRole", "User: arn:aws:iam::111111111111:user/admin is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/Linkwright"},
		{"dns", "route53 change-resource-record-sets --hosted-zone-id " + c.cloud.Resource("dns", "hosted-zone", "acme.com") + " --change-batch " +
			`{"Changes":[{"Action":"DELETE","ResourceRecordSet":{"Name":"a.acme.com","Type":"A","TTL":60,"ResourceRecords":[{"Value":"192.0.2.1"}]}}]}`,
			"InvalidChangeBatch", "ChangeResourceRecordSets", "[Tried to delete resource record set [name='a.acme.com.', type='A'] but it was not found]"},
	} {
		t.Run("when it is refused with "+test.code+", it says so", func(t *testing.T) {
			said, err := c.run(ctx, test.account, strings.Fields(test.args)...)
			if err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", test.code, test.operation, test.message)
			if !strings.Contains(said.stderr, want) || said.stdout != "" || said.status != refusedStatus[c.major()] {
				t.Errorf("it ended with %d and said %q, %q; want %q", said.status, said.stdout, said.stderr, want)
			}
		})
	}
}

// continues takes some, and then the rest by the token that came with them.
func (c cli) continues(ctx context.Context, t *testing.T, l link) {
	var first struct {
		VpcEndpoints []struct{ VpcEndpointId string }
		NextToken    string
	}
	said, err := c.run(ctx, "consumer", "ec2", "describe-vpc-endpoints", "--page-size", "5", "--max-items", "6")
	if err == nil {
		err = json.Unmarshal([]byte(said.stdout), &first)
	}
	if err != nil || len(first.VpcEndpoints) != 6 || first.NextToken == "" {
		t.Fatalf("got %+v, %v", said, err)
	}
	rest, err := c.list(ctx, "consumer", "ec2", "describe-vpc-endpoints", "--page-size", "5", "--starting-token", first.NextToken, "--query", "VpcEndpoints[].VpcEndpointId")
	if err != nil {
		t.Fatal(err)
	}
	got := texts(rest)
	for _, e := range first.VpcEndpoints {
		got = append(got, e.VpcEndpointId)
	}
	if !slices.Equal(sorted(got), sorted(l.endpoints)) {
		t.Errorf("in two parts it lists %v, want %v", got, l.endpoints)
	}
}

// texts are the strings of a list.
func texts(said any) []string {
	var found []string
	list, _ := said.([]any)
	for _, item := range list {
		if text, ok := item.(string); ok {
			found = append(found, text)
		}
	}
	return found
}
