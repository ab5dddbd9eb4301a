package main

import (
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/internal/link"
)

// hubWorld is a provider with one service, a hub with so many VPCs, and an account whose VPC sees the hub's zones. AWS's
// quotas hold; request buckets there are none.
func hubWorld(vpcs, scale int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "scale: %d\naccounts:\n", scale)
	account(&b, "000000000000", "platform", "")
	account(&b, "111111111111", "provider", "Linkwright")
	fmt.Fprintf(&b, "    regions:\n      %s:\n        vpcs:\n", region)
	network(&b, "cluster", 1, 24)
	b.WriteString(`        targetGroups: [{name: api, vpc: cluster, protocol: TCP, port: 443}]
        networkLoadBalancers:
          - {name: api, subnets: [cluster-0, cluster-1, cluster-2], listeners: [{protocol: TCP, port: 443, targetGroup: api}]}
`)
	account(&b, "222222222222", "hub", "Linkwright")
	fmt.Fprintf(&b, "    regions:\n      %s:\n        vpcs:\n", region)
	for i := range vpcs {
		network(&b, fmt.Sprintf("hub-%d", i), 10+i, 24)
	}
	account(&b, "333333333333", "cluster", "Linkwright")
	fmt.Fprintf(&b, "    regions:\n      %s:\n        vpcs:\n", region)
	network(&b, "workloads", 2, 24)
	return []byte(b.String())
}

// hubInventory lists the hub's VPCs.
func hubInventory(s *stack.Stack, vpcs int) link.VPCInventory {
	doc := link.VPCInventory{
		APIVersion: link.APIVersion, Kind: link.KindVPCInventory, Metadata: link.Metadata{Name: "hub"},
		Spec: link.VPCInventorySpec{Account: "hub", Region: region, AWS: &link.AWSInventory{}},
	}
	for i := range vpcs {
		name := fmt.Sprintf("hub-%d", i)
		vpc := link.InventoryVPC{
			VPC: s.ID("hub", "vpc", name), SecurityGroups: []string{s.ID("hub", "security-group", name+"/endpoints")},
		}
		for j, zone := range zones {
			vpc.Subnets = append(vpc.Subnets, link.InventorySubnet{ZoneID: zone, Subnet: s.ID("hub", "subnet", fmt.Sprintf("%s/%s-%d", name, name, j))})
		}
		doc.Spec.AWS.VPCs = append(doc.Spec.AWS.VPCs, vpc)
	}
	return doc
}

func hubService(s *stack.Stack) link.EndpointService {
	return link.EndpointService{
		APIVersion: link.APIVersion, Kind: link.KindEndpointService, Metadata: link.Metadata{Name: "api"},
		Spec: link.EndpointServiceSpec{
			Account: "provider", Region: region,
			AWS: &link.AWSEndpointService{
				LoadBalancers:     link.LoadBalancers{ARNs: []string{s.ID("provider", "load-balancer", "api")}},
				AllowedPrincipals: []string{"arn:aws:iam::222222222222:root"},
			},
			Approval: &link.ApprovalPolicy{Mode: link.ApproveAutomatically},
		},
	}
}

// hubConnection is what Hive makes of a cluster: an endpoint in a VPC that is chosen, and a private zone of its own with
// an alias at its apex, which a VPC of another account sees.
func hubConnection(s *stack.Stack, n int) link.Connection {
	name := fmt.Sprintf("cluster-%d", n)
	return link.Connection{
		APIVersion: link.APIVersion, Kind: link.KindConnection, Metadata: link.Metadata{Name: name},
		Spec: link.ConnectionSpec{
			Service: "api", Account: "hub", Region: region,
			AWS: &link.AWSConnection{Inventories: []string{"hub"}},
			DNS: link.ConnectionDNS{Mode: link.DNSHostedZone, HostedZone: &link.HostedZone{
				Name:    "api." + name + ".example.com",
				Records: []link.ZoneRecord{{Name: "api." + name + ".example.com"}},
				VPCs:    []link.ZoneVPC{{VPC: s.ID("hub", "vpc", "hub-0")}, {Account: "cluster", VPC: s.ID("cluster", "vpc", "workloads")}},
			}},
		},
	}
}
