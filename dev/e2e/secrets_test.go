package e2e

import (
	"os"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/temporalproto"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// Flows know accounts by name. What opens those accounts stays with the worker: it stands in no history, be it
// as input, result or error, and in no log.
func TestNoSecretIsWrittenDown(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish()
	shop := s.connect("shop")
	s.decide(shop, link.Approve)
	s.awaitArrival(shop)
	secrets := map[string]string{"the worker's secret key": shared.World().Accounts[0].Users[0].SecretKey}
	for _, account := range []string{s.provider(), s.consumer(), s.dns()} {
		secrets["the external ID of "+account] = account + "-agreed"
	}
	texts := map[string]string{}
	for _, id := range []string{
		s.service().WorkflowID(), shop.WorkflowID(),
		workflows.WatchID(link.AWS, s.provider(), region), workflows.WatchID(link.AWS, s.consumer(), region),
	} {
		texts["the history of "+id] = s.history(id)
	}
	if logged, err := os.ReadFile(shared.LogFile()); err == nil {
		texts["the log"] = string(logged)
	}
	for where, text := range texts {
		for what, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s stands in %s", what, where)
			}
		}
		if strings.Contains(text, "SessionToken") || strings.Contains(text, "X-Amz-Security-Token") {
			t.Errorf("a session token stands in %s", where)
		}
	}
	s.takeDown()
}

// history is all that Temporal has written down of a workflow, payloads in clear.
func (s *scene) history(id string) string {
	s.t.Helper()
	clear := temporalproto.CustomJSONMarshalOptions{Metadata: map[string]any{commonpb.EnablePayloadShorthandMetadataKey: true}}
	var b strings.Builder
	events := shared.Client.GetWorkflowHistory(s.ctx, id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			s.t.Fatal(err)
		}
		text, err := clear.Marshal(event)
		if err != nil {
			s.t.Fatal(err)
		}
		b.Write(text)
	}
	if text := b.String(); !strings.Contains(text, s.consumer()) && !strings.Contains(text, s.provider()) {
		s.t.Fatalf("the history of %s cannot be read: it names no account", id)
	}
	return b.String()
}
