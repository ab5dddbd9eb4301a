package simaws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

const putParameter = "AWS Systems Manager API Reference, PutParameter"

// inJSON is how the JSON protocol writes a code.
func inJSON(code string) string { return `"__type":"` + code + `"` }

// putting puts a parameter that is there already, after a change of the request.
func putting(change func(*awsssm.PutParameterInput)) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, tc testCloud, config aws.Config) error {
		client := awsssm.NewFromConfig(config)
		in := &awsssm.PutParameterInput{Name: aws.String("/links/api"), Value: aws.String("v"), Type: types.ParameterTypeString}
		must(client.PutParameter(ctx, in))(tc.t)
		change(in)
		_, err := client.PutParameter(ctx, in)
		return err
	}
}

func parameterNamed(name string) func(*awsssm.PutParameterInput) {
	return func(in *awsssm.PutParameterInput) { in.Name = &name }
}

func TestFidelityWhatParameterStoreRefuses(t *testing.T) {
	const invalid = "ValidationException"
	for _, fact := range []refusal{
		{"when a parameter is there, it is ParameterAlreadyExists", putParameter, func(ctx context.Context, tc testCloud, c aws.Config) error {
			err := putting(func(*awsssm.PutParameterInput) {})(ctx, tc, c)
			var typed *types.ParameterAlreadyExists
			if !errors.As(err, &typed) {
				return fmt.Errorf("the SDK has no type for %w", err)
			}
			return err
		}, 400, "ParameterAlreadyExists", "overwrite"},
		{"when tags come with overwrite, it is refused", putParameter, putting(func(in *awsssm.PutParameterInput) {
			in.Overwrite, in.Tags = aws.Bool(true), []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
		}), 400, invalid, "tags and overwrite can't be used together"},
		{"when the type changes, it is HierarchyTypeMismatchException", putParameter, putting(func(in *awsssm.PutParameterInput) {
			in.Overwrite, in.Type = aws.Bool(true), types.ParameterTypeSecureString
		}), 400, "HierarchyTypeMismatchException", ""},
		{"when a name has a space, it is refused", putParameter, putting(parameterNamed("/links/a b")), 400, invalid, ""},
		{"when a hierarchy begins without a slash, it is refused", putParameter, putting(parameterNamed("links/api")), 400, invalid, "fully qualified"},
		{"when a name begins with aws, it is refused", putParameter, putting(parameterNamed("/AWS/api")), 400, invalid, `"aws" or "ssm"`},
		{"when a name has 16 levels, it is refused", putParameter, putting(parameterNamed(strings.Repeat("/x", 16))), 400, "HierarchyLevelLimitExceededException", "15"},
		{"when a value has 4097 characters, it is refused", putParameter, putting(func(in *awsssm.PutParameterInput) {
			in.Overwrite, in.Value = aws.Bool(true), aws.String(strings.Repeat("x", 4097))
		}), 400, invalid, "4096"},
		{"when a parameter is missing, it is ParameterNotFound", "AWS Systems Manager API Reference, GetParameter", func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsssm.NewFromConfig(c).GetParameter(ctx, &awsssm.GetParameterInput{Name: aws.String("/none")})
			var typed *types.ParameterNotFound
			if !errors.As(err, &typed) {
				return fmt.Errorf("the SDK has no type for %w", err)
			}
			return err
		}, 400, "ParameterNotFound", "/none"},
		{"when a version is missing, it is ParameterVersionNotFound", "AWS Systems Manager API Reference, GetParameter", func(ctx context.Context, tc testCloud, c aws.Config) error {
			client := awsssm.NewFromConfig(c)
			must(client.PutParameter(ctx, &awsssm.PutParameterInput{Name: aws.String("/x"), Value: aws.String("v"), Type: types.ParameterTypeString}))(tc.t)
			_, err := client.GetParameter(ctx, &awsssm.GetParameterInput{Name: aws.String("/x:2")})
			return err
		}, 400, "ParameterVersionNotFound", "/x:2"},
		{"when the tags of a missing parameter are asked for, it is InvalidResourceId", "AWS Systems Manager API Reference, ListTagsForResource", func(ctx context.Context, _ testCloud, c aws.Config) error {
			_, err := awsssm.NewFromConfig(c).ListTagsForResource(ctx, &awsssm.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String("/none")})
			return err
		}, 400, "InvalidResourceId", ""},
	} {
		fact.check(t, provider, inJSON)
	}
}

// Overwriting makes a new version, and each remains; a tag is not a version (PutParameter, AddTagsToResource).
func TestFidelityVersionsOfParameters(t *testing.T) {
	tc := startCloud(t)
	config, wire := tc.taped(provider)
	client := awsssm.NewFromConfig(config)
	for i, value := range []string{"one", "two"} {
		out := must(client.PutParameter(t.Context(), &awsssm.PutParameterInput{Name: aws.String("/links/api"), Value: &value, Type: types.ParameterTypeString, Overwrite: aws.Bool(i > 0)}))(t)
		wire.has(t, `"Tier":"Standard"`, fmt.Sprintf(`"Version":%d`, i+1))
		if out.Version != int64(i+1) {
			t.Errorf("the SDK has the version %d", out.Version)
		}
	}
	must(client.AddTagsToResource(t.Context(), &awsssm.AddTagsToResourceInput{ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String("/links/api"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}))(t)
	for selector, want := range map[string]string{"": "two", ":1": "one", ":2": "two"} {
		got := must(client.GetParameter(t.Context(), &awsssm.GetParameterInput{Name: aws.String("/links/api" + selector)}))(t).Parameter
		if *got.Value != want || *got.Name != "/links/api" || aws.ToString(got.Selector) != selector || *got.ARN != "arn:aws:ssm:us-east-1:111111111111:parameter/links/api" {
			t.Errorf("with the selector %q, the SDK has %+v", selector, got)
		}
	}
	answer := tc.send(provider, "ssm", http.MethodPost, "/", `{"Name":"/links/api"}`, http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"AmazonSSM.GetParameter"}})
	answer.has(t, `{"Parameter":{"ARN":"arn:aws:ssm:us-east-1:111111111111:parameter/links/api","DataType":"text","LastModifiedDate":`, `"Type":"String","Value":"two","Version":2}}`)
	var shown struct {
		Parameter struct{ LastModifiedDate json.Number }
	}
	if err := json.Unmarshal([]byte(answer.body), &shown); err != nil || answer.header.Get("Content-Type") != "application/x-amz-json-1.1" {
		t.Errorf("a time is not in seconds: %v, %s", err, answer.body)
	}
}
