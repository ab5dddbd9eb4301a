package render_test

import (
	"fmt"
	"slices"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// placed is a connection whose VPC was chosen from inventories.
func placed() link.Status {
	s := waiting()
	s.Waiting, s.Phase, s.Resources = nil, link.Ready, nil
	s.Placement = &link.Placement{
		Inventory: "hub-2", VPC: "vpc-0b", Subnets: []string{"subnet-0b1", "subnet-0b2"}, SecurityGroups: []string{"sg-0b"},
		Why: "12 of 50 endpoints used, the fewest",
		Against: []link.Objection{
			{Inventory: "hub", Reason: "its listener edge is full: 100 of 100 rules used"},
			{Inventory: "hub-2", VPC: "vpc-0a", Reason: "50 of 50 endpoints used"},
		},
	}
	s.Conditions = []link.Condition{{Type: link.Placed, OK: true, Reason: "Placed", Message: "in vpc-0b of inventory hub-2", Since: at(300)}}
	return s
}

// hub is an inventory with more connections than room.
func hub() link.Status {
	s := link.Status{
		Kind: link.KindVPCInventory, Name: "hub", Phase: link.Offering, Since: at(9000),
		Account: "network", Region: "eu-west-1", Cloud: link.AWS, Generation: 3, AppliedBy: "alice@laptop",
		Room: []link.VPCRoom{
			{VPC: "vpc-0a", Endpoints: 50, Promised: 31, Quota: 50},
			{VPC: "vpc-0b", Endpoints: 2, Promised: 1, Quota: 50, Problems: []string{"10.1.0.0/16 overlaps with vpc-0a", "subnet-0b1 is not there"}},
			{VPC: "vpc-0c", Endpoints: 1, Promised: 1, Problems: []string{"it has left the spec, and is given no more endpoints"}},
		},
		Conditions: []link.Condition{{Type: link.VPCsUsable, OK: false, Reason: "ProblemsFound", Message: "vpc-0b: subnet-0b1 is not there", Since: at(60)}},
		Phases:     []link.PhaseTime{{Phase: link.Surveying, Entered: at(9010)}, {Phase: link.Offering, Entered: at(9000)}},
	}
	for n := range 22 {
		s.Seeking = append(s.Seeking, fmt.Sprintf("connection/payments/shop-%d", n))
	}
	return s
}

// hostileHub is an inventory whose every text was written by somebody who means ill.
func hostileHub() link.Status {
	s := hub()
	const steer = "\x1b[31m\x1b]0;owned\x07"
	s.Room[0].VPC, s.Room[1].Problems = "vpc"+steer, []string{"\r\nforged\u2028line"}
	s.Seeking = []string{"connection/a\x1b[2J/b", "\u202econnection"}
	s.Placement = &link.Placement{Inventory: steer, VPC: "\u202evpc", Why: "\x07", Against: []link.Objection{{Inventory: steer, VPC: "\n", Reason: steer}}}
	return s
}

func inventories() []flows.Item {
	item := flows.Item{Kind: link.KindVPCInventory, Name: "hub", Phase: link.Offering, Account: "network", Region: "eu-west-1", Cloud: link.AWS, Started: at(7260)}
	full := item
	full.Room = hub().Room
	silent := item
	silent.Name, silent.Phase, silent.Blocked = "hub-2", link.Surveying, link.ReasonInventoryInvalid
	service := flows.Item{Kind: link.KindEndpointService, Service: "payments", Name: "payments", Phase: link.Serving, Started: at(60)}
	return slices.Clone([]flows.Item{full, service, silent})
}
