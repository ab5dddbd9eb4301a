package wafv2

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// propagation is how long a new web ACL cannot be associated yet: "from a few seconds to a number of minutes" (AWS WAF
// API Reference, AssociateWebACL).
const propagation = time.Minute

// WebACL is a regional web access control list.
type WebACL struct {
	ARN         string
	ID          string
	Name        string
	AccountID   string
	Region      string
	Number      int // in the order of creation
	Description string
	LockToken   string
	Tags        map[string]string
	UsableAt    time.Time
	// As they were given.
	DefaultAction, VisibilityConfig, Rules json.RawMessage
}

// webACLRequest is what CreateWebACL takes.
type webACLRequest struct {
	Name, Scope, Description               string
	DefaultAction, VisibilityConfig, Rules json.RawMessage
	Tags                                   []struct{ Key, Value string }
}

type wireSummary struct {
	ARN         string
	Description string
	ID          string `json:"Id"`
	LockToken   string
	Name        string
}

func (acl *WebACL) summary() wireSummary {
	return wireSummary{acl.ARN, acl.Description, acl.ID, acl.LockToken, acl.Name}
}

type wireWebACL struct {
	ARN              string
	Capacity         int
	DefaultAction    json.RawMessage
	Description      string
	ID               string `json:"Id"`
	LabelNamespace   string
	Name             string
	Rules            json.RawMessage `json:",omitempty"`
	VisibilityConfig json.RawMessage
}

func (acl *WebACL) wire() wireWebACL {
	return wireWebACL{
		ARN: acl.ARN, DefaultAction: acl.DefaultAction, Description: acl.Description, ID: acl.ID, Name: acl.Name, Rules: acl.Rules,
		VisibilityConfig: acl.VisibilityConfig, LabelNamespace: fmt.Sprintf("awswaf:%s:webacl:%s:", acl.AccountID, acl.Name),
	}
}

// invalid is WAF's error for a parameter, by the name that WAF has for its field.
func invalid(field, parameter, reason string) *sim.Error {
	return sim.Errorf("WAFInvalidParameterException", "Error reason: %s, field: %s, parameter: %s", reason, field, parameter)
}

func nonexistent() *sim.Error {
	return sim.Errorf("WAFNonexistentItemException", "AWS WAF couldn’t perform the operation because your resource doesn’t exist.")
}

// entityName is what a web ACL can be called (AWS WAF API Reference, CreateWebACL).
var entityName = regexp.MustCompile(`^[\w-]{1,128}$`)

func checkScope(scope string) error {
	if scope != "REGIONAL" {
		return invalid("SCOPE_VALUE", scope, "Only the scope REGIONAL is simulated.")
	}
	return nil
}

func (s *Service) createWebACL(r *sim.Request) (any, error) {
	var req webACLRequest
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	if err := checkScope(req.Scope); err != nil {
		return nil, err
	}
	mine := s.all(r)
	switch {
	case !entityName.MatchString(req.Name):
		return nil, invalid("ENTITY_NAME", req.Name, "The name isn't valid.")
	case len(req.DefaultAction) == 0 || len(req.VisibilityConfig) == 0:
		return nil, sim.Errorf("ValidationException", "2 validation errors detected: Values at 'defaultAction' and 'visibilityConfig' must not be null")
	case slices.ContainsFunc(mine, func(other *WebACL) bool { return other.Name == req.Name }):
		return nil, sim.Errorf("WAFDuplicateItemException", "AWS WAF couldn’t perform the operation because some resource in your request is a duplicate of an existing one.")
	case len(mine) >= s.webACLs(r):
		return nil, sim.Errorf("WAFLimitsExceededException", "AWS WAF couldn’t perform the operation because you exceeded your resource limit: %d web ACLs.", s.webACLs(r))
	}
	s.state.Made++
	acl := &WebACL{
		ID: uuid(r), Name: req.Name, AccountID: r.Caller.AccountID, Region: r.Region, Number: s.state.Made,
		Description: req.Description, LockToken: uuid(r), Tags: map[string]string{}, UsableAt: s.world.Clock.In(propagation),
		DefaultAction: req.DefaultAction, VisibilityConfig: req.VisibilityConfig, Rules: req.Rules,
	}
	acl.ARN = arnPrefix(r) + acl.Name + "/" + acl.ID
	for _, t := range req.Tags {
		acl.Tags[t.Key] = t.Value
	}
	s.state.WebACLs[acl.ARN] = acl
	return struct{ Summary wireSummary }{acl.summary()}, nil
}

func uuid(r *sim.Request) string {
	id := r.Hex(32)
	return fmt.Sprintf("%s-%s-%s-%s-%s", id[:8], id[8:12], id[12:16], id[16:20], id[20:])
}

// arnPrefix begins the ARNs of the caller's web ACLs in the region.
func arnPrefix(r *sim.Request) string {
	return fmt.Sprintf("arn:%s:wafv2:%s:%s:regional/webacl/", r.Partition, r.Region, r.Caller.AccountID)
}

// find looks one of the caller's web ACLs up.
func (s *Service) find(r *sim.Request, arn string) (*WebACL, bool) {
	acl, ok := s.state.WebACLs[arn]
	return acl, ok && acl.AccountID == r.Caller.AccountID && acl.Region == r.Region
}

// all are the caller's web ACLs, the oldest first.
func (s *Service) all(r *sim.Request) []*WebACL {
	var found []*WebACL
	for arn, acl := range s.state.WebACLs {
		if _, mine := s.find(r, arn); mine {
			found = append(found, acl)
		}
	}
	slices.SortFunc(found, func(a, b *WebACL) int { return cmp.Compare(a.Number, b.Number) })
	return found
}

// getWebACL finds by ARN, or by name, id and scope.
func (s *Service) getWebACL(r *sim.Request) (any, error) {
	var req named
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	acl, err := s.named(r, req)
	if err != nil {
		return nil, err
	}
	return struct {
		LockToken string
		WebACL    wireWebACL
	}{acl.LockToken, acl.wire()}, nil
}

// named is how requests name a web ACL.
type named struct{ ARN, Name, ID, Scope, LockToken string }

func (s *Service) named(r *sim.Request, req named) (*WebACL, error) {
	arn := req.ARN
	if arn == "" {
		if err := checkScope(req.Scope); err != nil {
			return nil, err
		}
		arn = arnPrefix(r) + req.Name + "/" + req.ID
	}
	acl, ok := s.find(r, arn)
	if !ok {
		return nil, nonexistent()
	}
	return acl, nil
}

func (s *Service) listWebACLs(r *sim.Request) (any, error) {
	var req struct {
		Scope, NextMarker string
		Limit             *int
	}
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	if err := checkScope(req.Scope); err != nil {
		return nil, err
	}
	size := 100
	if req.Limit != nil {
		size = *req.Limit
	}
	if size < 1 || size > 100 {
		return nil, sim.Errorf("ValidationException", "1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value between 1 and 100", size)
	}
	page, next, err := query.Page(r, s.all(r), func(acl *WebACL) int { return acl.Number }, size, req.NextMarker)
	var refused *sim.Error
	if errors.As(err, &refused) {
		return nil, invalid("NEXT_MARKER", req.NextMarker, refused.Message)
	}
	result := struct {
		NextMarker string `json:",omitempty"`
		WebACLs    []wireSummary
	}{next, []wireSummary{}}
	for _, acl := range page {
		result.WebACLs = append(result.WebACLs, acl.summary())
	}
	return result, err
}

// deleteWebACL takes a web ACL away that protects nothing, if the caller knows what it is deleting.
func (s *Service) deleteWebACL(r *sim.Request) (any, error) {
	var req named
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	acl, err := s.named(r, req)
	switch {
	case err != nil:
		return nil, err
	case req.LockToken != acl.LockToken:
		return nil, sim.Errorf("WAFOptimisticLockException", "AWS WAF couldn’t save your changes because someone changed the resource after you started to edit it. Reapply your changes.")
	case len(s.protectedBy(acl)) > 0:
		return nil, sim.Errorf("WAFAssociatedItemException", "AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated with another resource.")
	}
	delete(s.state.WebACLs, acl.ARN)
	return struct{}{}, nil
}
