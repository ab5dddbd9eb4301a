package e2e

import (
	"bytes"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/linkwright/linkwright/activities/azure/permissions"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simazure"
	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// What Linkwright may do in the simulated Azure: what linkwright permissions prints, and nothing else.

// roles are what the applications of a scene may do.
type roles struct {
	mu sync.Mutex
	// specs are the documents that are applied, by their ids.
	specs map[string]link.Document
	// granted are the custom roles of each account, the newest last: a change of specs takes what was allowed before and
	// what is allowed after.
	granted map[string][][]permissions.CustomRole
	// seen, withheld, onDemand and allowed are as in [policies].
	seen, withheld map[permission]bool
	onDemand       bool
	allowed        map[permission]time.Time
}

func newRoles() roles {
	return roles{
		specs: map[string]link.Document{}, granted: map[string][][]permissions.CustomRole{},
		seen: map[permission]bool{}, withheld: map[permission]bool{}, allowed: map[permission]time.Time{},
	}
}

// allowedBy is an action of a custom role in an account. The role is called by what it is for, whatever the account.
func allowedBy(account string, r permissions.CustomRole, action string) permission {
	return permission{account, strings.TrimPrefix(r.Definition.Name, "Linkwright "+account+" "), action}
}

// grant assigns the roles for a document, as the owners of the subscriptions do before it is applied.
func (s *azureScene) grant(doc link.Document) {
	s.t.Helper()
	s.roles.mu.Lock()
	defer s.roles.mu.Unlock()
	s.roles.specs[doc.ID()] = doc
	var docs []link.Document
	for _, id := range slices.Sorted(maps.Keys(s.roles.specs)) {
		docs = append(docs, s.roles.specs[id])
	}
	text, err := link.Encode(docs...)
	if err != nil {
		s.t.Fatal(err)
	}
	var grants []permissions.Grant
	s.readPrinted(bytes.NewReader(text), &grants, "-f", "-", "--cloud", "azure")
	for _, g := range grants {
		for _, r := range g.CustomRoles {
			for _, action := range r.Definition.Actions {
				p := allowedBy(g.Account, r, action)
				s.roles.seen[p] = true
				_, allowed := s.roles.allowed[p]
				s.roles.withheld[p] = s.roles.withheld[p] || s.roles.onDemand && !allowed
			}
		}
		all := append(s.roles.granted[g.Account], g.CustomRoles)
		s.roles.granted[g.Account] = all[max(0, len(all)-2):]
	}
	s.enforce()
}

// enforce puts the roles into force, without what is withheld.
func (s *azureScene) enforce() {
	s.t.Helper()
	for tenant, accounts := range map[string][]string{s.name + "-inc": {s.provider()}, s.name + "-ltd": {s.consumer(), s.names()}} {
		assigned := []simazure.RoleAssignment{}
		for _, account := range accounts {
			for _, r := range slices.Concat(s.roles.granted[account]...) {
				actions := slices.DeleteFunc(slices.Clone(r.Definition.Actions), func(action string) bool {
					return s.roles.withheld[allowedBy(account, r, action)]
				})
				if len(actions) == 0 {
					continue
				}
				for _, scope := range r.Scopes {
					assigned = append(assigned, simazure.RoleAssignment{Actions: actions, Scope: arm.ID(scope)})
				}
			}
		}
		if err := shared.Azure.SetRoleAssignments(shared.Azure.PrincipalID(tenant, "linkwright"), assigned); err != nil {
			s.t.Fatal(err)
		}
	}
}

// notAllowedOn finds the scope in a refusal of Azure's.
var notAllowedOn = regexp.MustCompile(`(?:over scope|linked scope\(s\)) '([^']+)'`)

// give allows an application what a flow is blocked for want of, unless it may do that since.
func (s *azureScene) give(problem link.Problem) {
	s.roles.mu.Lock()
	defer s.roles.mu.Unlock()
	found := notAllowedOn.FindStringSubmatch(problem.Message)
	if found == nil || !strings.Contains(problem.Remedy, "a role with "+problem.Call+" on "+found[1]) {
		s.t.Errorf("%s is missing: %s; and the remedy is %q", problem.Call, problem.Message, problem.Remedy)
		s.giveUp()
		return
	}
	scope := found[1]
	tried := problem.NextTry.Add(-retriedWithin)
	there, inVain := false, true
	for _, r := range slices.Concat(s.roles.granted[problem.Account]...) {
		if !slices.Contains(r.Definition.Actions, problem.Call) || !slices.ContainsFunc(r.Scopes, func(at string) bool { return covers(at, scope) }) {
			continue
		}
		p := allowedBy(problem.Account, r, problem.Call)
		if s.roles.withheld[p] {
			delete(s.roles.withheld, p)
			s.roles.allowed[p] = time.Now()
			s.enforce()
			return
		}
		since, given := s.roles.allowed[p]
		there, inVain = true, inVain && (!given || tried.After(since))
	}
	switch {
	case !there:
		s.t.Errorf("a flow is blocked for want of %s on %s, which no role allows: %s", problem.Call, scope, problem.Message)
		s.giveUp()
	case inVain:
		s.t.Errorf("a flow is blocked for want of %s on %s, which a role allows, and in vain: %s", problem.Call, scope, problem.Message)
		s.giveUp()
	}
}

// covers reports whether a role that is assigned at a scope counts for a resource.
func covers(scope, resource string) bool {
	scope, resource = strings.ToLower(scope), strings.ToLower(resource)
	return resource == scope || strings.HasPrefix(resource, scope+"/")
}

// anywhere is a permission as it is called in every scene.
func (s *azureScene) anywhere(p permission) permission {
	p.account = strings.TrimPrefix(p.account, s.name+"-")
	return p
}

// allowed are the permissions that were withheld at first, and allowed since.
func (s *azureScene) allowed() []permission {
	s.roles.mu.Lock()
	defer s.roles.mu.Unlock()
	return slices.Collect(maps.Keys(s.roles.allowed))
}
