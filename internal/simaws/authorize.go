package simaws

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// authorize asks the policies whether the caller may do what r asks for: those of its user or role, that of its
// session, and for an assumed role the role's trust policy. Policies do not bind the world file's own building.
func (c *Cloud) authorize(r *sim.Request, service sim.Service) error {
	if c.building {
		return nil
	}
	needs, err := c.permissions[service.Name()].Needs[r.Action](r)
	if err != nil {
		return err
	}
	global := c.globalContext(r)
	for _, need := range needs {
		request := policy.Request{Action: need.Action, Resource: need.Resource, Context: global.With(need.Context)}
		if owner := accountOf(need.Resource); owner != "" {
			request.Context.Set("aws:ResourceAccount", owner)
		}
		allowed, why, err := c.judge(r.Caller, request, need.Trust)
		if err != nil {
			return err
		}
		if !allowed {
			return denied(r, service.Name(), need, request.Context, why)
		}
	}
	return nil
}

// The reasons for which a request is refused, as AWS words them (IAM User Guide, "Troubleshoot access denied error
// messages"); {action} is filled in. Of a role that does not trust the caller AWS gives no reason.
const (
	noIdentityPolicy = " because no identity-based policy allows the {action} action"
	identityDenies   = " with an explicit deny in an identity-based policy"
	noSessionPolicy  = " because no session policy allows the {action} action"
	sessionDenies    = " with an explicit deny in a session policy"
	trustDenies      = " with an explicit deny in a resource-based policy"
	noTrust          = ""
)

// judge decides whether the caller may do what is asked, and gives the reason when it may not. A trust policy must
// always allow it. If it names the caller itself, and both are of one account, the caller's own policies need not
// (IAM User Guide, "Policy evaluation logic"); explicit denies hold in any case.
func (c *Cloud) judge(caller sim.Caller, request policy.Request, trust *policy.Document) (allowed bool, why string, err error) {
	identity := policy.Allowed
	if policies := c.world.Policies(caller); policies != nil {
		identity = policy.Evaluate(policies, request)
	}
	session, err := c.sessionPolicy(caller, request)
	if err != nil {
		return false, "", err
	}
	trusted, direct := policy.Allowed, false
	if trust != nil {
		by := policy.Principal{ARN: caller.ARN, Role: caller.Principal(), Account: caller.AccountID}
		trusted, direct = trust.Trusts(by, request)
		direct = direct && accountOf(request.Resource) == caller.AccountID
	}
	switch {
	case identity == policy.Denied:
		return false, identityDenies, nil
	case session == policy.Denied:
		return false, sessionDenies, nil
	case trusted == policy.Denied:
		return false, trustDenies, nil
	case trusted != policy.Allowed:
		return false, noTrust, nil
	case direct:
		return true, "", nil
	case identity != policy.Allowed:
		return false, noIdentityPolicy, nil
	case session != policy.Allowed:
		return false, noSessionPolicy, nil
	}
	return true, "", nil
}

// sessionPolicy is what the policy says that the caller's session was begun with, if it was.
func (c *Cloud) sessionPolicy(caller sim.Caller, request policy.Request) (policy.Decision, error) {
	session, ok := c.sts.Session(caller.AccessKey)
	if !ok || session.Policy == "" {
		return policy.Allowed, nil
	}
	document, err := policy.Parse(policy.Identity, session.Policy)
	if err != nil {
		return policy.Denied, fmt.Errorf("policy of the session %s: %w", caller.ARN, err)
	}
	return policy.Evaluate([]*policy.Document{document}, request), nil
}

// globalContext are the condition keys that every request has (IAM User Guide, "AWS global condition context keys").
// The cloud's plain HTTP stands for AWS's HTTPS.
func (c *Cloud) globalContext(r *sim.Request) policy.Context {
	now := c.world.Clock.Now().UTC()
	context := policy.Context{}
	context.Set("aws:PrincipalArn", r.Caller.Principal())
	context.Set("aws:PrincipalAccount", r.Caller.AccountID)
	context.Set("aws:userid", r.Caller.UserID)
	context.Set("aws:RequestedRegion", r.Region)
	context.Set("aws:CurrentTime", now.Format(time.RFC3339))
	context.Set("aws:EpochTime", strconv.FormatInt(now.Unix(), 10))
	context.Set("aws:SecureTransport", "true")
	context.Set("aws:ViaAWSService", "false")
	if host, _, err := net.SplitHostPort(r.HTTP.RemoteAddr); err == nil {
		context.Set("aws:SourceIp", host)
	}
	if _, name, isUser := strings.Cut(r.Caller.ARN, ":user/"); isUser {
		context.Set("aws:PrincipalType", "User")
		context.Set("aws:username", name)
	} else {
		context.Set("aws:PrincipalType", "AssumedRole")
	}
	if session, ok := c.sts.Session(r.Caller.AccessKey); ok {
		context.SetTags("aws:PrincipalTag/", session.Tags)
	}
	return context
}

// accountOf is the account in an ARN, "" when it has none.
func accountOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[4]
}

// denied is a service's refusal of a request for which the caller lacks a permission. Actions that have no
// resources are refused without naming one.
func denied(r *sim.Request, service string, need sim.Need, context policy.Context, why string) *sim.Error {
	message := fmt.Sprintf("User: %s is not authorized to perform: %s", r.Caller.ARN, cmp.Or(need.Operation, need.Action))
	switch {
	case need.Shown != "":
		message += " on resource: " + need.Shown
	case need.Resource != "*":
		message += " on resource: " + need.Resource
	}
	message += strings.ReplaceAll(why, "{action}", need.Action)
	switch {
	case service == "ec2":
		return &sim.Error{
			Status: http.StatusForbidden, Code: "UnauthorizedOperation",
			Message: "You are not authorized to perform this operation. " + message + ". Encoded authorization failure message: " + encoded(r, need, context),
		}
	case speaksJSON(service):
		return &sim.Error{Status: http.StatusBadRequest, Code: "AccessDeniedException", Message: message}
	}
	return &sim.Error{Status: http.StatusForbidden, Code: "AccessDenied", Message: message}
}

// encoded is what EC2 adds to its refusals for sts:DecodeAuthorizationMessage: what was asked, and with which
// condition keys. AWS encrypts it; here it is JSON in base64, so that whoever wonders can look.
func encoded(r *sim.Request, need sim.Need, context policy.Context) string {
	text, err := json.Marshal(map[string]any{
		"allowed": false,
		"context": map[string]any{
			"principal": r.Caller.ARN, "action": need.Action, "resource": need.Resource, "conditions": context,
		},
	})
	if err != nil { // strings alone: JSON takes whatever they hold
		return ""
	}
	return base64.StdEncoding.EncodeToString(text)
}

// checkPermissions makes sure that no action of a service is free because nobody has said what it needs.
func checkPermissions(service sim.Service) error {
	var wrong []error
	needs, actions := service.Permissions().Needs, service.Actions()
	for _, action := range actions {
		if needs[action] == nil {
			wrong = append(wrong, fmt.Errorf("nothing says which permissions %s:%s needs", service.Name(), action))
		}
	}
	for action := range needs {
		if !slices.Contains(actions, action) {
			wrong = append(wrong, fmt.Errorf("%s has no action %s, which is said to need permissions", service.Name(), action))
		}
	}
	return errors.Join(wrong...)
}
