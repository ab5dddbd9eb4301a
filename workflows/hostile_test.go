package workflows_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// hostile are messages that somebody may send under any signal's name.
func hostile() []any {
	huge := strings.Repeat("A", 1900<<10)
	raw := func(encoding, data string) any {
		return converter.NewRawValue(&commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte(encoding)}, Data: []byte(data)})
	}
	messages := []any{
		raw("json/plain", ""), raw("json/plain", "{"), raw("json/plain", "{\"by\":\"\xff\xfe\"}"), raw("json/plain", strings.Repeat("[", 1<<20)),
		raw("binary/plain", "\x00\x01"), raw("binary/null", ""), raw("json/protobuf", "{}"), raw("binary/encrypted", "\x00"), raw("\x1b[2J", "x"), raw("", ""),
	}
	for _, text := range []string{
		`null`, `{}`, `[]`, `[null]`, `""`, `"text"`, `42`, `-1e400`, `true`, `[{}]`,
		`{"by":5,"endpoint":"vpce-1","owner":"222222222222","reason":"left over"}`,
		`{"by":"mallory","endpoint":"vpce-1","owner":"222222222222","reason":["left over"]}`,
		`{"by":"` + huge + `"}`, `{"by":"mallory","reason":"` + huge + `"}`, `{"by":"mallory","endpoint":"` + huge + `","owner":"` + huge + `"}`,
		`{"by":"\u001b[31mmallory\u001b[0m","reason":"\u001b]0;owned\u0007"}`, `{"by":"\u202eyrollam","reason":"\u2066x"}`,
		`{"by":"a\u0000b"}`, `{"by":"a\nb"}`,
		`{"connection":"` + huge + `","endpoint":"vpce-1"}`, `{"connection":"` + strings.Repeat("c", 2000) + `"}`, `{"connection":"a\u001bb","owner":5}`,
		`{"open":true,"account":"` + huge + `","region":"x"}`, `{"open":true,"account":"a","region":"` + strings.Repeat("r", 4000) + `","id":"x","name":"y"}`,
		`{"open":true}`, `{"open":"yes","account":"a","region":"b"}`, `{"to":"` + strings.Repeat("t", 2000) + `"}`, `{"to":""}`, `{"to":["shop"]}`,
		`[{"id":"vpce-1","connection":{"endpoint":"` + strings.Repeat("e", 2000) + `","owner":"1"}}]`,
		`[{"id":"vpce-1","endpoint":{"id":"vpce-1","lastError":"` + strings.Repeat("e", 100<<10) + `"}}]`,
		`[{"id":"vpce-svc-1","kind":"connections","connections":[{"endpoint":"` + strings.Repeat("e", 2000) + `","owner":"1"}]}]`,
		`[{"id":"vpce-svc-1","serviceSeen":{"id":"vpce-svc-1","name":"` + strings.Repeat("n", 2000) + `"}}]`,
		`{"decisions":[{"by":"` + huge + `"}]}`, `{"decisions":"none"}`,
		`{"subscriber":"` + huge + `","topics":[]}`, `{"subscriber":"other/flow","topics":[{"kind":"endpoint","id":"vpce-1"}]}`,
		`{"subscriber":"connection/payments/shop","topics":[` + strings.TrimSuffix(strings.Repeat(`{"kind":"endpoint","id":"x"},`, 5000), ",") + `]}`,
	} {
		messages = append(messages, raw("json/plain", text))
	}
	return messages
}

// wantSmall makes sure that a status can be asked for, whatever was sent.
func wantSmall(t *testing.T, s link.Status) {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 200<<10 {
		t.Errorf("the status has grown to %d bytes", len(text))
	}
	refused := 0
	for _, d := range s.Decisions {
		if d.Refused != "" {
			refused++
		}
		if strings.Contains(d.By+d.Reason+d.Endpoint, "left over") && d.Refused == "" {
			t.Errorf("a message that could not be read has left something in %+v", d)
		}
	}
	if refused > 20 {
		t.Errorf("%d decisions that were refused are kept", refused)
	}
}

func TestHostileSignalsChangeNothingOfAConnection(t *testing.T) {
	b := newBench(t)
	senders := []string{"approve", "reject", "retry", "disconnect", "linkwright.service", "linkwright.changes", "linkwright.inherit", "linkwright.hand-over", "unheard"}
	send := func() {
		for _, signal := range senders {
			for _, message := range hostile() {
				b.SignalWorkflow(signal, message)
			}
		}
	}
	var before link.Waiting
	b.at(time.Hour, func() {
		before = *b.status().Waiting
		send()
	})
	b.at(2*time.Hour, func() {
		s := b.status()
		if s.Phase != link.AwaitingApproval || s.Waiting == nil || *s.Waiting.Approve != *before.Approve {
			t.Errorf("after the attack it is %s, waiting %+v", s.Phase, s.Waiting)
		}
		if s.Account != "consumer" || s.Region != "eu-central-1" {
			t.Errorf("after the attack it is in %s %s", s.Account, s.Region)
		}
		wantSmall(t, s)
		b.decide(link.Approve, seenByApprover, "")
	})
	b.at(3*time.Hour, send)
	b.at(4*time.Hour, func() {
		s := b.status()
		wantSmall(t, s)
		if s.Phase != link.Ready {
			t.Errorf("after the second attack it is %s, blocked %+v", s.Phase, s.Blocked)
		}
		kept := 0
		for _, d := range s.Decisions {
			if d.Verb == link.Approve && d.Refused == "" && d.By == "grace" {
				kept++
			}
		}
		if kept != 1 {
			t.Errorf("the approval is recorded %d times: what was refused has pushed it out, or something else was taken for one", kept)
		}
		b.decide(link.Disconnect, leaveNow, "")
	})
	s := b.connect(shopSpec())
	wantPhases(t, s, link.Requesting, link.AwaitingApproval, link.Accepting, link.EnablingDNS, link.RegisteringTargets,
		link.Ready, link.Disconnecting, link.Disconnected)
}

func TestHostileRetriesOfWhatIsBlockedStaySmall(t *testing.T) {
	b := newBench(t)
	b.around.unknown["consumer"] = true
	b.at(time.Minute, func() {
		for range 3 {
			for _, message := range hostile() {
				b.SignalWorkflow("retry", message)
			}
		}
	})
	b.at(time.Hour, func() {
		wantSmall(t, b.status())
		b.around.unknown["consumer"] = false
		b.SignalWorkflow("retry", link.Decision{By: "ada"})
	})
	b.at(3*time.Hour, func() { b.decide(link.Disconnect, leaveNow, "") })
	wantSmall(t, b.connect(shopSpec()))
}

func TestHostileSignalsChangeNothingOfAService(t *testing.T) {
	c := newCounter(t)
	c.at(time.Hour, func() {
		for _, signal := range []string{"retry", "withdraw", "linkwright.join", "linkwright.leave", "linkwright.changes"} {
			for _, message := range hostile() {
				c.SignalWorkflow(signal, message)
			}
		}
	})
	c.at(2*time.Hour, func() {
		s := c.status()
		wantSmall(t, s)
		if s.Phase != link.Serving || len(c.started) > 0 || len(c.told) > 0 {
			t.Errorf("after the attack it is %s; it has started %d connections, and told %v", s.Phase, len(c.started), c.told)
		}
		c.withdraw()
	})
	s := c.publish(paymentsSpec())
	wantPhases(t, s, link.Publishing, link.VerifyingDomain, link.Serving, link.Withdrawing, link.Withdrawn)
}

func TestHostileUpdatesAreRefused(t *testing.T) {
	b := newBench(t)
	spec := shopSpec()
	spec.AWS.SecurityGroups = nil
	for i := range 20000 {
		spec.AWS.SecurityGroups = append(spec.AWS.SecurityGroups, fmt.Sprintf("sg-%017x", i))
	}
	b.at(time.Hour, func() {
		b.decide(link.Apply, workflows.ApplyConnectionRequest{Spec: shopSpec(), By: strings.Repeat("x", 2<<20)}, "who applies the spec")
		b.decide(link.Apply, workflows.ApplyConnectionRequest{Spec: shopSpec(), By: "\u202eyrollam"}, "cannot be seen")
		b.decide(link.Apply, workflows.ApplyConnectionRequest{Spec: spec, By: "mallory"}, "it may have 131072")
		b.decide(link.Disconnect, leaveNow, "")
	})
	s := b.connect(shopSpec())
	if s.AppliedBy != "ada" || s.Generation != 1 {
		t.Errorf("it has generation %d, applied by %.50s", s.Generation, s.AppliedBy)
	}
	big := newBench(t)
	big.ExecuteWorkflow(workflows.Connection, workflows.ConnectionInput{Service: "payments", Name: "shop", Spec: &spec})
	if err := big.GetWorkflowError(); err == nil || !strings.Contains(err.Error(), "it may have 131072") || len(big.cloud.steps()) > 0 {
		t.Errorf("a huge spec says %v, after %v", errors.Unwrap(err), big.cloud.steps())
	}
}
