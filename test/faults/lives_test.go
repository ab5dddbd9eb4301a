package faults

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/test/lab"
)

// life is a link that lives through the cells, in a world of its own.
type life struct {
	name string
	// world and specs are the files that it begins with; the demo's when they are empty.
	world, specs string
	// accounts are those in which it takes place; the demo's when there are none.
	accounts []string
	// others are its flows besides those of the service and of the connection.
	others []flows.Ref
	// after is what people do once the service is withdrawn.
	after func(context.Context, *lane) error
	// sample is how many cells run without -every: every so many of them that they are about as many. So few need no more
	// lanes than inSample.
	sample, inSample int
}

// hub is the inventory of the hub's life.
var hub = flows.InventoryRef("hub")

// lives take every step there is between them.
func lives() []*life {
	return []*life{
		// The demo's: a proven name, private DNS, and targets in a group that is there.
		{name: "demo", sample: 48, inSample: 6},
		// All that a hub has: a place found in an inventory, a security group of its own, a private zone that another
		// account's VPC sees, and a route with certificate and web ACL.
		{
			name: "hub", sample: 6, inSample: 3, accounts: []string{"provider", "hub", "operators"},
			world: filepath.Join("testdata", "hub-world.yaml"), specs: filepath.Join("testdata", "hub-specs.yaml"),
			others: []flows.Ref{hub}, after: closeHub,
		},
	}
}

// flows are those of the life.
func (lf *life) flows() []flows.Ref {
	return append([]flows.Ref{lab.Service, lab.Connection}, lf.others...)
}

// lanes are how many of the life's links live at a time.
func (lf *life) lanes() int {
	if *every || *only != "" || *size > 0 {
		return *lanes
	}
	return min(*lanes, lf.inSample)
}

// closeHub closes the inventory, and takes away the web ACL, which stays where it is when the route is gone.
func closeHub(ctx context.Context, l *lane) error {
	if err := l.WhenHeard(ctx, "the inventory to hear", func() (bool, error) {
		_, err := l.Flows.Remove(ctx, hub, link.Decision{By: "lab", Reason: "the test is over"})
		return true, err
	}); err != nil {
		return err
	}
	if err := l.Reach(ctx, hub, link.Closed); err != nil {
		return err
	}
	balancer, wall := l.Cloud.Resource("hub", "load-balancer", "edge"), l.Cloud.Resource("hub", "web-acl", "wall")
	waf := wafv2.NewFromConfig(l.Cloud.Admin("hub"))
	found, err := waf.GetWebACLForResource(ctx, &wafv2.GetWebACLForResourceInput{ResourceArn: &balancer})
	if err != nil {
		return err
	}
	if found.WebACL == nil || aws.ToString(found.WebACL.ARN) != wall {
		return fmt.Errorf("the web ACL is not before the load balancer any more: %+v", found.WebACL)
	}
	_, err = waf.DisassociateWebACL(ctx, &wafv2.DisassociateWebACLInput{ResourceArn: &balancer})
	return err
}
