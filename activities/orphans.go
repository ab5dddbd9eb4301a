package activities

import (
	"context"
	"fmt"

	"github.com/linkwright/linkwright/internal/link"
)

// Orphans removes what carries the ownership tag of a flow that does not run.
type Orphans interface {
	// FindOrphans looks again at things that an audit has found, and answers with those that are there and carry Owner's
	// tag still. It changes nothing.
	FindOrphans(context.Context, FindOrphansRequest) (FoundOrphans, error)
	// RemoveOrphan removes one thing that carries Owner's tag, as its flow would have, and nothing else that Owner has;
	// nothing happens when it is gone. Pending until it no longer exists. Blocked when it is not Owner's any more, and for
	// a service that somebody is connected to. A service that was there before is only let go of.
	RemoveOrphan(context.Context, RemoveOrphanRequest) error
}

// FindOrphansRequest asks for things of one place, which an audit has found to be Owner's.
type FindOrphansRequest struct {
	Place
	Owner   Owner           `json:"owner"`
	Orphans []link.Resource `json:"orphans"`
}

// FoundOrphans are those that are Owner's still.
type FoundOrphans struct {
	Orphans []Orphan `json:"orphans,omitempty"`
}

// Orphan is something whose flow does not run.
type Orphan struct {
	link.Resource
	// Existing says that it was there before the flow, as far as the flow's record is kept: it is only let go of.
	Existing bool `json:"existing,omitempty"`
}

// RemoveOrphanRequest names one thing of Owner's.
type RemoveOrphanRequest struct {
	Place
	Owner  Owner  `json:"owner"`
	Orphan Orphan `json:"orphan"`
}

// ServiceInUse is the problem of a service that is to be removed without cutting anybody off, and that somebody is
// connected to, or asks to be.
func ServiceInUse(what string, connected []string) link.Problem {
	return link.Problem{
		Reason:  link.ReasonServiceInUse,
		Message: fmt.Sprintf("%s has connections: %s", what, link.Few(connected, 5)),
		Remedy:  "take these connections down, or turn them away, and ask again; or apply the service's spec, and its flow looks after them again",
	}
}
