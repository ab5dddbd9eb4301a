package aws

import (
	"context"
	"fmt"
	"sync"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"go.temporal.io/sdk/activity"
)

// Route 53 takes a change in at once, and then tells its resolvers, which takes up to a minute. A step waits for that
// with the change's id in its heartbeat, and asks for nothing else meanwhile. Should the id be lost, it is enough that
// Route 53 lists what was changed.

// sent is a change that a step waits for.
type sent struct {
	Change  string   `json:"change"`            // its id
	Changes []string `json:"changes,omitempty"` // what the step has done by it, for the status
}

// insync answers with what the step has done once every resolver knows it; pending until then. Errors of these codes
// say that the change cannot be asked for.
func (s *site) insync(ctx context.Context, unknown ...string) (sent, error) {
	var waits sent
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &waits); err != nil {
			return sent{}, fmt.Errorf("read the change that was waited for: %w", err)
		}
	}
	if waits.Change == "" {
		return waits, nil
	}
	out, err := s.Route53.GetChange(ctx, &route53.GetChangeInput{Id: sdk.String(waits.Change)})
	switch {
	case hasCode(err, append(unknown, "NoSuchChange")...):
		return waits, nil
	case err != nil:
		return sent{}, s.failed(err)
	case out.ChangeInfo.Status != r53types.ChangeStatusInsync:
		activity.RecordHeartbeat(ctx, waits)
		return sent{}, s.pending("the zone's resolvers are being told")
	}
	return waits, nil
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
