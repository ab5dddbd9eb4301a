package simaws

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/linkwright/linkwright/internal/buckets"
)

// askEach calls a harmless action of each protocol and checks the error code of each.
func askEach(t *testing.T, config aws.Config, ec2Code, stsCode, ssmCode string) {
	t.Helper()
	ctx := t.Context()
	_, err := awsec2.NewFromConfig(config).DescribeVpcs(ctx, &awsec2.DescribeVpcsInput{})
	wantError(t, err, ec2Code)
	_, err = awssts.NewFromConfig(config).GetCallerIdentity(ctx, &awssts.GetCallerIdentityInput{})
	wantError(t, err, stsCode)
	_, err = awsroute53.NewFromConfig(config).ListHostedZones(ctx, &awsroute53.ListHostedZonesInput{})
	wantError(t, err, stsCode)
	_, err = awsssm.NewFromConfig(config).GetParameter(ctx, &awsssm.GetParameterInput{Name: aws.String("x")})
	wantError(t, err, ssmCode)
}

func TestAuthentication(t *testing.T) {
	tc := startCloud(t)
	// Clients sign with the machine's time, from which the cloud's may differ by 15 minutes. A session that is
	// given out 10 minutes before that time has expired 6 minutes after it.
	tc.passed.Add(-int64(10 * time.Minute))
	session := must(tc.stsOf(provider).AssumeRole(t.Context(), &awssts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::111111111111:role/open"), RoleSessionName: aws.String("test"), DurationSeconds: aws.Int32(900),
	}))(t).Credentials
	for _, test := range []struct {
		name                  string
		access, secret, token string
		ec2, sts, ssm         string
	}{
		{"when the access key is unknown", "AKIANOBODY", "x", "", "AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"},
		{"when the secret key is wrong", "AKIAPROVIDER", "x", "", "AuthFailure", "SignatureDoesNotMatch", "InvalidSignatureException"},
		{"when the session token is missing", *session.AccessKeyId, *session.SecretAccessKey, "", "AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"},
		{"when the session token is wrong", *session.AccessKeyId, *session.SecretAccessKey, "x", "AuthFailure", "InvalidClientTokenId", "UnrecognizedClientException"},
	} {
		t.Run(test.name, func(t *testing.T) {
			config := tc.config(provider)
			config.Credentials = credentials.NewStaticCredentialsProvider(test.access, test.secret, test.token)
			askEach(t, config, test.ec2, test.sts, test.ssm)
		})
	}
	t.Run("when the session has expired", func(t *testing.T) {
		tc.passed.Add(int64(16 * time.Minute))
		config := tc.config(provider)
		config.Credentials = credentials.NewStaticCredentialsProvider(*session.AccessKeyId, *session.SecretAccessKey, *session.SessionToken)
		askEach(t, config, "RequestExpired", "ExpiredToken", "ExpiredTokenException")
	})
	t.Run("when the request is too old", func(t *testing.T) {
		tc.passed.Add(int64(20 * time.Minute))
		askEach(t, tc.config(provider), "RequestExpired", "SignatureDoesNotMatch", "InvalidSignatureException")
	})
}

func TestRequestsThatNoServiceTakes(t *testing.T) {
	tc := startCloud(t)
	t.Run("when a request is not signed, it is refused", func(t *testing.T) {
		response := must(http.Get(tc.URL() + "/?Action=DescribeVpcs&Version=2016-11-15"))(t)
		defer response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("got the status %d", response.StatusCode)
		}
	})
	t.Run("when the action is unknown to EC2, it is InvalidAction", func(t *testing.T) {
		_, err := tc.ec2Of(provider).DescribeInstances(t.Context(), &awsec2.DescribeInstancesInput{})
		wantError(t, err, "InvalidAction")
	})
	t.Run("when the action is unknown to STS, it is InvalidAction", func(t *testing.T) {
		_, err := tc.stsOf(provider).GetSessionToken(t.Context(), &awssts.GetSessionTokenInput{})
		wantError(t, err, "InvalidAction")
	})
	t.Run("when the operation is unknown to Systems Manager, it is an error", func(t *testing.T) {
		_, err := awsssm.NewFromConfig(tc.config(provider)).ListCommands(t.Context(), &awsssm.ListCommandsInput{})
		var e smithy.APIError
		if !errors.As(err, &e) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("when the operation is unknown to Route 53, it is an error", func(t *testing.T) {
		_, err := tc.route53Of(provider).ListHealthChecks(t.Context(), &awsroute53.ListHealthChecksInput{})
		var e smithy.APIError
		if !errors.As(err, &e) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("when it is a dry run, nothing is done", func(t *testing.T) {
		before := len(must(tc.ec2Of(provider).DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{}))(t).Vpcs)
		_, err := tc.ec2Of(provider).CreateVpc(t.Context(), &awsec2.CreateVpcInput{CidrBlock: aws.String("10.9.0.0/16"), DryRun: aws.Bool(true)})
		wantError(t, err, "DryRunOperation")
		if after := len(must(tc.ec2Of(provider).DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{}))(t).Vpcs); after != before {
			t.Errorf("%d VPCs became %d", before, after)
		}
	})
}

func TestSignaturesCoverPathAndQuery(t *testing.T) {
	tc := startCloud(t)
	// Route 53 has ids in the path and parameters in the query; the name needs encoding in both.
	_, err := tc.route53Of(provider).ListHostedZonesByName(t.Context(), &awsroute53.ListHostedZonesByNameInput{DNSName: aws.String("ex ample.com/*+~=&ü")})
	var e smithy.APIError
	if errors.As(err, &e) && e.ErrorCode() == "SignatureDoesNotMatch" {
		t.Error(err)
	}
	_, err = tc.route53Of(provider).GetHostedZone(t.Context(), &awsroute53.GetHostedZoneInput{Id: aws.String("Z A+B*~")})
	if errors.As(err, &e) && e.ErrorCode() == "SignatureDoesNotMatch" {
		t.Error(err)
	}
}

func TestAlteredRequestIsRefused(t *testing.T) {
	tc := startCloud(t)
	config := tc.config(provider)
	config.HTTPClient = alter{}
	_, err := awsec2.NewFromConfig(config).DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{MaxResults: aws.Int32(5)})
	wantError(t, err, "AuthFailure")
}

// alter changes requests after they were signed.
type alter struct{}

func (alter) Do(r *http.Request) (*http.Response, error) {
	var body bytes.Buffer
	if _, err := body.ReadFrom(r.Body); err != nil {
		return nil, err
	}
	changed, err := http.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), strings.NewReader(strings.Replace(body.String(), "=5", "=6", 1)))
	if err != nil {
		return nil, err
	}
	changed.Header = r.Header
	return http.DefaultClient.Do(changed)
}

func TestCallLog(t *testing.T) {
	tc := startCloud(t)
	must(tc.ec2Of(consumer).DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{}))(t)
	_, err := tc.ec2Of(consumer).DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{VpcIds: []string{"vpc-0"}})
	wantError(t, err, "InvalidVpcID.NotFound")
	calls := tc.Calls()
	if len(calls) != 2 {
		t.Fatalf("got %d calls, want the two since the start: %v", len(calls), calls)
	}
	got := calls[1]
	if got.Account != consumer || got.Principal != "arn:aws:iam::222222222222:user/admin" || got.Region != region || got.Service != "ec2" ||
		got.Action != "DescribeVpcs" || got.Status != 400 || got.Error != "InvalidVpcID.NotFound" {
		t.Errorf("got the call %+v", got)
	}
	counts := tc.CallCounts()
	if len(counts) != 1 || counts[0].Count != 2 || counts[0].Throttled {
		t.Errorf("got the counts %+v", counts)
	}
}

func TestRequestBuckets(t *testing.T) {
	tc := startCloud(t, func(c *Config) { c.World.RequestBuckets.Enabled = true })
	service := tc.publish()
	delete := func() error {
		_, err := tc.ec2Of(consumer).DeleteVpcEndpoints(t.Context(), &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{"vpce-0"}})
		return err
	}
	for range 4 { // the bucket of DeleteVpcEndpoints holds four
		if err := delete(); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, delete(), "RequestLimitExceeded")
	tc.connect(service) // other actions have buckets of their own
	_, err := tc.ec2Of(provider).DeleteVpcEndpoints(t.Context(), &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{"vpce-0"}})
	if err != nil {
		t.Errorf("another account is throttled too: %v", err)
	}
	tc.advance(3 * time.Second) // not yet a whole token at 0.3 a second
	wantError(t, delete(), "RequestLimitExceeded")
	tc.advance(time.Second)
	if err := delete(); err != nil {
		t.Errorf("after four seconds there is no token: %v", err)
	}
}

func TestBucketsOfAnOrganization(t *testing.T) {
	tc := startCloud(t, func(c *Config) {
		c.World.RequestBuckets = RequestBuckets{Enabled: true, Services: map[string]buckets.Service{
			"ec2": {Organization: []buckets.Bucket{{Actions: []string{"*VpcEndpoint*"}, Shared: true, Capacity: 2, Refill: 1}}},
		}}
	})
	ask := func(account string) error {
		_, err := tc.ec2Of(account).DescribeVpcEndpoints(t.Context(), &awsec2.DescribeVpcEndpointsInput{})
		return err
	}
	for _, account := range []string{provider, consumer} {
		if err := ask(account); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, ask(stranger), "RequestLimitExceeded") // who has not asked before
	must(tc.ec2Of(stranger).DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{}))(t)
	tc.advance(2 * time.Second)
	if err := ask(stranger); err != nil {
		t.Errorf("after two seconds: %v", err)
	}
}

func TestAdminPaths(t *testing.T) {
	tc := startCloud(t)
	for _, test := range []struct {
		method, path, body string
		want               int
	}{
		{"GET", "/_linkwright/calls", "", 200},
		{"GET", "/_linkwright/counts", "", 200},
		{"GET", "/_linkwright/resources", "", 200},
		{"POST", "/_linkwright/faults", `{"action":"CreateVpc","effect":"throttle"}`, 204},
		{"POST", "/_linkwright/faults", `{"faults":[{"effect":"throttle"},{"effect":"cut"}]}`, 204},
		{"POST", "/_linkwright/faults", `{"acton":"CreateVpc","effect":"throttle"}`, 400},
		{"POST", "/_linkwright/faults", `{"action":"CreateVpcs","effect":"throttle"}`, 400},
		{"GET", "/_linkwright/faults", "", 200},
		{"GET", "/_linkwright/held", "", 200},
		{"DELETE", "/_linkwright/faults", "", 204},
		{"GET", "/_linkwright/else", "", 404},
	} {
		t.Run(test.method+" "+test.path+test.body, func(t *testing.T) {
			request := must(http.NewRequestWithContext(t.Context(), test.method, tc.URL()+test.path, strings.NewReader(test.body)))(t)
			response := must(http.DefaultClient.Do(request))(t)
			defer response.Body.Close()
			if response.StatusCode != test.want {
				t.Errorf("got the status %d, want %d", response.StatusCode, test.want)
			}
		})
	}
}
