package ssm_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/linkwright/linkwright/internal/simaws/simtest"
	"github.com/linkwright/linkwright/internal/simaws/ssm"
)

type world struct {
	*simtest.Cloud
	t       *testing.T
	service *ssm.Service
	client  *sdk.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	cloud := simtest.New(t)
	service := ssm.New(cloud.World)
	cloud.Serve(service)
	return &world{cloud, t, service, sdk.NewFromConfig(cloud.Client(simtest.Provider))}
}

// put makes a parameter.
func (w *world) put(name, value string, tags ...string) {
	w.t.Helper()
	in := &sdk.PutParameterInput{Name: &name, Value: &value, Type: types.ParameterTypeString}
	for i := 0; i < len(tags); i += 2 {
		in.Tags = append(in.Tags, types.Tag{Key: &tags[i], Value: &tags[i+1]})
	}
	if _, err := w.client.PutParameter(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

func TestParameterLifecycle(t *testing.T) {
	w := newWorld(t)
	w.put("/a/b", "one")
	out, err := w.client.PutParameter(t.Context(), &sdk.PutParameterInput{Name: aws.String("/a/b"), Value: aws.String("two"), Overwrite: aws.Bool(true)})
	if err != nil || out.Version != 2 || out.Tier != types.ParameterTierStandard {
		t.Fatalf("%+v, %v", out, err)
	}
	w.Restart(w.service)
	for _, tt := range []struct {
		when, name, value string
		version           int64
	}{
		{"when asked by name, it gives the latest version", "/a/b", "two", 2},
		{"when asked by ARN, it gives the same", "arn:aws:ssm:eu-west-1:111111111111:parameter/a/b", "two", 2},
		{"when asked for a version, it gives that", "/a/b:1", "one", 1},
	} {
		t.Run(tt.when, func(t *testing.T) {
			got, err := w.client.GetParameter(t.Context(), &sdk.GetParameterInput{Name: &tt.name})
			if err != nil {
				t.Fatal(err)
			}
			p := got.Parameter
			if *p.Value != tt.value || p.Version != tt.version || p.Type != types.ParameterTypeString || *p.Name != "/a/b" ||
				*p.ARN != "arn:aws:ssm:eu-west-1:111111111111:parameter/a/b" || p.LastModifiedDate == nil || *p.DataType != "text" {
				t.Errorf("got %+v", p)
			}
		})
	}
	history, err := w.client.GetParameterHistory(t.Context(), &sdk.GetParameterHistoryInput{Name: aws.String("/a/b")})
	if err != nil || len(history.Parameters) != 2 || *history.Parameters[0].Value != "one" {
		t.Errorf("history %+v, %v", history, err)
	}
	if _, err := w.client.DeleteParameter(t.Context(), &sdk.DeleteParameterInput{Name: aws.String("/a/b")}); err != nil {
		t.Error(err)
	}
	if _, err := w.client.DeleteParameter(t.Context(), &sdk.DeleteParameterInput{Name: aws.String("/a/b")}); simtest.Code(err) != "ParameterNotFound" {
		t.Errorf("deleted twice: %v", err)
	}
}

func TestPutParameterRefuses(t *testing.T) {
	w := newWorld(t)
	w.put("there", "x")
	tests := []struct {
		when string
		in   sdk.PutParameterInput
		code string
	}{
		{"when it exists, and overwriting is not asked for", sdk.PutParameterInput{Name: aws.String("there"), Value: aws.String("y")}, "ParameterAlreadyExists"},
		{"when tags come with overwrite", sdk.PutParameterInput{Name: aws.String("there"), Value: aws.String("y"), Overwrite: aws.Bool(true), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}, "ValidationException"},
		{"when a new one has no type", sdk.PutParameterInput{Name: aws.String("new"), Value: aws.String("y")}, "ValidationException"},
		{"when the type would change", sdk.PutParameterInput{Name: aws.String("there"), Value: aws.String("y"), Type: types.ParameterTypeSecureString, Overwrite: aws.Bool(true)}, "HierarchyTypeMismatchException"},
		{"when the name begins with aws", sdk.PutParameterInput{Name: aws.String("/aws/x"), Value: aws.String("y"), Type: types.ParameterTypeString}, "ValidationException"},
		{"when a hierarchy does not begin with a slash", sdk.PutParameterInput{Name: aws.String("a/b"), Value: aws.String("y"), Type: types.ParameterTypeString}, "ValidationException"},
		{"when a hierarchy is too deep", sdk.PutParameterInput{Name: aws.String(strings.Repeat("/a", 16)), Value: aws.String("y"), Type: types.ParameterTypeString}, "HierarchyLevelLimitExceededException"},
		{"when the value is too long for its tier", sdk.PutParameterInput{Name: aws.String("long"), Value: aws.String(strings.Repeat("x", 4097)), Type: types.ParameterTypeString}, "ValidationException"},
		{"when the value does not match the pattern", sdk.PutParameterInput{Name: aws.String("p"), Value: aws.String("y"), AllowedPattern: aws.String(`\d+`), Type: types.ParameterTypeString}, "ParameterPatternMismatchException"},
	}
	for _, tt := range tests {
		t.Run(tt.when, func(t *testing.T) {
			if _, err := w.client.PutParameter(t.Context(), &tt.in); simtest.Code(err) != tt.code {
				t.Errorf("%v, want %s", err, tt.code)
			}
		})
	}
}

func TestSecureStringIsOpaqueUntilDecrypted(t *testing.T) {
	w := newWorld(t)
	if _, err := w.client.PutParameter(t.Context(), &sdk.PutParameterInput{Name: aws.String("s"), Value: aws.String("hush"), Type: types.ParameterTypeSecureString}); err != nil {
		t.Fatal(err)
	}
	for decrypt, plain := range map[bool]bool{false: false, true: true} {
		got, err := w.client.GetParameter(t.Context(), &sdk.GetParameterInput{Name: aws.String("s"), WithDecryption: &decrypt})
		if err != nil || (*got.Parameter.Value == "hush") != plain || got.Parameter.Type != types.ParameterTypeSecureString {
			t.Errorf("decryption %t: %+v, %v", decrypt, got, err)
		}
	}
}

func TestSeveralAtOnce(t *testing.T) {
	w := newWorld(t)
	w.put("a", "1")
	w.put("b", "2")
	got, err := w.client.GetParameters(t.Context(), &sdk.GetParametersInput{Names: []string{"a", "b", "c"}})
	if err != nil || len(got.Parameters) != 2 || !slices.Equal(got.InvalidParameters, []string{"c"}) {
		t.Errorf("%+v, %v", got, err)
	}
	deleted, err := w.client.DeleteParameters(t.Context(), &sdk.DeleteParametersInput{Names: []string{"a", "c"}})
	if err != nil || !slices.Equal(deleted.DeletedParameters, []string{"a"}) || !slices.Equal(deleted.InvalidParameters, []string{"c"}) {
		t.Errorf("%+v, %v", deleted, err)
	}
}

func TestParametersByPath(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"/a/1", "/a/2", "/a/b/3", "/ab/4"} {
		w.put(name, name)
	}
	for _, tt := range []struct {
		when      string
		path      string
		recursive bool
		want      []string
	}{
		{"when not recursive, it gives one level", "/a", false, []string{"/a/1", "/a/2"}},
		{"when recursive, it gives all below", "/a/", true, []string{"/a/1", "/a/2", "/a/b/3"}},
		{"when nothing is there, it gives nothing", "/x", true, nil},
	} {
		t.Run(tt.when, func(t *testing.T) {
			var got []string
			pages := sdk.NewGetParametersByPathPaginator(w.client, &sdk.GetParametersByPathInput{Path: &tt.path, Recursive: &tt.recursive, MaxResults: aws.Int32(1)})
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range page.Parameters {
					got = append(got, *p.Name)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDescribeParameters(t *testing.T) {
	w := newWorld(t)
	w.put("/svc/one", "1", "owner", "team-a")
	w.put("/svc/two", "2", "owner", "team-b")
	w.put("plain", "3")
	filter := func(key, option string, values ...string) types.ParameterStringFilter {
		f := types.ParameterStringFilter{Key: &key, Values: values}
		if option != "" {
			f.Option = &option
		}
		return f
	}
	for _, tt := range []struct {
		when   string
		filter types.ParameterStringFilter
		want   []string
		code   string
	}{
		{"when filtered by name", filter("Name", "", "plain"), []string{"plain"}, ""},
		{"when filtered by the beginning of the name", filter("Name", "BeginsWith", "/svc"), []string{"/svc/one", "/svc/two"}, ""},
		{"when filtered by tag and value", filter("tag:owner", "", "team-b"), []string{"/svc/two"}, ""},
		{"when filtered by tag alone", filter("tag:owner", ""), []string{"/svc/one", "/svc/two"}, ""},
		{"when filtered by path", filter("Path", "Recursive", "/svc"), []string{"/svc/one", "/svc/two"}, ""},
		{"when the key is unknown, it is refused", filter("Colour", "", "red"), nil, "InvalidFilterKey"},
		{"when the option is unknown, it is refused", filter("Name", "Sounds", "x"), nil, "InvalidFilterOption"},
	} {
		t.Run(tt.when, func(t *testing.T) {
			out, err := w.client.DescribeParameters(t.Context(), &sdk.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{tt.filter}})
			if simtest.Code(err) != tt.code {
				t.Fatalf("%v, want %q", err, tt.code)
			}
			var got []string
			if out != nil {
				for _, p := range out.Parameters {
					got = append(got, *p.Name)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("when there are more than a page, the next token leads on", func(t *testing.T) {
		for i := range 60 {
			w.put(fmt.Sprintf("many%d", i), "x")
		}
		count := 0
		pages := sdk.NewDescribeParametersPaginator(w.client, &sdk.DescribeParametersInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			count += len(page.Parameters)
		}
		if count != 63 {
			t.Errorf("saw %d parameters", count)
		}
	})
}

func TestTags(t *testing.T) {
	w := newWorld(t)
	w.put("a", "1", "k", "v")
	if _, err := w.client.AddTagsToResource(t.Context(), &sdk.AddTagsToResourceInput{
		ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String("a"), Tags: []types.Tag{{Key: aws.String("l"), Value: aws.String("w")}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.RemoveTagsFromResource(t.Context(), &sdk.RemoveTagsFromResourceInput{
		ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String("a"), TagKeys: []string{"k"},
	}); err != nil {
		t.Fatal(err)
	}
	out, err := w.client.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String("a")})
	if err != nil || len(out.TagList) != 1 || *out.TagList[0].Key != "l" {
		t.Errorf("%+v, %v", out, err)
	}
	_, err = w.client.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String("b")})
	if simtest.Code(err) != "InvalidResourceId" {
		t.Errorf("%v, want InvalidResourceId", err)
	}
}

func TestParametersBelongToAnAccountAndRegion(t *testing.T) {
	w := newWorld(t)
	w.put("a", "1")
	elsewhere := w.Client(simtest.Provider)
	elsewhere.Region = "us-east-1"
	for name, config := range map[string]aws.Config{"another account": w.Client(simtest.Consumer), "another region": elsewhere} {
		if _, err := sdk.NewFromConfig(config).GetParameter(t.Context(), &sdk.GetParameterInput{Name: aws.String("a")}); simtest.Code(err) != "ParameterNotFound" {
			t.Errorf("%s: %v, want ParameterNotFound", name, err)
		}
	}
}

func TestUnknownOperation(t *testing.T) {
	w := newWorld(t)
	if _, err := w.client.DescribeInstanceInformation(t.Context(), &sdk.DescribeInstanceInformationInput{}); simtest.Code(err) != "UnknownOperationException" {
		t.Errorf("%v, want a refusal", err)
	}
}
