package e2e

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/internal/accounts/file"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

// What Linkwright may do in the simulated clouds: what linkwright permissions prints, and nothing else.

// workerARN is the identity of a worker.
func workerARN(user string) string { return "arn:aws:iam::000000000000:user/" + user }

// roleARN is the role that a worker assumes in an account.
func roleARN(accountID string) string { return "arn:aws:iam::" + accountID + ":role/Linkwright" }

// leastPrivilege takes all that is not printed from the workers' users and from the roles that they assume. What a
// role may do comes with a test's specs; see [scene.grant].
func leastPrivilege(cloud *simaws.Cloud, world simaws.WorldFile) error {
	known, err := file.Read(shared.Accounts)
	if err != nil {
		return err
	}
	served := map[string]map[string]permissions.Account{workerUser: {}, consumerUser: {}} // by who acts there
	for _, account := range world.Accounts {
		entry, ok := known.Accounts[account.Name]
		if !ok {
			continue // the workers' own
		}
		user, _ := strings.CutPrefix(account.Roles[0].Trust[0], workerARN(""))
		of := permissions.Account{
			ID: entry.AWS.AccountID, Partition: entry.AWS.Partition, RoleARN: entry.AWS.RoleARN, ExternalID: entry.AWS.ExternalID,
		}
		served[user][account.Name] = of
		grant := permissions.Of(permissions.Provider, account.Name, permissions.Options{
			Worker: workerARN(user), Accounts: map[string]permissions.Account{account.Name: of},
		})
		trust, err := json.Marshal(grant.Trust)
		if err != nil {
			return err
		}
		if err := cloud.SetTrustPolicy(grant.RoleARN, simaws.PolicyDocument(trust)); err != nil {
			return err
		}
		if err := cloud.SetPolicies(grant.RoleARN, []simaws.PolicyDocument{}); err != nil {
			return err
		}
	}
	for user, accounts := range served {
		documents := []simaws.PolicyDocument{}
		if len(accounts) > 0 {
			policy, err := json.Marshal(permissions.Of(permissions.Orchestrator, "", permissions.Options{Accounts: accounts}).Policy)
			if err != nil {
				return err
			}
			documents = append(documents, simaws.PolicyDocument(policy))
		}
		if err := cloud.SetPolicies(workerARN(user), documents); err != nil {
			return err
		}
	}
	return nil
}

// policies are what the roles of a scene may do.
type policies struct {
	mu sync.Mutex
	// specs are the documents that are applied, by their ids.
	specs map[string]link.Document
	// granted are the policies of each account's role, the newest last: a change of specs takes what was allowed
	// before and what is allowed after.
	granted map[string][]policy
	// seen are all permissions that were in a policy.
	seen map[permission]bool
	// withheld are allowed by the policies, and taken out of them by a test; with onDemand all are, but those
	// that were allowed since.
	withheld map[permission]bool
	onDemand bool
	// allowed are those that were withheld, and when that was over.
	allowed map[permission]time.Time
}

func newPolicies() policies {
	return policies{
		specs: map[string]link.Document{}, granted: map[string][]policy{},
		seen: map[permission]bool{}, withheld: map[permission]bool{}, allowed: map[permission]time.Time{},
	}
}

// permission is an action of a statement in the policy of an account's role.
type permission struct{ account, sid, action string }

// policy is a policy as it is printed.
type policy struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid       string
	Effect    string
	Action    words
	Resource  words
	Condition json.RawMessage `json:",omitempty"`
}

// purpose is what the statement is for: its Sid without the number that tells it from others of the kind.
func (s statement) purpose() string { return strings.TrimRight(s.Sid, "0123456789") }

// words are one string or a list.
type words []string

func (w *words) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*w = words{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(w))
}

// grant gives the roles the policies for a document, as the owners of the accounts do before it is applied.
func (s *scene) grant(doc link.Document) {
	s.t.Helper()
	s.policies.mu.Lock()
	defer s.policies.mu.Unlock()
	s.policies.specs[doc.ID()] = doc
	var docs []link.Document
	for _, id := range slices.Sorted(maps.Keys(s.policies.specs)) {
		docs = append(docs, s.policies.specs[id])
	}
	text, err := link.Encode(docs...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.grantFor(string(text))
	s.enforce()
}

// grantFor takes what is printed for specs; they may be wrong, and are then refused when they are applied.
func (s *scene) grantFor(specs string) {
	s.t.Helper()
	s.takePrinted(strings.NewReader(specs), "-f", "-")
}

// grantRole takes what is printed for a role of an account.
func (s *scene) grantRole(role permissions.Role, account string) {
	s.t.Helper()
	s.policies.mu.Lock()
	defer s.policies.mu.Unlock()
	s.takePrinted(strings.NewReader(""), "--role", string(role), "--account", account)
	s.enforce()
}

// takePrinted takes what linkwright permissions prints.
func (s *scene) takePrinted(in io.Reader, args ...string) {
	s.t.Helper()
	var grants []struct {
		Account string
		Policy  policy
	}
	s.readPrinted(in, &grants, args...)
	for _, g := range grants {
		if g.Account == "" {
			continue // the worker's, which is for all scenes
		}
		for _, st := range g.Policy.Statement {
			for _, action := range st.Action {
				p := permission{g.Account, st.purpose(), action}
				s.policies.seen[p] = true
				_, allowed := s.policies.allowed[p]
				s.policies.withheld[p] = s.policies.withheld[p] || s.policies.onDemand && !allowed
			}
		}
		all := append(s.policies.granted[g.Account], g.Policy)
		s.policies.granted[g.Account] = all[max(0, len(all)-2):]
	}
}

// enforce puts the policies into force, without what is withheld.
func (s *scene) enforce() {
	s.t.Helper()
	for account, id := range map[string]string{s.provider(): s.providerID, s.consumer(): s.consumerID, s.dns(): s.dnsID} {
		documents := []simaws.PolicyDocument{}
		for _, p := range s.policies.granted[account] {
			if p = p.without(account, s.policies.withheld); len(p.Statement) == 0 {
				continue
			}
			text, err := json.Marshal(p)
			if err != nil {
				s.t.Fatal(err)
			}
			documents = append(documents, simaws.PolicyDocument(text))
		}
		if err := s.cloud.SetPolicies(roleARN(id), documents); err != nil {
			s.t.Fatal(err)
		}
	}
}

// without leaves out what is withheld.
func (p policy) without(account string, withheld map[permission]bool) policy {
	left := policy{Version: p.Version}
	for _, st := range p.Statement {
		st.Action = slices.DeleteFunc(slices.Clone(st.Action), func(action string) bool {
			return withheld[permission{account, st.purpose(), action}]
		})
		if len(st.Action) > 0 {
			left.Statement = append(left.Statement, st)
		}
	}
	return left
}
