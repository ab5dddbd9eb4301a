package aws

import (
	"context"

	"go.temporal.io/sdk/activity"
)

// AWS answers some questions from replicas that lag behind (Amazon EC2 Developer Guide, "Eventual consistency in the
// Amazon EC2 API"). So a removal that finds nothing to remove cannot tell what is gone from what is not shown. It
// looks several times before it believes that there is nothing, unless it has seen the thing and asked for its removal.

// believedAfter is how many looks in a row must find nothing.
const believedAfter = 4

// removal is how far a step that removes something has come, kept in its heartbeat from one attempt to the next.
type removal struct {
	// Asked is true once the thing was seen, and its removal asked for.
	Asked bool `json:"asked,omitempty"`
	// Absent is how many looks have found nothing.
	Absent int `json:"absent,omitempty"`
}

// removing answers that the removal was asked for and is under way.
func (s *site) removing(ctx context.Context, what string) error {
	activity.RecordHeartbeat(ctx, removal{Asked: true})
	return s.pending(what)
}

// absent answers that nothing is there to remove: pending until that can be believed.
func (s *site) absent(ctx context.Context, what string) error {
	var so removal
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &so); err != nil {
			so = removal{} // look anew
		}
	}
	so.Absent++
	if so.Asked || so.Absent >= believedAfter {
		return nil
	}
	activity.RecordHeartbeat(ctx, so)
	return s.pending(what + " is not there; looking again, as AWS may answer late")
}
