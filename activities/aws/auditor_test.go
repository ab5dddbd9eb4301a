package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// ledger is a fleet that stands in memory.
type ledger struct {
	expected []activities.Expected
	// gone are the owners whose flows run no longer.
	gone []activities.Owner
}

func (l *ledger) Expected(_ context.Context, place activities.Place, _ string) ([]activities.Expected, error) {
	var there []activities.Expected
	for _, e := range l.expected {
		if e.Place == place {
			there = append(there, e)
		}
	}
	return there, nil
}

func (l *ledger) Owns(_ context.Context, owner activities.Owner) (bool, error) {
	return !slices.Contains(l.gone, owner), nil
}

// audited is a link that works, as its flows stand by it.
type audited struct {
	*scene
	ledger   ledger
	service  activities.Service
	endpoint activities.Endpoint
	group    string
}

func newAudited(t *testing.T) *audited {
	t.Helper()
	a := &audited{scene: newScene(t)}
	a.service = a.publish()
	a.group = a.ensureGroup("10.0.0.0/8").ID
	request := a.endpointRequest(a.service, func(c *link.AWSConnection) { c.SecurityGroups = []string{a.group} })
	a.endpoint = a.ready(a.service, must(t, NewConsumer(a.config).EnsureEndpoint, request))
	published, group, letIn := a.serviceRequest(), a.groupRequest("10.0.0.0/8"), connectionRequest(a.service, a.endpoint)
	a.ledger.expected = []activities.Expected{
		{Flow: "endpoint-service/payments", Expectation: activities.Expectation{Place: provider, Service: &published}},
		{Flow: "connection/payments/shop", Expectation: activities.Expectation{Place: consumer, Endpoint: &request, SecurityGroup: &group}},
		{Flow: "connection/payments/shop", Expectation: activities.Expectation{Place: provider, Connection: &letIn}},
	}
	return a
}

// drift audits both places, and returns what has drifted and whose flow is gone, a line each.
func (a *audited) drift() []string {
	a.t.Helper()
	var lines []string
	for _, place := range []activities.Place{provider, consumer} {
		found := must(a.t, NewAuditor(a.config, &a.ledger).Audit, activities.AuditRequest{Place: place, Orphans: true})
		for _, d := range found.Drifted {
			for _, c := range d.Changes {
				lines = append(lines, fmt.Sprintf("%s: %s %s %s", d.Flow, c.Action, c.Kind, strings.Join(c.Details, "; ")))
			}
		}
		for _, o := range found.Orphans {
			lines = append(lines, fmt.Sprintf("orphan %s of %s", o.Kind, o.Detail))
		}
	}
	return lines
}

func (a *audited) consumer() *ec2.Client { return a.clients(consumer).EC2 }
func (a *audited) provider() *ec2.Client { return a.clients(provider).EC2 }

func TestAuditFindsDrift(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(*audited) error
		want    []string
	}{
		"nothing": {func(*audited) error { return nil }, nil},
		"acceptance is switched off": {func(a *audited) error {
			_, err := a.provider().ModifyVpcEndpointServiceConfiguration(a.t.Context(), &ec2.ModifyVpcEndpointServiceConfigurationInput{
				ServiceId: sdk.String(a.service.ID), AcceptanceRequired: sdk.Bool(false),
			})
			return err
		}, []string{"endpoint-service/payments: change vpc-endpoint-service acceptance is required again"}},
		"a principal is added": {func(a *audited) error {
			_, err := a.provider().ModifyVpcEndpointServicePermissions(a.t.Context(), &ec2.ModifyVpcEndpointServicePermissionsInput{
				ServiceId: sdk.String(a.service.ID), AddAllowedPrincipals: []string{"arn:aws:iam::999999999999:root"},
			})
			return err
		}, []string{"endpoint-service/payments: change vpc-endpoint-service allowed principals -arn:aws:iam::999999999999:root"}},
		"the connection is rejected": {func(a *audited) error {
			_, err := a.provider().RejectVpcEndpointConnections(a.t.Context(), &ec2.RejectVpcEndpointConnectionsInput{
				ServiceId: sdk.String(a.service.ID), VpcEndpointIds: []string{a.endpoint.ID},
			})
			return err
		}, []string{
			"connection/payments/shop: change connection it was let in, and is rejected",
			"connection/payments/shop: delete vpc-endpoint it is rejected",
			"connection/payments/shop: create vpc-endpoint",
		}},
		"a subnet is taken away": {func(a *audited) error {
			_, err := a.consumer().ModifyVpcEndpoint(a.t.Context(), &ec2.ModifyVpcEndpointInput{
				VpcEndpointId: sdk.String(a.endpoint.ID), RemoveSubnetIds: []string{a.id("consumer", "subnet", "main/two")},
			})
			return err
		}, []string{"connection/payments/shop: change vpc-endpoint subnets +"}},
		"the security group lets in more": {func(a *audited) error {
			_, err := a.consumer().AuthorizeSecurityGroupIngress(a.t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{
				GroupId: sdk.String(a.group), IpPermissions: []ec2types.IpPermission{{
					IpProtocol: sdk.String("tcp"), FromPort: sdk.Int32(22), ToPort: sdk.Int32(22),
					IpRanges: []ec2types.IpRange{{CidrIp: sdk.String("0.0.0.0/0")}},
				}},
			})
			return err
		}, []string{"connection/payments/shop: change security-group "}},
		"the flow of the connection is gone": {func(a *audited) error {
			a.ledger.expected = slices.DeleteFunc(a.ledger.expected, func(e activities.Expected) bool { return e.Flow == "connection/payments/shop" && e.Connection != nil })
			a.ledger.gone = []activities.Owner{connectionFlow}
			return nil
		}, []string{"orphan vpc-endpoint of " + string(connectionFlow), "orphan security-group of " + string(connectionFlow)}},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAudited(t)
			if err := c.happens(a); err != nil {
				t.Fatal(err)
			}
			got := a.drift()
			fits := func(got, want string) bool { return strings.HasPrefix(got, want) }
			if !slices.EqualFunc(got, c.want, fits) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}
