package elbv2

import (
	"maps"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// maxTags is the most tags on one resource.
const maxTags = 50

type wireTag struct {
	Key   string `xml:"Key"`
	Value string `xml:"Value"`
}

type tagDescription struct {
	ARN  string    `xml:"ResourceArn"`
	Tags []wireTag `xml:"Tags>member"`
}

// readTags reads the parameter Tags over the tags that are there.
func readTags(f query.Form, there map[string]string) (map[string]string, error) {
	tags, given := map[string]string{}, map[string]bool{}
	maps.Copy(tags, there)
	for _, t := range f.Structs("Tags") {
		key, value := t.String("Key"), t.String("Value")
		switch {
		case key == "" || len(key) > 128 || len(value) > 256:
			return nil, sim.Errorf("ValidationError", "A tag key has 1 to 128 characters and a value at most 256")
		case given[key]:
			return nil, sim.Errorf("DuplicateTagKeys", "Tag key '%s' is used more than once", key)
		}
		tags[key], given[key] = value, true
	}
	if len(tags) > maxTags {
		return nil, sim.Errorf("TooManyTags", "A resource has at most %d tags", maxTags)
	}
	return tags, nil
}

// find looks up one of the caller's resources, of whatever kind.
func (s *Service) find(r *sim.Request, arn string) (*Resource, bool) {
	if lb, ok := mine(r, s.state.LoadBalancers, arn); ok {
		return &lb.Resource, true
	}
	if tg, ok := mine(r, s.state.TargetGroups, arn); ok {
		return &tg.Resource, true
	}
	if l, ok := mine(r, s.state.Listeners, arn); ok {
		return &l.Resource, true
	}
	if rule, ok := mine(r, s.state.Rules, arn); ok {
		return &rule.Resource, true
	}
	return nil, false
}

// tagged finds the resources that a tag request names.
func (s *Service) tagged(r *sim.Request, f query.Form) ([]*Resource, error) {
	var found []*Resource
	for _, arn := range f.List("ResourceArns") {
		resource, ok := s.find(r, arn)
		if !ok {
			return nil, notFound(arn)
		}
		found = append(found, resource)
	}
	if len(found) == 0 {
		return nil, sim.Errorf("ValidationError", "1 validation error detected: Value null at 'resourceArns' failed to satisfy constraint: Member must not be null")
	}
	return found, nil
}

func (s *Service) addTags(r *sim.Request, f query.Form) (any, error) {
	resources, err := s.tagged(r, f)
	if err != nil {
		return nil, err
	}
	all := make([]map[string]string, len(resources))
	for i, res := range resources {
		if all[i], err = readTags(f, res.Tags); err != nil {
			return nil, err
		}
	}
	for i, res := range resources {
		res.Tags = all[i]
	}
	return struct{}{}, nil
}

func (s *Service) removeTags(r *sim.Request, f query.Form) (any, error) {
	resources, err := s.tagged(r, f)
	if err != nil {
		return nil, err
	}
	for _, res := range resources {
		for _, key := range f.List("TagKeys") {
			delete(res.Tags, key)
		}
	}
	return struct{}{}, nil
}

func (s *Service) describeTags(r *sim.Request, f query.Form) (any, error) {
	if n := len(f.List("ResourceArns")); n > 20 {
		return nil, sim.Errorf("ValidationError", "Up to 20 resources can be described at once, not %d", n)
	}
	resources, err := s.tagged(r, f)
	if err != nil {
		return nil, err
	}
	var result struct {
		Descriptions []tagDescription `xml:"TagDescriptions>member"`
	}
	for _, res := range resources {
		d := tagDescription{ARN: res.ARN}
		for _, key := range slices.Sorted(maps.Keys(res.Tags)) {
			d.Tags = append(d.Tags, wireTag{key, res.Tags[key]})
		}
		result.Descriptions = append(result.Descriptions, d)
	}
	return result, nil
}
