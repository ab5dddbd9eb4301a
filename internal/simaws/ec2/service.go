// Package ec2 simulates the part of Amazon EC2 that AWS PrivateLink lives in: VPCs, subnets, security groups,
// prefix lists, peering connections, route tables, network interfaces, tags, endpoint services, and the endpoints that
// connect to them. A file holds one kind
// of resource: its state, its rules, its actions and its shape on the wire. Load balancers and hosted zones
// belong to other services; this package asks about them through sim.World.
package ec2

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Options set what differs from one simulated cloud to another. The zero value is a cloud in which
// whatever is created is seen at once.
type Options struct {
	// LookupTXT answers what EC2 asks the public DNS when it verifies that a provider owns a private DNS
	// name. Without it every verification fails.
	LookupTXT func(ctx context.Context, name string) ([]string, error)
	// ReverifyEach is how long, in the real service's time, after each look EC2 looks again whether the proof of a
	// verified private DNS name still stands; 0 means DefaultReverifyEach.
	ReverifyEach time.Duration
	// AcceptanceWithin is how long, in the real service's time, a request for a connection waits for acceptance
	// before it is expired; 0 means for ever. AWS has the state and does not say when it comes.
	AcceptanceWithin time.Duration
	// HiddenFor is how long, in the real service's time, a new resource stays unseen by Describe actions:
	// EC2's eventual consistency.
	HiddenFor time.Duration
	// SparsePages has Describe actions filter each page after it was cut, so that a page can be short or
	// empty and yet have a next one, as callers of EC2 must expect.
	SparsePages bool
}

// Service is the simulated EC2 of all accounts and Regions.
type Service struct {
	world    *sim.World
	options  Options
	protocol query.Protocol
	handlers map[string]query.Handler
	state    *State

	// Domain verifications look into the DNS while the world goes on.
	verifying context.Context
	stop      context.CancelFunc
	running   sync.WaitGroup
}

var _ sim.Service = (*Service)(nil)

// New adds EC2 to world and tells the other services of it. Close it after use.
func New(world *sim.World, options Options) *Service {
	if options.ReverifyEach == 0 {
		options.ReverifyEach = DefaultReverifyEach
	}
	s := &Service{
		world:    world,
		options:  options,
		protocol: query.Protocol{Namespace: "http://ec2.amazonaws.com/doc/2016-11-15/", EC2: true},
		state:    newState(),
	}
	s.handlers = s.actions()
	s.verifying, s.stop = context.WithCancel(context.Background())
	world.Networks, world.EndpointServices = neighbour{s}, neighbour{s}
	return s
}

// Close ends the verifications that are under way; a restored cloud takes them up again.
func (s *Service) Close() {
	s.world.Lock() // under which verifications begin
	s.stop()
	s.world.Unlock()
	s.running.Wait()
}

// Name is EC2's name in a credential scope.
func (s *Service) Name() string { return "ec2" }

// Action names what r asks for.
func (s *Service) Action(r *sim.Request) (string, bool) { return query.Action(r, s.handlers) }

// Actions implements sim.Service.
func (s *Service) Actions() []string { return slices.Sorted(maps.Keys(s.handlers)) }

// Handle carries r out. A dry run ends before anything is looked at but the action's name.
func (s *Service) Handle(r *sim.Request) (sim.Response, error) {
	s.settle()
	dryRun, err := query.NewForm(r.Form).True("DryRun")
	if err != nil {
		return sim.Response{}, err
	}
	if dryRun {
		return sim.Response{}, &sim.Error{
			Status:  http.StatusPreconditionFailed,
			Code:    "DryRunOperation",
			Message: "Request would have succeeded, but DryRun flag is set.",
		}
	}
	return s.protocol.Handle(r, s.handlers)
}

// Error writes EC2's error body.
func (s *Service) Error(r *sim.Request, err *sim.Error) sim.Response { return s.protocol.Error(r, err) }

// Snapshot returns everything that exists.
func (s *Service) Snapshot() (json.RawMessage, error) { return json.Marshal(s.state) }

// Restore takes back what Snapshot returned. Verifications that were under way go on with Resume.
func (s *Service) Restore(snapshot json.RawMessage) error {
	state := newState()
	if err := json.Unmarshal(snapshot, state); err != nil {
		return err
	}
	s.state = state
	return nil
}

// Resume takes up the verifications that a restored state was in the middle of, now that there is a DNS to
// ask.
func (s *Service) Resume() {
	s.world.Lock()
	defer s.world.Unlock()
	for _, service := range s.state.EndpointServices {
		if service.PrivateDNS != nil && !service.PrivateDNS.VerifyAt.IsZero() {
			s.verify(service)
		}
	}
}

func (s *Service) actions() map[string]query.Handler {
	return map[string]query.Handler{
		"DescribeRegions":           s.describeRegions,
		"DescribeAvailabilityZones": s.describeAvailabilityZones,
		"DescribeAccountAttributes": s.describeAccountAttributes,

		"CreateTags":   s.createTags,
		"DeleteTags":   s.deleteTags,
		"DescribeTags": s.describeTags,

		"CreateVpc":                s.createVPC,
		"AssociateVpcCidrBlock":    s.associateVPCBlock,
		"AssociateSubnetCidrBlock": s.associateSubnetBlock,
		"DeleteVpc":                s.deleteVPC,
		"DescribeVpcs":             s.describeVPCs,
		"ModifyVpcAttribute":       s.modifyVPCAttribute,
		"DescribeVpcAttribute":     s.describeVPCAttribute,
		"DescribeNetworkAcls":      s.describeNetworkACLs,

		"CreateRouteTable":             s.createRouteTable,
		"DeleteRouteTable":             s.deleteRouteTable,
		"DescribeRouteTables":          s.describeRouteTables,
		"AssociateRouteTable":          s.associateRouteTable,
		"DisassociateRouteTable":       s.disassociateRouteTable,
		"ReplaceRouteTableAssociation": s.replaceAssociation,
		"CreateRoute":                  s.createRoute,
		"ReplaceRoute":                 s.replaceRoute,
		"DeleteRoute":                  s.deleteRoute,

		"CreateVpcPeeringConnection":    s.createPeering,
		"AcceptVpcPeeringConnection":    s.acceptPeering,
		"RejectVpcPeeringConnection":    s.rejectPeering,
		"DeleteVpcPeeringConnection":    s.deletePeering,
		"DescribeVpcPeeringConnections": s.describePeerings,

		"CreateManagedPrefixList":     s.createPrefixList,
		"DescribeManagedPrefixLists":  s.describeManagedPrefixLists,
		"GetManagedPrefixListEntries": s.prefixListEntries,
		"DescribePrefixLists":         s.describePrefixLists,

		"CreateSubnet":          s.createSubnet,
		"DeleteSubnet":          s.deleteSubnet,
		"DescribeSubnets":       s.describeSubnets,
		"ModifySubnetAttribute": s.modifySubnetAttribute,

		"CreateSecurityGroup":           s.createSecurityGroup,
		"DeleteSecurityGroup":           s.deleteSecurityGroup,
		"DescribeSecurityGroups":        s.describeSecurityGroups,
		"DescribeSecurityGroupRules":    s.describeSecurityGroupRules,
		"AuthorizeSecurityGroupIngress": s.authorize(ingress),
		"AuthorizeSecurityGroupEgress":  s.authorize(egress),
		"RevokeSecurityGroupIngress":    s.revoke(ingress),
		"RevokeSecurityGroupEgress":     s.revoke(egress),
		"ModifySecurityGroupRules":      s.modifyRules,

		"UpdateSecurityGroupRuleDescriptionsIngress": s.describeRules(ingress),
		"UpdateSecurityGroupRuleDescriptionsEgress":  s.describeRules(egress),

		"DescribeNetworkInterfaces": s.describeNetworkInterfaces,

		"CreateVpcEndpointServiceConfiguration":         s.createEndpointService,
		"ModifyVpcEndpointServiceConfiguration":         s.modifyEndpointService,
		"ModifyVpcEndpointServicePayerResponsibility":   s.modifyEndpointServicePayer,
		"DeleteVpcEndpointServiceConfigurations":        s.deleteEndpointServices,
		"DescribeVpcEndpointServiceConfigurations":      s.describeEndpointServiceConfigurations,
		"ModifyVpcEndpointServicePermissions":           s.modifyPermissions,
		"DescribeVpcEndpointServicePermissions":         s.describePermissions,
		"StartVpcEndpointServicePrivateDnsVerification": s.startVerification,
		"DescribeVpcEndpointServices":                   s.describeEndpointServices,
		"CreateVpcEndpoint":                             s.createEndpoint,
		"ModifyVpcEndpoint":                             s.modifyEndpoint,
		"ModifyVpcEndpointPayerResponsibility":          s.modifyEndpointPayer,
		"DeleteVpcEndpoints":                            s.deleteEndpoints,
		"DescribeVpcEndpoints":                          s.describeEndpoints,
		"DescribeVpcEndpointConnections":                s.describeConnections,
		"AcceptVpcEndpointConnections":                  s.acceptConnections,
		"RejectVpcEndpointConnections":                  s.rejectConnections,
		"CreateVpcEndpointConnectionNotification":       s.createNotification,
		"ModifyVpcEndpointConnectionNotification":       s.modifyNotification,
		"DeleteVpcEndpointConnectionNotifications":      s.deleteNotifications,
		"DescribeVpcEndpointConnectionNotifications":    s.describeNotifications,
	}
}
