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
	name  string
	on    link.Cloud
	words words // of that cloud
	// scenario is the demo's that it begins with, world and specs are files in place of its own.
	scenario, world, specs string
	// service and connection are its flows; a life without them has steps of its own.
	service, connection flows.Ref
	// accounts are those in which it takes place; the demo's when there are none.
	accounts []string
	// others are its flows besides these.
	others []flows.Ref
	// steps are what people do, in order.
	steps []step
	// after is what people do once all is withdrawn.
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
		{name: "demo", on: link.AWS, words: inAWS(), service: lab.Service, connection: lab.Connection, steps: linked(), sample: 48, inSample: 6},
		// All that a hub has: a place found in an inventory, a security group of its own, a private zone that another
		// account's VPC sees, and a route with certificate and web ACL.
		{
			name: "hub", on: link.AWS, words: inAWS(), service: lab.Service, connection: lab.Connection, steps: linked(), sample: 6, inSample: 3, accounts: []string{"provider", "hub", "operators"},
			world: filepath.Join("testdata", "hub-world.yaml"), specs: filepath.Join("testdata", "hub-specs.yaml"),
			others: []flows.Ref{hub}, after: closeHub,
		},
		// The demo's in Azure: a service before a cluster's load balancer, and an endpoint and a zone in another tenant.
		{
			name: "azure", on: link.Azure, words: inAzure(), sample: 8, inSample: 3, accounts: []string{"orders", "shop"}, scenario: "azure",
			service: flows.ServiceRef("orders"), connection: flows.ConnectionRef("orders", "shop"), steps: linked(), after: switchPoliciesOn,
		},
		// A hub's network that is peered with the VPCs of an inventory.
		{
			name: "peering", on: link.AWS, words: inAWS(), sample: 6, inSample: 3, accounts: []string{"hub", "operators"},
			world: filepath.Join("..", "record", "testdata", "hub-world.yaml"), specs: filepath.Join("testdata", "peering-specs.yaml"),
			others: []flows.Ref{hub, offices}, steps: peered(),
		},
	}
}

// flows are those of the life.
func (lf *life) flows() []flows.Ref {
	if lf.service == (flows.Ref{}) {
		return lf.others
	}
	return append([]flows.Ref{lf.service, lf.connection}, lf.others...)
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
	if err := l.tell(ctx, hub); err != nil {
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
