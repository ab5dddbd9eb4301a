// Package sim holds what the simulated AWS services share: who calls, how time passes, how an error looks
// before a service puts it on the wire, and the seam at which a service meets the HTTP front door. It knows
// no service; the services (ec2, elbv2, acm, wafv2, route53, sts, ssm, iam) import it and never one another.
package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Service is one simulated AWS API. The front door authenticates a request, finds the service by the SigV4
// credential scope, asks for the action's name (for request buckets, the call log and, before anything
// happens, refusal of what is unknown) and for the permissions that it takes, and then runs Handle with the
// world locked.
type Service interface {
	// Name is the service's name in a SigV4 credential scope: "ec2", "elasticloadbalancing", "acm", …
	Name() string
	// Action names what r asks for, such as "CreateVpcEndpoint"; false when the service does not know it.
	Action(r *Request) (string, bool)
	// Actions are the names of all actions that the service knows, in order.
	Actions() []string
	// Permissions tells what a request for each of them needs.
	Permissions() Permissions
	// Handle carries r out. It runs with the world locked and must not block.
	Handle(r *Request) (Response, error)
	// Error puts err into the service's own error body.
	Error(r *Request, err *Error) Response
	// Snapshot returns the service's whole state as JSON, and Restore takes it back: a simulated cloud
	// that is stopped and started again remembers.
	Snapshot() (json.RawMessage, error)
	Restore(json.RawMessage) error
}

// Meddler is a service in which somebody else can act behind the back of whoever makes a call.
type Meddler interface {
	// Meddle acts as the caller of r, who owns the account: it deletes the resource, or, with a change, alters it.
	// A change is the parameters of the action that modifies such a resource, by their names in the API reference;
	// in EC2 an "Action" among them names another one, and "{}" stands for the resource. It fails when the
	// resource is not there, or is none that the service can change.
	Meddle(r *Request, resource string, change map[string]string) error
}

// Caller is the authenticated identity behind a request.
type Caller struct {
	AccountID string // twelve digits
	ARN       string // "arn:aws:iam::111111111111:user/admin" or "arn:aws:sts::…:assumed-role/Name/Session"
	UserID    string // "AIDA…" or "AROA…:Session"
	AccessKey string
}

// Principal is the ARN by which policies name the caller: the user itself, or the role that a session has
// assumed.
func (c Caller) Principal() string {
	session, ok := strings.CutPrefix(c.ARN, "arn:")
	partition, rest, found := strings.Cut(session, ":sts::")
	if !ok || !found {
		return c.ARN
	}
	name, isRole := strings.CutPrefix(rest, c.AccountID+":assumed-role/")
	if !isRole {
		return c.ARN
	}
	role, _, _ := strings.Cut(name, "/")
	return "arn:" + partition + ":iam::" + c.AccountID + ":role/" + role
}

// Request is one authenticated HTTP request, its body read once.
type Request struct {
	Context   context.Context
	ID        string // request id, a UUID, echoed on the wire
	Caller    Caller
	Partition string // "aws"
	Region    string // of the credential scope
	Action    string // filled by the front door from Service.Action
	HTTP      *http.Request
	Body      []byte
	Form      url.Values // the parsed body (or URL query) of a Query-protocol request; nil otherwise
	// Number counts the requests that were let in, this one included (World.Admitted).
	Number int
	// Seed, when it is not empty, decides the ids of what the request creates, so that a world made from a
	// file has the same ids each time.
	Seed string

	// EmptyPage asks a listing for an empty page that has a next one, and FailItem a batch for the failure of its
	// first item. Whoever grants the wish takes it away.
	EmptyPage bool
	FailItem  *Error

	made int // ids given out so far
}

// NewID returns an EC2-style id for what the request creates.
func (r *Request) NewID(prefix string) string { return prefix + "-" + r.Hex(17) }

// Hex returns n hexadecimal digits (64 at most) for an id of what the request creates.
func (r *Request) Hex(n int) string {
	if r.Seed == "" {
		return Hex(n)
	}
	r.made++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%d", r.Seed, r.made))
	return hex.EncodeToString(sum[:])[:n]
}

// Response is what goes on the wire.
type Response struct {
	Status int
	Header http.Header // Content-Type at the least
	Body   []byte
}

// Error is an AWS API error: the wire code, the message a person reads, and the HTTP status.
type Error struct {
	Status  int
	Code    string
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an Error with status 400, which is what nearly all AWS client errors carry.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}
