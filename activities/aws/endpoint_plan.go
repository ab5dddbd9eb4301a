package aws

import (
	"context"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities/sets"
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
	case onItsWayOut(e):
		return forgetEndpoint, "it is " + string(state)
	case state.Over():
		return replaceEndpoint, "it is " + string(state)
	case sdk.ToString(e.ServiceName) != serviceName:
		return replaceEndpoint, "it leads to " + sdk.ToString(e.ServiceName)
	}
	return keepEndpoint, ""
}

// endpointChange is what about an endpoint is not as wanted. It is applied in one call: after any change an
// endpoint is pending for a while and takes no other, and AWS allows few such calls.
type endpointChange struct {
	Subnets, SecurityGroups sets.Edit
}

// planEndpoint finds what makes an endpoint as wanted. Security groups that the spec leaves out are left as they
// are: those of an endpoint that was taken over are its owner's choice.
func planEndpoint(have ec2types.VpcEndpoint, want *link.AWSConnection) endpointChange {
	change := endpointChange{Subnets: sets.Diff(have.SubnetIds, want.Subnets)}
	if len(want.SecurityGroups) > 0 {
		change.SecurityGroups = sets.Diff(groupIDs(have), want.SecurityGroups)
	}
	return change
}

func (c endpointChange) empty() bool { return c.Subnets.Empty() && c.SecurityGroups.Empty() }

// differences tell of the parts of the change.
func (c endpointChange) differences() []link.Difference {
	var all []link.Difference
	if !c.Subnets.Empty() {
		all = differing(link.DriftSubnets, "subnets "+c.Subnets.String())
	}
	return append(all, widening(link.DriftSecurityGroups, "security groups ", c.SecurityGroups)...)
}

// narrow is the change without the security groups that would let in more than now. The last of those that are there
// stays, too: an endpoint must have one.
func (c endpointChange) narrow(have ec2types.VpcEndpoint) endpointChange {
	c.SecurityGroups.Add = nil
	if len(c.SecurityGroups.Remove) == len(have.Groups) {
		c.SecurityGroups.Remove = nil
	}
	return c
}

func (c endpointChange) apply(ctx context.Context, client *ec2.Client, id string) error {
	return modifyEndpoint(ctx, client, id, ec2.ModifyVpcEndpointInput{
		AddSubnetIds:           c.Subnets.Add,
		RemoveSubnetIds:        c.Subnets.Remove,
		AddSecurityGroupIds:    c.SecurityGroups.Add,
		RemoveSecurityGroupIds: c.SecurityGroups.Remove,
	})
}

func groupIDs(e ec2types.VpcEndpoint) []string {
	var ids []string
	for _, g := range e.Groups {
		ids = append(ids, sdk.ToString(g.GroupId))
	}
	return ids
}

func modifyEndpoint(ctx context.Context, client *ec2.Client, id string, m ec2.ModifyVpcEndpointInput) error {
	m.VpcEndpointId = sdk.String(id)
	_, err := client.ModifyVpcEndpoint(ctx, &m)
	return err
}
