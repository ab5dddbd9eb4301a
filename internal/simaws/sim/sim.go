// Package sim holds what the simulated AWS services share: who calls, how time passes, how an error looks
// before a service puts it on the wire, and the seam at which a service meets the HTTP front door. It knows
// no service; the services (ec2, elbv2, route53, sts, ssm, iam) import it and never one another.
package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// Service is one simulated AWS API. The front door authenticates a request, finds the service by the SigV4
// credential scope, asks for the action's name (for request buckets, the call log and, before anything
// happens, refusal of what is unknown), and then runs Handle with the world locked.
type Service interface {
	// Name is the service's name in a SigV4 credential scope: "ec2", "elasticloadbalancing", "route53", "sts", "ssm", "iam".
	Name() string
	// Action names what r asks for, such as "CreateVpcEndpoint"; false when the service does not know it.
	Action(r *Request) (string, bool)
	// Handle carries r out. It runs with the world locked and must not block.
	Handle(r *Request) (Response, error)
	// Error puts err into the service's own error body.
	Error(r *Request, err *Error) Response
	// Snapshot returns the service's whole state as JSON, and Restore takes it back: a simulated cloud
	// that is stopped and started again remembers.
	Snapshot() (json.RawMessage, error)
	Restore(json.RawMessage) error
}

// Caller is the authenticated identity behind a request.
type Caller struct {
	AccountID string // twelve digits
	ARN       string // "arn:aws:iam::111111111111:user/admin" or "arn:aws:sts::…:assumed-role/Name/Session"
	UserID    string // "AIDA…" or "AROA…:Session"
	AccessKey string
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
