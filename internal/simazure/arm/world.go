// Package arm is what the simulated Azure's resource providers share: resource ids, requests and how they are refused,
// the asynchronous operations in which Azure changes things, and the seam at which a provider meets the front door. It
// knows no provider; the providers (resources, network, privatedns) import it and never one another.
package arm

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"github.com/linkwright/linkwright/internal/simcloud"
)

// Provider is one part of the API with the state behind it. Several may share a namespace, as networks and private
// DNS zones do.
type Provider interface {
	// Name is what the provider's state is called in a snapshot.
	Name() string
	Routes() []Route
	// Finish brings about what an operation of the provider has come to: the resource is gone, or has failed. It runs
	// with the world locked, as does all that a route does.
	Finish(*Operation)
	// List are the provider's resources below a scope.
	List(scope ID) []View
	Snapshot() (json.RawMessage, error)
	Restore(json.RawMessage) error
}

// Subscription is what resources are billed to; it trusts one tenant.
type Subscription struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Tenant string `json:"tenant"`
}

// World is what every provider lives in: one lock, one clock, the subscriptions, the operations under way, and the
// narrow looks that providers take at one another.
type World struct {
	sync.Mutex
	Clock         *simcloud.Clock
	Subscriptions map[string]*Subscription // by id in lower case
	Operations    Operations
	// Building is true while the world file's infrastructure is made: ids are then always the same.
	Building bool
	// Groups finds the location of a resource group.
	Groups func(id ID) (location string, ok bool)
	// Networks reports whether there is such a virtual network.
	Networks func(id ID) bool
	Limits   Limits
}

// NewGUID is a new unique id. What the world file makes has always the same ones, made of what they are for.
func (w *World) NewGUID(purpose ...any) string {
	if !w.Building {
		return uuid.NewString()
	}
	return StableGUID(purpose...)
}

// NewETag is the mark of a resource's present state.
func (w *World) NewETag(purpose ...any) string {
	return fmt.Sprintf(`W/"%s"`, w.NewGUID(append(purpose, "etag")...))
}

// StableGUID is a GUID made of what it is for.
func StableGUID(purpose ...any) string {
	sum := sha256.Sum256(fmt.Append(nil, purpose...))
	var id uuid.UUID
	copy(id[:], sum[:])
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4, as Azure's are
	return id.String()
}
