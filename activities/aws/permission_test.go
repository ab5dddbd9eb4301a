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
