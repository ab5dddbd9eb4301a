package ssm

import (
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// wireParameter is a parameter with its value on the wire.
type wireParameter struct {
	ARN              string
	DataType         string
	LastModifiedDate float64
	Name             string
	Selector         string `json:",omitempty"`
	Type             string
	Value            string
	Version          int64
}

func wire(r *sim.Request, p *Parameter, v Version, selector string, decrypt bool) wireParameter {
	return wireParameter{
		ARN: p.arn(r), DataType: v.DataType, LastModifiedDate: awsjson.Epoch(v.Modified), Name: p.Name,
		Selector: selector, Type: v.Type, Value: v.shown(decrypt), Version: v.Number,
	}
}

func (s *Service) getParameter(r *sim.Request) (any, error) {
	var req struct {
		Name           string
		WithDecryption bool
	}
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	p, v, selector, err := s.selected(r, req.Name)
	if err != nil {
		return nil, err
	}
	return struct{ Parameter wireParameter }{wire(r, p, v, selector, req.WithDecryption)}, nil
}

// getParameters returns what it finds and names the rest.
func (s *Service) getParameters(r *sim.Request) (any, error) {
	var req struct {
		Names          []string
		WithDecryption bool
	}
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	if err := checkNames(req.Names); err != nil {
		return nil, err
	}
	result := struct {
		InvalidParameters []string
		Parameters        []wireParameter
	}{[]string{}, []wireParameter{}}
	for _, name := range req.Names {
		p, v, selector, err := s.selected(r, name)
		if err != nil {
			result.InvalidParameters = append(result.InvalidParameters, name)
			continue
		}
		result.Parameters = append(result.Parameters, wire(r, p, v, selector, req.WithDecryption))
	}
	return result, nil
}

// checkNames: a request names one to ten parameters.
func checkNames(names []string) error {
	if len(names) < 1 || len(names) > 10 {
		return sim.Errorf("ValidationException", "1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length between 1 and 10, not %d.", len(names))
	}
	return nil
}

func (s *Service) getParametersByPath(r *sim.Request) (any, error) {
	var req struct {
		Path             string
		Recursive        bool
		WithDecryption   bool
		ParameterFilters []filter
		MaxResults       *int
		NextToken        string
	}
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(req.Path, "/") {
		return nil, sim.Errorf("ValidationException", "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\".")
	}
	option := "OneLevel"
	if req.Recursive {
		option = "Recursive"
	}
	for _, f := range req.ParameterFilters {
		if f.Key != "Type" && f.Key != "KeyId" {
			return nil, sim.Errorf("InvalidFilterKey", "The filter key %s is not valid here; Type and KeyId are.", f.Key)
		}
	}
	filters := append(req.ParameterFilters, filter{Key: "Path", Option: option, Values: []string{req.Path}})
	found, next, err := s.list(r, filters, page{max: 10, size: req.MaxResults, token: req.NextToken})
	if err != nil {
		return nil, err
	}
	result := struct {
		Parameters []wireParameter
		NextToken  string `json:",omitempty"`
	}{[]wireParameter{}, next}
	for _, p := range found {
		result.Parameters = append(result.Parameters, wire(r, p, p.latest(), "", req.WithDecryption))
	}
	return result, nil
}
