package aws

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// allBut lets the consumer's role do everything but an action.
func (sc *scene) allBut(action string) {
	sc.t.Helper()
	document := fmt.Sprintf(`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "NotAction": %q, "Resource": "*"}}`, action)
	if err := sc.cloud.SetPolicies("arn:aws:iam::222222222222:role/linkwright", []simaws.PolicyDocument{simaws.PolicyDocument(document)}); err != nil {
		sc.t.Fatal(err)
	}
}

func TestABlockedStepNamesTheActionThatIsMissing(t *testing.T) {
	const role = "arn:aws:iam::222222222222:role/linkwright"
	for _, action := range []string{"ec2:CreateTags", "ec2:CreateVpcEndpoint", "ec2:DescribeVpcEndpoints"} {
		t.Run(action, func(t *testing.T) {
			sc := newScene(t)
			request := sc.endpointRequest(sc.publish())
			sc.allBut(action)
			_, err := run(t, NewConsumer(sc.config).EnsureEndpoint, request)
			p := wantProblem(t, err, link.ReasonMissingPermission)
			if p.Call != action || p.Remedy != "allow "+action+" for "+role {
				t.Errorf("problem = %+v", p)
			}
		})
	}
}

// Policies go by the ownership tag, which what is gone has no more: the second try of a deletion is refused as if it
// were not allowed.
func TestADeletionOfWhatIsGoneIsNoMissingPermission(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	endpoint := sc.connect(service)
	for _, account := range []string{"111111111111", "222222222222"} {
		if err := sc.cloud.SetPolicies("arn:aws:iam::"+account+":role/linkwright", []simaws.PolicyDocument{`{"Version": "2012-10-17", "Statement": [
			{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"},
			{"Effect": "Allow", "Action": "ec2:DeleteVpcEndpoint*", "Resource": "*", "Condition": {"StringLike": {"aws:ResourceTag/linkwright:owner": "another"}}}
		]}`}); err != nil {
			t.Fatal(err)
		}
	}
	atConsumer := &site{Config: sc.config, Clients: sc.clients(consumer)}
	atProvider := &site{Config: sc.config, Clients: sc.clients(provider)}
	if err := atConsumer.deleteEndpoint(t.Context(), "vpce-00000000000000000"); err != nil {
		t.Errorf("when the endpoint is gone, it answers %v", err)
	}
	if err := atProvider.deleteService(t.Context(), "vpce-svc-00000000000000000"); err != nil {
		t.Errorf("when the service is gone, it answers %v", err)
	}
	if err := atConsumer.deleteEndpoint(t.Context(), endpoint.ID); !hasCode(err, "UnauthorizedOperation") {
		t.Errorf("when the endpoint is there, it answers %v", err)
	}
	if err := atProvider.deleteService(t.Context(), service.ID); !hasCode(err, "UnauthorizedOperation") {
		t.Errorf("when the service is there, it answers %v", err)
	}
}

// allow gives an account's role what the policy of a role allows, and nothing else.
func (sc *scene) allow(account string, role permissions.Role) {
	sc.t.Helper()
	policy, err := json.Marshal(permissions.Of(role, "", permissions.Options{}).Policy)
	if err != nil {
		sc.t.Fatal(err)
	}
	if err := sc.cloud.SetPolicies("arn:aws:iam::"+account+":role/linkwright", []simaws.PolicyDocument{simaws.PolicyDocument(policy)}); err != nil {
		sc.t.Fatal(err)
	}
}

// What the role of a consumer is allowed is enough for a security group and an endpoint that has it, and for no group but
// those with an ownership tag.
func TestTheConsumersPolicyAllowsItsSecurityGroup(t *testing.T) {
	sc := newScene(t)
	service := sc.publish()
	foreign := sc.id("consumer", "security-group", "main/none")
	sc.allow("222222222222", permissions.Consumer)
	c := NewConsumer(sc.config)
	must(t, c.LocateService, locate(service))
	group := sc.ensureGroup("10.0.0.0/8")
	sc.ensureGroup("10.9.0.0/16")
	endpoint := sc.connect(service, func(a *link.AWSConnection) { a.SecurityGroups = []string{group.ID} })
	must(t, plain(c.RemoveEndpoint), activities.RemoveEndpointRequest{Place: consumer, Owner: connectionFlow, Endpoint: endpoint.ID})
	must(t, plain(c.RemoveSecurityGroup), sc.groupRequest())

	s := &site{Config: sc.config, Clients: sc.clients(consumer)}
	if err := s.deleteGroup(t.Context(), foreign); !hasCode(err, "UnauthorizedOperation") {
		t.Errorf("when the group is somebody else's, it answers %v", err)
	}
	if err := s.authorize(t.Context(), foreign, []ingressRule{{"tcp", 1, 1, "10.0.0.0/8"}}); !hasCode(err, "UnauthorizedOperation") {
		t.Errorf("when the group is somebody else's, it may be changed: %v", err)
	}
	if err := s.deleteGroup(t.Context(), "sg-00000000000000000"); err != nil {
		t.Errorf("when the group is gone, it answers %v", err)
	}
}
