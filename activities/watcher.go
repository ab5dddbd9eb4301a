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

// Key names a topic among all others of its place.
func (t Topic) Key() string { return string(t.Kind) + "/" + t.ID }

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
	// Watch is the workflow id of the Watch that is asked, before each look, what to look at: thousands of topics in each
	// request would fill its history.
	Watch string `json:"watch,omitempty"`
	// Topics are what to look at where there is no Watch to ask.
	Topics []Watched `json:"topics,omitempty"`
}

// Topics tells what a Watch looks at.
type Topics interface {
	Topics(ctx context.Context, watch string) ([]Watched, error)
}

// MaxTopics is how many topics a Watch tells at once.
const MaxTopics = 1000

// TopicsQuery is what a Watch answers with a page of what it looks at, at the most [MaxTopics], in the order of their
// keys. It takes the key of the last topic of the page before; empty for the first page.
const TopicsQuery = "linkwright.topics"

// PollResult is what has changed; never empty, and not always all: what does not fit is told next time.
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
