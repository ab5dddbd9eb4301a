package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli"
	"github.com/linkwright/linkwright/workflows"
)

// What a flow makes of each message is tested beside it. Here is what only a real server can tell: that none makes
// it refuse a task, outgrow a limit, or show on a terminal what it should not.
func TestHostileMessagesStopNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.publish(bare)
	shop := s.connect("shop", plain)
	question := s.awaitQuestion(shop)
	long := strings.Repeat("x", 2000)
	messages := []any{
		nil, 5, []string{"text"}, map[string]any{}, json.RawMessage(`{"by":5,"endpoint":"` + question.Endpoint + `","owner":"` + question.Owner + `"}`),
		converter.NewRawValue(&commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte("{\xff")}),
		converter.NewRawValue(&commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("nonsense")}, Data: []byte("\x00")}),
		link.Decision{By: "\x1b[31mmallory", Reason: "\x1b]0;owned\a"}, link.Decision{By: "\u202eyrollam", Reason: long},
		map[string]any{"connection": long, "endpoint": question.Endpoint, "owner": long},
		map[string]any{"open": true, "account": long, "region": long, "id": "x", "name": "y"},
		map[string]any{"to": long}, map[string]any{"subscriber": "connection/" + long, "topics": []map[string]string{{"kind": "endpoint", "id": "x"}}},
		[]map[string]any{{"id": question.Endpoint, "endpoint": map[string]any{"id": question.Endpoint, "owner": long}}},
	}
	huge := map[string]any{"by": "mallory", "reason": strings.Repeat("x", 1900<<10)} // Temporal takes two megabytes
	for id, signals := range map[string][]string{
		shop.WorkflowID():                                 {"approve", "reject", "retry", "disconnect", "linkwright.service", "linkwright.changes", "linkwright.inherit", "linkwright.hand-over"},
		s.service().WorkflowID():                          {"retry", "withdraw", "linkwright.join", "linkwright.leave", "linkwright.changes"},
		workflows.WatchID(link.AWS, s.consumer(), region): {"retry", "linkwright.subscribe"},
	} {
		for i, signal := range signals {
			sent := messages
			if i == 0 {
				sent = append(sent[:len(sent):len(sent)], huge)
			}
			for _, message := range sent {
				if err := shared.Client.SignalWorkflow(s.ctx, id, "", signal, message); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for _, update := range []string{"approve", "reject", "disconnect", "apply"} {
		for _, message := range append(messages[:len(messages):len(messages)], huge) {
			handle, err := shared.Client.UpdateWorkflow(s.ctx, client.UpdateWorkflowOptions{
				WorkflowID: shop.WorkflowID(), UpdateName: update, Args: []any{message}, WaitForStage: client.WorkflowUpdateStageCompleted,
			})
			if err == nil {
				err = handle.Get(s.ctx, nil)
			}
			if err == nil {
				t.Errorf("the update %s was taken with %.80v", update, message)
			}
		}
	}
	if now := s.awaitQuestion(shop); now != question {
		t.Errorf("it asked about %+v, and now about %+v", question, now)
	}
	seen := s.run("describe", shop.String(), s.service().String())
	seen.expect(t, cli.ExitOK, "refused")
	for _, bad := range []string{"\x1b", "\a", "\u202e"} {
		if strings.Contains(seen.out, bad) {
			t.Errorf("%q reaches the terminal", bad)
		}
	}
	s.decide(shop, link.Approve)
	s.awaitArrival(shop)
	s.takeDown()
}
