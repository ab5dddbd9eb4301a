package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/converter"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/internal/frontend"
	"github.com/linkwright/linkwright/workflows"
)

const (
	running    = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	completed  = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	terminated = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
)

// result is what a command line came to.
type result struct {
	code     int
	out, err string
}

// run runs a command line against a frontend, with no Temporal settings of this machine.
func run(t *testing.T, f *frontend.Frontend, stdin string, args ...string) result {
	t.Helper()
	return runUntil(t, context.Background(), f, stdin, args...)
}

func runUntil(t *testing.T, ctx context.Context, f *frontend.Frontend, stdin string, args ...string) result {
	t.Helper()
	t.Setenv("TEMPORAL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.toml"))
	for _, name := range []string{"TEMPORAL_NAMESPACE", "TEMPORAL_PROFILE", "TEMPORAL_API_KEY", "TEMPORAL_TLS"} {
		t.Setenv(name, "")
	}
	if f != nil {
		t.Setenv("TEMPORAL_ADDRESS", f.Address)
	}
	var out, errs strings.Builder
	code := Run(ctx, "v1.2.3", args, Streams{In: strings.NewReader(stdin), Out: &out, Err: &errs})
	return result{code, out.String(), errs.String()}
}

// expect checks an exit code and what must be said, wherever it is said.
func (r result) expect(t *testing.T, code int, said ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d", r.code, code)
	}
	for _, text := range said {
		if !strings.Contains(r.out+r.err, text) {
			t.Errorf("does not say %q", text)
		}
	}
	if t.Failed() {
		t.Logf("stdout:\n%s\nstderr:\n%s", r.out, r.err)
	}
}

func service(name string) link.Status {
	return link.Status{Kind: link.KindEndpointService, Name: name, Service: name, Phase: link.Serving,
		Account: "platform", Region: "eu-west-1", Cloud: link.AWS, Since: time.Now(), Generation: 1,
		Phases: []link.PhaseTime{{Phase: link.Serving, Entered: time.Now()}}}
}

func connected(name string, phase link.Phase) link.Status {
	return link.Status{Kind: link.KindConnection, Name: name, Service: "payments", Phase: phase,
		Account: name, Region: "eu-west-1", Cloud: link.AWS, Since: time.Now(), Generation: 1,
		Phases: []link.PhaseTime{{Phase: phase, Entered: time.Now()}}}
}

func asking(name string) link.Status {
	s := connected(name, link.AwaitingApproval)
	s.Waiting = &link.Waiting{For: "approval", Approve: &link.Decision{Verb: link.Approve, Endpoint: "vpce-0a", Owner: "222222222222"}}
	return s
}

// decode reads what an update carried.
func decode[T any](t *testing.T, u frontend.Update) T {
	t.Helper()
	var value T
	if err := converter.GetDefaultDataConverter().FromPayload(u.Payload, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// echo answers every decision with itself, as flows do.
func echo(u frontend.Update) (any, error) {
	var d link.Decision
	err := converter.GetDefaultDataConverter().FromPayload(u.Payload, &d)
	return d, err
}

func TestGet(t *testing.T) {
	f := frontend.Start(t)
	f.PageSize = 1
	f.Put(service("payments"), running)
	f.Put(connected("shop", link.Ready), running)
	f.Put(connected("crm", link.Ready), terminated)

	r := run(t, f, "", "get")
	r.expect(t, ExitOK, "SERVICE", "payments", "payments/shop")
	if strings.Contains(r.out, "crm") {
		t.Error("shows a flow that has ended without --all")
	}
	run(t, f, "", "get", "connections", "--all").expect(t, ExitOK, "payments/crm", "Ready (terminated)")
	run(t, f, "", "get", "connection", "payments/shop", "-o", "json").expect(t, ExitOK, `"name": "shop"`, `"workflowID": "connection/payments/shop"`)
	run(t, f, "", "get", "connections", "shpo").expect(t, ExitError, "connection/shpo not found", "did you mean connection/payments/shop?")
	run(t, f, "", "get", "-o", "xml").expect(t, ExitUsage, "must be one of table, wide, json, yaml", "linkwright get --help")
	run(t, f, "", "get", "--blocked").expect(t, ExitOK)
	queries := f.Queries()
	if last := queries[len(queries)-1]; !strings.HasSuffix(last, "LinkBlocked IS NOT NULL") {
		t.Errorf("--blocked asks %s", last)
	}
	empty := run(t, frontend.Start(t), "", "get", "-o", "json")
	if empty.out != "[]\n" {
		t.Errorf("an empty list is %q for programs", empty.out)
	}
}

func TestDescribe(t *testing.T) {
	f := frontend.Start(t)
	f.Put(service("payments"), running)
	f.Put(asking("shop"), running)
	f.Put(connected("crm", link.Ready), terminated)

	command := "linkwright --namespace lab approve payments/shop --endpoint vpce-0a --owner 222222222222"
	for _, args := range [][]string{{"connection/payments/shop"}, {"connection", "payments/shop"}, {"payments/shop"}, {"shop"}} {
		run(t, f, "", append([]string{"--namespace", "lab", "describe"}, args...)...).expect(t, ExitOK, "Waiting for approval", command)
	}
	run(t, f, "", "describe", "payments", "-o", "yaml").expect(t, ExitOK, "kind: EndpointService", "phase: Serving")
	run(t, f, "", "describe", "connection/payments/crm").expect(t, ExitError, "Connection payments/crm", "was terminated from outside")
	run(t, f, "", "describe", "service/paymemts").expect(t, ExitError, "did you mean endpointservice/payments?")
	run(t, f, "", "describe").expect(t, ExitUsage, "name an object")
	f.Put(service("shop"), running)
	run(t, f, "", "describe", "shop").expect(t, ExitError, "is the name of more than one", "connection/payments/shop or endpointservice/shop")
}

func TestARequestInAzureIsNamedWithItsLinkIdentifier(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = echo
	shop := asking("shop")
	shop.Waiting.Approve.Link = "1352945952"
	f.Put(shop, running)

	command := []string{"approve", "payments/shop", "--endpoint", "vpce-0a", "--owner", "222222222222"}
	run(t, f, "", "describe", "shop").expect(t, ExitOK, strings.Join(append(command, "--link", "1352945952"), " "))
	run(t, f, "", command...).expect(t, ExitError, "there is no terminal", "--endpoint, --owner and --link")
	for _, named := range []string{"1352945952", "1"} { // the flow refuses what does not ask
		run(t, f, "", append(command, "--link", named)...).expect(t, ExitOK, "approved")
		if sent := f.Updates(); decode[link.Decision](t, sent[len(sent)-1]).Link != named {
			t.Errorf("sent %+v, want the link identifier %s", sent[len(sent)-1], named)
		}
	}
}

func TestApprove(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = echo
	f.Put(asking("shop"), running)
	f.Put(connected("crm", link.Ready), running)
	f.Put(service("payments"), running)

	run(t, f, "", "approve", "shop", "--as", "alice").expect(t, ExitError, "there is no terminal", "--endpoint and --owner")
	if sent := f.Updates(); len(sent) != 0 {
		t.Errorf("sent without being asked: %+v", sent)
	}
	run(t, f, "", "approve", "shop", "--as", "alice", "--reason", "known team", "--yes").expect(t, ExitOK,
		"connection/payments/shop approved: endpoint vpce-0a of account 222222222222, by alice")
	sent := f.Updates()[0]
	want := link.Decision{Verb: link.Approve, Endpoint: "vpce-0a", Owner: "222222222222", By: "alice", Reason: "known team"}
	if got := decode[link.Decision](t, sent); got != want || sent.Name != workflows.ApproveUpdate {
		t.Errorf("sent %s %+v, want %+v", sent.Name, got, want)
	}
	run(t, f, "", "approve", "payments/crm").expect(t, ExitError, "does not wait for approval, it is Ready")
	run(t, f, "", "approve", "service/payments").expect(t, ExitError, "is a service", "payments/NAME")
	run(t, f, "", "approve", "payments/shop", "payments/crm").expect(t, ExitUsage, "takes one object")

	f.Answer = func(frontend.Update) (any, error) { return nil, errors.New("another endpoint asks now: vpce-0b") }
	run(t, f, "", "reject", "payments/shop", "--endpoint", "vpce-0c", "--yes").expect(t, ExitError,
		"connection/payments/shop refused to reject: another endpoint asks now: vpce-0b")
	updates := f.Updates()
	if got := decode[link.Decision](t, updates[len(updates)-1]); got.Endpoint != "vpce-0c" || got.Owner != "222222222222" {
		t.Errorf("the flags are not what was sent: %+v", got)
	}
}

func TestWhenAPersonIsThereTheyAreAsked(t *testing.T) {
	for answer, want := range map[string]error{"y\n": nil, "Yes\n": nil, "n\n": errDeclined, "\n": errDeclined, "": errDeclined} {
		var asked strings.Builder
		a := &app{Streams: Streams{In: strings.NewReader(answer), Err: &asked}}
		if err := a.confirm(context.Background(), "Really?"); !errors.Is(err, want) {
			t.Errorf("%q came to %v, want %v", answer, err, want)
		}
		if asked.String() != "Really? [y/N] " {
			t.Errorf("asked %q", asked.String())
		}
	}
}

func TestRetry(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = echo
	f.Put(service("payments"), running)
	f.Put(connected("crm", link.Rejected), completed)
	run(t, f, "", "retry", "service", "payments").expect(t, ExitOK, "endpointservice/payments tries again")
	run(t, f, "", "retry", "payments/crm").expect(t, ExitError, "connection/payments/crm has ended")
}

func TestWatch(t *testing.T) {
	f := frontend.Start(t)
	f.Put(service("payments"), running)
	f.Put(connected("shop", link.Ready), running)
	run(t, f, "", "watch").expect(t, ExitOK, "endpointservice/payments  Serving", "connection/payments/shop  Ready")

	turnedAway := connected("crm", link.Rejected)
	turnedAway.Decisions = []link.Decision{{Verb: link.Reject, By: "alice", Reason: "unknown team"}}
	f.Put(turnedAway, completed)
	run(t, f, "", "watch", "payments/crm").expect(t, ExitEnded, "connection/payments/crm has ended as Rejected: reject by alice (unknown team)")

	f.Put(connected("slow", link.Requesting), running)
	run(t, f, "", "watch", "payments/slow", "--timeout", "1ms").expect(t, ExitTimeout, "the flows go on")
}

// failsOnce makes the first query fail, and counts all.
func failsOnce(f *frontend.Frontend, err error) (asked *int) {
	asked = new(int)
	f.Fail = func(method string) error {
		if method != "QueryWorkflow" {
			return nil
		}
		if *asked++; *asked == 1 {
			return err
		}
		return nil
	}
	return asked
}

func TestWhenTheWorkerIsAwayForAWhileWatchingGoesOn(t *testing.T) {
	f := frontend.Start(t)
	f.Put(service("payments"), running)
	asked := failsOnce(f, serviceerror.NewFailedPrecondition("no poller seen for task queue recently, worker may be down"))
	run(t, f, "", "watch", "service/payments").expect(t, ExitOK, "endpointservice/payments  Serving")
	if *asked < 2 {
		t.Error("was not asked again")
	}
}

func TestAQueryThatIsLostIsSentAgain(t *testing.T) {
	f := frontend.Start(t)
	f.Put(service("payments"), running)
	asked := failsOnce(f, serviceerror.NewDeadlineExceeded("context deadline exceeded"))
	run(t, f, "", "describe", "service/payments").expect(t, ExitOK, "Serving")
	if *asked != 2 {
		t.Errorf("it was asked %d times", *asked)
	}
}

func TestWhenInterruptedItEndsQuietly(t *testing.T) {
	f := frontend.Start(t)
	f.Put(connected("slow", link.Requesting), running)
	ctx, interrupt := context.WithCancelCause(context.Background())
	f.Fail = func(method string) error {
		if method == "QueryWorkflow" {
			interrupt(errors.New("interrupt signal received"))
		}
		return nil
	}
	r := runUntil(t, ctx, f, "", "watch", "payments/slow")
	r.expect(t, ExitInterrupted)
	if r.err != "" {
		t.Errorf("says %q", r.err)
	}
}

func TestDelete(t *testing.T) {
	f := frontend.Start(t)
	f.Put(service("payments"), running)
	f.Put(connected("shop", link.Ready), running)
	run(t, f, "", "delete", "service/payments").expect(t, ExitError, "endpointservice/payments\n",
		"connection/payments/shop of account shop (Ready), because it connects to endpointservice/payments", "say --yes")
	if len(f.Updates()) != 0 {
		t.Fatal("took something down without being told twice")
	}
	f.Answer = func(u frontend.Update) (any, error) { return echo(u) }
	run(t, f, "", "delete", "service/payments", "payments/shop", "--yes", "--wait=false", "--reason", "over").expect(t, ExitOK,
		"connection/payments/shop is being disconnected\nendpointservice/payments is being withdrawn\n")
	f.Put(connected("crm", link.Disconnected), completed)
	run(t, f, "", "delete", "payments/crm", "--yes").expect(t, ExitError, "connection/payments/crm has ended")
}

func TestWhenTemporalCannotBeReachedItSaysWhatToDo(t *testing.T) {
	r := run(t, nil, "", "get", "--address", "127.0.0.1:1")
	r.expect(t, ExitError, "cannot reach Temporal at 127.0.0.1:1", "linkwright-dev up", "--address", "TEMPORAL_ADDRESS")
}

func TestErrorsSayWhatToDo(t *testing.T) {
	for _, test := range []struct {
		when   string
		method string
		err    error
		args   []string
		said   []string
	}{
		{"no worker polls", "QueryWorkflow", serviceerror.NewFailedPrecondition("no poller seen"), []string{"describe", "service/payments"},
			[]string{"no worker serves the task queue linkwright", "Start linkwright-worker"}},
		{"the query waits in vain", "QueryWorkflow", serviceerror.NewDeadlineExceeded("context deadline exceeded"), []string{"describe", "service/payments"},
			[]string{"no worker serves the task queue linkwright"}},
		{"nobody hears the decision", "UpdateWorkflowExecution", serviceerror.NewDeadlineExceeded("context deadline exceeded"), []string{"retry", "service/payments"},
			[]string{"Start linkwright-worker", "then retry again"}},
		{"the namespace is not there", "ListWorkflowExecutions", serviceerror.NewNamespaceNotFound("lab"), []string{"get", "--namespace", "lab"},
			[]string{"namespace lab does not exist", "--namespace", "temporal operator namespace create"}},
		{"the key is not good", "ListWorkflowExecutions", serviceerror.NewPermissionDenied("no", ""), []string{"get"},
			[]string{"into namespace default", "TEMPORAL_API_KEY"}},
		{"the namespace lacks search attributes", "ListWorkflowExecutions", serviceerror.NewInvalidArgument("invalid query"), []string{"get"},
			[]string{"temporal operator search-attribute create --address", "--name LinkBlocked --type Keyword --name LinkCloud --type Keyword --name LinkPlaces --type KeywordList\n"}},
		{"workers cannot go on", "QueryWorkflow", serviceerror.NewFailedPrecondition("no poller seen"), []string{"describe", "service/stuck"},
			[]string{"have tried 7 times", "--encryption-keys"}},
		{"the workers are busy", "UpdateWorkflowExecution", serviceerror.NewDeadlineExceeded("context deadline exceeded"), []string{"retry", "service/busy"},
			[]string{"has not answered in time, though workers serve", "then retry again"}},
	} {
		t.Run("when "+test.when, func(t *testing.T) {
			f := frontend.Start(t)
			if test.args[len(test.args)-1] == "service/stuck" {
				f.Attempts = 7
			}
			if test.args[len(test.args)-1] == "service/busy" {
				f.Polled = time.Now()
			}
			f.Put(service("busy"), running)
			f.Put(service("stuck"), running)
			for _, name := range []string{"LinkBlocked", "LinkCloud", "LinkPlaces"} {
				delete(f.Attributes, name)
			}
			f.Put(service("payments"), running)
			f.Fail = func(method string) error {
				if method == test.method {
					return test.err
				}
				return nil
			}
			run(t, f, "", test.args...).expect(t, ExitError, test.said...)
		})
	}
}

// A codec endpoint hands out clear text.
func TestACodecEndpointDoesNotRunWithoutKnowingWhoAsks(t *testing.T) {
	keys := filepath.Join(t.TempDir(), "keys.yaml")
	run(t, nil, "", "add-key", keys).expect(t, ExitOK, "added to "+keys)
	run(t, nil, "", "codec").expect(t, ExitError, "--encryption-keys")
	run(t, nil, "", "codec", "--encryption-keys", keys).expect(t, ExitError, "--token-file", "--oidc-issuer")
	run(t, nil, "", "codec", "--encryption-keys", keys, "--token-file", keys, "--allow-origin", "*").expect(t, ExitError, "token file")
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"aprove"}, {"get", "--nonsense"}, {"apply", "payments.yaml"}, {"get", "a", "b", "c"}} {
		run(t, nil, "", args...).expect(t, ExitUsage, "--help`")
	}
}

func TestVersion(t *testing.T) {
	run(t, nil, "", "version").expect(t, ExitOK, "linkwright v1.2.3", "go1.")
}

func TestSchema(t *testing.T) {
	run(t, nil, "", "schema").expect(t, ExitOK, "https://json-schema.org/draft/2020-12/schema", "EndpointService")
}

func TestCompletion(t *testing.T) {
	f := frontend.Start(t)
	f.Put(service("payments"), running)
	f.Put(asking("shop"), running)
	run(t, f, "", "__complete", "describe", "").expect(t, ExitOK, "endpointservice/payments\n", "connection/payments/shop\n")
	run(t, f, "", "__complete", "get", "services", "").expect(t, ExitOK, "payments\n")
	run(t, f, "", "__complete", "approve", "").expect(t, ExitOK, "payments/shop\n")
	run(t, f, "", "__complete", "get", "-o", "").expect(t, ExitOK, "table\nwide\njson\nyaml\n")
}

const specs = `apiVersion: linkwright/v1
kind: Connection
metadata: {name: shop}
spec:
  service: payments
  account: shop
  region: eu-west-1
  aws: {vpc: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d]}
---
apiVersion: linkwright/v1
kind: EndpointService
metadata: {name: payments}
spec:
  account: platform
  region: eu-west-1
  aws:
    loadBalancers: {tags: {app: payments}}
`

func TestApply(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = func(u frontend.Update) (any, error) {
		if strings.HasPrefix(u.WorkflowID, "endpoint-service/") {
			return workflows.ApplyResult{Created: true, Generation: 1}, nil
		}
		return workflows.ApplyResult{Generation: 2, Changes: []string{"spec.aws.subnets"}}, nil
	}
	run(t, f, specs, "apply", "-f", "-", "--as", "alice").expect(t, ExitOK,
		"endpointservice/payments created\nconnection/payments/shop configured (spec.aws.subnets)\n")

	start := f.Starts()[1]
	if start.GetWorkflowId() != "connection/payments/shop" || start.GetTaskQueue().GetName() != workflows.TaskQueue ||
		start.GetWorkflowIdConflictPolicy() != enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING {
		t.Errorf("started with %v", start)
	}
	for _, name := range []string{"LinkPhase", "LinkService", "LinkAccount", "LinkRegion", "LinkCloud"} {
		if start.GetSearchAttributes().GetIndexedFields()[name] == nil {
			t.Errorf("started without %s", name)
		}
	}
	if got := decode[workflows.ApplyConnectionRequest](t, f.Updates()[1]); got.By != "alice" || got.Spec.Service != "payments" {
		t.Errorf("sent %+v", got)
	}

	f.Answer = func(u frontend.Update) (any, error) {
		if strings.HasPrefix(u.WorkflowID, "endpoint-service/") {
			return nil, errors.New("spec.region cannot be changed")
		}
		return workflows.ApplyResult{Generation: 2}, nil
	}
	run(t, f, specs, "apply", "-f", "-").expect(t, ExitError,
		"connection/payments/shop unchanged", "endpointservice/payments refused to apply: spec.region cannot be changed")
}

func TestWhenAnySpecIsInvalidNothingIsApplied(t *testing.T) {
	f := frontend.Start(t)
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.yaml", specs)
	write("b.yml", "apiVersion: linkwright/v1\nkind: Connection\nmetadata: {name: Shop}\nspec: {service: payments, colour: red}\n")
	write("notes.txt", "no spec at all")
	for _, command := range []string{"apply", "validate"} {
		r := run(t, f, "", command, "-f", dir)
		r.expect(t, ExitError, "things are wrong with the specs, so nothing was done", fmt.Sprintf("%s:4:", filepath.Join(dir, "b.yml")), "colour", "metadata.name")
		if strings.Contains(r.err, "notes.txt") {
			t.Error("reads files that are no specs")
		}
	}
	if len(f.Starts()) != 0 {
		t.Error("started a flow all the same")
	}
	run(t, f, "", "validate", filepath.Join(dir, "a.yaml")).expect(t, ExitOK, "endpointservice/payments is valid\nconnection/payments/shop is valid\n")
	run(t, f, "", "apply").expect(t, ExitError, "name the specs")
	run(t, f, "", "apply", "-f", filepath.Join(dir, "none.yaml")).expect(t, ExitError, "none.yaml")
}

func TestWhenApplyWaitsItWatchesUntilAllIsReady(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = func(u frontend.Update) (any, error) { return workflows.ApplyResult{Created: true}, nil }
	f.Put(service("payments"), running)
	f.Put(connected("shop", link.Ready), running)
	run(t, f, specs, "apply", "-f", "-", "--wait").expect(t, ExitOK, "endpointservice/payments  Serving", "connection/payments/shop  Ready")
}

func TestWhenDeletedByFileWhatIsGoneIsNoError(t *testing.T) {
	f := frontend.Start(t)
	f.Answer = func(u frontend.Update) (any, error) { return echo(u) }
	f.Put(service("payments"), running)
	run(t, f, specs, "delete", "-f", "-", "--yes", "--wait=false").expect(t, ExitOK,
		"connection/payments/shop is not there\nendpointservice/payments is being withdrawn\n")
}
