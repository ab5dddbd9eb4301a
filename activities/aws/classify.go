package aws

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	smithy "github.com/aws/smithy-go"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
)

// failed turns an error of the cloud into the answer of a step: a plain error, which Temporal retries, or a
// problem that a person has to mend. An error that should pass, and has not for long, is a problem too; but nobody
// has to mend that a step waits for its turn, or that AWS throttles.
func (s *site) failed(err error) error {
	var answer *temporal.ApplicationError
	var turn *accounts.TurnError
	switch {
	case errors.As(err, &answer):
		return err
	case errors.As(err, &turn):
		return activities.Pending(callOf(err)+": "+turn.Error(), turn.After)
	case accounts.Throttled(err):
		return activities.Pending("AWS throttles "+callOf(err)+": others use up what the account is allowed, too", s.Pace.Min)
	}
	p, ok := classify(err, s.identity())
	if !ok && s.age() > s.Patience && passes(err) {
		p, ok = link.Problem{
			Reason: link.ReasonUnavailable, Call: callOf(err), Message: err.Error(),
			Remedy: "see whether the cloud's endpoint can be reached from the worker, and whether the cloud reports an outage; Linkwright goes on trying",
		}, true
	}
	if !ok {
		return err
	}
	if p.Reason == link.ReasonBadCredentials {
		s.Accounts.Forget(s.place.Account)
	}
	return s.blocked(p, err)
}

// blocked answers with a problem at this place.
func (s *site) blocked(p link.Problem, cause error) error {
	p.Account, p.Region, p.RetryAfter = s.place.Account, s.place.Region, s.LookAgain
	return activities.Blocked(p, cause)
}

// identity says, for remedies, who makes the calls.
func (s *site) identity() string {
	if s.Clients == nil || s.ActingAs == "" {
		return fmt.Sprintf("the worker's credentials for account %q", s.place.Account)
	}
	return s.ActingAs
}

// classify finds the problem behind an error; false when the error will pass by itself, is the answer of a step
// already, or is the worker's own.
func classify(err error, identity string) (link.Problem, bool) {
	var answer *temporal.ApplicationError
	switch {
	case errors.As(err, &answer), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded) && !noCredentials(err):
		return link.Problem{}, false
	case errors.Is(err, accounts.ErrUnknownAccount):
		return link.Problem{Reason: link.ReasonUnknownAccount, Message: err.Error(),
			Remedy: "add the account to the workers' accounts file, or correct its name in the spec"}, true
	case errors.Is(err, accounts.ErrNotServed):
		return link.Problem{Reason: link.ReasonNoWorker, Message: err.Error(),
			Remedy: "give the account the same taskQueue in the accounts file of every worker"}, true
	case errors.Is(err, accounts.ErrWrongAccount):
		return link.Problem{Reason: link.ReasonBadCredentials, Message: err.Error(),
			Remedy: "give the account a roleARN or a profile in the accounts file, or the worker the account's credentials"}, true
	case transient(err):
		return link.Problem{}, false
	}
	p := link.Problem{Call: callOf(err)}
	var api smithy.APIError
	if errors.As(err, &api) {
		p.Message = api.ErrorCode() + ": " + plainMessage(api.ErrorMessage())
	}
	var credentials *accounts.CredentialsError
	if errors.As(err, &credentials) {
		p.Reason, p.Remedy = link.ReasonBadCredentials, credentialsRemedy(credentials)
		if p.Message == "" {
			p.Message = credentials.Error()
		}
		return p, true
	}
	if api == nil {
		return link.Problem{}, false
	}
	for _, r := range refusals {
		if r.matches(api) {
			p.Reason = r.reason
			if r.reason == link.ReasonMissingPermission {
				p.Call = missingAction(p)
			}
			p.Remedy = strings.NewReplacer("{call}", p.Call, "{identity}", identity).Replace(r.remedy)
			return p, true
		}
	}
	p.Reason = link.ReasonInvalidRequest
	p.Remedy = "compare the spec with what AWS says; then apply the corrected spec, or retry"
	return p, true
}

// passes reports whether an error should pass by itself: the worker has not broken the call off.
func passes(err error) bool {
	return !errors.Is(err, context.Canceled) && transient(err)
}

// transient reports whether an error passes by itself: throttles, outages, lost connections, and resources
// that are just changing.
func transient(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return !noCredentials(err)
	}
	if passing[api.ErrorCode()] {
		return true
	}
	if accounts.Throttled(err) {
		return true
	}
	var response *awshttp.ResponseError
	return errors.As(err, &response) && response.HTTPStatusCode() >= http.StatusInternalServerError
}

// noCredentials reports whether a call was never made, because no credentials could be found for it. When they
// were asked of a service that could not be reached, that will pass; a machine without an instance role has
// no metadata service to reach.
func noCredentials(err error) bool {
	var credentials *accounts.CredentialsError
	if !errors.As(err, &credentials) {
		return false
	}
	call := innermost(credentials.Err)
	return call == nil || call.Service() == instanceMetadata
}

// instanceMetadata is the service id that the SDK gives to the EC2 instance metadata service.
const instanceMetadata = "ec2imds"

func credentialsRemedy(e *accounts.CredentialsError) string {
	if e.ActingAs == "" {
		return "give the worker credentials that the AWS SDK finds (environment, shared configuration, web identity, instance role)"
	}
	return fmt.Sprintf("let the trust policy of %s admit the worker's own credentials, with the external ID of account %q "+
		"in the accounts file, and give these sts:AssumeRole on it", e.ActingAs, e.Account)
}

// plainMessage leaves out the encoded part of an EC2 refusal, which only sts:DecodeAuthorizationMessage reads.
func plainMessage(m string) string {
	m, _, _ = strings.Cut(m, " Encoded authorization failure message:")
	return m
}

// callOf names the API call that failed as an IAM policy would: "ec2:CreateVpcEndpoint".
func callOf(err error) string {
	call := innermost(err)
	if call == nil || call.Service() == instanceMetadata {
		return ""
	}
	prefix, ok := iamPrefixes[call.Service()]
	if !ok {
		prefix = strings.ToLower(call.Service())
	}
	return prefix + ":" + call.Operation()
}

// iamPrefixes are the services whose name in IAM is not what the SDK calls them, in lower case.
var iamPrefixes = map[string]string{
	"Elastic Load Balancing v2": "elasticloadbalancing",
	"Route 53":                  "route53",
	"Service Quotas":            "servicequotas",
}

// innermost finds the call that failed. A call that could not get credentials holds the call that asked for them.
func innermost(err error) *smithy.OperationError {
	var found *smithy.OperationError
	for {
		var next *smithy.OperationError
		if !errors.As(err, &next) {
			return found
		}
		found, err = next, next.Err
	}
}

// hasCode reports whether err is one of the API errors with these codes.
func hasCode(err error, codes ...string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode())
}

// unsuccessful reads the failures inside an answer of status 200. Calls on several resources, deletes above all,
// report there what went wrong with each (Amazon EC2 API Reference, UnsuccessfulItem). Failures with one of the
// codes in except are none.
func unsuccessful(operation string, items []ec2types.UnsuccessfulItem, except ...string) error {
	var errs []error
	for _, item := range items {
		if item.Error == nil || slices.Contains(except, sdk.ToString(item.Error.Code)) {
			continue
		}
		errs = append(errs, &smithy.OperationError{
			ServiceID:     "EC2",
			OperationName: operation,
			Err: fmt.Errorf("%s: %w", sdk.ToString(item.ResourceId), &smithy.GenericAPIError{
				Code:    sdk.ToString(item.Error.Code),
				Message: sdk.ToString(item.Error.Message),
			}),
		})
	}
	return errors.Join(errs...)
}
