package acm

import (
	"maps"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// maxTags is the most tags on one certificate (AWS Certificate Manager User Guide, "Tag restrictions").
const maxTags = 50

type tag struct {
	Key   string
	Value *string `json:",omitempty"`
}

func (t tag) value() string {
	if t.Value == nil {
		return ""
	}
	return *t.Value
}

// tagged reads a request about tags and finds its certificate.
func (s *Service) tagged(r *sim.Request) (*Certificate, []tag, error) {
	var req struct {
		CertificateArn string
		Tags           []tag
	}
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, nil, err
	}
	c, err := s.find(r, req.CertificateArn)
	return c, req.Tags, err
}

func (s *Service) addTags(r *sim.Request) (any, error) {
	c, added, err := s.tagged(r)
	if err != nil {
		return nil, err
	}
	tags, err := withTags(c.Tags, added)
	if err != nil {
		return nil, err
	}
	c.Tags = tags
	return struct{}{}, nil
}

// removeTags takes a tag away whatever its value, or only when it has the one that is given (AWS Certificate Manager API
// Reference, RemoveTagsFromCertificate).
func (s *Service) removeTags(r *sim.Request) (any, error) {
	c, removed, err := s.tagged(r)
	if err != nil {
		return nil, err
	}
	for _, t := range removed {
		if t.Value == nil || c.Tags[t.Key] == *t.Value {
			delete(c.Tags, t.Key)
		}
	}
	return struct{}{}, nil
}

func (s *Service) listTags(r *sim.Request) (any, error) {
	c, err := s.named(r)
	if err != nil {
		return nil, err
	}
	result := struct{ Tags []tag }{[]tag{}}
	for _, key := range slices.Sorted(maps.Keys(c.Tags)) {
		value := c.Tags[key]
		result.Tags = append(result.Tags, tag{key, &value})
	}
	return result, nil
}

// withTags returns tags with others added or replaced.
func withTags(tags map[string]string, added []tag) (map[string]string, error) {
	all := map[string]string{}
	maps.Copy(all, tags)
	for _, t := range added {
		if t.Key == "" || len(t.Key) > 128 || len(t.value()) > 256 {
			return nil, sim.Errorf("InvalidTagException", "A tag key has 1 to 128 characters and a value at most 256.")
		}
		all[t.Key] = t.value()
	}
	if len(all) > maxTags {
		return nil, sim.Errorf("TooManyTagsException", "A certificate has at most %d tags.", maxTags)
	}
	return all, nil
}
