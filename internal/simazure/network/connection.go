package network

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// The states of a connection (Azure Private Link, "What is a private endpoint?", "Access to a private-link resource
// using approval workflow").
const (
	pending      = "Pending"
	approved     = "Approved"
	rejected     = "Rejected"
	disconnected = "Disconnected"
)

// connectionState is what one side of a connection says of it.
type connectionState struct {
	Status          string `json:"status"`
	Description     string `json:"description"`
	ActionsRequired string `json:"actionsRequired"`
}

// Connection is a private endpoint as the owner of the service sees it.
type Connection struct {
	Name     string          `json:"name"`
	Endpoint arm.ID          `json:"endpoint"`
	Location string          `json:"location"` // the endpoint's
	LinkID   string          `json:"linkId"`
	State    connectionState `json:"state"`
	ETag     string          `json:"etag"`
}

func connectionID(service arm.ID, c *Connection) arm.ID {
	return service.Child("privateEndpointConnections", c.Name)
}

func (s *Service) showConnection(service *arm.Resource[PrivateLinkService], c *Connection) arm.View {
	id := connectionID(service.ID, c)
	return arm.View{ID: id, Name: c.Name, Type: id.Type(), ETag: c.ETag, Properties: map[string]any{
		"provisioningState": s.world.State(id, false), "privateEndpoint": arm.Ref{ID: c.Endpoint}, "privateEndpointLocation": c.Location,
		"linkIdentifier": c.LinkID, "privateLinkServiceConnectionState": c.State,
	}}
}

// findConnection is a connection by its id.
func (s *Service) findConnection(id arm.ID) (*arm.Resource[PrivateLinkService], *Connection, error) {
	service, ok := s.state.Services.Get(id.Parent())
	if !ok {
		return nil, nil, arm.NotFound(id.Parent())
	}
	for _, c := range service.Properties.Connections {
		if strings.EqualFold(c.Name, id.Name()) {
			return service, c, nil
		}
	}
	return service, nil, arm.ChildNotFound(id)
}

func (s *Service) connections(r *arm.Request) (arm.Response, error) {
	service, ok := s.state.Services.Get(r.Target())
	if !ok {
		return arm.Response{}, arm.NotFound(r.Target())
	}
	var all []arm.View
	for _, c := range service.Properties.Connections {
		all = append(all, s.showConnection(service, c))
	}
	return arm.Page(r, all), nil
}

func (s *Service) connection(r *arm.Request) (arm.Response, error) {
	service, c, err := s.findConnection(r.Target())
	if err != nil {
		return arm.Response{}, err
	}
	return arm.OK(s.showConnection(service, c)), nil
}

// decide lets a connection in or turns it away, at once (Private Link Services - Update Private Endpoint Connection).
// Either can be taken back.
func (s *Service) decide(r *arm.Request) (arm.Response, error) {
	var body arm.Body[struct {
		State connectionState `json:"privateLinkServiceConnectionState"`
	}]
	if err := r.Read(&body); err != nil {
		return arm.Response{}, err
	}
	id := r.Target()
	service, c, err := s.findConnection(id)
	if err != nil {
		return arm.Response{}, err
	}
	if err := r.Precondition(c.ETag); err != nil {
		return arm.Response{}, err
	}
	if err := s.world.Free(id, service.ID); err != nil {
		return arm.Response{}, err
	}
	want := body.Properties.State
	switch {
	case strings.EqualFold(want.Status, approved):
		want.Status = approved
	case strings.EqualFold(want.Status, rejected):
		want.Status = rejected
	default:
		return arm.Response{}, arm.Errorf("InvalidPrivateEndpointConnectionStatus", "The status %q of private endpoint connection %s is invalid: it can be approved or rejected.", want.Status, id)
	}
	s.setState(service, c, want)
	return arm.OK(s.showConnection(service, c)), nil
}

// setState changes what both sides see of a connection.
func (s *Service) setState(service *arm.Resource[PrivateLinkService], c *Connection, to connectionState) {
	to.ActionsRequired = orDefault(to.ActionsRequired, "None")
	c.State, c.ETag = to, s.world.NewETag(service.ID.Key(), c.Name)
	service.ETag = s.world.NewETag(service.ID.Key(), c.Name)
	if endpoint, ok := s.state.Endpoints.Get(c.Endpoint); ok {
		endpoint.Properties.Connection.State = to
		endpoint.ETag = s.world.NewETag(endpoint.ID.Key(), to.Status)
	}
}

// deleteConnection ends a connection from the service's side (Private Link Services - Delete Private Endpoint
// Connection). The endpoint stays, and is of no use any more.
func (s *Service) deleteConnection(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	service, c, err := s.findConnection(id)
	switch {
	case service == nil:
		return arm.Response{}, err
	case c == nil:
		return arm.NoContent(), nil
	}
	if err := s.world.Free(id, service.ID); err != nil {
		return arm.Response{}, err
	}
	return s.deleted(r, id, service.Location, "privateEndpointConnections"), nil
}

// removeConnection takes a connection away whose deletion is over.
func (s *Service) removeConnection(id arm.ID) {
	service, c, err := s.findConnection(id)
	if err != nil {
		return
	}
	s.setState(service, c, connectionState{Status: disconnected, Description: "Connection has been removed by the private link service owner."})
	service.Properties.Connections = slices.DeleteFunc(service.Properties.Connections, func(o *Connection) bool { return o == c })
}

// disconnect takes the connection of an endpoint away that is gone.
func (s *Service) disconnect(endpoint *arm.Resource[PrivateEndpoint]) {
	service, ok := s.state.Services.Get(endpoint.Properties.Connection.Service)
	if !ok {
		return
	}
	service.Properties.Connections = slices.DeleteFunc(service.Properties.Connections, func(c *Connection) bool { return c.Endpoint.Is(endpoint.ID) })
	service.ETag = s.world.NewETag(service.ID.Key(), endpoint.ID.Key())
}

// connect makes the connection of a new endpoint, as the service's owner sees it: with the message of whoever asks.
func (s *Service) connect(service *arm.Resource[PrivateLinkService], endpoint *arm.Resource[PrivateEndpoint]) {
	c := &Connection{
		Name: fmt.Sprintf("%s.%s", endpoint.ID.Name(), s.world.NewGUID(endpoint.ID.Key(), "connection")), Endpoint: endpoint.ID, Location: endpoint.Location,
		LinkID: s.linkID(endpoint.ID), State: endpoint.Properties.Connection.State, ETag: s.world.NewETag(service.ID.Key(), endpoint.ID.Key()),
	}
	if c.State.Status == pending {
		c.State.Description = endpoint.Properties.Connection.Message
	}
	service.Properties.Connections = append(service.Properties.Connections, c)
	service.ETag = s.world.NewETag(service.ID.Key(), c.Name)
}

// linkID is a connection's number, by which proxy protocol headers tell consumers apart: 32 bits, written in decimal.
func (s *Service) linkID(endpoint arm.ID) string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(s.world.NewGUID(endpoint.Key(), "link"))) // it never fails
	number := hash.Sum32()
	for {
		id := strconv.FormatUint(uint64(number), 10)
		taken := false
		for _, service := range s.state.Services.All() {
			taken = taken || slices.ContainsFunc(service.Properties.Connections, func(c *Connection) bool { return c.LinkID == id })
		}
		if !taken {
			return id
		}
		number++
	}
}
