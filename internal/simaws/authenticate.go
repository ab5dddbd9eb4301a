package simaws

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/sigv4"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// credential is what stands behind an access key.
type credential struct {
	caller  sim.Caller
	secret  string
	token   string // of a session
	expired bool
}

// authenticate finds out who signed the request and fills in its caller.
func (c *Cloud) authenticate(r *sim.Request, service sim.Service) error {
	refusals := refusalsOf(service.Name())
	signature, err := sigv4.Read(r.HTTP)
	if err != nil {
		return err
	}
	held, ok := c.credential(signature.AccessKey, r.Partition)
	if !ok {
		return refusals.unknownKey
	}
	r.Caller = held.caller
	if subtle.ConstantTimeCompare([]byte(held.token), []byte(r.HTTP.Header.Get("X-Amz-Security-Token"))) != 1 {
		return refusals.unknownKey
	}
	err = signature.Verify(r.HTTP, r.Body, held.secret, c.world.Clock.Now())
	switch {
	case errors.Is(err, sigv4.ErrExpired):
		return explain(refusals.late, err)
	case err != nil:
		return explain(refusals.mismatch, err)
	case held.expired:
		return refusals.expired
	}
	return nil
}

// credential finds an access key among the users' and the sessions'.
func (c *Cloud) credential(accessKey, partition string) (credential, bool) {
	for _, account := range c.world.Accounts {
		for _, user := range account.Users {
			if user.AccessKey == accessKey {
				return credential{secret: user.SecretKey, caller: sim.Caller{
					AccountID: account.ID,
					ARN:       fmt.Sprintf("arn:%s:iam::%s:user/%s", partition, account.ID, user.Name),
					UserID:    sim.StableID("AIDA", account.ID, user.Name),
					AccessKey: accessKey,
				}}, true
			}
		}
	}
	session, ok := c.sts.Session(accessKey)
	return credential{
		caller: session.Caller, secret: session.Secret, token: session.Token,
		expired: ok && c.world.Clock.Passed(session.Expires),
	}, ok
}

// speaksJSON reports whether a service has a JSON protocol, with which go error codes of their own.
func speaksJSON(service string) bool {
	return slices.Contains([]string{"acm", "servicequotas", "ssm", "wafv2"}, service)
}

// refusals are a service's errors for requests whose signer it does not take.
type refusals struct {
	unknownKey, mismatch, late, expired *sim.Error
}

// refusalsOf are the codes that the services really use: EC2 has its own (EC2 API Reference, "Common client
// errors"), services with a JSON protocol theirs, and the others those of the Query protocol (IAM API
// Reference, "Common Errors").
func refusalsOf(service string) refusals {
	const (
		invalid = "The security token included in the request is invalid."
		expired = "The security token included in the request is expired"
		differs = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method."
	)
	refusal := func(status int, code, message string) *sim.Error {
		return &sim.Error{Status: status, Code: code, Message: message}
	}
	switch {
	case service == "ec2":
		failure := refusal(http.StatusUnauthorized, "AuthFailure", "AWS was not able to validate the provided access credentials")
		late := refusal(http.StatusBadRequest, "RequestExpired", "Request has expired.")
		return refusals{unknownKey: failure, mismatch: failure, late: late, expired: late}
	case speaksJSON(service):
		return refusals{
			unknownKey: refusal(http.StatusBadRequest, "UnrecognizedClientException", invalid),
			mismatch:   refusal(http.StatusBadRequest, "InvalidSignatureException", differs),
			late:       refusal(http.StatusBadRequest, "InvalidSignatureException", "Signature expired"),
			expired:    refusal(http.StatusBadRequest, "ExpiredTokenException", expired),
		}
	}
	return refusals{
		unknownKey: refusal(http.StatusForbidden, "InvalidClientTokenId", invalid),
		mismatch:   refusal(http.StatusForbidden, "SignatureDoesNotMatch", differs),
		late:       refusal(http.StatusForbidden, "SignatureDoesNotMatch", "Signature expired"),
		expired:    refusal(http.StatusForbidden, "ExpiredToken", expired),
	}
}

// explain adds to a refusal what was wrong with the signature.
func explain(refusal *sim.Error, err error) *sim.Error {
	return &sim.Error{Status: refusal.Status, Code: refusal.Code, Message: fmt.Sprintf("%s (%s)", refusal.Message, err)}
}
