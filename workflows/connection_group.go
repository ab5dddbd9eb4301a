package workflows

import (
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// group is the security group that was made for the endpoint, or was about to be.
type group struct {
	VPC string `json:"vpc"`
	ID  string `json:"id,omitempty"`
}

// ensureGroup makes the endpoint's own security group and brings it in step, when the spec asks for one.
func (c *connection) ensureGroup(ctx workflow.Context) error {
	want := c.Spec.OwnSecurityGroup()
	if want == nil {
		return nil
	}
	vpc := c.placed().AWS.VPC
	if c.Group == nil {
		c.Group = &group{VPC: vpc} // written down before it is made
	}
	request := c.groupRequest(want)
	request.Narrow = c.narrow()
	made, err := do(ctx, &c.flow, c.Spec.Account, activities.Consumer.EnsureSecurityGroup, request)
	if err != nil {
		return err
	}
	c.Group = &group{VPC: vpc, ID: made.ID}
	c.Status.AddResource(link.Resource{
		Kind: link.KindSecurityGroup, ID: made.ID, Account: c.Spec.Account, Region: c.Spec.Region,
		Detail: "admits " + strings.Join(want.From, ", "),
	})
	return nil
}

// dropGroup removes the endpoint's own security group once the endpoint has been given others.
func (c *connection) dropGroup(ctx workflow.Context) error {
	if c.Spec.AWS == nil || c.Spec.AWS.SecurityGroup != nil || len(c.placed().AWS.SecurityGroups) == 0 {
		return nil // it is the only one that the endpoint has
	}
	return c.removeGroup(ctx)
}

// removeGroup removes the endpoint's own security group, which nothing uses any more.
func (c *connection) removeGroup(ctx workflow.Context) error {
	if c.Group == nil {
		return nil
	}
	if err := effect(ctx, &c.flow, c.Spec.Account, activities.Consumer.RemoveSecurityGroup, activities.SecurityGroupRequest{
		Place: c.here(), Owner: c.owner, Name: c.readableName(), VPC: c.Group.VPC,
	}); err != nil {
		return err
	}
	c.Group = nil
	c.Status.DropResources(link.KindSecurityGroup)
	return nil
}

// showAccess says who decides which sources reach the endpoint.
func (c *connection) showAccess(ctx workflow.Context) {
	switch aws := c.placed().AWS; {
	case aws == nil:
	case c.Group != nil:
		c.condition(ctx, link.AccessChosen, true, "OwnSecurityGroup", c.Group.ID)
	case len(aws.SecurityGroups) > 0:
		c.condition(ctx, link.AccessChosen, true, "SecurityGroups", strings.Join(aws.SecurityGroups, ", "))
	default:
		c.condition(ctx, link.AccessChosen, false, "VPCDefault", link.DefaultGroupEffect(aws.VPC))
	}
}

// groupRequest is about the endpoint's own security group, in the VPC where the endpoint was placed.
func (c *connection) groupRequest(want *link.EndpointSecurityGroup) activities.SecurityGroupRequest {
	req := activities.SecurityGroupRequest{Place: c.here(), Owner: c.owner, Name: c.readableName(), VPC: c.placed().AWS.VPC, Want: want}
	if c.Group != nil {
		req.Known = c.Group.ID
	}
	return req
}
