package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/proto"

	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/dial"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/sealed"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/starter/cli"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/worker/serve"
)

// What people write, and what Temporal must not be able to read.
const (
	applier  = "grace.hopper"
	approver = "ada.lovelace"
	why      = "the shop may use payments"
	refusal  = "this consumer has used up its endpoints"
)

// confidential is a system of its own: Temporal behind a proxy that wants a certificate of everybody, and workers
// and people with key files.
type confidential struct {
	t      *testing.T
	ctx    context.Context
	stack  *stack.Stack
	config string // Temporal client configuration
}

func newConfidential(t *testing.T) *confidential {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	s, err := stack.Start(ctx, stack.Options{NoUI: true, NoWorker: true, Scale: scale})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	})
	return &confidential{t: t, ctx: ctx, stack: s, config: behindMutualTLS(t, s.Temporal.Address())}
}

// startWorker starts a worker as linkwright-worker does; an empty key file is none.
func (c *confidential) startWorker(keyFile string) (stop func()) {
	c.t.Helper()
	book, err := accounts.Load(c.stack.Accounts)
	if err != nil {
		c.t.Fatal(err)
	}
	user := c.stack.World().Accounts[0].Users[0]
	book.UseCredentials(credentials.NewStaticCredentialsProvider(user.AccessKey, user.SecretKey, ""))
	connection, err := dial.ForWorker(c.ctx, dial.Options{ConfigFile: c.config, KeyFile: keyFile})
	if err != nil {
		c.t.Fatal(err)
	}
	workers, err := serve.Start(serve.Config{
		Client: connection.Client, Converter: connection.Converter, Accounts: book, Pace: quick.Pace, LookAgain: quick.LookAgain, Patience: quick.Hope,
		DNSServer: c.stack.Cloud.DNSAddr().String(), StopTimeout: 5 * time.Second,
	})
	if err != nil {
		c.t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		workers.Stop()
		connection.Client.Close()
	})
	c.t.Cleanup(stop)
	return stop
}

// run runs a command line, and again when the worker, which may have just begun, does not answer in time; an empty key
// file is none.
func (c *confidential) run(keyFile string, args ...string) said {
	c.t.Helper()
	var out, err strings.Builder
	args = append(args, "--config", c.config)
	if keyFile != "" {
		args = append(args, "--"+sealed.Flag, keyFile)
	}
	return heard(c.ctx, func() said {
		out.Reset()
		err.Reset()
		code := cli.Run(c.ctx, "test", args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &err})
		return said{strings.Join(args, " "), code, out.String(), err.String()}
	})
}

// await waits until a flow's status is as wanted.
func (c *confidential) await(keyFile string, ref flows.Ref, wanted func(link.Status) bool) link.Status {
	c.t.Helper()
	f, err := flows.Dial(c.ctx, dial.Options{ConfigFile: c.config, KeyFile: keyFile})
	if err != nil {
		c.t.Fatal(err)
	}
	defer f.Close()
	s := &stage{t: c.t, ctx: c.ctx, flows: f}
	return s.await(ref, "to be as wanted", wanted)
}

// histories are all events of all workflows, as Temporal keeps them, by workflow.
func (c *confidential) histories() map[string][]*history.HistoryEvent {
	c.t.Helper()
	all, err := c.stack.Client.ListWorkflow(c.ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: 1000})
	if err != nil {
		c.t.Fatal(err)
	}
	found := map[string][]*history.HistoryEvent{}
	for _, w := range all.GetExecutions() {
		id, run := w.GetExecution().GetWorkflowId(), w.GetExecution().GetRunId()
		events := c.stack.Client.GetWorkflowHistory(c.ctx, id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			if err != nil {
				c.t.Fatal(err)
			}
			found[id+" "+run] = append(found[id+" "+run], event)
		}
	}
	return found
}

// decrypt replaces what is encrypted in histories by what a key file makes of it.
func (c *confidential) decrypt(keyFile string, events []*history.HistoryEvent) {
	c.t.Helper()
	keys, err := sealed.Load(keyFile)
	if err != nil {
		c.t.Fatal(err)
	}
	decode := func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
		return sealed.NewCodec(keys).Decode(payloads)
	}
	for _, event := range events {
		if err := proxy.VisitPayloads(c.ctx, event, proxy.VisitPayloadsOptions{Visitor: decode, SkipSearchAttributes: true}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// text is all that can be read in events.
func (c *confidential) text(events []*history.HistoryEvent) string {
	c.t.Helper()
	data, err := proto.Marshal(&history.History{Events: events})
	if err != nil {
		c.t.Fatal(err)
	}
	return string(data)
}

// keyFile makes a key file with one key.
func (c *confidential) keyFile(name string) string {
	c.t.Helper()
	path := filepath.Join(c.t.TempDir(), "keys.yaml")
	c.addKey(path, name)
	return path
}

func (c *confidential) addKey(path, name string) {
	c.t.Helper()
	var out, err strings.Builder
	if code := cli.Run(c.ctx, "test", []string{"add-key", path, "--name", name}, cli.Streams{Out: &out, Err: &err}); code != cli.ExitOK {
		c.t.Fatal(err.String())
	}
}

// edit copies a key file with a part of its text replaced.
func (c *confidential) edit(path, part, by string) string {
	c.t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		c.t.Fatal(err)
	}
	if !strings.Contains(string(data), part) {
		c.t.Fatalf("%s has no %q:\n%s", path, part, data)
	}
	edited := filepath.Join(c.t.TempDir(), "keys.yaml")
	if err := os.WriteFile(edited, []byte(strings.Replace(string(data), part, by, 1)), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return edited
}

// signal sends a decision as a signal.
func (c *confidential) signal(keyFile string, ref flows.Ref, d link.Decision) {
	c.t.Helper()
	connection, err := dial.ForCaller(c.ctx, dial.Options{ConfigFile: c.config, KeyFile: keyFile})
	if err != nil {
		c.t.Fatal(err)
	}
	defer connection.Client.Close()
	if err := connection.Client.SignalWorkflow(c.ctx, ref.WorkflowID(), "", string(d.Verb), d); err != nil {
		c.t.Fatal(err)
	}
}

// awaitFailedTask waits until a worker has given a task of a workflow back, and says why.
func (c *confidential) awaitFailedTask(ref flows.Ref, why string) {
	c.t.Helper()
	s := &stage{t: c.t, ctx: c.ctx}
	var last string
	s.until("a task to be given back for "+why, func() bool {
		events := c.stack.Client.GetWorkflowHistory(c.ctx, ref.WorkflowID(), "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			if err != nil {
				c.t.Fatal(err)
			}
			if failed := event.GetWorkflowTaskFailedEventAttributes(); failed != nil {
				last = failed.GetFailure().GetMessage()
			}
		}
		return strings.Contains(last, why)
	}, func() any { return last })
}

func TestWhenThereAreKeysTemporalKeepsNothingInClear(t *testing.T) {
	t.Parallel()
	c := newConfidential(t)
	old := c.keyFile("first")
	both := c.edit(old, "encryptWith", "encryptWith")
	c.addKey(both, "second")
	next := c.edit(both, "encryptWith: first", "encryptWith: second")
	service, shop := flows.ServiceRef("payments"), flows.ConnectionRef("payments", "shop")

	stop := c.startWorker(old)
	full, err := c.stack.Cloud.Inject(simaws.Fault{Service: "ec2", Action: "CreateVpcEndpoint", Times: 1 << 20, Effect: simaws.EffectError, Status: 400, Code: "VpcEndpointLimitExceeded", Message: refusal})
	if err != nil {
		t.Fatal(err)
	}
	c.run(old, "apply", "-f", c.stack.Specs, "--as", applier).expect(t, cli.ExitOK, "connection/payments/shop created")
	c.await(old, shop, func(s link.Status) bool { return s.Blocked != nil })
	c.run(old, "describe", shop.String()).expect(t, cli.ExitOK, refusal)
	full[0].Mend()
	question := c.await(old, shop, func(s link.Status) bool { return s.Waiting != nil && s.Waiting.Approve != nil }).Waiting.Approve

	// The keys are rotated while the link waits: first everybody learns the new one, then it is used.
	stop()
	stop = c.startWorker(both)
	c.run(next, "approve", shop.String(), "--as", approver, "--reason", why, "--endpoint", question.Endpoint, "--owner", question.Owner).expect(t, cli.ExitOK, "approved")
	stop()
	stop = c.startWorker(next)
	c.await(next, shop, flows.Arrived)
	c.run(next, "describe", shop.String()).expect(t, cli.ExitOK, approver, why, string(link.Ready))

	// Who lacks a key is told which, and what is not encrypted can be seen still.
	c.run(old, "describe", shop.String()).expect(t, cli.ExitError, `encrypted with key "second.`, old)
	c.run("", "describe", shop.String()).expect(t, cli.ExitError, `encrypted with key "second.`, "--encryption-keys")
	c.run("", "get").expect(t, cli.ExitOK, "payments/shop", string(link.Ready))

	// A worker without keys does no harm: what it is given, it leaves for one that has them.
	stop()
	stop = c.startWorker("")
	c.signal(next, shop, link.Decision{Verb: link.Retry, By: approver})
	c.awaitFailedTask(shop, "--encryption-keys")
	stop()
	c.startWorker(next)
	c.await(next, shop, func(s link.Status) bool { return len(s.Decisions) == 2 && flows.Arrived(s) })
	c.run(next, "delete", "-f", c.stack.Specs, "--yes", "--as", applier, "--reason", "the season is over", "--timeout", "2m").expect(t, cli.ExitOK)
	for _, ref := range []flows.Ref{service, shop} {
		if s := c.await(next, ref, func(s link.Status) bool { return !s.Phase.Open() }); s.Phase == link.Rejected || len(s.Resources) > 0 {
			t.Errorf("%s has ended as %s with %+v", ref, s.Phase, s.Resources)
		}
	}

	specs, err := os.ReadFile(c.stack.Specs)
	if err != nil {
		t.Fatal(err)
	}
	secret := []string{applier, approver, why, refusal, "the season is over", question.Endpoint, "k.acme.com", "elasticloadbalancing", "vpce-svc-"}
	for _, word := range strings.Fields(string(specs)) {
		if word = strings.Trim(word, `"',[]`); strings.HasPrefix(word, "vpc-") || strings.HasPrefix(word, "subnet-") || strings.HasPrefix(word, "sg-") || strings.HasPrefix(word, "arn:") {
			secret = append(secret, word)
		}
	}
	raw := c.histories()
	seen := map[string]bool{}
	for id, events := range raw {
		kept := c.text(events)
		c.decrypt(next, events)
		clear := c.text(events)
		for _, word := range secret {
			seen[word] = seen[word] || strings.Contains(clear, word)
			if strings.Contains(kept, word) {
				t.Errorf("%q stands in the history of %s", word, id)
			}
		}
	}
	for _, word := range secret { // else the test would look for what nobody has written
		if !seen[word] {
			t.Errorf("%q stands nowhere, not even decrypted", word)
		}
	}
	if len(raw) < 4 {
		t.Errorf("there are only %d histories", len(raw))
	}
}
