package wafv2

import (
	"maps"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// taggedRequest names a web ACL by its ARN alone (AWS WAF API Reference, ListTagsForResource).
type taggedRequest struct{ ResourceARN string }

type tag struct{ Key, Value string }

func (s *Service) listTagsForResource(r *sim.Request) (any, error) {
	var req taggedRequest
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	acl, ok := s.find(r, req.ResourceARN)
	if !ok {
		return nil, nonexistent()
	}
	tags := []tag{}
	for _, key := range slices.Sorted(maps.Keys(acl.Tags)) {
		tags = append(tags, tag{key, acl.Tags[key]})
	}
	type info struct {
		ResourceARN string
		TagList     []tag
	}
	return struct{ TagInfoForResource info }{info{acl.ARN, tags}}, nil
}
