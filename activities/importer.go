package activities

import (
	"context"
	"encoding/json"

	"github.com/linkwright/linkwright/internal/link"
)

// Importer looks, on behalf of an import, at what is there already. It changes nothing.
type Importer interface {
	// Discover finds the services of an account and region, and the endpoints there that lead to services, whoever has
	// made them, and says what each is like as a spec. What has no spec is left out, with the reason. Nothing found is
	// an answer, not an error.
	Discover(context.Context, DiscoverRequest) (Discovered, error)
}

// DiscoverRequest asks what is there. On clouds whose accounts span regions, an empty region stands for all of them.
type DiscoverRequest struct {
	Place
	// Services narrow the look to services, and the endpoints to them, by their ids or any of their names.
	Services []string `json:"services,omitempty"`
	// IncludeManaged finds specs for what another tool manages, too.
	IncludeManaged bool `json:"includeManaged,omitempty"`
	// Room is how many bytes the answer may have; see [Discovered.Within].
	Room int `json:"room"`
}

// Discovered is what is there.
type Discovered struct {
	Services  []FoundService  `json:"services,omitempty"`
	Endpoints []FoundEndpoint `json:"endpoints,omitempty"`
	LeftOut   []link.LeftOut  `json:"leftOut,omitempty"`
	// More is how many things did not fit into the room.
	More int `json:"more,omitempty"`
}

// FoundService is a service that is there.
type FoundService struct {
	ID   string `json:"id"`
	Name string `json:"name"` // as in [Service]
	// Called is what people call it; empty when nobody has said.
	Called  string                   `json:"called,omitempty"`
	Spec    link.EndpointServiceSpec `json:"spec"`
	Remarks []string                 `json:"remarks,omitempty"`
}

// FoundEndpoint is an endpoint that is there.
type FoundEndpoint struct {
	ID     string `json:"id"`
	Called string `json:"called,omitempty"`
	// Service is what the endpoint calls the service that it leads to: its name, or its id. ServiceRegion is where that
	// is; empty when the endpoint does not say.
	Service       string `json:"service"`
	ServiceRegion string `json:"serviceRegion,omitempty"`
	// Spec says nothing of the service.
	Spec    link.ConnectionSpec `json:"spec"`
	Remarks []string            `json:"remarks,omitempty"`
}

// Within keeps as much as fits into so many bytes, services first, and counts the rest.
func (d Discovered) Within(room int) Discovered {
	kept := Discovered{More: d.More}
	kept.Services = fitting(d.Services, &room, &kept.More)
	kept.Endpoints = fitting(d.Endpoints, &room, &kept.More)
	kept.LeftOut = fitting(d.LeftOut, &room, &kept.More)
	return kept
}

// fitting are the items for which there is room, up to the first for which there is none.
func fitting[Item any](items []Item, room, more *int) []Item {
	for i, item := range items {
		text, err := json.Marshal(item)
		if err != nil || len(text) > *room {
			*more += len(items) - i
			*room = 0
			return items[:i]
		}
		*room -= len(text)
	}
	return items
}
