package sts

import (
	"maps"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Permissions implements sim.Service (Service Authorization Reference, "Actions, resources, and condition keys for
// AWS Security Token Service"). GetCallerIdentity cannot be denied to anybody.
func (s *Service) Permissions() sim.Permissions {
	return sim.Permissions{
		Needs: map[string]func(*sim.Request) ([]sim.Need, error){
			"AssumeRole":        s.assumes,
			"GetCallerIdentity": sim.Nothing,
		},
		Others: []string{"TagSession", "SetSourceIdentity"},
	}
}

// assumes is the need of AssumeRole: on the role, and of its trust policy; session tags and a source identity have
// permissions of their own (IAM User Guide, "Pass session tags in AWS STS", "Monitor and control actions taken with
// assumed roles"). Nobody is trusted by a role that does not exist.
func (s *Service) assumes(r *sim.Request) ([]sim.Need, error) {
	f := query.NewForm(r.Form)
	request, err := readAssumeRole(r, f)
	if err != nil {
		return nil, err
	}
	trust := &policy.Document{}
	if _, role := s.role(request.arn); role != nil {
		trust = role.Trust
	}
	context := policy.Context{}
	context.Set("sts:RoleSessionName", request.name)
	context.SetTags("aws:RequestTag/", request.tags)
	context.Set("aws:TagKeys", slices.Sorted(maps.Keys(request.tags))...)
	context.Set("sts:TransitiveTagKeys", f.List("TransitiveTagKeys")...)
	if id := f.String("ExternalId"); id != "" {
		context.Set("sts:ExternalId", id)
	}
	actions := []string{"sts:AssumeRole"}
	if len(request.tags) > 0 {
		actions = append(actions, "sts:TagSession")
	}
	if identity := f.String("SourceIdentity"); identity != "" {
		actions = append(actions, "sts:SetSourceIdentity")
		context.Set("sts:SourceIdentity", identity)
	}
	var needs []sim.Need
	for _, action := range actions {
		needs = append(needs, sim.Need{Action: action, Resource: request.arn, Context: context, Trust: trust})
	}
	return needs, nil
}
