package ssm

import (
	"encoding/base64"
	"maps"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// wireMetadata is a parameter without its value on the wire.
type wireMetadata struct {
	ARN              string  `json:",omitempty"`
	AllowedPattern   string  `json:",omitempty"`
	DataType         string  `json:",omitempty"`
	Description      string  `json:",omitempty"`
	KeyID            string  `json:"KeyId,omitempty"`
	LastModifiedDate float64 `json:",omitempty"`
	LastModifiedUser string  `json:",omitempty"`
	Name             string
	Policies         []string
	Tier             string
	Type             string
	Value            string `json:",omitempty"` // in a history
	Version          int64
}

func metadata(p *Parameter, v Version) wireMetadata {
	return wireMetadata{
		AllowedPattern: v.AllowedPattern, DataType: v.DataType, Description: v.Description, KeyID: v.KeyID,
		LastModifiedDate: awsjson.Epoch(v.Modified), LastModifiedUser: v.ModifiedBy, Name: p.Name, Policies: []string{},
		Tier: v.Tier, Type: v.Type, Version: v.Number,
	}
}

func (s *Service) describeParameters(r *sim.Request) (any, error) {
	var req struct {
		Filters          []filter // the older form
		ParameterFilters []filter
		MaxResults       *int
		NextToken        string
		Shared           bool
	}
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	if req.Shared {
		return nil, sim.Errorf("ValidationException", "Sharing of parameters between accounts is not simulated.")
	}
	found, next, err := s.list(r, append(req.ParameterFilters, req.Filters...), page{max: 50, size: req.MaxResults, token: req.NextToken})
	if err != nil {
		return nil, err
	}
	result := struct {
		Parameters []wireMetadata
		NextToken  string `json:",omitempty"`
	}{[]wireMetadata{}, next}
	for _, p := range found {
		m := metadata(p, p.latest())
		m.ARN = p.arn(r)
		result.Parameters = append(result.Parameters, m)
	}
	return result, nil
}

func (s *Service) getParameterHistory(r *sim.Request) (any, error) {
	var req struct {
		Name           string
		WithDecryption bool
	}
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	p, ok := s.find(r, req.Name)
	if !ok {
		return nil, notFound(req.Name)
	}
	result := struct{ Parameters []wireMetadata }{}
	for _, v := range p.Versions {
		m := metadata(p, v)
		m.Value = v.shown(req.WithDecryption)
		result.Parameters = append(result.Parameters, m)
	}
	return result, nil
}

// page is which part of a listing a request asks for.
type page struct {
	max   int
	size  *int
	token string // the last name of the page before, in base64
}

// list returns one page of the parameters that pass all filters, by name, and the token of the next page.
func (s *Service) list(r *sim.Request, filters []filter, pg page) ([]*Parameter, string, error) {
	size := pg.max
	if pg.size != nil {
		size = *pg.size
		if size < 1 || size > pg.max {
			return nil, "", sim.Errorf("ValidationException", "1 validation error detected: Value '%d' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and %d.", size, pg.max)
		}
	}
	after, err := base64.URLEncoding.DecodeString(pg.token)
	if err != nil {
		return nil, "", sim.Errorf("InvalidNextToken", "The specified token isn't valid.")
	}
	for _, f := range filters {
		if err := f.check(); err != nil {
			return nil, "", err
		}
	}
	store := s.store(r)
	var found []*Parameter
	for _, name := range slices.Sorted(maps.Keys(store)) {
		fails := slices.ContainsFunc(filters, func(f filter) bool { return !f.match(store[name]) })
		if fails || name <= string(after) {
			continue
		}
		if len(found) == size {
			return found, base64.URLEncoding.EncodeToString([]byte(found[size-1].Name)), nil
		}
		found = append(found, store[name])
	}
	return found, "", nil
}
