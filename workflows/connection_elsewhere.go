package workflows

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// elsewhere reports whether the service is published elsewhere: its name is read from a parameter, and nobody here
// decides about it.
func (c *connection) elsewhere() bool { return c.Spec != nil && c.Spec.NameFrom != nil }

// errElsewhere refuses decisions that are not taken here.
var errElsewhere = errors.New("whoever publishes the service lets the endpoint in, or turns it away; it cannot be decided here")

// readService reads what the service is called from where its provider has published it.
func (c *connection) readService(ctx workflow.Context) error {
	if c.Spec.NameFrom.Name != "" {
		c.knowName(activities.ServiceName{Name: c.Spec.NameFrom.Name})
		return nil
	}
	from := c.nameRequest()
	name, err := do(ctx, &c.flow, from.Account, activities.Names.ReadName, from)
	if err == nil {
		c.knowName(name)
	}
	return err
}

func (c *connection) nameRequest() activities.ReadNameRequest {
	at := c.Spec.NameFrom.SSMParameter
	return activities.ReadNameRequest{Place: activities.Place{Account: at.Account, Region: at.Region}, Parameter: at.Name}
}

func (c *connection) knowName(name activities.ServiceName) {
	c.Service = serviceView{Open: true, Name: name.Name, Region: c.Spec.NameFrom.ServiceRegion}
}

// rereadService looks whether the service was published anew, under another name.
func (c *connection) rereadService(ctx workflow.Context) {
	if c.Spec.NameFrom.Name != "" {
		return
	}
	from := c.nameRequest()
	name, err := peek(ctx, &c.flow, from.Account, activities.Names.ReadName, from)
	if err != nil {
		workflow.GetLogger(ctx).Warn("the service's name was not read", "error", err)
		return
	}
	c.knowName(name)
}

// awaitProvider waits until whoever publishes the service has let the endpoint in, or turned it away.
func (c *connection) awaitProvider(ctx workflow.Context) (link.Phase, error) {
	c.condition(ctx, link.Approved, false, "AwaitingProvider",
		fmt.Sprintf("the provider of %s decides on endpoint %s of account %s", c.Service.Name, c.Seen.Endpoint, c.Seen.Owner))
	name := c.Service.Name
	_, err := c.wait(ctx, link.Waiting{
		For: "the provider of " + c.Service.Name + " to let the endpoint in",
		Details: []string{
			fmt.Sprintf("Its endpoint is %s, of account %s.", c.Seen.Endpoint, c.asker()),
			"The service is published elsewhere: tell its provider, if they do not know.",
		},
	}, func() bool { return c.Seen.State.LetIn() || c.Seen.State.Over() || c.Service.Name != name }, c.look)
	switch {
	case err != nil:
		return "", err
	case c.Seen.State.Over():
		return c.lost(ctx)
	case c.Service.Name != name:
		return link.Repairing, nil
	}
	in, err := c.letIn(ctx)
	switch {
	case err != nil:
		return "", err
	case !in:
		return link.AwaitingApproval, nil
	}
	return link.Accepting, nil
}
