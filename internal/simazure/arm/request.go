package arm

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// Caller is the service principal behind a request.
type Caller struct {
	Tenant   string
	ObjectID string
	AppID    string
}

// Request is one authenticated request, its body read once.
type Request struct {
	Context context.Context
	ID      string // request id, echoed on the wire
	Caller  Caller
	// Auxiliary are the callers of the further tenants whose tokens came with the request (Azure Resource Manager,
	// "Authenticate requests across tenants").
	Auxiliary []Caller
	Method    string
	Path      string // as it was sent
	Query     url.Values
	Header    http.Header
	Body      []byte
	Route     *Route
	Params    map[string]string // what stands in the path for the route's {words}
	// Endpoint is the URL of the cloud, which absolute links begin with.
	Endpoint string
	// Fail, when not nil, is how the operation that the request starts ends; AtOnce has it end where it begins.
	Fail   *Error
	AtOnce bool
	// May tells whether one of the callers may do something on a linked resource; nil allows everything.
	May func(action string, scope ID) error
	// Sees reports whether the caller has any role in a subscription, which is what it takes to see that it is there.
	Sees func(subscription string) bool
}

// Target is the resource that the request is for, or the scope whose resources it lists.
func (r *Request) Target() ID {
	parts := strings.Split(strings.Trim(r.Path, "/"), "/")
	if len(parts)%2 == 1 { // a list, or an action, of what comes before
		parts = parts[:len(parts)-1]
	}
	return IDOf(parts...)
}

// Linked refuses a request whose caller may not do something on a resource that it refers to.
func (r *Request) Linked(action string, scope ID) error {
	if r.May == nil {
		return nil
	}
	return r.May(action, scope)
}

// Read decodes the body.
func (r *Request) Read(into any) error {
	if len(r.Body) == 0 {
		return Errorf("MissingRequestBody", "The request content was invalid and could not be deserialized: a body is required.")
	}
	if err := json.Unmarshal(r.Body, into); err != nil {
		return Errorf("InvalidRequestContent", "The request content was invalid and could not be deserialized: '%s'.", err)
	}
	return nil
}

// Precondition holds the request's If-Match and If-None-Match against the resource as it is: an ETag, empty when it is
// not there (Azure REST API guidelines, "Conditional requests").
func (r *Request) Precondition(etag string) error {
	match, none := r.Header.Get("If-Match"), r.Header.Get("If-None-Match")
	unmet := match == "*" && etag == "" || match != "" && match != "*" && !sameETag(match, etag) ||
		none == "*" && etag != "" || none != "" && none != "*" && sameETag(none, etag)
	if unmet {
		return &Error{Status: http.StatusPreconditionFailed, Code: "PreconditionFailed", Message: "Precondition failed."}
	}
	return nil
}

// sameETag compares weakly, and takes an ETag also without its quotation marks.
func sameETag(one, other string) bool {
	plain := func(s string) string { return strings.Trim(strings.TrimPrefix(s, "W/"), `"`) }
	return plain(one) == plain(other)
}

// Response is what goes on the wire.
type Response struct {
	Status int
	Header http.Header
	Body   any // marshalled as JSON; nil for none
}

// OK answers with a body.
func OK(body any) Response { return Response{Status: http.StatusOK, Body: body} }

// NoContent answers that there is nothing.
func NoContent() Response { return Response{Status: http.StatusNoContent} }

// pageSize is how many resources a page of a list has.
const pageSize = 100

// Page answers a request for a list with one page of it, and a nextLink when there are more (Azure REST API guidelines,
// "Pagination").
func Page[T any](r *Request, all []T) Response {
	first := 0
	if token := r.Query.Get("$skiptoken"); token != "" {
		if err := json.Unmarshal([]byte(token), &first); err != nil || first < 0 || first > len(all) {
			first = len(all)
		}
	}
	last := min(first+pageSize, len(all))
	page := struct {
		Value    []T    `json:"value"`
		NextLink string `json:"nextLink,omitempty"`
	}{Value: append([]T{}, all[first:last]...)}
	if last < len(all) {
		next, _ := json.Marshal(last) // a number
		query := url.Values{"$skiptoken": {string(next)}, "api-version": {r.Query.Get("api-version")}}
		page.NextLink = r.Endpoint + r.Path + "?" + query.Encode()
	}
	return OK(page)
}
