package main

import (
	"fmt"
	"strings"
)

const region = "eu-central-1"

// zones are those in which services and VPCs are.
var zones = []string{"euc1-az1", "euc1-az2", "euc1-az3"}

// account begins an account with a user, and with the role that Linkwright assumes if it has one.
func account(b *strings.Builder, id, name, role string) {
	fmt.Fprintf(b, "  - id: %q\n    name: %s\n    users: [{name: linkwright, accessKey: AKIA%016s, secretKey: %s-secret}]\n", id, name, id, name)
	if role != "" {
		fmt.Fprintf(b, "    roles: [{name: %s, trust: [\"arn:aws:iam::000000000000:user/linkwright\"], externalId: %s}]\n", role, name)
	}
}

// network is a VPC of 10.n.0.0/16 with a subnet in each zone, of so many bits.
func network(b *strings.Builder, name string, n, bits int) {
	fmt.Fprintf(b, "          - name: %s\n            cidr: 10.%d.0.0/16\n            dnsHostnames: true\n            subnets:\n", name, n)
	for i, zone := range zones {
		fmt.Fprintf(b, "              - {name: %s-%d, cidr: 10.%d.%d.0/%d, zoneId: %s}\n", name, i, n, i<<(24-bits), bits, zone)
	}
	fmt.Fprintf(b, "            securityGroups: [{name: endpoints, ingress: [{protocol: tcp, port: 443, cidr: 10.0.0.0/8}]}]\n")
}
