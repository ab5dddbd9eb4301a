package azure

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/privatedns/armprivatedns"
	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
)

// Operations asks after what Azure has taken on (Azure Resource Manager, "Track asynchronous Azure operations").
type Operations struct{ config Config }

var _ activities.Operations = (*Operations)(nil)

// NewOperations returns the step that asks after changes.
func NewOperations(c Config) *Operations { return &Operations{c.withDefaults()} }

// token is what an operation is asked after with: the method that has begun it, and the SDK's own token, which only that
// method reads.
type token struct {
	Method method `json:"method"`
	Resume string `json:"resume"`
}

// method is one that begins an operation.
type method string

const (
	putService       method = "PrivateLinkServices.CreateOrUpdate"
	deleteService    method = "PrivateLinkServices.Delete"
	deleteConnection method = "PrivateLinkServices.DeletePrivateEndpointConnection"
	putEndpoint      method = "PrivateEndpoints.CreateOrUpdate"
	deleteEndpoint   method = "PrivateEndpoints.Delete"
	putSubnet        method = "Subnets.CreateOrUpdate"
	putZone          method = "PrivateZones.CreateOrUpdate"
	deleteZone       method = "PrivateZones.Delete"
	putLink          method = "VirtualNetworkLinks.CreateOrUpdate"
	deleteLink       method = "VirtualNetworkLinks.Delete"
)

// begun answers for a change that Azure was asked for: that it is begun. It is nil for one that is done already.
func begun[T any](ctx context.Context, s *site, by method, what string, p *runtime.Poller[T], err error) error {
	if err != nil {
		return s.failed(err)
	}
	if p.Done() {
		if _, err := p.Result(ctx); err != nil && !notThere(err) {
			return s.failed(err)
		}
		return nil
	}
	resume, err := p.ResumeToken()
	if err != nil {
		return s.soon(what) // a look tells how it goes
	}
	data, err := json.Marshal(token{by, resume})
	if err != nil {
		return s.soon(what)
	}
	return activities.Begun(activities.Operation{What: what, Token: string(data)})
}

// operation is a change under way, whatever it comes to.
type operation interface {
	Poll(context.Context) (*http.Response, error)
	Done() bool
	outcome(context.Context) error
}

type poller[T any] struct{ *runtime.Poller[T] }

func (p poller[T]) outcome(ctx context.Context) error {
	_, err := p.Result(ctx)
	return err
}

func resumed[T any](p *runtime.Poller[T], err error) (operation, error) {
	if err != nil {
		return nil, err
	}
	return poller[T]{p}, nil
}

var errUnknownMethod = errors.New("unknown method")

// resume takes an operation up again. Nothing but the token is looked at.
func resume(ctx context.Context, c *accounts.AzureClients, t token) (operation, error) {
	switch r := t.Resume; t.Method {
	case putService:
		return resumed(c.Services.BeginCreateOrUpdate(ctx, "", "", armnetwork.PrivateLinkService{}, &armnetwork.PrivateLinkServicesClientBeginCreateOrUpdateOptions{ResumeToken: r}))
	case deleteService:
		return resumed(c.Services.BeginDelete(ctx, "", "", &armnetwork.PrivateLinkServicesClientBeginDeleteOptions{ResumeToken: r}))
	case deleteConnection:
		return resumed(c.Services.BeginDeletePrivateEndpointConnection(ctx, "", "", "", &armnetwork.PrivateLinkServicesClientBeginDeletePrivateEndpointConnectionOptions{ResumeToken: r}))
	case putEndpoint:
		return resumed(c.Endpoints.BeginCreateOrUpdate(ctx, "", "", armnetwork.PrivateEndpoint{}, &armnetwork.PrivateEndpointsClientBeginCreateOrUpdateOptions{ResumeToken: r}))
	case deleteEndpoint:
		return resumed(c.Endpoints.BeginDelete(ctx, "", "", &armnetwork.PrivateEndpointsClientBeginDeleteOptions{ResumeToken: r}))
	case putSubnet:
		return resumed(c.Subnets.BeginCreateOrUpdate(ctx, "", "", "", armnetwork.Subnet{}, &armnetwork.SubnetsClientBeginCreateOrUpdateOptions{ResumeToken: r}))
	case putZone:
		return resumed(c.Zones.BeginCreateOrUpdate(ctx, "", "", armprivatedns.PrivateZone{}, &armprivatedns.PrivateZonesClientBeginCreateOrUpdateOptions{ResumeToken: r}))
	case deleteZone:
		return resumed(c.Zones.BeginDelete(ctx, "", "", &armprivatedns.PrivateZonesClientBeginDeleteOptions{ResumeToken: r}))
	case putLink:
		return resumed(c.ZoneLinks.BeginCreateOrUpdate(ctx, "", "", "", armprivatedns.VirtualNetworkLink{}, &armprivatedns.VirtualNetworkLinksClientBeginCreateOrUpdateOptions{ResumeToken: r}))
	case deleteLink:
		return resumed(c.ZoneLinks.BeginDelete(ctx, "", "", "", &armprivatedns.VirtualNetworkLinksClientBeginDeleteOptions{ResumeToken: r}))
	}
	return nil, errUnknownMethod
}

// AwaitOperation implements [activities.Operations]. It asks once.
func (o *Operations) AwaitOperation(ctx context.Context, req activities.OperationRequest) error {
	s, err := o.config.at(ctx, req.Place)
	if err != nil {
		return err
	}
	var t token
	if err := json.Unmarshal([]byte(req.Token), &t); err != nil {
		return nil // of another version: the step looks for itself
	}
	op, err := resume(ctx, s.AzureClients, t)
	if err != nil {
		return nil // the same
	}
	answer, err := op.Poll(ctx)
	switch {
	case notThere(err):
		return nil // Azure forgets operations after a while
	case err != nil:
		return s.failed(err)
	case !op.Done():
		return activities.Pending(req.What, max(retryAfter(answer.Header), s.Pace.After(s.age())))
	}
	err = op.outcome(ctx)
	switch {
	case err == nil, notThere(err): // what was deleted is not there
		return nil
	case transient(err), hasCode(err, conflicts...):
		return s.overAndToBeTakenAgain(ctx, err)
	}
	return s.failed(err)
}

// overAndToBeTakenAgain is for an operation that has failed by what passes: its step is taken again, after a pause. To
// ask after the operation again would hear the same for ever.
func (s *site) overAndToBeTakenAgain(ctx context.Context, cause error) error {
	if activity.HasHeartbeatDetails(ctx) {
		return nil
	}
	activity.RecordHeartbeat(ctx, true)
	return activities.Pending(said(cause)+"; it is begun anew", failedPause*s.Pace.Min)
}

// failedPause is how many times the shortest pause what has failed by something that passes is left alone.
const failedPause = 6
