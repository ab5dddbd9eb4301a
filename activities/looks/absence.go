package looks

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
)

// BelievedAfter is how many looks in a row must find nothing, before it is believed that there is nothing: clouds answer
// some questions from replicas that lag behind.
const BelievedAfter = 4

// Absence is what a step knows of something that it does not find, kept in its heartbeat from one attempt to the next.
type Absence struct {
	// Asked is true once the thing was seen, and its removal asked for.
	Asked bool `json:"asked,omitempty"`
	// Absent is how many looks have found nothing.
	Absent int `json:"absent,omitempty"`
}

// Removing answers that the removal was asked for and is under way, and is to be looked after again after a pause.
func Removing(ctx context.Context, what string, pause time.Duration) error {
	activity.RecordHeartbeat(ctx, Absence{Asked: true})
	return activities.Pending(what, pause)
}

// Absent answers that something is not there: pending until that can be believed.
func Absent(ctx context.Context, what string, pause time.Duration) error {
	var so Absence
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &so); err != nil {
			so = Absence{} // look anew
		}
	}
	so.Absent++
	if so.Asked || so.Absent >= BelievedAfter {
		return nil
	}
	activity.RecordHeartbeat(ctx, so)
	return activities.Pending(what+" is not there; looking again, as the cloud may answer late", pause)
}

// Gone answers that something exists no more: pending until that can be believed.
func Gone(ctx context.Context, what string, pause time.Duration, cause error) error {
	if err := Absent(ctx, what, pause); err != nil {
		return err
	}
	return activities.Gone(what+" does not exist", cause)
}
