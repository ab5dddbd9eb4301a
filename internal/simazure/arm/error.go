package arm

import (
	"fmt"
	"net/http"
	"time"
)

// Error is a refusal of Azure Resource Manager or of a resource provider, in the form that both use: an HTTP status
// and a body with a code and a message (Azure REST API guidelines, "Handling errors").
type Error struct {
	Status  int           `json:"-"`
	Code    string        `json:"code"`
	Message string        `json:"message"`
	Details []ErrorDetail `json:"details,omitempty"`
	// RetryAfter is when to come back, in the real service's time; 0 says nothing of it.
	RetryAfter time.Duration `json:"-"`
	// Challenge is what the answer's WWW-Authenticate header says.
	Challenge string `json:"-"`
}

// ErrorDetail is one of several things that are wrong.
type ErrorDetail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an Error with status 400, which is what the network provider answers to most of what it refuses.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

// NotFound is the refusal to read or act on a resource that is not there (Azure Resource Manager, "Resolve errors for
// resource not found").
func NotFound(id ID) *Error {
	return &Error{
		Status: http.StatusNotFound, Code: "ResourceNotFound",
		Message: fmt.Sprintf("The Resource '%s/%s' under resource group '%s' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix", id.Type(), id.Name(), id.Group()),
	}
}

// ChildNotFound is the network provider's refusal when the resource's parent is there.
func ChildNotFound(id ID) *Error {
	return &Error{Status: http.StatusNotFound, Code: "NotFound", Message: fmt.Sprintf("Resource %s not found.", id)}
}

// InvalidReference is the network provider's refusal of a reference to what is not there (azure-docs, "Troubleshoot
// common Azure deployment errors": InvalidResourceReference).
func InvalidReference(referenced, by ID) *Error {
	return Errorf("InvalidResourceReference",
		"Resource %s referenced by resource %s was not found. Please make sure that the referenced resource exists, and that both resources are in the same region.", referenced, by)
}

// Locked is the network provider's refusal while another operation on the resource, or on one that the request reaches
// into, is under way. It is a 429 that no quota causes (Azure Resource Manager, "Understand how Azure Resource Manager
// throttles requests").
func Locked(id ID, operation string) *Error {
	return &Error{
		Status: http.StatusTooManyRequests, Code: "RetryableErrorDueToAnotherOperation", RetryAfter: 10 * time.Second,
		Message: fmt.Sprintf("Operation on resource %s could not be completed, because another operation holds it: %s.", id, operation),
	}
}

// Unauthorized is the refusal of what the caller may not do (Azure RBAC, "Troubleshoot Azure RBAC").
func Unauthorized(r *Request) *Error {
	return &Error{
		Status: http.StatusForbidden, Code: "AuthorizationFailed",
		Message: fmt.Sprintf("The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. If access was recently granted, please refresh your credentials.",
			r.Caller.AppID, r.Caller.ObjectID, r.Route.Permission(), r.Target()),
	}
}

// GroupNotFound is the refusal to do something in a resource group that is not there.
func GroupNotFound(id ID) *Error {
	return &Error{Status: http.StatusNotFound, Code: "ResourceGroupNotFound", Message: fmt.Sprintf("Resource group '%s' could not be found.", id.Group())}
}
