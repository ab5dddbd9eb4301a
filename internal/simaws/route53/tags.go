package route53

import (
	"maps"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// maxTags is the most tags on one hosted zone (Route 53 Developer Guide, "Tagging Amazon Route 53 resources").
const maxTags = 50

type tag struct {
	Key   string `xml:"Key"`
	Value string `xml:"Value"`
}

type resourceTagSet struct {
	ResourceType string  `xml:"ResourceType"`
	ResourceID   string  `xml:"ResourceId"`
	Tags         tagList `xml:"Tags"`
}

type tagList struct {
	Tag []tag `xml:"Tag"`
}

// tagged finds the zone behind a tag request. Health checks, the other thing that can have tags, do not
// exist here.
func (s *Service) tagged(c call, resourceType, id string) (*Zone, error) {
	switch resourceType {
	case "hostedzone":
		return s.zone(c, id)
	case "healthcheck":
		return nil, sim.Errorf("NoSuchHealthCheck", "No health check exists with the specified ID: %s", id)
	}
	return nil, sim.Errorf("InvalidInput", "ResourceType must be hostedzone or healthcheck, not %q.", resourceType)
}

func (z *Zone) tagSet() resourceTagSet {
	set := resourceTagSet{ResourceType: "hostedzone", ResourceID: z.ID}
	for _, key := range slices.Sorted(maps.Keys(z.Tags)) {
		set.Tags.Tag = append(set.Tags.Tag, tag{key, z.Tags[key]})
	}
	return set
}

func (s *Service) listTagsForResource(c call) (any, error) {
	z, err := s.tagged(c, c.vars[0], c.vars[1])
	if err != nil {
		return nil, err
	}
	return struct {
		Set resourceTagSet `xml:"ResourceTagSet"`
	}{z.tagSet()}, nil
}

func (s *Service) listTagsForResources(c call) (any, error) {
	var req struct {
		IDs []string `xml:"ResourceIds>ResourceId"`
	}
	if err := decode(c, "ListTagsForResourcesRequest", &req); err != nil {
		return nil, err
	}
	var result struct {
		Sets []resourceTagSet `xml:"ResourceTagSets>ResourceTagSet"`
	}
	for _, id := range req.IDs {
		z, err := s.tagged(c, c.vars[0], id)
		if err != nil {
			return nil, err
		}
		result.Sets = append(result.Sets, z.tagSet())
	}
	return result, nil
}

func (s *Service) changeTagsForResource(c call) (any, error) {
	z, err := s.tagged(c, c.vars[0], c.vars[1])
	if err != nil {
		return nil, err
	}
	var req struct {
		Add    []tag    `xml:"AddTags>Tag"`
		Remove []string `xml:"RemoveTagKeys>Key"`
	}
	if err := decode(c, "ChangeTagsForResourceRequest", &req); err != nil {
		return nil, err
	}
	tags := maps.Clone(z.Tags)
	for _, key := range req.Remove {
		delete(tags, key)
	}
	for _, t := range req.Add {
		if t.Key == "" || len(t.Key) > 128 || len(t.Value) > 256 {
			return nil, sim.Errorf("InvalidInput", "A tag key has 1 to 128 characters and a value at most 256.")
		}
		tags[t.Key] = t.Value
	}
	if len(tags) > maxTags {
		return nil, sim.Errorf("InvalidInput", "A hosted zone has at most %d tags.", maxTags)
	}
	z.Tags = tags
	return struct{}{}, nil
}
