package demo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// outcome says what each connection has brought about. What a name leads to is asked of the resolvers.
func (d *demo) outcome(story *narrator) []string {
	var lines []string
	for _, c := range d.cast.connections() {
		s := story.status(flows.ConnectionRef(c.Spec.Service, c.Metadata.Name))
		lines = append(lines, fmt.Sprintf("%s/%s is READY: endpoint %s", c.Spec.Service, c.Metadata.Name, idsOf(s, c.Spec.Cloud().EndpointKind())))
		if s.Placement != nil {
			lines = append(lines, fmt.Sprintf("    stands in %s: %s", s.Placement.VPC, s.Placement.Why))
		}
		for _, line := range slices.Concat(d.resolved(c.Spec), routed(c.Spec, s)) {
			lines = append(lines, "    "+line)
		}
	}
	return lines
}

// resolved are the names that lead to the endpoint, as the resolver of each VPC answers.
func (d *demo) resolved(spec link.ConnectionSpec) []string {
	switch {
	case spec.DNS.Mode == link.DNSPrivate:
		// Any name below a wildcard will do.
		name := strings.Replace(d.cast.privateName(spec.Service), "*", spec.Service, 1)
		return []string{d.resolve(name, spec.AWS.VPC, spec.Account)}
	case spec.Azure != nil && spec.DNS.HostedZone != nil:
		networks := spec.DNS.HostedZone.VirtualNetworks
		if len(networks) == 0 {
			networks = []string{spec.Network()}
		}
		var lines []string
		for _, network := range networks {
			for _, r := range spec.DNS.HostedZone.Records {
				lines = append(lines, d.resolveInAzure(cmp.Or(r.Name, spec.DNS.HostedZone.Name), network))
			}
		}
		return lines
	case spec.DNS.HostedZone != nil:
		var lines []string
		for _, vpc := range spec.DNS.HostedZone.VPCs {
			for _, r := range spec.DNS.HostedZone.Records {
				name := cmp.Or(r.Name, spec.DNS.HostedZone.Name)
				lines = append(lines, d.resolve(name, vpc.VPC, cmp.Or(vpc.Account, spec.Account)))
			}
		}
		return lines
	}
	return nil
}

func (d *demo) resolve(name, vpc, account string) string {
	answer, err := d.stack.Cloud.Resolve(vpc, name, "A")
	return resolution(fmt.Sprintf("%s in %s of %s", name, vpc, account), answer.Records, err)
}

func (d *demo) resolveInAzure(name, network string) string {
	answer, err := d.stack.Azure.Resolve(network, name, "A")
	return resolution(name+" in "+network, answer.Records, err)
}

// resolution says what a name leads to.
func resolution(at string, records []string, err error) string {
	if err != nil {
		return fmt.Sprintf("%s: %v", at, err)
	}
	var addresses []string
	for _, r := range records {
		fields := strings.Fields(r)
		addresses = append(addresses, fields[len(fields)-1])
	}
	slices.Sort(addresses)
	if len(addresses) == 0 {
		return at + " is not found"
	}
	return fmt.Sprintf("%s is %s", at, strings.Join(addresses, ", "))
}

// routed is what a load balancer sends to the endpoint.
func routed(spec link.ConnectionSpec, s link.Status) []string {
	in := spec.Ingress
	if in == nil {
		return nil
	}
	to := fmt.Sprintf("%s on port %d", idsOf(s, link.KindTarget), in.Port)
	if in.Route == nil {
		return []string{in.TargetGroup + " has the healthy targets " + to}
	}
	var lines []string
	for _, host := range in.Route.Hosts {
		lines = append(lines, fmt.Sprintf("https://%s at %s goes to the healthy targets %s", host, in.Route.Listeners[0].Listener, to))
	}
	if added := idsOf(s, link.KindCertificate); added != "" {
		lines = append(lines, added+" was added to the listener")
	}
	if in.Route.WebACL != "" {
		lines = append(lines, in.Route.WebACL+" stands before it")
	}
	return lines
}

func idsOf(s link.Status, kind string) string {
	var ids []string
	for _, r := range s.Resources {
		if r.Kind == kind {
			ids = append(ids, r.ID)
		}
	}
	return strings.Join(ids, ", ")
}
