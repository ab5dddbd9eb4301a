package simaws

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/linkwright/linkwright/internal/simaws/iam"
	"github.com/linkwright/linkwright/internal/simaws/policy"
)

// PolicyDocument is an IAM policy as JSON text. In a world file it is written in YAML or as JSON text.
type PolicyDocument string

// PolicyDocuments are a principal's policies. Nil ones, which let it do everything, are left out of a world file; an
// empty list, which lets it do nothing, is not.
type PolicyDocuments []PolicyDocument

// IsZero tells YAML what to leave out.
func (d PolicyDocuments) IsZero() bool { return d == nil }

// UnmarshalYAML takes a policy written in YAML, or a text that is JSON.
func (d *PolicyDocument) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*d = PolicyDocument(node.Value)
		return nil
	}
	var text strings.Builder
	if err := writeJSON(&text, node); err != nil {
		return err
	}
	*d = PolicyDocument(text.String())
	return nil
}

// writeJSON writes YAML as JSON with all its keys, in order. Scalars become strings as they stand there: a version
// such as 2012-10-17 is no date.
func writeJSON(text *strings.Builder, node *yaml.Node) error {
	separator := ""
	switch node.Kind {
	case yaml.AliasNode:
		return writeJSON(text, node.Alias)
	case yaml.ScalarNode:
		if node.ShortTag() == "!!null" {
			text.WriteString("null")
			return nil
		}
		return writeString(text, node.Value)
	case yaml.SequenceNode:
		text.WriteByte('[')
		for _, item := range node.Content {
			text.WriteString(separator)
			if err := writeJSON(text, item); err != nil {
				return err
			}
			separator = ","
		}
		text.WriteByte(']')
	case yaml.MappingNode:
		text.WriteByte('{')
		for i := 0; i+1 < len(node.Content); i += 2 {
			text.WriteString(separator)
			if err := writeString(text, node.Content[i].Value); err != nil {
				return err
			}
			text.WriteByte(':')
			if err := writeJSON(text, node.Content[i+1]); err != nil {
				return err
			}
			separator = ","
		}
		text.WriteByte('}')
	}
	return nil
}

func writeString(text *strings.Builder, value string) error {
	quoted, err := json.Marshal(value)
	text.Write(quoted)
	return err
}

// shortTrust is the trust policy that a role's trust and externalId are short for.
func shortTrust(principals []string, externalID string) PolicyDocument {
	statement := map[string]any{
		"Effect": "Allow", "Principal": map[string]any{"AWS": principals},
		"Action": []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"},
	}
	if externalID != "" {
		statement["Condition"] = map[string]any{"StringEquals": map[string]string{"sts:ExternalId": externalID}}
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statement})
	if err != nil { // strings alone: JSON takes whatever they hold
		return ""
	}
	return PolicyDocument(text)
}

// readPolicies reads policies, nil for none given, and reports all that is wrong with them.
func readPolicies(texts []PolicyDocument) ([]*policy.Document, error) {
	if texts == nil {
		return nil, nil
	}
	documents, wrong := []*policy.Document{}, []error(nil)
	for i, text := range texts {
		d, err := policy.Parse(policy.Identity, string(text))
		if err != nil {
			wrong = append(wrong, within(fmt.Sprintf("policies[%d]", i), err))
			continue
		}
		documents = append(documents, d)
	}
	return documents, errors.Join(wrong...)
}

// within says where each of several joined errors is.
func within(at string, err error) error {
	var all []error
	for line := range strings.SplitSeq(err.Error(), "\n") {
		all = append(all, fmt.Errorf("%s: %s", at, line))
	}
	return errors.Join(all...)
}

// PrincipalPolicies are the policies of a user or a role.
type PrincipalPolicies = iam.Principal

// Policies are those of all users and roles, as they hold now.
func (c *Cloud) Policies() []PrincipalPolicies {
	c.world.Lock()
	defer c.world.Unlock()
	return c.iam.Principals()
}

// SetPolicies gives the user or role of an ARN other policies, from the next request on; nil lets it do everything.
func (c *Cloud) SetPolicies(principal string, documents []PolicyDocument) error {
	policies, err := readPolicies(documents)
	if err != nil {
		return err
	}
	if err := c.checkActions(policies); err != nil {
		return err
	}
	c.world.Lock()
	defer c.world.Unlock()
	return c.iam.SetPolicies(principal, policies)
}

// SetTrustPolicy gives the role of an ARN another trust policy.
func (c *Cloud) SetTrustPolicy(role string, document PolicyDocument) error {
	trust, err := policy.Parse(policy.Trust, string(document))
	if err != nil {
		return err
	}
	if err := trust.Unknown(c.actionNames()); err != nil {
		return err
	}
	c.world.Lock()
	defer c.world.Unlock()
	return c.iam.SetTrustPolicy(role, trust)
}

// actionNames are the IAM actions of the cloud's services, by prefix.
func (c *Cloud) actionNames() map[string][]string {
	names := map[string][]string{}
	for name, service := range c.services {
		names[name] = slices.Concat(service.Actions(), c.permissions[name].Others)
	}
	return names
}

// checkActions reports the actions in policies that none of the cloud's services has. Of services that the cloud
// does not have, all actions are good.
func (c *Cloud) checkActions(policies []*policy.Document) error {
	var wrong []error
	for i, d := range policies {
		if err := d.Unknown(c.actionNames()); err != nil {
			wrong = append(wrong, within(fmt.Sprintf("policies[%d]", i), err))
		}
	}
	return errors.Join(wrong...)
}

// checkWorldPolicies reports the actions in the world file's policies that the cloud does not have.
func (c *Cloud) checkWorldPolicies() error {
	var wrong []error
	report := func(err error, format string, args ...any) {
		if err != nil {
			wrong = append(wrong, within("world file: "+fmt.Sprintf(format, args...), err))
		}
	}
	for i, a := range c.config.World.Accounts {
		for j, user := range c.world.Accounts[a.ID].Users {
			report(c.checkActions(user.Policies), "accounts[%d].users[%d]", i, j)
		}
		for j, role := range c.world.Accounts[a.ID].Roles {
			report(c.checkActions(role.Policies), "accounts[%d].roles[%d]", i, j)
			report(role.Trust.Unknown(c.actionNames()), "accounts[%d].roles[%d].trustPolicy", i, j)
		}
	}
	return errors.Join(wrong...)
}

// routePolicies adds the paths by which policies are seen and changed.
func (c *Cloud) routePolicies(mux *http.ServeMux) {
	mux.HandleFunc("GET /_linkwright/policies", func(w http.ResponseWriter, _ *http.Request) { c.WriteJSON(w, c.Policies()) })
	mux.HandleFunc("PUT /_linkwright/policies", func(w http.ResponseWriter, r *http.Request) {
		var raw []json.RawMessage
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&raw); err != nil {
			http.Error(w, "a list of policies is expected, or null: "+err.Error(), http.StatusBadRequest)
			return
		}
		answer(w, c.SetPolicies(r.URL.Query().Get("principal"), documents(raw)))
	})
	mux.HandleFunc("PUT /_linkwright/trust-policy", func(w http.ResponseWriter, r *http.Request) {
		var raw json.RawMessage
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&raw); err != nil {
			http.Error(w, "a trust policy is expected: "+err.Error(), http.StatusBadRequest)
			return
		}
		answer(w, c.SetTrustPolicy(r.URL.Query().Get("principal"), PolicyDocument(raw)))
	})
}

func documents(raw []json.RawMessage) []PolicyDocument {
	if raw == nil {
		return nil
	}
	all := []PolicyDocument{}
	for _, one := range raw {
		all = append(all, PolicyDocument(one))
	}
	return all
}

func answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
