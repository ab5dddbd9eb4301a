package aws

import (
	"reflect"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

func TestJudgeEndpoint(t *testing.T) {
	for _, c := range []struct {
		name    string
		state   string
		service string
		want    endpointFate
	}{
		{"when it waits to be let in, it is kept", "pendingAcceptance", "svc", keepEndpoint},
		{"when it is available, it is kept", "available", "svc", keepEndpoint},
		{"when its state is new to us, it is kept", "warming", "svc", keepEndpoint},
		{"when it was rejected, it is replaced", "rejected", "svc", replaceEndpoint},
		{"when it was rejected and the state is in Pascal case, it is replaced", "Rejected", "svc", replaceEndpoint},
		{"when it failed, it is replaced", "failed", "svc", replaceEndpoint},
		{"when it expired, it is replaced", "expired", "svc", replaceEndpoint},
		{"when it is being deleted, it is forgotten", "deleting", "svc", forgetEndpoint},
		{"when it leads to a service that was published anew, it is replaced", "available", "old-svc", replaceEndpoint},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := ec2types.VpcEndpoint{State: ec2types.State(c.state), ServiceName: sdk.String(c.service)}
			if got, why := judgeEndpoint(e, "svc"); got != c.want || (why == "") != (got == keepEndpoint) {
				t.Errorf("fate = %d (%q), want %d", got, why, c.want)
			}
		})
	}
}

func TestPlanEndpoint(t *testing.T) {
	have := ec2types.VpcEndpoint{
		SubnetIds: []string{"subnet-1", "subnet-2"},
		Groups:    []ec2types.SecurityGroupIdentifier{{GroupId: sdk.String("sg-1")}},
	}
	for _, c := range []struct {
		name string
		want link.AWSConnection
		plan endpointChange
	}{
		{"when everything is as wanted, it changes nothing",
			link.AWSConnection{Subnets: []string{"subnet-2", "subnet-1"}, SecurityGroups: []string{"sg-1"}}, endpointChange{}},
		{"when the spec names no security groups, it leaves them as they are",
			link.AWSConnection{Subnets: []string{"subnet-1", "subnet-2"}}, endpointChange{}},
		{"when a subnet is exchanged, it adds and removes",
			link.AWSConnection{Subnets: []string{"subnet-1", "subnet-3"}},
			endpointChange{Subnets: sets.Edit{Add: []string{"subnet-3"}, Remove: []string{"subnet-2"}}}},
		{"when security groups were changed, it puts them right",
			link.AWSConnection{Subnets: []string{"subnet-1", "subnet-2"}, SecurityGroups: []string{"sg-2"}},
			endpointChange{SecurityGroups: sets.Edit{Add: []string{"sg-2"}, Remove: []string{"sg-1"}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := planEndpoint(have, &c.want)
			if !reflect.DeepEqual(got, c.plan) || got.empty() != (len(got.differences()) == 0) {
				t.Errorf("plan = %+v (%+v), want %+v", got, got.differences(), c.plan)
			}
		})
	}
}
