package aws

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// nameDrifts compares a parameter with what was published in it. Whose tag it carries does not matter to those who read
// it, and cannot be seen for many at once.
func (p *Planner) nameDrifts(ctx context.Context, req activities.NameRequest) ([]link.Drift, error) {
	s, err := p.at(ctx, req.Place)
	if err != nil {
		return nil, err
	}
	values, err := s.wantedParameters(ctx)
	if err != nil {
		return nil, s.failed(err)
	}
	switch value, there := values[req.Parameter]; {
	case !there:
		return s.planned(link.ActionCreate, link.KindParameter, req.Parameter).Drifts(), nil
	case value != req.Value:
		return s.drifted(link.KindParameter, req.Parameter, differing(link.DriftParameter, "holds "+req.Value+" again")...), nil
	}
	return nil, nil
}

// parametersAtOnce is how many parameters one call reads (AWS Systems Manager API Reference, GetParameters).
const parametersAtOnce = 10

// wantedParameters reads the values of the parameters that somebody stands by; those that do not exist are left out.
func (s *site) wantedParameters(ctx context.Context) (map[string]string, error) {
	return shared(s, "parameters", func() (map[string]string, error) {
		values := map[string]string{}
		for names := range slices.Chunk(s.seen.wanted.parameters, parametersAtOnce) {
			out, err := s.SSM.GetParameters(ctx, &ssm.GetParametersInput{Names: names})
			if err != nil {
				return nil, err
			}
			for _, found := range out.Parameters {
				values[sdk.ToString(found.Name)] = sdk.ToString(found.Value)
			}
		}
		return values, nil
	})
}
