package aws

import (
	"context"
	"errors"
	"regexp"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Names keeps parameters in Systems Manager Parameter Store.
type Names struct{ config Config }

var _ activities.Names = (*Names)(nil)

// NewNames returns the steps about names.
func NewNames(c Config) *Names { return &Names{c.withDefaults()} }

// PublishName implements [activities.Names].
func (n *Names) PublishName(ctx context.Context, req activities.NameRequest) error {
	s, err := n.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	action, err := s.parameterAction(ctx, req)
	if err != nil || action == link.ActionKeep {
		return err
	}
	in := ssm.PutParameterInput{
		Name:  sdk.String(req.Parameter),
		Value: sdk.String(req.Value),
		Type:  ssmtypes.ParameterTypeString,
	}
	if action == link.ActionCreate {
		// A parameter gets its tags where it is made: AWS takes none together with Overwrite.
		in.Tags = []ssmtypes.Tag{{Key: sdk.String(ownerTag), Value: sdk.String(string(req.Owner))}}
	} else {
		in.Overwrite = sdk.Bool(true)
	}
	_, err = s.SSM.PutParameter(ctx, &in)
	if taken := new(ssmtypes.ParameterAlreadyExists); errors.As(err, &taken) {
		return s.pending("parameter " + req.Parameter + " has just been made by somebody")
	}
	if err != nil {
		return s.failed(err)
	}
	return nil
}

// parameterAction says what is to be done so that a parameter holds a value.
func (s *site) parameterAction(ctx context.Context, req activities.NameRequest) (link.Action, error) {
	have, err := s.parameter(ctx, req.Parameter)
	switch {
	case err != nil:
		return "", s.failed(err)
	case have == nil:
		return link.ActionCreate, nil
	case have.owner != req.Owner:
		return "", s.blocked(parameterConflict(req, have.owner), nil)
	case have.value == req.Value:
		return link.ActionKeep, nil
	}
	return link.ActionChange, nil
}

// WithdrawName implements [activities.Names].
func (n *Names) WithdrawName(ctx context.Context, req activities.NameRequest) error {
	s, err := n.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	have, err := s.parameter(ctx, req.Parameter)
	if err != nil {
		return s.failed(err)
	}
	switch {
	case have == nil:
		return s.absent(ctx, "parameter "+req.Parameter)
	case have.owner != req.Owner:
		return nil
	}
	_, err = s.SSM.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: sdk.String(req.Parameter)})
	if gone := new(ssmtypes.ParameterNotFound); errors.As(err, &gone) {
		return nil
	}
	if err != nil {
		return s.failed(err)
	}
	return nil
}

// serviceNames is what endpoint services are called: the partition's domain read backwards, the region, and the id, as
// in com.amazonaws.vpce.eu-central-1.vpce-svc-0a1b… or, in China, cn.com.amazonaws.vpce.….
var serviceNames = regexp.MustCompile(`^[a-z0-9]+(\.[a-z0-9-]+)+\.vpce\.[a-z]+(-[a-z]+)+-[0-9]+\.vpce-svc-[0-9a-f]+$`)

// ReadName implements [activities.Names]. Whose the parameter is does not matter to a reader. What a parameter holds that
// is no name is not repeated: it may be meant for nobody here.
func (n *Names) ReadName(ctx context.Context, req activities.ReadNameRequest) (activities.ServiceName, error) {
	s, err := n.config.at(ctx, req.Place)
	if err != nil {
		return activities.ServiceName{}, err
	}
	name, err := s.nameIn(ctx, req.Parameter)
	if err == nil && name.Name == "" {
		return activities.ServiceName{}, s.later(link.Problem{
			Reason:  link.ReasonServiceNotPublished,
			Call:    "ssm:GetParameter",
			Message: "parameter " + req.Parameter + " does not exist",
			Remedy:  "let the service's provider publish its name there (publish.ssmParameter), or correct nameFrom in the spec",
		})
	}
	return name, err
}

// nameIn reads the name of a service in a parameter; it is empty when there is no such parameter.
func (s *site) nameIn(ctx context.Context, parameter string) (activities.ServiceName, error) {
	got, err := s.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: sdk.String(parameter)})
	if gone := new(ssmtypes.ParameterNotFound); errors.As(err, &gone) {
		return activities.ServiceName{}, nil
	}
	if err != nil {
		return activities.ServiceName{}, s.failed(err)
	}
	name := strings.TrimSpace(sdk.ToString(got.Parameter.Value))
	if !serviceNames.MatchString(name) {
		return activities.ServiceName{}, s.blocked(link.Problem{
			Reason:  link.ReasonServiceNotPublished,
			Call:    "ssm:GetParameter",
			Message: "parameter " + parameter + " holds something else than the name of an endpoint service",
			Remedy:  "let it hold the name as AWS gives it (com.amazonaws.vpce.REGION.vpce-svc-…), or correct nameFrom in the spec",
		}, nil)
	}
	return activities.ServiceName{Name: name}, nil
}

// parameter is what is known of a parameter that exists.
type parameter struct {
	value string
	owner activities.Owner
}

// parameter looks a parameter up; nil when there is none.
func (s *site) parameter(ctx context.Context, name string) (*parameter, error) {
	got, err := s.SSM.GetParameter(ctx, &ssm.GetParameterInput{Name: sdk.String(name)})
	if gone := new(ssmtypes.ParameterNotFound); errors.As(err, &gone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	tags, err := s.SSM.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{
		ResourceType: ssmtypes.ResourceTypeForTaggingParameter,
		ResourceId:   sdk.String(name),
	})
	if gone := new(ssmtypes.InvalidResourceId); errors.As(err, &gone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	p := &parameter{value: sdk.ToString(got.Parameter.Value)}
	for _, t := range tags.TagList {
		if sdk.ToString(t.Key) == ownerTag {
			p.owner = activities.Owner(sdk.ToString(t.Value))
		}
	}
	return p, nil
}

func parameterConflict(req activities.NameRequest, owner activities.Owner) link.Problem {
	p := notOurs("parameter "+req.Parameter, req.Owner, owner)
	p.Reason = link.ReasonParameterConflict
	return p
}
