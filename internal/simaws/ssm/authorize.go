package ssm

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// asked is what the requests of Parameter Store say about whom and what they ask for, in all actions' words.
type asked struct {
	Name       string
	Names      []string
	Path       string
	ResourceID string `json:"ResourceId"`
	Recursive  bool
	Overwrite  bool
	Tags       []tag
	TagKeys    []string
}

// need tells which permissions a request needs.
type need func(s *Service, r *sim.Request, a asked) []sim.Need

// needs are those of each action (Service Authorization Reference, "Actions, resources, and condition keys for AWS
// Systems Manager").
func needs() map[string]need {
	return map[string]need{
		"PutParameter":           putsParameter,
		"GetParameter":           onParameters,
		"GetParameters":          onParameters,
		"GetParametersByPath":    onPath,
		"GetParameterHistory":    onParameters,
		"DescribeParameters":     onAccount,
		"DeleteParameter":        onParameters,
		"DeleteParameters":       onParameters,
		"AddTagsToResource":      onTags,
		"RemoveTagsFromResource": onTags,
		"ListTagsForResource":    onParameters,
	}
}

// Permissions implements sim.Service.
func (s *Service) Permissions() sim.Permissions {
	p := sim.Permissions{Needs: map[string]func(*sim.Request) ([]sim.Need, error){}}
	for action, need := range needs() {
		p.Needs[action] = func(r *sim.Request) ([]sim.Need, error) {
			var a asked
			if err := json.Unmarshal(r.Body, &a); err != nil {
				return onAccount(s, r, a), nil // the action itself says what is wrong with the request
			}
			return need(s, r, a), nil
		}
	}
	return p
}

func action(r *sim.Request) string { return "ssm:" + r.Action }

// onAccount is the need of DescribeParameters: on all of the account, as its refusals show. A policy must name "*",
// or all that is Systems Manager's in the account.
func onAccount(_ *Service, r *sim.Request, _ asked) []sim.Need {
	return []sim.Need{{Action: action(r), Resource: strings.TrimSuffix(arnPrefix(r), "parameter/") + "*"}}
}

// onParameters is the need of actions on parameters: on each.
func onParameters(s *Service, r *sim.Request, a asked) []sim.Need {
	var needs []sim.Need
	for _, name := range slices.Concat([]string{a.Name, a.ResourceID}, a.Names) {
		if name != "" {
			needs = append(needs, s.on(r, name))
		}
	}
	if len(needs) == 0 {
		return onAccount(s, r, a)
	}
	return needs
}

// on is the need of the request's action on a parameter, given by its name or ARN, perhaps with a version.
func (s *Service) on(r *sim.Request, name string) sim.Need {
	context := policy.Context{}
	p, _, _, err := s.selected(r, name)
	if err == nil {
		context.SetTags("aws:ResourceTag/", p.Tags)
		context.SetTags("ssm:resourceTag/", p.Tags)
		return sim.Need{Action: action(r), Resource: p.arn(r), Context: context}
	}
	name = strings.TrimPrefix(name, arnPrefix(r))
	return sim.Need{Action: action(r), Resource: arnPrefix(r) + strings.TrimPrefix(name, "/"), Context: context}
}

// putsParameter is the need of PutParameter; with tags it needs ssm:AddTagsToResource too.
func putsParameter(s *Service, r *sim.Request, a asked) []sim.Need {
	need := s.on(r, a.Name)
	need.Context = need.Context.With(requestTags(a))
	need.Context.Set("ssm:Overwrite", strconv.FormatBool(a.Overwrite))
	if len(a.Tags) == 0 {
		return []sim.Need{need}
	}
	tagging := need
	tagging.Action = "ssm:AddTagsToResource"
	return []sim.Need{need, tagging}
}

// onPath is the need of GetParametersByPath: on the path itself. Who may read a path may read all below it.
func onPath(_ *Service, r *sim.Request, a asked) []sim.Need {
	context := policy.Context{}
	context.Set("ssm:Recursive", strconv.FormatBool(a.Recursive))
	return []sim.Need{{Action: action(r), Resource: arnPrefix(r) + strings.TrimPrefix(a.Path, "/"), Context: context}}
}

func onTags(s *Service, r *sim.Request, a asked) []sim.Need {
	needs := onParameters(s, r, a)
	for i := range needs {
		needs[i].Context = needs[i].Context.With(requestTags(a))
	}
	return needs
}

// requestTags are the condition keys of the tags in a request.
func requestTags(a asked) policy.Context {
	context := policy.Context{}
	keys := slices.Clone(a.TagKeys)
	for _, t := range a.Tags {
		keys = append(keys, t.Key)
		context.Set("aws:RequestTag/"+t.Key, t.Value)
	}
	context.Set("aws:TagKeys", keys...)
	return context
}
