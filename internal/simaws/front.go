package simaws

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/google/uuid"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sigv4"
	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// maxBody bounds a request: the largest that any of the services takes is far below.
const maxBody = 4 << 20

// handler is the cloud's one HTTP endpoint: AWS's services at every path, and under /_linkwright/ what only a
// simulated cloud can tell.
func (c *Cloud) handler() http.Handler {
	mux := http.NewServeMux()
	c.routeAdmin(mux)
	mux.HandleFunc("/", c.serveAWS)
	return mux
}

// serveAWS answers one AWS request.
func (c *Cloud) serveAWS(w http.ResponseWriter, httpRequest *http.Request) {
	r, service, err := c.receive(httpRequest)
	var response sim.Response
	var struck Effect
	if err == nil {
		response, struck, err = c.answer(r, service)
	}
	call := c.describe(r, service)
	call.Time, call.Fault = c.world.Clock.Now(), struck
	switch {
	case errors.Is(err, simcloud.ErrCut):
		call.Error = "ConnectionCut"
	case err != nil:
		response, call.Error = c.refusal(r, service, err)
		fallthrough
	default:
		call.Status = response.Status
	}
	c.Record(call)
	if errors.Is(err, simcloud.ErrCut) {
		if err := simcloud.Cut(w); err != nil {
			c.log.Error("the client gets no answer, and still waits for one", "error", err)
		}
		return
	}
	c.write(w, r, response)
}

// answer lets a service answer, unless a fault strikes; then it says which.
func (c *Cloud) answer(r *sim.Request, service sim.Service) (sim.Response, Effect, error) {
	hit, err := c.admit(r, service)
	if err != nil {
		return sim.Response{}, "", err
	}
	if hit != nil {
		response, err := c.strike(r, service, hit)
		return response, hit.Effect, err
	}
	response, err := c.carryOut(r, service)
	if sim.IsRead(r.Action) && c.Threatens(EffectStale) {
		c.past.remember(r, service, response, err)
	}
	return response, "", err
}

// admit lets a request in, and tells which fault hits it, if one does. The order is that of AWS's own front
// doors: who is it, is there such an action, has he asked too much, may he.
func (c *Cloud) admit(r *sim.Request, service sim.Service) (*simcloud.Rule, error) {
	c.world.Lock()
	defer c.world.Unlock()
	c.world.Admitted++
	r.Number = c.world.Admitted
	if err := c.authenticate(r, service); err != nil {
		return nil, err
	}
	action, known := service.Action(r)
	r.Action = action
	if !known {
		return nil, unknownAction(r, service)
	}
	if c.limiter != nil && !c.building && !c.limiter.allow(r, service.Name()) {
		return nil, throttled(service.Name())
	}
	if err := c.authorize(r, service); err != nil {
		return nil, err
	}
	return c.Hits(c.describe(r, service)), nil
}

// carryOut lets the service do what is asked, with the world locked.
func (c *Cloud) carryOut(r *sim.Request, service sim.Service) (sim.Response, error) {
	c.world.Lock()
	defer c.world.Unlock()
	return service.Handle(r)
}

// receive reads a request and finds the service that its credential scope names. The request is there even
// when there is an error.
func (c *Cloud) receive(httpRequest *http.Request) (*sim.Request, sim.Service, error) {
	r := &sim.Request{
		Context: httpRequest.Context(), ID: uuid.NewString(), Partition: "aws",
		HTTP: httpRequest, Seed: httpRequest.Header.Get(seedHeader),
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, httpRequest.Body, maxBody))
	if err != nil {
		return r, nil, &sim.Error{Status: http.StatusRequestEntityTooLarge, Code: "RequestEntityTooLarge", Message: err.Error()}
	}
	r.Body = body
	signature, err := sigv4.Read(httpRequest)
	if errors.Is(err, sigv4.ErrMissing) {
		return r, nil, &sim.Error{Status: http.StatusForbidden, Code: "MissingAuthenticationToken", Message: "Request is missing Authentication Token"}
	}
	if err != nil {
		return r, nil, &sim.Error{Status: http.StatusForbidden, Code: "IncompleteSignature", Message: err.Error()}
	}
	r.Region = signature.Region
	r.Partition = sim.PartitionOf(signature.Region)
	service, ok := c.services[signature.Service]
	if !ok {
		return r, nil, &sim.Error{Status: http.StatusNotFound, Code: "UnknownService", Message: fmt.Sprintf("The simulated cloud has no service %q.", signature.Service)}
	}
	r.Form, err = parseForm(httpRequest, body)
	if err != nil {
		return r, service, sim.Errorf("MalformedQueryString", "%s", err)
	}
	return r, service, nil
}

// parseForm reads the parameters of a Query request; nil for other protocols.
func parseForm(r *http.Request, body []byte) (url.Values, error) {
	contentType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && contentType == "application/x-www-form-urlencoded":
		return url.ParseQuery(string(body))
	case r.Method == http.MethodGet && r.URL.Query().Has("Action"):
		return r.URL.Query(), nil
	}
	return nil, nil
}

// unknownAction is the error for an action that a service does not have. It is never answered with success.
func unknownAction(r *sim.Request, service sim.Service) *sim.Error {
	if r.Form != nil {
		return query.UnknownAction(r)
	}
	return &sim.Error{
		Status: http.StatusNotFound, Code: "UnknownOperationException",
		Message: fmt.Sprintf("The simulated %s has no such operation: %s %s %s", service.Name(), r.HTTP.Method, r.HTTP.URL.Path, r.HTTP.Header.Get("X-Amz-Target")),
	}
}

// refusal writes an error, in the service's own form if the service is known, and tells its code.
func (c *Cloud) refusal(r *sim.Request, service sim.Service, err error) (sim.Response, string) {
	var e *sim.Error
	if !errors.As(err, &e) {
		c.log.Error("simulated service failed", "action", r.Action, "error", err)
		e = &sim.Error{Status: http.StatusInternalServerError, Code: "InternalError", Message: "An internal error has occurred"}
	}
	if service == nil {
		return query.Protocol{}.Error(r, e), e.Code
	}
	return service.Error(r, e), e.Code
}

func (c *Cloud) write(w http.ResponseWriter, r *sim.Request, response sim.Response) {
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	w.Header().Set("X-Amzn-Requestid", r.ID)
	w.WriteHeader(response.Status)
	if _, err := w.Write(response.Body); err != nil {
		c.log.Debug("client went away before the answer", "action", r.Action, "error", err)
	}
}
