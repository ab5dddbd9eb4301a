package iam

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// State is what IAM remembers: the policies that were changed while the cloud ran, by the principal's ARN. All
// others are the world's.
type State struct {
	// Policies are those of a user or role; null when it may do everything.
	Policies map[string][]json.RawMessage
	// Trust are trust policies of roles.
	Trust map[string]json.RawMessage
}

func emptyState() State {
	return State{Policies: map[string][]json.RawMessage{}, Trust: map[string]json.RawMessage{}}
}

// Principal is a user or a role with its policies.
type Principal struct {
	ARN string `json:"principal"`
	// Policies say what it may do; nil for everything.
	Policies []*policy.Document `json:"policies"`
	// Trust says who may assume the role; nil for a user.
	Trust *policy.Document `json:"trustPolicy,omitempty"`
}

// Principals are all users and roles of all accounts, by ARN.
func (s *Service) Principals() []Principal {
	var all []Principal
	for _, id := range slices.Sorted(maps.Keys(s.world.Accounts)) {
		account := s.world.Accounts[id]
		for _, role := range account.Roles {
			all = append(all, Principal{ARN: arn(id, "role", role.Name), Policies: role.Policies, Trust: role.Trust})
		}
		for _, user := range account.Users {
			all = append(all, Principal{ARN: arn(id, "user", user.Name), Policies: user.Policies})
		}
	}
	return all
}

func arn(account, kind, name string) string {
	return fmt.Sprintf("arn:aws:iam::%s:%s/%s", account, kind, name)
}

// SetPolicies gives a user or role other policies, nil for permission to do everything.
func (s *Service) SetPolicies(principal string, policies []*policy.Document) error {
	user, role, err := s.find(principal)
	if err != nil {
		return err
	}
	if user != nil {
		user.Policies = policies
	} else {
		role.Policies = policies
	}
	s.state.Policies[principal] = nil
	if policies != nil {
		s.state.Policies[principal] = texts(policies)
	}
	return nil
}

// SetTrustPolicy gives a role another trust policy.
func (s *Service) SetTrustPolicy(principal string, trust *policy.Document) error {
	_, role, err := s.find(principal)
	if err != nil {
		return err
	}
	if role == nil {
		return fmt.Errorf("%s is not a role, and has no trust policy", principal)
	}
	role.Trust = trust
	s.state.Trust[principal] = json.RawMessage(trust.String())
	return nil
}

func texts(policies []*policy.Document) []json.RawMessage {
	raw := []json.RawMessage{}
	for _, d := range policies {
		raw = append(raw, json.RawMessage(d.String()))
	}
	return raw
}

var principalARN = regexp.MustCompile(`^arn:aws:iam::(\d{12}):(user|role)/([\w+=,.@-]+)$`)

// find returns the user or the role of an ARN.
func (s *Service) find(principal string) (*sim.User, *sim.Role, error) {
	parts := principalARN.FindStringSubmatch(principal)
	if parts == nil {
		return nil, nil, fmt.Errorf("%q is not the ARN of a user or role (arn:aws:iam::ACCOUNT:user/NAME, arn:aws:iam::ACCOUNT:role/NAME)", principal)
	}
	if account, ok := s.world.Accounts[parts[1]]; ok {
		if user := account.User(parts[3]); parts[2] == "user" && user != nil {
			return user, nil, nil
		}
		if role := account.Role(parts[3]); parts[2] == "role" && role != nil {
			return nil, role, nil
		}
	}
	return nil, nil, fmt.Errorf("the world has no %s", principal)
}

// Snapshot returns the policies that were changed.
func (s *Service) Snapshot() (json.RawMessage, error) { return json.Marshal(s.state) }

// Restore takes back what Snapshot returned. The policies hold when they are applied.
func (s *Service) Restore(snapshot json.RawMessage) error {
	state := emptyState()
	if err := json.Unmarshal(snapshot, &state); err != nil {
		return err
	}
	s.state = state
	return nil
}

// Apply puts the policies that a restored state holds in the place of the world's. It forgets those of principals
// that the world does not have any more.
func (s *Service) Apply() error {
	restored := s.state
	s.state = emptyState()
	for principal, raw := range restored.Policies {
		policies, err := parse(raw)
		if err != nil {
			return fmt.Errorf("policies of %s: %w", principal, err)
		}
		if s.has(principal) {
			if err := s.SetPolicies(principal, policies); err != nil {
				return err
			}
		}
	}
	for principal, raw := range restored.Trust {
		trust, err := policy.Parse(policy.Trust, string(raw))
		if err != nil {
			return fmt.Errorf("trust policy of %s: %w", principal, err)
		}
		if s.has(principal) {
			if err := s.SetTrustPolicy(principal, trust); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) has(principal string) bool {
	_, _, err := s.find(principal)
	return err == nil
}

func parse(raw []json.RawMessage) ([]*policy.Document, error) {
	if raw == nil {
		return nil, nil
	}
	policies := []*policy.Document{}
	for _, text := range raw {
		d, err := policy.Parse(policy.Identity, string(text))
		if err != nil {
			return nil, err
		}
		policies = append(policies, d)
	}
	return policies, nil
}
