// Package policy reads and evaluates IAM policies: the documents, their statements, and what they say of a
// request (IAM User Guide, "IAM JSON policy reference"). It knows identity-based policies and the trust policies
// of roles. It is pure: which actions, resources and condition keys there are is its users' business.
package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simcloud/glob"
)

// Kind is what a policy is attached to, which decides what a statement must and must not have.
type Kind int

// The kinds of policies.
const (
	Identity Kind = iota // of a user, a role or a session: what it may do
	Trust                // of a role: who may assume it
)

// Document is a policy that has been read and found good.
type Document struct {
	text       string // compact JSON
	statements []statement
}

// statement is one rule of a policy.
type statement struct {
	sid         string
	deny        bool
	principals  []principal // of a trust policy
	actions     []string    // patterns
	notActions  bool        // the actions are those that the statement is not about
	resources   []arnPattern
	notResource bool
	conditions  []condition
	at          string // "Statement[0]"
}

// MarshalJSON returns the policy as it was read.
func (d *Document) MarshalJSON() ([]byte, error) { return []byte(d.text), nil }

// String is the policy's text, compact JSON.
func (d *Document) String() string { return d.text }

// Decision is what policies say of a request.
type Decision int

// The decisions, the last of which overrules the others.
const (
	Silent  Decision = iota // no statement is about it: an implicit deny
	Allowed                 // a statement allows it
	Denied                  // a statement denies it explicitly
)

// Request asks whether an action may be done to a resource.
type Request struct {
	Action   string // "ec2:CreateVpcEndpoint"
	Resource string // an ARN, or "*" for an action that has no resources
	Context  Context
}

// Evaluate is what a principal's policies say together. Explicit denies come first.
func Evaluate(documents []*Document, r Request) Decision {
	decision := Silent
	for _, d := range documents {
		for _, s := range d.statements {
			if s.about(r) {
				decision = max(decision, s.decision())
			}
		}
	}
	return decision
}

func (s statement) decision() Decision {
	if s.deny {
		return Denied
	}
	return Allowed
}

// about reports whether the statement speaks of a request: its action, its resource and its conditions.
func (s statement) about(r Request) bool {
	if slices.ContainsFunc(s.actions, func(p string) bool { return matchAction(p, r.Action) }) == s.notActions {
		return false
	}
	// A trust policy has no resources: its role is the only one.
	if len(s.resources) > 0 &&
		slices.ContainsFunc(s.resources, func(p arnPattern) bool { return p.match(r.Resource, r.Context) }) == s.notResource {
		return false
	}
	return !slices.ContainsFunc(s.conditions, func(c condition) bool { return !c.holds(r.Context) })
}

// matchAction matches an action against a pattern, without regard to case.
func matchAction(pattern, action string) bool {
	return glob.Match(strings.ToLower(pattern), strings.ToLower(action))
}

// Unknown reports the actions of the policy that no action can match. known are the actions of each service, by
// the service's prefix; of services that it does not name nothing can be said.
func (d *Document) Unknown(known map[string][]string) error {
	var wrong []error
	for _, s := range d.statements {
		for _, pattern := range s.actions {
			service, name, _ := strings.Cut(pattern, ":")
			actions, ok := known[strings.ToLower(service)]
			matches := func(action string) bool { return matchAction(name, action) }
			if ok && !slices.ContainsFunc(actions, matches) {
				wrong = append(wrong, fmt.Errorf("%s: there is no action %s", s.at, pattern))
			}
		}
	}
	return errors.Join(wrong...)
}

// Required is the value that a condition key must equal for a statement to allow anything, "" when there is none.
func (d *Document) Required(key string) string {
	for _, s := range d.statements {
		for _, c := range s.conditions {
			if !s.deny && c.name == "StringEquals" && strings.EqualFold(c.key, key) {
				return c.values[0].raw
			}
		}
	}
	return ""
}

var _ json.Marshaler = (*Document)(nil)
