package ssm

import (
	"cmp"

	"github.com/linkwright/linkwright/internal/simaws/awsjson"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

type putRequest struct {
	Name, Value, Type, Description, DataType, AllowedPattern, Tier string
	KeyID                                                          string `json:"KeyId"`
	Policies                                                       string
	Overwrite                                                      bool
	Tags                                                           []tag
}

// putParameter makes a parameter, or a new version of one when the caller says that it may be overwritten.
func (s *Service) putParameter(r *sim.Request) (any, error) {
	var req putRequest
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	if err := checkName(req.Name); err != nil {
		return nil, err
	}
	p, exists := s.store(r)[req.Name]
	switch {
	case req.Overwrite && len(req.Tags) > 0:
		return nil, sim.Errorf("ValidationException", "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	case exists && !req.Overwrite:
		return nil, sim.Errorf("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	case !exists && req.Type == "":
		return nil, sim.Errorf("ValidationException", "A parameter type is required when you create a parameter.")
	case req.Policies != "":
		return nil, sim.Errorf("UnsupportedFeatureException", "Parameter policies are not simulated.")
	}
	next, err := s.nextVersion(r, req, p)
	if err != nil {
		return nil, err
	}
	if !exists {
		tags, err := withTags(nil, req.Tags)
		if err != nil {
			return nil, err
		}
		p = &Parameter{Name: req.Name, Tags: tags}
		s.store(r)[req.Name] = p
	}
	p.Versions = append(p.Versions, next)
	if len(p.Versions) > maxVersions {
		p.Versions = p.Versions[1:]
	}
	return struct {
		Tier    string
		Version int64
	}{next.Tier, next.Number}, nil
}

// nextVersion is the version that a request makes; what it leaves out stays as it was.
func (s *Service) nextVersion(r *sim.Request, req putRequest, p *Parameter) (Version, error) {
	var last Version
	if p != nil {
		last = p.latest()
		if req.Type != "" && req.Type != last.Type {
			return Version{}, sim.Errorf("HierarchyTypeMismatchException", "The parameter %s is a %s; its type can't be changed.", p.Name, last.Type)
		}
	}
	tier := req.Tier
	if tier == "Intelligent-Tiering" {
		tier = "Standard"
		if len(req.Value) > maxStandardValue {
			tier = "Advanced"
		}
	}
	next := Version{
		Number:         last.Number + 1,
		Type:           cmp.Or(req.Type, last.Type),
		Value:          req.Value,
		Description:    cmp.Or(req.Description, last.Description),
		DataType:       cmp.Or(req.DataType, last.DataType, "text"),
		KeyID:          cmp.Or(req.KeyID, last.KeyID),
		AllowedPattern: cmp.Or(req.AllowedPattern, last.AllowedPattern),
		Tier:           cmp.Or(tier, last.Tier, "Standard"),
		Modified:       s.world.Clock.Now(),
		ModifiedBy:     r.Caller.ARN,
	}
	if next.Type == "SecureString" {
		next.KeyID = cmp.Or(next.KeyID, "alias/aws/ssm")
	}
	return next, checkValue(next)
}

func (s *Service) deleteParameter(r *sim.Request) (any, error) {
	var req struct{ Name string }
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	p, ok := s.find(r, req.Name)
	if !ok {
		return nil, notFound(req.Name)
	}
	delete(s.store(r), p.Name)
	return struct{}{}, nil
}

func (s *Service) deleteParameters(r *sim.Request) (any, error) {
	var req struct{ Names []string }
	if err := awsjson.Decode(r, &req); err != nil {
		return nil, err
	}
	if err := checkNames(req.Names); err != nil {
		return nil, err
	}
	result := struct{ DeletedParameters, InvalidParameters []string }{[]string{}, []string{}}
	for _, name := range req.Names {
		if p, ok := s.find(r, name); ok {
			delete(s.store(r), p.Name)
			result.DeletedParameters = append(result.DeletedParameters, name)
		} else {
			result.InvalidParameters = append(result.InvalidParameters, name)
		}
	}
	return result, nil
}
