package aws

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// endpointFate is what becomes of an endpoint that was found.
type endpointFate int

const (
	keepEndpoint    endpointFate = iota
	replaceEndpoint              // delete it, and make another
	forgetEndpoint               // it is going away by itself: make another
)

// judgeEndpoint decides about an endpoint that carries the flow's tag:
//
//	state                        service   fate
//	-------------------------------------------------
//	deleting, deleted            any       forget
//	rejected, failed, expired    any       replace
//	any other                    another   replace
//	any other                    the same  keep
//
// An endpoint never comes back from the first two lines, and one to a service that was deleted and published
// anew stays disconnected for ever.
func judgeEndpoint(e ec2types.VpcEndpoint, serviceName string) (endpointFate, string) {
	switch state := endpointState(e.State); {
	case state == activities.EndpointDeleting, state == activities.EndpointDeleted:
		return forgetEndpoint, "it is " + string(state)
	case state.Over():
		return replaceEndpoint, "it is " + string(state)
	case sdk.ToString(e.ServiceName) != serviceName:
		return replaceEndpoint, "it leads to " + sdk.ToString(e.ServiceName)
	}
	return keepEndpoint, ""
}

// endpointChange is one thing about an endpoint that is not as wanted; applying it is one call.
type endpointChange interface {
	fmt.Stringer
	apply(ctx context.Context, client *ec2.Client, endpointID string) error
}

type (
	editSubnets        struct{ edit }
	editSecurityGroups struct{ edit }
)

// planEndpoint lists what makes an endpoint as wanted. Security groups that the spec leaves out are left as
// they are: those of an endpoint that was taken over are its owner's choice.
func planEndpoint(have ec2types.VpcEndpoint, want *link.AWSConnection) []endpointChange {
	var changes []endpointChange
	if e := diff(have.SubnetIds, want.Subnets); !e.empty() {
		changes = append(changes, editSubnets{e})
	}
	if e := diff(groupIDs(have), want.SecurityGroups); len(want.SecurityGroups) > 0 && !e.empty() {
		changes = append(changes, editSecurityGroups{e})
	}
	return changes
}

func groupIDs(e ec2types.VpcEndpoint) []string {
	var ids []string
	for _, g := range e.Groups {
		ids = append(ids, sdk.ToString(g.GroupId))
	}
	return ids
}

func (c editSubnets) String() string        { return "subnets " + c.edit.String() }
func (c editSecurityGroups) String() string { return "security groups " + c.edit.String() }

func (c editSubnets) apply(ctx context.Context, client *ec2.Client, id string) error {
	return modifyEndpoint(ctx, client, id, ec2.ModifyVpcEndpointInput{AddSubnetIds: c.Add, RemoveSubnetIds: c.Remove})
}

func (c editSecurityGroups) apply(ctx context.Context, client *ec2.Client, id string) error {
	return modifyEndpoint(ctx, client, id, ec2.ModifyVpcEndpointInput{
		AddSecurityGroupIds: c.Add, RemoveSecurityGroupIds: c.Remove})
}

func modifyEndpoint(ctx context.Context, client *ec2.Client, id string, m ec2.ModifyVpcEndpointInput) error {
	m.VpcEndpointId = sdk.String(id)
	_, err := client.ModifyVpcEndpoint(ctx, &m)
	return err
}
