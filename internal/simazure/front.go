package simazure

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simazure/entra"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// maxBody bounds a request, as Azure Resource Manager does (Azure subscription and service limits).
const maxBody = 4 << 20

// handler is the cloud's one endpoint: Entra's paths, Azure Resource Manager's, and under /_linkwright/ what only a
// simulated cloud can tell.
func (c *Cloud) handler() http.Handler {
	mux := http.NewServeMux()
	c.routeAdmin(mux)
	mux.HandleFunc("GET /metadata/endpoints", c.serveMetadata)
	mux.HandleFunc("/", c.serve)
	return mux
}

// serve answers a request to Entra or to Azure Resource Manager.
func (c *Cloud) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	form := url.Values{}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if form, err = url.ParseQuery(string(body)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	if entra.IsToken(r.URL.Path) {
		c.serveToken(w, r, form)
		return
	}
	if answer, ok := c.directory.Serve(r, form, c.URL()); ok {
		c.write(w, arm.Response{Status: answer.Status, Body: answer.Body})
		return
	}
	c.serveARM(w, &arm.Request{
		Context: r.Context(), ID: uuid.NewString(), Method: r.Method, Path: r.URL.Path, Query: r.URL.Query(), Header: r.Header,
		Body: body, Endpoint: c.URL(),
	})
}

// serveARM answers a request to Azure Resource Manager.
func (c *Cloud) serveARM(w http.ResponseWriter, r *arm.Request) {
	header := w.Header()
	header.Set("X-Ms-Request-Id", r.ID)
	header.Set("X-Ms-Correlation-Request-Id", orNew(r.Header.Get("X-Ms-Correlation-Request-Id"), r.ID))
	header.Set("X-Ms-Routing-Request-Id", "WESTEUROPE:"+r.ID)
	if id := r.Header.Get("X-Ms-Client-Request-Id"); id != "" && strings.EqualFold(r.Header.Get("X-Ms-Return-Client-Request-Id"), "true") {
		header.Set("X-Ms-Client-Request-Id", id)
	}
	response, struck, err := c.answer(r, header)
	call := c.describe(r)
	call.Time, call.Fault = c.clock.Now(), struck
	if errors.Is(err, simcloud.ErrCut) {
		call.Error = "ConnectionCut"
		c.Record(call)
		c.cut(w)
		return
	}
	if err != nil {
		response, call.Error = c.refusal(r, err)
	}
	call.Status = response.Status
	c.Record(call)
	c.write(w, response)
}

func orNew(given, made string) string {
	if given == "" {
		return made
	}
	return given
}

// answer lets a provider answer, unless a fault strikes; then it says which.
func (c *Cloud) answer(r *arm.Request, header http.Header) (arm.Response, simcloud.Effect, error) {
	if err := c.admit(r, header); err != nil {
		return arm.Response{}, "", err
	}
	if hit := c.Hits(c.describe(r)); hit != nil {
		response, err := c.strike(r, hit)
		return response, hit.Effect, err
	}
	response, err := c.carryOut(r)
	if arm.IsRead(r.Route.Action) && c.Threatens(simcloud.EffectStale) {
		c.past.remember(r, response, err)
	}
	return response, "", err
}

// admit lets a request in: who is it, is there such an operation, is the subscription one of his tenant's, has he asked
// too much, may he.
func (c *Cloud) admit(r *arm.Request, header http.Header) (err error) {
	c.parts.world.Lock()
	defer c.parts.world.Unlock()
	if r.Caller, err = c.directory.Identify(r.Header.Get("Authorization")); err != nil {
		return err
	}
	if r.Route, r.Params, err = arm.Find(c.parts.routes, r.Method, r.Path); err != nil {
		return err
	}
	if !r.Query.Has("api-version") {
		return arm.Errorf("MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")
	}
	if r.Auxiliary, err = c.auxiliary(r.Header.Get("X-Ms-Authorization-Auxiliary")); err != nil {
		return err
	}
	if err := c.checkTenant(r); err != nil {
		return err
	}
	if err := c.limiter.admit(r, header); err != nil {
		return err
	}
	return c.authorize(r)
}

// carryOut lets the provider do what is asked, with the world locked and all that was to end by now ended.
func (c *Cloud) carryOut(r *arm.Request) (arm.Response, error) {
	c.parts.world.Lock()
	defer c.parts.world.Unlock()
	c.parts.settle()
	return r.Route.Do(r)
}

// describe is what the call log and the rules know of a request.
func (c *Cloud) describe(r *arm.Request) simcloud.Call {
	call := simcloud.Call{RequestID: r.ID, Account: r.Target().Subscription(), Principal: r.Caller.AppID, Names: names(r)}
	if r.Route != nil {
		call.Service, call.Action, call.Region = r.Route.Provider, r.Route.Action, r.Params["location"]
	}
	return call
}

// names are what a request says about resources: the id that it is for, the parts of its path, the texts of its body.
func names(r *arm.Request) []string {
	found := append([]string{string(r.Target())}, strings.Split(strings.Trim(r.Path, "/"), "/")...)
	var body any
	if err := json.Unmarshal(r.Body, &body); err != nil { // what is no JSON is refused by the provider
		return found
	}
	return append(found, texts(body)...)
}

func texts(v any) []string {
	var found []string
	switch v := v.(type) {
	case string:
		found = append(found, v)
	case []any:
		for _, item := range v {
			found = append(found, texts(item)...)
		}
	case map[string]any:
		for _, item := range v {
			found = append(found, texts(item)...)
		}
	}
	return found
}

// refusal writes an error, and tells its code.
func (c *Cloud) refusal(r *arm.Request, err error) (arm.Response, string) {
	var e *arm.Error
	if !errors.As(err, &e) {
		c.log.Error("simulated provider failed", "method", r.Method, "path", r.Path, "error", err)
		e = internalError()
	}
	response := arm.Response{Status: e.Status, Body: map[string]any{"error": e}, Header: http.Header{}}
	if e.RetryAfter > 0 {
		c.parts.world.RetryAfter(response.Header, e.RetryAfter)
	}
	if e.Challenge != "" {
		response.Header.Set("WWW-Authenticate", e.Challenge)
	}
	return response, e.Code
}

func (c *Cloud) write(w http.ResponseWriter, response arm.Response) {
	for name, values := range response.Header {
		w.Header()[name] = values
	}
	if response.Body == nil {
		w.WriteHeader(response.Status)
		return
	}
	data, err := json.Marshal(response.Body)
	if err != nil {
		c.log.Error("answer cannot be written", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(response.Status)
	if _, err := w.Write(data); err != nil {
		c.log.Debug("client went away before the answer", "error", err)
	}
}

func (c *Cloud) cut(w http.ResponseWriter) {
	if err := simcloud.Cut(w); err != nil {
		c.log.Error("the client gets no answer, and still waits for one", "error", err)
	}
}
