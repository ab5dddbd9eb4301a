package aws

import (
	"context"
	"fmt"
	"sync"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
)

// Route 53 takes a change in at once, and then tells its resolvers, which takes up to a minute. A step waits for that
// with the change's id in its heartbeat, and asks for nothing else meanwhile. Should the id be lost, it is enough that
// Route 53 lists what was changed.

// sent is a change that a step waits for.
type sent struct {
	Change  string   `json:"change"`            // its id
	Changes []string `json:"changes,omitempty"` // what the step has done by it, for the status
}

// settling is how many times the shortest pause a change is left alone before the first look: it takes "generally within
// 60 seconds" (Amazon Route 53 API Reference, GetChange), and hardly ever less than half of that.
const settling = 7

// told is pending for a change that was just taken in, and keeps it for the next attempt.
func (s *site) told(ctx context.Context, change sent, whom string) error {
	activity.RecordHeartbeat(ctx, change)
	return activities.Pending(whom+" being told", settling*s.Pace.Min)
}

// insync answers with what the step has done once every resolver knows it, and whether that is certain; pending until
// then. It is not when nothing was done yet, or when the change cannot be asked for, which errors of these codes say.
func (s *site) insync(ctx context.Context, unknown ...string) (done sent, certain bool, err error) {
	var waits sent
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &waits); err != nil {
			return sent{}, false, fmt.Errorf("read the change that was waited for: %w", err)
		}
	}
	if waits.Change == "" {
		return waits, false, nil
	}
	out, err := s.Route53.GetChange(ctx, &route53.GetChangeInput{Id: sdk.String(waits.Change)})
	switch {
	case hasCode(err, append(unknown, "NoSuchChange")...):
		return waits, false, nil
	case err != nil:
		return sent{}, false, s.failed(err)
	case out.ChangeInfo.Status != r53types.ChangeStatusInsync:
		activity.RecordHeartbeat(ctx, waits)
		return sent{}, false, s.pending("the zone's resolvers are being told")
	}
	return waits, true, nil
}

// refusedChange classifies why Route 53 would not change a zone: it does one thing at a time.
func (s *site) refusedChange(err error) error {
	if hasCode(err, "ConcurrentModification") && s.age() < s.Patience {
		return s.pending("somebody else is changing the zone")
	}
	return s.failed(err)
}

// zoneWrites lets one step at a time write to a zone: Route 53 refuses a write while it is at another one to the same
// zone (Amazon Route 53 API Reference, PriorRequestNotComplete).
type zoneWrites struct {
	mu    sync.Mutex
	zones map[string]bool
}

// begin reports whether it is the caller's turn; then end must follow.
func (w *zoneWrites) begin(zone string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.zones[zone] {
		return false
	}
	if w.zones == nil {
		w.zones = map[string]bool{}
	}
	w.zones[zone] = true
	return true
}

func (w *zoneWrites) end(zone string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.zones, zone)
}
