package activities

import (
	"context"
	"time"
)

// Watcher looks at many things in one account and region with few calls.
type Watcher interface {
	// Poll looks at every topic, in batches and to the last page, and answers with those that are not as they
	// were last seen. While nothing has changed it is pending, so that days of waiting leave no trace in the
	// history; the pause between looks follows the age of the youngest topic.
	Poll(context.Context, PollRequest) (PollResult, error)
}

// TopicKind says which side of PrivateLink a topic looks at.
type TopicKind string

const (
	// TopicService is a service and its domain's verification, for its provider. ID is the service's id.
	TopicService TopicKind = "service"
	// TopicConnections is every connection of a service, for its provider. ID is the service's id.
	TopicConnections TopicKind = "connections"
	// TopicConnection is one connection, for the provider. ID is the endpoint's id, Service the service's.
	TopicConnection TopicKind = "connection"
	// TopicEndpoint is an endpoint, for its consumer. ID is the endpoint's id.
	TopicEndpoint TopicKind = "endpoint"
)

// Topic is one thing to watch.
type Topic struct {
	Kind    TopicKind `json:"kind"`
	ID      string    `json:"id"`
	Service string    `json:"service,omitempty"`
}

// Watched is a topic and how it was last seen; an empty Seen means never.
type Watched struct {
	Topic
	Seen string `json:"seen,omitempty"`
	// Since is when somebody began to wait for it.
	Since time.Time `json:"since"`
}

// PollRequest asks for the changes among topics.
type PollRequest struct {
	Place
	Topics []Watched `json:"topics"`
}

// PollResult is what has changed; never empty.
type PollResult struct {
	Changes []Change `json:"changes"`
}

// Change is how a topic is seen now. Exactly one of its observations is set, according to the topic's kind,
// unless the thing is gone.
type Change struct {
	Topic
	// Seen is a short digest of the observation, equal when nothing has changed.
	Seen        string           `json:"seen"`
	Gone        bool             `json:"gone,omitempty"`
	Service     *Service         `json:"serviceSeen,omitempty"`
	Connections []ConnectionView `json:"connections,omitempty"`
	Connection  *ConnectionView  `json:"connection,omitempty"`
	Endpoint    *Endpoint        `json:"endpoint,omitempty"`
}
