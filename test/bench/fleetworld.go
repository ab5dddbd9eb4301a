package main

import (
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
)

// shape is the fleet that a benchmark measures: so many connections, spread evenly over the services and over the
// accounts of consumers; the services are spread over the accounts of providers.
type shape struct {
	providers, services, consumers, connections int
	// zones gives each connection a private zone of its own with an alias record.
	zones bool
	// targets makes each connection's addresses targets of a group of its account.
	targets bool
	// buckets has the cloud keep to the request buckets that AWS documents.
	buckets bool
}

// spread is the shape of so many connections when nothing else matters.
func spread(connections, accounts, services int) shape {
	providers := max(1, min(accounts/5, services))
	return shape{
		providers: providers, services: min(services, connections),
		consumers: max(1, min(accounts-providers, connections)), connections: connections,
	}
}

func (f shape) accounts() int { return f.providers + f.consumers }

func provider(n int) string { return fmt.Sprintf("provider-%d", n) }
func consumer(n int) string { return fmt.Sprintf("consumer-%d", n) }
func service(n int) string  { return fmt.Sprintf("service-%d", n) }

func consumerID(n int) string { return fmt.Sprintf("2%011d", n) }

// world is the cloud of a fleet before anything is published. VPCs take as many endpoints as come: AWS raises that quota
// on request.
func (f shape) world(scale int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "scale: %d\nendpointsPerVpc: 10000\nrequestBuckets: {enabled: %t}\naccounts:\n", scale, f.buckets)
	account(&b, "000000000000", "platform", "")
	for i := range f.providers {
		account(&b, fmt.Sprintf("1%011d", i), provider(i), "Linkwright")
		fmt.Fprintf(&b, "    regions:\n      %s:\n        vpcs:\n", region)
		network(&b, "cluster", 1, 24)
		b.WriteString("        targetGroups:\n")
		for n := i; n < f.services; n += f.providers {
			fmt.Fprintf(&b, "          - {name: %s, vpc: cluster, protocol: TCP, port: 443}\n", service(n))
		}
		b.WriteString("        networkLoadBalancers:\n")
		for n := i; n < f.services; n += f.providers {
			fmt.Fprintf(&b, "          - {name: %[1]s, subnets: [cluster-0, cluster-1, cluster-2], listeners: [{protocol: TCP, port: 443, targetGroup: %[1]s}]}\n", service(n))
		}
	}
	for i := range f.consumers {
		account(&b, consumerID(i), consumer(i), "Linkwright")
		fmt.Fprintf(&b, "    regions:\n      %s:\n        quotas: [{service: elasticloadbalancing, code: L-A0D0B863, value: 10000}]\n        vpcs:\n", region)
		network(&b, "main", 10, 18)
		if f.targets {
			b.WriteString(`        targetGroups: [{name: links, vpc: main, protocol: TCP, port: 443}]
        networkLoadBalancers:
          - {name: links, subnets: [main-0, main-1, main-2], listeners: [{protocol: TCP, port: 443, targetGroup: links}]}
`)
		}
	}
	return []byte(b.String())
}

// populate gives a scene the documents of the fleet.
func (f shape) populate(s *scene) {
	var admitted []string
	for i := range f.consumers {
		admitted = append(admitted, fmt.Sprintf("arn:aws:iam::%s:root", consumerID(i)))
	}
	for n := range f.services {
		account := provider(n % f.providers)
		s.services = append(s.services, link.EndpointService{
			APIVersion: link.APIVersion, Kind: link.KindEndpointService, Metadata: link.Metadata{Name: service(n)},
			Spec: link.EndpointServiceSpec{
				Account: account, Region: region,
				AWS: &link.AWSEndpointService{
					LoadBalancers:     link.LoadBalancers{ARNs: []string{s.ID(account, "load-balancer", service(n))}},
					AllowedPrincipals: admitted,
				},
				Approval: &link.ApprovalPolicy{Mode: link.ApproveAutomatically},
			},
		})
	}
	for n := range f.connections {
		s.connections = append(s.connections, f.connection(s, n))
	}
}

func (f shape) connection(s *scene, n int) link.Connection {
	name, account := fmt.Sprintf("link-%d", n), consumer(n%f.consumers)
	doc := link.Connection{
		APIVersion: link.APIVersion, Kind: link.KindConnection, Metadata: link.Metadata{Name: name},
		Spec: link.ConnectionSpec{
			Service: service(n % f.services), Account: account, Region: region,
			AWS: &link.AWSConnection{
				VPC: s.ID(account, "vpc", "main"), SecurityGroups: []string{s.ID(account, "security-group", "main/endpoints")},
			},
		},
	}
	for i := range zones {
		doc.Spec.AWS.Subnets = append(doc.Spec.AWS.Subnets, s.ID(account, "subnet", fmt.Sprintf("main/main-%d", i)))
	}
	if f.zones {
		domain := "api." + name + ".example.com"
		doc.Spec.DNS = link.ConnectionDNS{Mode: link.DNSHostedZone, HostedZone: &link.HostedZone{
			Name: domain, Records: []link.ZoneRecord{{Name: domain}}, VPCs: []link.ZoneVPC{{VPC: doc.Spec.AWS.VPC}},
		}}
	}
	if f.targets {
		doc.Spec.Ingress = &link.Ingress{Account: account, TargetGroup: s.ID(account, "target-group", "links"), Port: 443}
	}
	return doc
}
