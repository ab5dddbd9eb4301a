// Package simtest serves simulated AWS services to real SDK clients in their tests, on a clock that the test
// moves. It is not the front door: who calls is believed (an access key is an account's id), and nothing is
// throttled.
package simtest

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"

	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// The accounts and the region of the tests.
const (
	Provider = "111111111111"
	Consumer = "222222222222"
	Region   = "eu-west-1"
)

// Cloud is a world whose services are served at URL.
type Cloud struct {
	World *sim.World
	URL   string
	t     testing.TB
	now   time.Time
}

// New makes a world without services. Time stands still in it until it is advanced.
func New(t testing.TB) *Cloud {
	c := &Cloud{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	c.World = &sim.World{
		Clock:    &simcloud.Clock{Scale: 1, Now: func() time.Time { return c.now }},
		Accounts: map[string]*sim.Account{Provider: {ID: Provider}, Consumer: {ID: Consumer}},
	}
	return c
}

// Serve serves the world's services until the test ends.
func (c *Cloud) Serve(services ...sim.Service) {
	byName := map[string]sim.Service{}
	for _, s := range services {
		byName[s.Name()] = s
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serve(w, r, byName) }))
	c.t.Cleanup(server.Close)
	c.URL = server.URL
}

// Advance lets time pass.
func (c *Cloud) Advance(d time.Duration) {
	c.World.Lock()
	defer c.World.Unlock()
	c.now = c.now.Add(d)
}

// Client is the configuration of an SDK client that acts as an account, and does not repeat what fails.
func (c *Cloud) Client(account string) aws.Config {
	return aws.Config{
		Region:           Region,
		BaseEndpoint:     aws.String(c.URL),
		Credentials:      credentials.NewStaticCredentialsProvider(account, "secret", ""),
		RetryMaxAttempts: 1,
	}
}

// Restart stops a service and starts it again from its own snapshot.
func (c *Cloud) Restart(s sim.Service) {
	c.World.Lock()
	defer c.World.Unlock()
	snapshot, err := s.Snapshot()
	if err == nil {
		err = s.Restore(snapshot)
	}
	if err != nil {
		c.t.Fatalf("restart %s: %v", s.Name(), err)
	}
}

// Code is the error code of a failed call, "" without an error.
func Code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (c *Cloud) serve(w http.ResponseWriter, httpRequest *http.Request, services map[string]sim.Service) {
	body, err := io.ReadAll(httpRequest.Body)
	if err != nil {
		c.t.Errorf("read request: %v", err)
		return
	}
	account, region, name, ok := scope(httpRequest.Header.Get("Authorization"))
	service := services[name]
	if !ok || service == nil {
		c.t.Errorf("no service for %s %s", httpRequest.Method, httpRequest.URL)
		http.Error(w, "no such service", http.StatusNotFound)
		return
	}
	r := &sim.Request{
		Context: httpRequest.Context(), ID: sim.Hex(32), Partition: "aws", Region: region, HTTP: httpRequest, Body: body,
		Caller: sim.Caller{AccountID: account, ARN: "arn:aws:iam::" + account + ":user/admin", UserID: "AIDATEST", AccessKey: account},
	}
	if strings.HasPrefix(httpRequest.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		if r.Form, err = url.ParseQuery(string(body)); err != nil {
			c.t.Errorf("parse form: %v", err)
		}
	}
	response := c.answer(service, r)
	for key, values := range response.Header {
		w.Header()[key] = values
	}
	w.WriteHeader(response.Status)
	if _, err := w.Write(response.Body); err != nil {
		c.t.Errorf("write response: %v", err)
	}
}

func (c *Cloud) answer(service sim.Service, r *sim.Request) sim.Response {
	c.World.Lock()
	defer c.World.Unlock()
	c.World.Admitted++
	r.Number = c.World.Admitted
	action, known := service.Action(r)
	r.Action = action
	if !known {
		return service.Error(r, &sim.Error{Status: http.StatusNotFound, Code: "UnknownOperationException", Message: r.HTTP.URL.String()})
	}
	response, err := service.Handle(r)
	var refused *sim.Error
	switch {
	case errors.As(err, &refused):
		return service.Error(r, refused)
	case err != nil:
		c.t.Errorf("%s: %v", action, err)
		return service.Error(r, &sim.Error{Status: http.StatusInternalServerError, Code: "InternalError", Message: err.Error()})
	}
	return response
}

// scope reads "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/ec2/aws4_request, …".
func scope(authorization string) (accessKey, region, service string, ok bool) {
	_, rest, _ := strings.Cut(authorization, "Credential=")
	credential, _, _ := strings.Cut(rest, ",")
	parts := strings.Split(credential, "/")
	if len(parts) != 5 {
		return "", "", "", false
	}
	return parts[0], parts[2], parts[3], true
}
