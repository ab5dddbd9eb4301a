package simaws

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	awsssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/linkwright/linkwright/internal/simcloud"
)

func (tc testCloud) inject(rules ...Fault) []*Injected {
	tc.t.Helper()
	return must(tc.Inject(rules...))(tc.t)
}

// createVPC makes a VPC that vpcs counts.
func (tc testCloud) createVPC() error {
	_, err := tc.ec2Of(provider).CreateVpc(tc.t.Context(), &awsec2.CreateVpcInput{CidrBlock: aws.String("10.9.0.0/16")})
	return err
}

func (tc testCloud) vpcs() int {
	filter := []types.Filter{{Name: aws.String("cidr"), Values: []string{"10.9.0.0/16"}}}
	return len(must(tc.ec2Of(provider).DescribeVpcs(tc.t.Context(), &awsec2.DescribeVpcsInput{Filters: filter}))(tc.t).Vpcs)
}

func TestFaults(t *testing.T) {
	const lost = "lost"
	for _, test := range []struct {
		name  string
		fault Fault
		code  string // "lost" for an error that is no answer
		calls int    // until it strikes
		made  int
	}{
		{"when it is an error, nothing is done", Fault{Effect: EffectError, Status: 503, Code: "Unavailable"}, "Unavailable", 1, 0},
		{"when it is a throttle, nothing is done", Fault{Effect: EffectThrottle}, "RequestLimitExceeded", 1, 0},
		{"when the service is unavailable, nothing is done", Fault{Effect: EffectUnavailable}, "Unavailable", 1, 0},
		{"when the service fails, nothing is done", Fault{Effect: EffectInternalError}, "InternalError", 1, 0},
		{"when the token has expired, nothing is done", Fault{Effect: EffectExpiredToken}, "RequestExpired", 1, 0},
		{"when the caller may not, nothing is done", Fault{Effect: EffectAccessDenied}, "UnauthorizedOperation", 1, 0},
		{"when the connection is cut before, nothing is done", Fault{Effect: EffectCut}, lost, 1, 0},
		{"when the answer is lost, the work is done", Fault{Effect: EffectLose}, lost, 1, 1},
		{"when the answer becomes an error, the work is done", Fault{Effect: EffectLose, Status: 500, Code: "InternalError"}, "InternalError", 1, 1},
		{"when it is for the second call, the first succeeds", Fault{Effect: EffectUnavailable, Nth: 2}, "Unavailable", 2, 1},
		{"when it is for an account, it knows it by its name", Fault{Account: "provider", Effect: EffectUnavailable}, "Unavailable", 1, 0},
		{"when it is for a caller, it knows it by its ARN", Fault{Principal: "*:user/adm?n", Effect: EffectUnavailable}, "Unavailable", 1, 0},
		{"when it is for a resource, it finds it among the parameters", Fault{Resource: "10.9.*", Effect: EffectUnavailable}, "Unavailable", 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			tc := startCloud(t)
			test.fault.Action = "CreateVpc"
			injected := tc.inject(test.fault)[0]
			for range test.calls - 1 {
				if err := tc.createVPC(); err != nil {
					t.Fatal(err)
				}
			}
			err := tc.createVPC()
			var answered smithy.APIError
			if test.code != lost {
				wantError(t, err, test.code)
			} else if err == nil || errors.As(err, &answered) {
				t.Errorf("got %v, want no answer", err)
			}
			if got := tc.vpcs(); got != test.made {
				t.Errorf("%d VPCs were made, want %d", got, test.made)
			}
			if err := tc.createVPC(); err != nil {
				t.Errorf("it strikes again: %v", err)
			}
			if injected.Struck() != 1 || tc.Faults()[0].Seen != test.calls+1 {
				t.Errorf("it has struck %d times: %+v", injected.Struck(), tc.Faults())
			}
			if !slices.ContainsFunc(tc.Calls(), func(c Call) bool { return c.Action == "CreateVpc" && c.Fault == test.fault.Effect }) {
				t.Error("the log does not tell what has struck")
			}
		})
	}
}

func TestWhenAFaultIsForOtherCallsItLeavesThemAlone(t *testing.T) {
	for _, fault := range []Fault{
		{Account: consumer, Action: "CreateVpc"}, {Service: "ssm"}, {Action: "DeleteVpc"}, {Resource: "10.8.*"}, {Principal: "*:assumed-role/*"},
	} {
		tc := startCloud(t)
		fault.Effect = EffectUnavailable
		tc.inject(fault)
		if err := tc.createVPC(); err != nil {
			t.Errorf("%+v: %v", fault, err)
		}
	}
}

func TestEachServiceFailsInItsOwnWords(t *testing.T) {
	ask := map[string]func(testCloud) error{
		"ec2": func(tc testCloud) error {
			_, err := tc.ec2Of(provider).DescribeVpcs(tc.t.Context(), &awsec2.DescribeVpcsInput{})
			return err
		},
		"elasticloadbalancing": func(tc testCloud) error {
			_, err := tc.elbOf(provider).DescribeLoadBalancers(tc.t.Context(), &awselb.DescribeLoadBalancersInput{})
			return err
		},
		"route53": func(tc testCloud) error {
			_, err := tc.route53Of(provider).ListHostedZones(tc.t.Context(), &awsroute53.ListHostedZonesInput{})
			return err
		},
		"ssm": func(tc testCloud) error {
			_, err := awsssm.NewFromConfig(tc.config(provider)).GetParameter(tc.t.Context(), &awsssm.GetParameterInput{Name: aws.String("/x")})
			return err
		},
	}
	for service, codes := range map[string]map[Effect]string{
		"ec2": {EffectThrottle: "RequestLimitExceeded", EffectUnavailable: "Unavailable", EffectInternalError: "InternalError",
			EffectExpiredToken: "RequestExpired", EffectAccessDenied: "UnauthorizedOperation"},
		"elasticloadbalancing": {EffectThrottle: "ThrottlingException", EffectUnavailable: "ServiceUnavailable", EffectInternalError: "InternalFailure",
			EffectExpiredToken: "ExpiredToken", EffectAccessDenied: "AccessDenied"},
		"route53": {EffectThrottle: "Throttling", EffectUnavailable: "ServiceUnavailable", EffectInternalError: "InternalFailure",
			EffectExpiredToken: "ExpiredToken", EffectAccessDenied: "AccessDenied"},
		"ssm": {EffectThrottle: "ThrottlingException", EffectUnavailable: "ServiceUnavailable", EffectInternalError: "InternalServerError",
			EffectExpiredToken: "ExpiredTokenException", EffectAccessDenied: "AccessDeniedException"},
	} {
		for effect, code := range codes {
			t.Run(service+" "+string(effect), func(t *testing.T) {
				tc := startCloud(t)
				tc.inject(Fault{Service: service, Effect: effect})
				wantError(t, ask[service](tc), code)
			})
		}
	}
}

func TestWhenAFaultHoldsACallItGoesOnOnceTheFaultsAreGone(t *testing.T) {
	for _, effect := range []Effect{EffectHold, EffectHoldAnswer} {
		t.Run(string(effect), func(t *testing.T) {
			tc := startCloud(t)
			tc.inject(Fault{Action: "CreateVpc", Effect: effect})
			done := make(chan error)
			go func() { done <- tc.createVPC() }()
			for len(tc.HeldCalls()) == 0 {
				runtime.Gosched()
			}
			if made := tc.vpcs() == 1; made != (effect == EffectHoldAnswer) {
				t.Errorf("while the call is held, the VPC is there: %v", made)
			}
			tc.ClearFaults()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if held := tc.HeldCalls(); len(held) > 0 {
				t.Errorf("still held: %v", held)
			}
		})
	}
}

func TestWhenAFaultDelaysACallItIsCarriedOutLater(t *testing.T) {
	tc := startCloud(t)
	injected := tc.inject(Fault{Action: "CreateVpc", Effect: EffectDelay, Delay: Duration(time.Second)})[0]
	if err := tc.createVPC(); err != nil || tc.vpcs() != 1 || injected.Struck() != 1 {
		t.Errorf("%v, %d VPCs, struck %d times", err, tc.vpcs(), injected.Struck())
	}
	tc.inject(Fault{Action: "CreateVpc", Effect: EffectDelay, Delay: Duration(1000 * time.Hour)})
	done := make(chan error)
	go func() { done <- tc.createVPC() }()
	for len(tc.HeldCalls()) == 0 {
		runtime.Gosched()
	}
	tc.ClearFaults()
	if err := <-done; err != nil || tc.vpcs() != 2 {
		t.Errorf("once the faults are gone: %v, %d VPCs", err, tc.vpcs())
	}
}

func TestStaleReads(t *testing.T) {
	tc := startCloud(t)
	ssm := awsssm.NewFromConfig(tc.config(provider))
	put := func(value string) {
		must(ssm.PutParameter(t.Context(), &awsssm.PutParameterInput{
			Name: aws.String("/x"), Value: aws.String(value), Type: ssmtypes.ParameterTypeString, Overwrite: aws.Bool(true)}))(t)
	}
	get := func() (string, error) {
		got, err := ssm.GetParameter(t.Context(), &awsssm.GetParameterInput{Name: aws.String("/x")})
		if err != nil {
			return "", err
		}
		return *got.Parameter.Value, nil
	}
	tc.inject(Fault{Action: "GetParameter", Effect: EffectStale}, Fault{Action: "GetParameter", Effect: EffectStale, Nth: 3})
	put("one")
	_, err := get() // never asked before: as in the beginning
	wantError(t, err, "ParameterNotFound")
	for _, want := range []string{"one", "one", "two"} { // the second is stale
		if got, err := get(); got != want || err != nil {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
		put("two")
	}
	vpc := tc.id("provider", "vpc", "main")
	tc.inject(Fault{Action: "DescribeVpcs", Effect: EffectStale})
	seen := must(tc.ec2Of(provider).DescribeVpcs(t.Context(), &awsec2.DescribeVpcsInput{VpcIds: []string{vpc}}))(t)
	if len(seen.Vpcs) != 1 {
		t.Error("a replica that lags behind does not know what has been there from the beginning")
	}
}

func TestEmptyPages(t *testing.T) {
	tc := startCloud(t)
	tc.inject(Fault{Action: "DescribeVpcs", Effect: EffectEmptyPage, Times: 2})
	pages := awsec2.NewDescribeVpcsPaginator(tc.ec2Of(provider), &awsec2.DescribeVpcsInput{})
	var sizes []int
	for pages.HasMorePages() {
		sizes = append(sizes, len(must(pages.NextPage(t.Context()))(t).Vpcs))
	}
	if len(sizes) != 3 || sizes[0]+sizes[1] != 0 || sizes[2] == 0 {
		t.Errorf("the pages have the sizes %v", sizes)
	}
}

func TestWhenAFaultHasNothingToStrikeItWaitsForACallThatHas(t *testing.T) {
	tc := startCloud(t)
	tc.inject(Fault{Service: "ec2", Effect: EffectEmptyPage}, Fault{Service: "ec2", Effect: EffectUnsuccessful, Code: "InternalError"},
		Fault{Service: "ec2", Resource: "10.9.0.0/16", Effect: EffectDelete})
	if err := tc.createVPC(); err != nil {
		t.Fatal(err)
	}
	for _, f := range tc.Faults() {
		if f.Struck != 0 {
			t.Errorf("%s has struck", f.Effect)
		}
	}
}

func TestFaultsInsideABatch(t *testing.T) {
	tc := startCloud(t)
	tc.inject(Fault{Action: "DeleteVpcEndpoints", Effect: EffectUnsuccessful, Code: "InternalError", Message: "again"})
	ids := []string{"vpce-0000000000000000a", "vpce-0000000000000000b"}
	failed := must(tc.ec2Of(provider).DeleteVpcEndpoints(t.Context(), &awsec2.DeleteVpcEndpointsInput{VpcEndpointIds: ids}))(t).Unsuccessful
	if len(failed) != 2 || *failed[0].Error.Code != "InternalError" || *failed[0].ResourceId != ids[0] || *failed[1].Error.Code == "InternalError" {
		t.Errorf("got %+v", failed)
	}
}

func TestWhenAFaultMakesNoSenseItIsRefusedWhole(t *testing.T) {
	for _, test := range []struct {
		fault Fault
		says  string
	}{
		{Fault{Effect: "explode"}, `"explode" is none of`},
		{Fault{Effect: EffectThrottle, Account: "nobody"}, `no account "nobody"`},
		{Fault{Effect: EffectThrottle, Service: "s3"}, `"s3" is none of`},
		{Fault{Effect: EffectThrottle, Action: "CreateVpcEndpiont"}, `no action "CreateVpcEndpiont"`},
		{Fault{Effect: EffectThrottle, Service: "ssm", Action: "CreateVpc"}, `ssm has no action "CreateVpc"`},
		{Fault{Effect: EffectThrottle, Nth: -1}, "not below zero"},
		{Fault{Effect: EffectError, Code: "Unavailable"}, "a status"},
		{Fault{Effect: EffectError, Status: 503}, "a code"},
		{Fault{Effect: EffectDelay}, "a delay"},
		{Fault{Effect: EffectStale, Action: "CreateVpc"}, "an action that reads"},
		{Fault{Effect: EffectUnsuccessful}, "a code"},
		{Fault{Effect: EffectDelete}, "a resource"},
	} {
		t.Run(test.says, func(t *testing.T) {
			tc := startCloud(t)
			_, err := tc.Inject(Fault{Effect: EffectThrottle}, test.fault)
			if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "fault 2") {
				t.Errorf("got %v, want %q", err, test.says)
			}
			if len(tc.Faults()) > 0 {
				t.Error("the rule beside it is in force")
			}
			if _, err := New(Config{World: tc.Cloud.config.World, Faults: []Fault{test.fault}}); err == nil {
				t.Error("a cloud starts with it")
			}
		})
	}
}

func TestFaultFile(t *testing.T) {
	rules, err := simcloud.ParseFaults([]byte(`
faults:
  - {account: consumer, service: ec2, action: CreateVpcEndpoint, resource: "vpc-*", nth: 2, times: 3, effect: delay, delay: 90s}
  - {effect: change, resource: "vpce-*", change: {PrivateDnsEnabled: "false"}}
`))
	want := []Fault{
		{Account: "consumer", Service: "ec2", Action: "CreateVpcEndpoint", Resource: "vpc-*", Nth: 2, Times: 3, Effect: EffectDelay, Delay: Duration(90 * time.Second)},
		{Resource: "vpce-*", Effect: EffectChange, Change: map[string]string{"PrivateDnsEnabled": "false"}},
	}
	if err != nil || fmt.Sprint(rules) != fmt.Sprint(want) {
		t.Errorf("got %+v, %v", rules, err)
	}
	again, err := json.Marshal(map[string]any{"faults": rules})
	if err != nil {
		t.Fatal(err)
	}
	var plain struct{ Faults []Fault }
	if err := json.Unmarshal(again, &plain); err != nil || fmt.Sprint(plain.Faults) != fmt.Sprint(want) {
		t.Errorf("as JSON: %+v, %v", plain.Faults, err)
	}
	if same, err := simcloud.ParseFaults(again); err != nil || fmt.Sprint(same) != fmt.Sprint(want) {
		t.Errorf("from JSON: %+v, %v", same, err)
	}
	if _, err := simcloud.ParseFaults([]byte("faults: [{effect: throttle, acton: CreateVpc}]")); err == nil || !strings.Contains(err.Error(), "acton") {
		t.Errorf("an unknown key: %v", err)
	}
}
