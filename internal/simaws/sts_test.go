package simaws

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

func assume(ctx context.Context, client *awssts.Client, role string, changes ...func(*awssts.AssumeRoleInput)) (*awssts.AssumeRoleOutput, error) {
	input := &awssts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String("test")}
	for _, change := range changes {
		change(input)
	}
	return client.AssumeRole(ctx, input)
}

func TestAssumeRole(t *testing.T) {
	tc := startCloud(t)
	const open, agreed = "arn:aws:iam::111111111111:role/open", "arn:aws:iam::111111111111:role/agreed"
	seconds := func(n int32) func(*awssts.AssumeRoleInput) {
		return func(in *awssts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(n) }
	}
	external := func(id string) func(*awssts.AssumeRoleInput) {
		return func(in *awssts.AssumeRoleInput) { in.ExternalId = aws.String(id) }
	}
	for _, test := range []struct {
		name   string
		as     string
		role   string
		change func(*awssts.AssumeRoleInput)
		code   string // "" for success
	}{
		{"when the account is trusted, it is let in", provider, open, seconds(900), ""},
		{"when another account asks, it is refused", consumer, open, seconds(900), "AccessDenied"},
		{"when the external id agrees, it is let in", consumer, agreed, external("secret-word"), ""},
		{"when the external id is wrong, it is refused", consumer, agreed, external("guess"), "AccessDenied"},
		{"when the external id is missing, it is refused", consumer, agreed, seconds(900), "AccessDenied"},
		{"when the role does not exist, it is refused", provider, open + "er", seconds(900), "AccessDenied"},
		{"when the ARN is none, it is invalid", provider, "arn:aws:iam::role/open-to-all", seconds(900), "ValidationError"},
		{"when the session is too short, it is invalid", provider, open, seconds(899), "ValidationError"},
		{"when the session is too long, it is invalid", provider, open, seconds(43201), "ValidationError"},
		{"when the session's name has a space, it is invalid", provider, open, func(in *awssts.AssumeRoleInput) { in.RoleSessionName = aws.String("a b") }, "ValidationError"},
		{"when it has tags, it is let in", provider, open, func(in *awssts.AssumeRoleInput) {
			in.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String("x")}}
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := assume(t.Context(), tc.stsOf(test.as), test.role, test.change)
			if test.code != "" {
				wantError(t, err, test.code)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSessionsChain(t *testing.T) {
	tc := startCloud(t)
	first := must(assume(t.Context(), tc.stsOf(provider), "arn:aws:iam::111111111111:role/open"))(t)
	config := tc.config(provider)
	config.Credentials = credentials.NewStaticCredentialsProvider(*first.Credentials.AccessKeyId, *first.Credentials.SecretAccessKey, *first.Credentials.SessionToken)
	client := awssts.NewFromConfig(config)
	who := must(client.GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{}))(t)
	if *who.Arn != "arn:aws:sts::111111111111:assumed-role/open/test" || !strings.HasSuffix(*who.UserId, ":test") || !strings.HasPrefix(*first.Credentials.AccessKeyId, "ASIA") {
		t.Errorf("got the identity %s, %s, %s", *who.Arn, *who.UserId, *first.Credentials.AccessKeyId)
	}
	const next = "arn:aws:iam::222222222222:role/linkwright" // trusts the role "open"
	_, err := assume(t.Context(), client, next, func(in *awssts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(3601) })
	wantError(t, err, "ValidationError")
	second := must(assume(t.Context(), client, next, func(in *awssts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(3600) }))(t)
	if left := second.Credentials.Expiration.Sub(tc.world.Clock.Now()); left > time.Hour || left < time.Hour-time.Second {
		t.Errorf("the session lasts %s", left)
	}
}
