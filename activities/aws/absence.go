package aws

import (
	"context"

	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
)

// AWS answers some questions from replicas that lag behind (Amazon EC2 Developer Guide, "Eventual consistency in the
// Amazon EC2 API"). So a step that does not find something cannot tell what is gone from what is not shown. It looks
// several times before it believes that there is nothing, unless it has seen the thing and asked for its removal.

// believedAfter is how many looks in a row must find nothing.
const believedAfter = 4

// absence is what a step knows of something that it does not find, kept in its heartbeat from one attempt to the next.
type absence struct {
	// Asked is true once the thing was seen, and its removal asked for.
	Asked bool `json:"asked,omitempty"`
	// Absent is how many looks have found nothing.
	Absent int `json:"absent,omitempty"`
}

// removing answers that the removal was asked for and is under way.
func (s *site) removing(ctx context.Context, what string) error {
	activity.RecordHeartbeat(ctx, absence{Asked: true})
	return s.pending(what)
}

// absent answers that something is not there: pending until that can be believed.
func (s *site) absent(ctx context.Context, what string) error {
	var so absence
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &so); err != nil {
			so = absence{} // look anew
		}
	}
	so.Absent++
	if so.Asked || so.Absent >= believedAfter {
		return nil
	}
	activity.RecordHeartbeat(ctx, so)
	return s.pending(what + " is not there; looking again, as AWS may answer late")
}

// gone answers that something exists no more: pending until that can be believed.
func (s *site) gone(ctx context.Context, what string, cause error) error {
	if err := s.absent(ctx, what); err != nil {
		return err
	}
	return activities.Gone(what+" does not exist", cause)
}
