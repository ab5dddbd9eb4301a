package iam

import (
	"fmt"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Permissions implements sim.Service (Service Authorization Reference, "Actions, resources, and condition keys for
// AWS Identity and Access Management").
func (s *Service) Permissions() sim.Permissions {
	return sim.Permissions{Needs: map[string]func(*sim.Request) ([]sim.Need, error){
		"GetUser": func(r *sim.Request) ([]sim.Need, error) {
			name := query.NewForm(r.Form).String("UserName")
			if name == "" {
				name, _ = ownName(r)
			}
			return on(r, "user", name), nil
		},
		"GetRole": func(r *sim.Request) ([]sim.Need, error) {
			return on(r, "role", query.NewForm(r.Form).String("RoleName")), nil
		},
		"ListAccountAliases": func(r *sim.Request) ([]sim.Need, error) { return sim.Anywhere("iam", r), nil },
	}}
}

// on is the need of an action on a user or a role, which IAM's refusals do not name by its ARN.
func on(r *sim.Request, kind, name string) []sim.Need {
	return []sim.Need{{
		Action:   "iam:" + r.Action,
		Resource: fmt.Sprintf("arn:%s:iam::%s:%s/%s", r.Partition, r.Caller.AccountID, kind, name),
		Shown:    kind + " " + name,
	}}
}
