package ec2

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// What EC2 lets a resource carry (EC2 User Guide, "Tag your Amazon EC2 resources": tag restrictions).
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

type tagItem struct {
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

// tagSet are a resource's tags on the wire, in the order of their keys.
func tagSet(tags map[string]string) []tagItem {
	var items []tagItem
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		items = append(items, tagItem{key, tags[key]})
	}
	return items
}

// newTags reads the TagSpecification parameters of a Create action that makes a resource of a kind.
func newTags(f query.Form, kind string) (map[string]string, error) {
	tags := map[string]string{}
	for _, spec := range f.Structs("TagSpecification") {
		if given := spec.String("ResourceType"); given != kind {
			return nil, sim.Errorf("InvalidParameterValue", "'%s' is not a valid taggable resource type for this operation.", given)
		}
		if err := addTags(tags, spec); err != nil {
			return nil, err
		}
	}
	return tags, nil
}

// addTags reads the parameter list Tag.N.Key, Tag.N.Value into tags.
func addTags(tags map[string]string, f query.Form) error {
	for _, tag := range f.Structs("Tag") {
		key, value := tag.String("Key"), tag.String("Value")
		switch {
		case key == "":
			return sim.Errorf("InvalidParameterValue", "Tag keys must not be empty.")
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return sim.Errorf("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
		case len([]rune(key)) > maxTagKey:
			return sim.Errorf("InvalidParameterValue", "Tag key exceeds the maximum length of %d characters", maxTagKey)
		case len([]rune(value)) > maxTagValue:
			return sim.Errorf("InvalidParameterValue", "Tag value exceeds the maximum length of %d characters", maxTagValue)
		}
		tags[key] = value
	}
	if len(tags) > maxTags {
		return sim.Errorf("TagLimitExceeded", "The maximum number of tags for a resource (%d) has been reached", maxTags)
	}
	return nil
}

// taggable finds the resources that CreateTags and DeleteTags name.
func (s *Service) taggable(r *sim.Request, f query.Form) ([]*Resource, error) {
	var resources []*Resource
	for _, id := range f.List("ResourceId") {
		resource := s.state.ownedResource(r, id)
		if resource == nil {
			return nil, sim.Errorf("InvalidID", "The ID '%s' is not valid", id)
		}
		resources = append(resources, resource)
	}
	if len(resources) == 0 {
		return nil, missingParameter("resourceIdSet")
	}
	return resources, nil
}

func (s *Service) createTags(r *sim.Request, f query.Form) (any, error) {
	resources, err := s.taggable(r, f)
	if err != nil {
		return nil, err
	}
	// All or nothing: the tags are worked out for every resource before any is changed.
	results := make([]map[string]string, len(resources))
	for i, resource := range resources {
		results[i] = maps.Clone(resource.Tags)
		if results[i] == nil {
			results[i] = map[string]string{}
		}
		if err := addTags(results[i], f); err != nil {
			return nil, err
		}
	}
	for i, resource := range resources {
		resource.Tags = results[i]
	}
	return done{true}, nil
}

// deleteTags takes the given tags off, those given with a value only where the value agrees, and all tags
// when none is given.
func (s *Service) deleteTags(r *sim.Request, f query.Form) (any, error) {
	resources, err := s.taggable(r, f)
	if err != nil {
		return nil, err
	}
	for _, resource := range resources {
		if len(f.Structs("Tag")) == 0 {
			clear(resource.Tags)
		}
		for _, tag := range f.Structs("Tag") {
			key := tag.String("Key")
			if !tag.Has("Value") || resource.Tags[key] == tag.String("Value") {
				delete(resource.Tags, key)
			}
		}
	}
	return done{true}, nil
}

type tagDescription struct {
	ResourceID   string `xml:"resourceId"`
	ResourceType string `xml:"resourceType"`
	tagItem
	sequence int
}

func (s *Service) describeTags(r *sim.Request, f query.Form) (any, error) {
	size, err := pageLimits.Size(f, "MaxResults")
	if err != nil {
		return nil, err
	}
	var result struct {
		Tags      []tagDescription `xml:"tagSet>item"`
		NextToken string           `xml:"nextToken,omitempty"`
	}
	if err := f.Filters().Check(isTagDescriptionFilter); err != nil {
		return nil, err
	}
	var all []tagDescription
	for _, resource := range s.ownedResources(r) {
		for _, tag := range tagSet(resource.Tags) {
			d := tagDescription{ResourceID: resource.ID, ResourceType: resource.Type, tagItem: tag, sequence: len(all) + 1}
			if f.Filters().Match(d.attribute) {
				all = append(all, d)
			}
		}
	}
	result.Tags, result.NextToken, err = query.Page(r, all, func(d tagDescription) int { return d.sequence }, size, f.String("NextToken"))
	return result, err
}

func isTagDescriptionFilter(name string) bool {
	return slices.Contains([]string{"resource-id", "resource-type", "key", "value"}, name) || strings.HasPrefix(name, "tag:")
}

func (d tagDescription) attribute(filter string) []string {
	switch filter {
	case "resource-id":
		return []string{d.ResourceID}
	case "resource-type":
		return []string{d.ResourceType}
	case "key":
		return []string{d.Key}
	case "value", "tag:" + d.Key:
		return []string{d.Value}
	}
	return nil
}

// ownedResources are all resources of the caller in the Region, in order of creation.
func (s *Service) ownedResources(r *sim.Request) []*Resource {
	var all []*Resource
	st := s.state
	all = appendOwned(all, r, st.VPCs)
	all = appendOwned(all, r, st.Subnets)
	all = appendOwned(all, r, st.SecurityGroups)
	all = appendOwned(all, r, st.Rules)
	all = appendOwned(all, r, st.RouteTables)
	all = appendOwned(all, r, st.NetworkACLs)
	all = appendOwned(all, r, st.Interfaces)
	all = appendOwned(all, r, st.EndpointServices)
	all = appendOwned(all, r, st.Endpoints)
	all = appendOwned(all, r, st.Notifications)
	all = appendOwned(all, r, st.PrefixLists)
	all = appendOwned(all, r, s.peeringSides(r))
	slices.SortFunc(all, func(a, b *Resource) int { return cmp.Compare(a.Sequence, b.Sequence) })
	return all
}

func appendOwned[T item](all []*Resource, r *sim.Request, table map[string]T) []*Resource {
	for _, it := range table {
		if it.meta().ownedBy(r) {
			all = append(all, it.meta())
		}
	}
	return all
}
