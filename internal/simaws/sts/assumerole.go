package sts

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Bounds of an AssumeRole request (STS API Reference, AssumeRole).
const (
	minDuration     = 900
	maxDuration     = 43200
	maxChained      = 3600 // for a caller that acts under a role already
	defaultDuration = 3600
	maxTags         = 50
	maxTagKey       = 128
	maxTagValue     = 256
	maxExternalID   = 1224
)

var (
	roleARN     = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(\d{12}):role/(?:[\w+=,.@/-]*/)?([\w+=,.@-]+)$`)
	sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	externalID  = regexp.MustCompile(`^[\w+=,.@:/-]{2,}$`)
)

// assumeRole gives out a session of a role. That the caller may have it has been found out before.
func (s *Service) assumeRole(r *sim.Request, f query.Form) (any, error) {
	request, err := readAssumeRole(r, f)
	if err != nil {
		return nil, err
	}
	account, role := s.role(request.arn)
	if role == nil {
		return nil, &sim.Error{
			Status: http.StatusForbidden, Code: "AccessDenied",
			Message: fmt.Sprintf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", r.Caller.ARN, request.arn),
		}
	}
	session := s.open(r, account, role.Name, request)
	return assumedRole(session, f.String("SourceIdentity")), nil
}

// assumeRoleRequest is what an AssumeRole request asks for.
type assumeRoleRequest struct {
	arn, name string
	duration  time.Duration
	policy    *policy.Document // of the session; nil without one
	tags      map[string]string
}

// readAssumeRole reads a request and holds it against what AssumeRole takes.
func readAssumeRole(r *sim.Request, f query.Form) (assumeRoleRequest, error) {
	request := assumeRoleRequest{arn: f.String("RoleArn"), name: f.String("RoleSessionName"), tags: map[string]string{}}
	seconds := defaultDuration
	given, err := f.Int("DurationSeconds")
	if err != nil {
		return request, err
	}
	if given != nil {
		seconds = *given
	}
	tags := f.Structs("Tags")
	switch {
	case !roleARN.MatchString(f.String("RoleArn")):
		return request, invalid("%s is invalid", f.String("RoleArn"))
	case !sessionName.MatchString(f.String("RoleSessionName")):
		return request, invalid("1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]{2,64}", f.String("RoleSessionName"))
	case f.Has("ExternalId") && (!externalID.MatchString(f.String("ExternalId")) || len(f.String("ExternalId")) > maxExternalID):
		return request, invalid("1 validation error detected: Value at 'externalId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]*")
	case seconds < minDuration || seconds > maxDuration:
		return request, invalid("1 validation error detected: Value '%d' at 'durationSeconds' failed to satisfy constraint: Member must have value between %d and %d", seconds, minDuration, maxDuration)
	case isSession(r.Caller) && seconds > maxChained:
		return request, invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case len(f.Structs("PolicyArns")) > 0:
		return request, invalid("PolicyArns: managed policies are not simulated; give the session a Policy")
	case len(tags) > maxTags:
		return request, invalid("1 validation error detected: at most %d session tags are allowed", maxTags)
	}
	for _, tag := range tags {
		if key := tag.String("Key"); key == "" || len([]rune(key)) > maxTagKey || len([]rune(tag.String("Value"))) > maxTagValue {
			return request, invalid("1 validation error detected: the session tag '%s' is too long or has no key", key)
		}
		request.tags[tag.String("Key")] = tag.String("Value")
	}
	request.duration = time.Duration(seconds) * time.Second
	if text := f.String("Policy"); text != "" {
		if request.policy, err = policy.Parse(policy.Identity, text); err != nil {
			return request, sim.Errorf("MalformedPolicyDocument", "%s", err)
		}
	}
	return request, nil
}

func invalid(format string, args ...any) *sim.Error {
	return sim.Errorf("ValidationError", format, args...)
}

// role finds a role of any account by its ARN; nil when there is none.
func (s *Service) role(arn string) (*sim.Account, *sim.Role) {
	parts := roleARN.FindStringSubmatch(arn)
	account, ok := s.world.Accounts[parts[1]]
	if !ok {
		return nil, nil
	}
	return account, account.Role(parts[2])
}

// open begins a session. Sessions end by the machine's clock, as clients know no other.
func (s *Service) open(r *sim.Request, account *sim.Account, role string, request assumeRoleRequest) Session {
	now := s.world.Clock.Now()
	for key, session := range s.state.Sessions {
		if now.Sub(session.Expires) > forgetAfter {
			delete(s.state.Sessions, key)
		}
	}
	session := Session{
		Caller: sim.Caller{
			AccountID: account.ID,
			ARN:       fmt.Sprintf("arn:%s:sts::%s:assumed-role/%s/%s", r.Partition, account.ID, role, request.name),
			UserID:    sim.StableID("AROA", account.ID, role) + ":" + request.name,
			AccessKey: "ASIA" + strings.ToUpper(sim.Hex(16)),
		},
		Secret:  sim.Hex(40),
		Token:   sim.Hex(128),
		Expires: now.Add(request.duration).Truncate(time.Second),
		Tags:    request.tags,
	}
	if request.policy != nil {
		session.Policy = request.policy.String()
	}
	s.state.Sessions[session.Caller.AccessKey] = session
	return session
}

// forgetAfter is how long an expired session is remembered, so that its use is answered with "expired" and
// not with "unknown".
const forgetAfter = 24 * time.Hour

type assumeRoleResult struct {
	Credentials struct {
		AccessKey  string `xml:"AccessKeyId"`
		Secret     string `xml:"SecretAccessKey"`
		Token      string `xml:"SessionToken"`
		Expiration string `xml:"Expiration"`
	} `xml:"Credentials"`
	User struct {
		ID  string `xml:"AssumedRoleId"`
		ARN string `xml:"Arn"`
	} `xml:"AssumedRoleUser"`
	SourceIdentity string `xml:"SourceIdentity,omitempty"`
}

func assumedRole(session Session, sourceIdentity string) assumeRoleResult {
	var result assumeRoleResult
	result.Credentials.AccessKey = session.Caller.AccessKey
	result.Credentials.Secret = session.Secret
	result.Credentials.Token = session.Token
	result.Credentials.Expiration = session.Expires.UTC().Format(time.RFC3339)
	result.User.ID, result.User.ARN = session.Caller.UserID, session.Caller.ARN
	result.SourceIdentity = sourceIdentity
	return result
}
