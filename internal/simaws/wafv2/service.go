// Package wafv2 simulates the part of AWS WAF that puts web ACLs before load balancers, over the JSON 1.1 protocol:
// regional web ACLs and what they protect, in each account and region. What it does not have: CloudFront, any resource
// but application load balancers, rule groups, IP sets, logging, changes of web ACLs. What the rules of a web ACL say is
// kept and given back; nothing here is filtered.
package wafv2

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Service is the simulated API.
type Service struct {
	world    *sim.World
	state    State
	handlers map[string]awsjson.Handler
}

// State is everything that WAF remembers.
type State struct {
	WebACLs map[string]*WebACL // by ARN
	// Protected are the ARNs of web ACLs by those of the load balancers that they protect.
	Protected map[string]string
	// Made counts the web ACLs ever made; lists are in that order.
	Made int
}

// loadBalancersPerWebACL is how many load balancers a web ACL protects at most (AWS WAF Developer Guide, "AWS WAF
// quotas"). The listings that have the codes of Service Quotas do not
// have it.
const loadBalancersPerWebACL = 100

// webACLs is how many web ACLs the caller may have in the region.
func (s *Service) webACLs(r *sim.Request) int {
	return s.world.Quotas.Value(r.Caller.AccountID, r.Region, sim.QuotasOfWAF, sim.QuotaWebACLs)
}

var _ sim.Service = (*Service)(nil)

var protocol = awsjson.Protocol{Target: "AWSWAF_20190729"}

func emptyState() State {
	return State{WebACLs: map[string]*WebACL{}, Protected: map[string]string{}}
}

// New returns a WAF without any web ACL.
func New(w *sim.World) *Service {
	s := &Service{world: w, state: emptyState()}
	s.handlers = map[string]awsjson.Handler{
		"CreateWebACL":           s.createWebACL,
		"GetWebACL":              s.getWebACL,
		"ListWebACLs":            s.listWebACLs,
		"DeleteWebACL":           s.deleteWebACL,
		"AssociateWebACL":        s.associateWebACL,
		"DisassociateWebACL":     s.disassociateWebACL,
		"GetWebACLForResource":   s.getWebACLForResource,
		"ListResourcesForWebACL": s.listResourcesForWebACL,
		"ListTagsForResource":    s.listTagsForResource,
	}
	return s
}

// Name implements sim.Service.
func (s *Service) Name() string { return "wafv2" }

// Action implements sim.Service.
func (s *Service) Action(r *sim.Request) (string, bool) { return protocol.Action(r, s.handlers) }

// Actions implements sim.Service.
func (s *Service) Actions() []string { return slices.Sorted(maps.Keys(s.handlers)) }

// Handle implements sim.Service.
func (s *Service) Handle(r *sim.Request) (sim.Response, error) { return protocol.Handle(r, s.handlers) }

// Error implements sim.Service.
func (s *Service) Error(r *sim.Request, e *sim.Error) sim.Response { return awsjson.Error(r, e) }

// Snapshot implements sim.Service.
func (s *Service) Snapshot() (json.RawMessage, error) { return json.Marshal(s.state) }

// Restore implements sim.Service.
func (s *Service) Restore(b json.RawMessage) error {
	state := emptyState()
	if err := json.Unmarshal(b, &state); err != nil {
		return fmt.Errorf("restore WAF: %w", err)
	}
	s.state = state
	return nil
}
