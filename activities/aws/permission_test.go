package aws

import (
	"fmt"
	"testing"

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
