package simaws

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

const assumeRole = "AWS STS API Reference, AssumeRole"

// assuming assumes a role after a change of the request.
func assuming(role string, change func(*awssts.AssumeRoleInput)) func(context.Context, testCloud, aws.Config) error {
	return func(ctx context.Context, _ testCloud, config aws.Config) error {
		_, err := assume(ctx, awssts.NewFromConfig(config), role, change)
		return err
	}
}

func lasting(seconds int32) func(*awssts.AssumeRoleInput) {
	return func(in *awssts.AssumeRoleInput) { in.DurationSeconds = &seconds }
}

func withExternalID(id string) func(*awssts.AssumeRoleInput) {
	return func(in *awssts.AssumeRoleInput) { in.ExternalId = &id }
}

// session are credentials of a role.
func (tc testCloud) session(role string) aws.Config {
	tc.t.Helper()
	made := must(assume(tc.t.Context(), tc.stsOf(provider), role, lasting(900)))(tc.t).Credentials
	config := tc.config(provider)
	config.Credentials = credentials.NewStaticCredentialsProvider(*made.AccessKeyId, *made.SecretAccessKey, *made.SessionToken)
	return config
}

func TestFidelityWhatSTSRefuses(t *testing.T) {
	const invalid = "ValidationError"
	for _, fact := range []refusal{
		{"when the external id is wrong, it is AccessDenied", assumeRole, assuming(agreedRole, withExternalID("guess")), 403, "AccessDenied", "is not authorized to perform: sts:AssumeRole on resource: " + agreedRole},
		{"when the external id is missing, it is AccessDenied", assumeRole, assuming(agreedRole, lasting(900)), 403, "AccessDenied", ""},
		{"when the external id has a space, it is refused", assumeRole, assuming(agreedRole, withExternalID("secret word")), 400, invalid, "externalId"},
		{"when the external id has an asterisk, it is refused", assumeRole, assuming(agreedRole, withExternalID("secret*word")), 400, invalid, "externalId"},
		{"when the external id has one character, it is refused", assumeRole, assuming(agreedRole, withExternalID("x")), 400, invalid, "externalId"},
		{"when the external id has 1225 characters, it is refused", assumeRole, assuming(agreedRole, withExternalID(strings.Repeat("x", 1225))), 400, invalid, "externalId"},
		{"when it shall last 899 seconds, it is refused", assumeRole, assuming(openRole, lasting(899)), 400, invalid, "durationSeconds"},
		{"when it shall last 43201 seconds, it is refused", assumeRole, assuming(openRole, lasting(43201)), 400, invalid, "durationSeconds"},
		{"when there are 51 tags, it is refused", assumeRole, assuming(openRole, func(in *awssts.AssumeRoleInput) {
			for i := range 51 {
				in.Tags = append(in.Tags, types.Tag{Key: aws.String(fmt.Sprint("k", i)), Value: aws.String("v")})
			}
		}), 400, invalid, "50"},
		{"when a role chains for more than an hour, it is refused", assumeRole, func(ctx context.Context, tc testCloud, c aws.Config) error {
			c.Credentials = tc.session(openRole).Credentials
			_, err := assume(ctx, awssts.NewFromConfig(c), "arn:aws:iam::222222222222:role/linkwright", lasting(3601))
			return err
		}, 400, invalid, "1 hour session limit for roles assumed by role chaining"},
	} {
		fact.check(t, consumerOf(fact), inQuery)
	}
}

// consumerOf is who is refused: the consumer what only the role "agreed" decides, the provider everything else.
func consumerOf(fact refusal) string {
	if strings.Contains(fact.name, "external id") {
		return consumer
	}
	return provider
}

// The characters of an external id, and the bounds of a session, are allowed to the last (AssumeRole).
func TestFidelityWhatSTSAllows(t *testing.T) {
	const characters = "azAZ09_+=,.@:/-"
	tc := startCloud(t, func(c *Config) { c.World.Accounts[0].Roles[1].ExternalID = characters })
	if err := assuming(agreedRole, withExternalID(characters))(t.Context(), tc, tc.config(consumer)); err != nil {
		t.Error(err)
	}
	for _, seconds := range []int32{900, 43200} {
		out := must(assume(t.Context(), tc.stsOf(provider), openRole, lasting(seconds)))(t)
		if got := out.Credentials.Expiration.Sub(tc.world.Clock.Now()).Round(time.Second); got > time.Duration(seconds)*time.Second || got < time.Duration(seconds-2)*time.Second {
			t.Errorf("a session for %d seconds lasts %v", seconds, got)
		}
	}
	chained := awssts.NewFromConfig(tc.session(openRole))
	must(assume(t.Context(), chained, "arn:aws:iam::222222222222:role/linkwright", lasting(3600)))(t)
}

// What STS answers, byte for byte: the session's keys, when they end, and who one is then (AssumeRole,
// GetCallerIdentity).
func TestFidelitySessions(t *testing.T) {
	tc := startCloud(t)
	config, wire := tc.taped(provider)
	out := must(assume(t.Context(), awssts.NewFromConfig(config), openRole, lasting(900)))(t)
	wire.has(t, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIA`, "</SecretAccessKey><SessionToken>", "Z</Expiration></Credentials>",
		"<AssumedRoleUser><AssumedRoleId>AROA", ":test</AssumedRoleId><Arn>arn:aws:sts::111111111111:assumed-role/open/test</Arn></AssumedRoleUser>")
	keys := out.Credentials
	config.Credentials = credentials.NewStaticCredentialsProvider(*keys.AccessKeyId, *keys.SecretAccessKey, *keys.SessionToken)
	must(awssts.NewFromConfig(config).GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{}))(t)
	wire.has(t, "<GetCallerIdentityResult><Arn>arn:aws:sts::111111111111:assumed-role/open/test</Arn><UserId>AROA", "<Account>111111111111</Account>")
	tc.query(consumer, "sts", "GetCallerIdentity").has(t, "<Arn>arn:aws:iam::222222222222:user/admin</Arn><UserId>AIDA")
}

// A session that has ended is refused in each service's own words (STS: "Common Errors"; EC2: "Common client errors").
func TestFidelityExpiredSessions(t *testing.T) {
	tc := startCloud(t)
	tc.passed.Add(-int64(10 * time.Minute)) // so that the session ends before requests of now are too new
	session := tc.session(openRole)
	tc.passed.Add(int64(16 * time.Minute))
	wire := &tape{}
	session.HTTPClient = wire
	_, err := awssts.NewFromConfig(session).GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
	wantError(t, err, "ExpiredToken")
	wire.has(t, "<Code>ExpiredToken</Code>")
	if wire.status != 403 {
		t.Errorf("STS has the status %d", wire.status)
	}
	_, err = awsec2.NewFromConfig(session).DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{})
	wantError(t, err, "RequestExpired")
	wire.has(t, "<Response><Errors><Error><Code>RequestExpired</Code>", "<RequestID>")
}
