// Package iam simulates the few reads of AWS Identity and Access Management that clients make at their start, and
// keeps the policies of users and roles. These are given with the world; the cloud's owner can change their
// policies, no API action can.
package iam

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Service is the simulated IAM.
type Service struct {
	world    *sim.World
	protocol query.Protocol
	handlers map[string]query.Handler
	state    State
}

var _ sim.Service = (*Service)(nil)

// New returns an IAM for the accounts of world.
func New(world *sim.World) *Service {
	s := &Service{
		world:    world,
		protocol: query.Protocol{Namespace: "https://iam.amazonaws.com/doc/2010-05-08/"},
		state:    emptyState(),
	}
	s.handlers = map[string]query.Handler{
		"GetUser":            s.getUser,
		"GetRole":            s.getRole,
		"ListAccountAliases": s.listAccountAliases,
	}
	return s
}

// Name is IAM's name in a credential scope.
func (s *Service) Name() string { return "iam" }

// Action names what r asks for.
func (s *Service) Action(r *sim.Request) (string, bool) { return query.Action(r, s.handlers) }

// Actions implements sim.Service.
func (s *Service) Actions() []string { return slices.Sorted(maps.Keys(s.handlers)) }

// Handle carries r out.
func (s *Service) Handle(r *sim.Request) (sim.Response, error) {
	return s.protocol.Handle(r, s.handlers)
}

// Error writes IAM's error body.
func (s *Service) Error(r *sim.Request, err *sim.Error) sim.Response { return s.protocol.Error(r, err) }

// since is the creation date of all users and roles: they were there before the world began.
const since = "2026-01-01T00:00:00Z"

type userItem struct {
	Path    string `xml:"Path"`
	Name    string `xml:"UserName"`
	ID      string `xml:"UserId"`
	ARN     string `xml:"Arn"`
	Created string `xml:"CreateDate"`
}

// getUser returns the named user, or the caller when no name is given; a session of a role is no user.
func (s *Service) getUser(r *sim.Request, f query.Form) (any, error) {
	name := f.String("UserName")
	if name == "" {
		own, isUser := ownName(r)
		if !isUser {
			return nil, sim.Errorf("ValidationError", "Must specify userName when calling with non-User credentials")
		}
		name = own
	}
	if s.world.Accounts[r.Caller.AccountID].User(name) == nil {
		return nil, noSuchEntity("user", name)
	}
	var result struct {
		User userItem `xml:"User"`
	}
	result.User = userItem{
		Path: "/", Name: name, ID: sim.StableID("AIDA", r.Caller.AccountID, name), Created: since,
		ARN: fmt.Sprintf("arn:%s:iam::%s:user/%s", r.Partition, r.Caller.AccountID, name),
	}
	return result, nil
}

// ownName is the caller's own name if it is a user.
func ownName(r *sim.Request) (string, bool) {
	return strings.CutPrefix(r.Caller.ARN, fmt.Sprintf("arn:%s:iam::%s:user/", r.Partition, r.Caller.AccountID))
}

type roleItem struct {
	Path    string `xml:"Path"`
	Name    string `xml:"RoleName"`
	ID      string `xml:"RoleId"`
	ARN     string `xml:"Arn"`
	Created string `xml:"CreateDate"`
	Trust   string `xml:"AssumeRolePolicyDocument"`
}

func (s *Service) getRole(r *sim.Request, f query.Form) (any, error) {
	name := f.String("RoleName")
	role := s.world.Accounts[r.Caller.AccountID].Role(name)
	if role == nil {
		return nil, noSuchEntity("role", name)
	}
	var result struct {
		Role roleItem `xml:"Role"`
	}
	result.Role = roleItem{
		Path: "/", Name: name, ID: sim.StableID("AROA", r.Caller.AccountID, name), Created: since,
		ARN:   fmt.Sprintf("arn:%s:iam::%s:role/%s", r.Partition, r.Caller.AccountID, name),
		Trust: strings.ReplaceAll(url.QueryEscape(role.Trust.String()), "+", "%20"), // encoded as RFC 3986 has it
	}
	return result, nil
}

// listAccountAliases finds none.
func (s *Service) listAccountAliases(*sim.Request, query.Form) (any, error) {
	var result struct {
		Aliases   struct{} `xml:"AccountAliases"`
		Truncated bool     `xml:"IsTruncated"`
	}
	return result, nil
}

func noSuchEntity(kind, name string) *sim.Error {
	return &sim.Error{
		Status: http.StatusNotFound, Code: "NoSuchEntity",
		Message: fmt.Sprintf("The %s with name %s cannot be found.", kind, name),
	}
}
