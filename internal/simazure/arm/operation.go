package arm

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// Operation is a change that takes a while (Azure Resource Manager, "Track asynchronous Azure operations"). Nothing
// runs in the meantime: the operation remembers when it is over, and whoever looks later sees what it came to. So it
// outlives the client that began it, and a restart of the cloud.
type Operation struct {
	ID       string    `json:"id"`
	Provider string    `json:"provider"` // its Name
	Action   string    `json:"action"`   // "privateEndpoints/write"
	Resource ID        `json:"resource"`
	Holds    []ID      `json:"holds,omitempty"` // further resources that nobody else may change meanwhile
	Deletes  bool      `json:"deletes,omitempty"`
	Began    time.Time `json:"began"`
	Ends     time.Time `json:"ends"`
	Failure  *Error    `json:"failure,omitempty"`
	// Result is what an action, which leaves no resource to look at, has found out.
	Result json.RawMessage `json:"result,omitempty"`
	// Status is the path under which Azure-AsyncOperation finds the operation, and Outcome that of Location.
	Status  string `json:"status"`
	Outcome string `json:"outcome"`
}

// Operations are those under way, and those that were, by id.
type Operations struct {
	Running map[string]*Operation `json:"running"`
	Ended   map[string]*Operation `json:"ended"`
}

// keptOperations is for how long a finished operation can be looked at, in the real service's time. Azure does not
// say; its providers keep them for a day at the least.
const keptOperations = 24 * time.Hour

// On is the operation under way on a resource, or that holds it; nil when there is none.
func (w *World) On(id ID) *Operation {
	for _, op := range w.Operations.Running {
		if op.Resource.Is(id) || slices.ContainsFunc(op.Holds, id.Is) {
			return op
		}
	}
	return nil
}

// Free refuses a request while an operation holds one of the resources that it changes.
func (w *World) Free(ids ...ID) error {
	for _, id := range ids {
		if op := w.On(id); op != nil {
			return Locked(id, op.ID)
		}
	}
	return nil
}

// Settle lets the operations that are over have their effect, oldest first, and forgets those that nobody can ask for
// any more.
func (w *World) Settle(finish func(*Operation)) {
	var over []*Operation
	for _, op := range w.Operations.Running {
		if w.Clock.Passed(op.Ends) {
			over = append(over, op)
		}
	}
	if over == nil {
		return
	}
	slices.SortFunc(over, func(a, b *Operation) int { return cmp.Or(a.Ends.Compare(b.Ends), cmp.Compare(a.ID, b.ID)) })
	for _, op := range over {
		finish(op)
		delete(w.Operations.Running, op.ID)
		if w.Operations.Ended == nil {
			w.Operations.Ended = map[string]*Operation{}
		}
		w.Operations.Ended[op.ID] = op
	}
	for id, op := range w.Operations.Ended {
		if w.Clock.Passed(op.Ends.Add(w.Clock.Scaled(keptOperations))) {
			delete(w.Operations.Ended, id)
		}
	}
}

// State is a resource's provisioningState.
func (w *World) State(id ID, failed bool) string {
	for _, op := range w.Operations.Running {
		if op.Resource.Is(id) {
			if op.Deletes {
				return "Deleting"
			}
			return "Updating"
		}
	}
	if failed {
		return "Failed"
	}
	return "Succeeded"
}

// Begin starts an operation that takes so long in the real service.
func (w *World) Begin(r *Request, op Operation, takes time.Duration) *Operation {
	if r.AtOnce {
		takes = 0
	}
	op.ID, op.Action, op.Failure = uuid.NewString(), r.Route.Action, r.Fail
	op.Began, op.Ends = w.Clock.Now(), w.Clock.In(takes)
	op.Status, op.Outcome = op.Status+"/"+op.ID, op.Outcome+"/"+op.ID
	if w.Operations.Running == nil {
		w.Operations.Running = map[string]*Operation{}
	}
	w.Operations.Running[op.ID] = &op
	return &op
}

// Accepted answers the request that began an operation: 201 or 200 with the resource for a PUT, 202 for the rest.
func (w *World) Accepted(r *Request, op *Operation, status int, body any) Response {
	response := Response{Status: status, Body: body, Header: http.Header{}}
	query := "?api-version=" + r.Query.Get("api-version")
	response.Header.Set("Azure-AsyncOperation", r.Endpoint+op.Status+query)
	if r.Method != http.MethodPut {
		response.Header.Set("Location", r.Endpoint+op.Outcome+query)
	}
	w.RetryAfter(response.Header, pollAfter)
	return response
}

// pollAfter is how long Azure asks clients to wait before they look at an operation.
const pollAfter = 10 * time.Second

// RetryAfter says when to come back. Seconds are all that the standard header has; where the cloud runs faster than
// Azure, Azure's own header has the rest.
func (w *World) RetryAfter(header http.Header, d time.Duration) {
	scaled := w.Clock.Scaled(d)
	header.Set("Retry-After", strconv.Itoa(int((scaled+time.Second-1)/time.Second)))
	if w.Clock.Scale != 1 {
		header.Set("x-ms-retry-after-ms", strconv.Itoa(max(int(scaled.Milliseconds()), 1)))
	}
}

// ShowStatus answers a look at an operation by Azure-AsyncOperation.
func (w *World) ShowStatus(r *Request, id string) (Response, error) {
	op, running, err := w.find(id)
	if err != nil {
		return Response{}, err
	}
	body := map[string]any{
		"id": op.Status, "name": op.ID, "startTime": op.Began.UTC().Format(time.RFC3339Nano), "status": "InProgress",
	}
	response := Response{Status: http.StatusOK, Body: body, Header: http.Header{}}
	switch {
	case running:
		w.RetryAfter(response.Header, pollAfter)
		return response, nil
	case op.Failure != nil:
		body["status"], body["error"] = "Failed", op.Failure
	default:
		body["status"] = "Succeeded"
		if op.Result != nil {
			body["properties"] = op.Result
		}
	}
	body["endTime"] = op.Ends.UTC().Format(time.RFC3339Nano)
	return response, nil
}

// ShowOutcome answers a look at an operation by Location: 202 while it is under way, then its result.
func (w *World) ShowOutcome(r *Request, id string) (Response, error) {
	op, running, err := w.find(id)
	switch {
	case err != nil:
		return Response{}, err
	case running:
		response := Response{Status: http.StatusAccepted, Header: http.Header{}}
		response.Header.Set("Location", r.Endpoint+op.Outcome+"?api-version="+r.Query.Get("api-version"))
		w.RetryAfter(response.Header, pollAfter)
		return response, nil
	case op.Failure != nil:
		return Response{}, op.Failure
	case op.Result != nil:
		return OK(op.Result), nil
	}
	return NoContent(), nil
}

// find looks an operation up, and tells whether it is under way.
func (w *World) find(id string) (op *Operation, running bool, err error) {
	if op, ok := w.Operations.Running[id]; ok {
		return op, true, nil
	}
	if op, ok := w.Operations.Ended[id]; ok {
		return op, false, nil
	}
	return nil, false, &Error{Status: http.StatusNotFound, Code: "OperationNotFound", Message: fmt.Sprintf("The operation '%s' was not found.", id)}
}
