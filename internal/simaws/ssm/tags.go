package ssm

import (
	"maps"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

type tag struct{ Key, Value string }

// tagRequest is what the three tag actions take.
type tagRequest struct {
	ResourceType string
	ResourceID   string `json:"ResourceId"`
	Tags         []tag
	TagKeys      []string
}

// tagged reads a tag request and finds its parameter.
func (s *Service) tagged(r *sim.Request) (*Parameter, tagRequest, error) {
	var req tagRequest
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, req, err
	}
	if req.ResourceType != "Parameter" {
		return nil, req, sim.Errorf("InvalidResourceType", "The resource type %s is not simulated; Parameter is.", req.ResourceType)
	}
	p, ok := s.find(r, req.ResourceID)
	if !ok {
		return nil, req, sim.Errorf("InvalidResourceId", "The resource ID isn't valid. Verify that you entered the correct ID and try again: %s", req.ResourceID)
	}
	return p, req, nil
}

func (s *Service) addTags(r *sim.Request) (any, error) {
	p, req, err := s.tagged(r)
	if err != nil {
		return nil, err
	}
	tags, err := withTags(p.Tags, req.Tags)
	if err != nil {
		return nil, err
	}
	p.Tags = tags
	return struct{}{}, nil
}

func (s *Service) removeTags(r *sim.Request) (any, error) {
	p, req, err := s.tagged(r)
	if err != nil {
		return nil, err
	}
	for _, key := range req.TagKeys {
		delete(p.Tags, key)
	}
	return struct{}{}, nil
}

func (s *Service) listTags(r *sim.Request) (any, error) {
	p, _, err := s.tagged(r)
	if err != nil {
		return nil, err
	}
	result := struct{ TagList []tag }{[]tag{}}
	for _, key := range slices.Sorted(maps.Keys(p.Tags)) {
		result.TagList = append(result.TagList, tag{key, p.Tags[key]})
	}
	return result, nil
}

// withTags returns tags with others added or replaced.
func withTags(tags map[string]string, added []tag) (map[string]string, error) {
	all := map[string]string{}
	maps.Copy(all, tags)
	for _, t := range added {
		if t.Key == "" || len(t.Key) > 128 || len(t.Value) > 256 {
			return nil, sim.Errorf("ValidationException", "A tag key has 1 to 128 characters and a value at most 256.")
		}
		all[t.Key] = t.Value
	}
	if len(all) > maxTags {
		return nil, sim.Errorf("TooManyTagsError", "A parameter has at most %d tags. Remove one or more tags and try the command again.", maxTags)
	}
	return all, nil
}
