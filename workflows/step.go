package workflows

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

const (
	// stepTimeout bounds one attempt at a step; steps never wait, so it only has to cover slow calls.
	stepTimeout = time.Minute
	// localTimeout bounds one attempt at what is done within a workflow task, which should be over in a moment.
	localTimeout = 5 * time.Second
	// heartbeatTimeout is how long a worker may be silent about a step before it is taken for dead, and the
	// step is given to another. Workers send the heartbeats by themselves; no step has to.
	heartbeatTimeout = 10 * time.Second
	// peekWithin bounds a look that may as well fail, with all its retries.
	peekWithin = 2 * time.Minute
	// noWorkerAfter is how long a step may lie in its queue before a person is told that nobody serves it.
	noWorkerAfter = 5 * time.Minute
	// A blocked step looks again after this, unless the worker suggests otherwise, then after twice as
	// long each time, up to so many times as long.
	blockedRetry    = time.Minute
	blockedSlowdown = 16
)

// The prefixes of the steps that belong to no cloud.
const (
	systemSteps = "system"
	dnsSteps    = "dns"
)

// do takes a step in an account, on the account's own queue and by its own cloud. A step is named by a
// method expression on its contract, so the compiler checks the name, what is asked and what is answered.
// It returns when the step has succeeded, or with errTurned, or with an error that the phase must judge
// (see activities.IsGone and IsChanged). What a person must mend does not come back: the flow is shown as
// blocked, and the step runs again when it is told to, and now and then by itself.
func do[C, Req, Res any](ctx workflow.Context, f *flow, account string, step func(C, context.Context, Req) (Res, error), req Req) (Res, error) {
	return persist(ctx, f, func() (Res, error) { return once(ctx, f, account, 0, step, req) })
}

// once is do without its patience: what a person must mend comes back as an error. within is as in [call].
func once[C, Req, Res any](ctx workflow.Context, f *flow, account string, within time.Duration, step func(C, context.Context, Req) (Res, error), req Req) (Res, error) {
	return take[Res](ctx, f, account, within, stepName(step), req)
}

// take is once for a step that is known by its name.
func take[Res any](ctx workflow.Context, f *flow, account string, within time.Duration, step string, req any) (Res, error) {
	at, err := f.account(ctx, account)
	if err != nil {
		var none Res
		return none, err
	}
	return seeThrough(ctx, f, at, within, func() (Res, error) {
		return attempt[Res](ctx, f, call{prefix: string(at.Cloud), queue: at.TaskQueue, name: step, summary: "account " + account, within: within}, req)
	})
}

// seeThrough takes a step again for as long as it answers that the cloud has taken on a change, each time once that
// change is over. The operation is kept here, in the workflow's state: no worker is held while the cloud works, and none
// that crashes begins anything twice.
func seeThrough[Res any](ctx workflow.Context, f *flow, at link.Account, within time.Duration, run func() (Res, error)) (Res, error) {
	for {
		res, err := run()
		op, begun := activities.OperationOf(err)
		if !begun {
			return res, err
		}
		await := call{
			prefix: string(at.Cloud), queue: at.TaskQueue, name: stepName(activities.Operations.AwaitOperation),
			summary: "account " + at.Name + ": " + op.What, within: within,
		}
		if _, err := attempt[struct{}](ctx, f, await, activities.OperationRequest{Place: activities.Place{Account: at.Name}, Operation: op}); err != nil {
			return res, err
		}
	}
}

// peek is do for a look that may as well fail: it gives up soon, and blocks nothing. Whoever looks says so with glimpsed.
func peek[C, Req, Res any](ctx workflow.Context, f *flow, account string, step func(C, context.Context, Req) (Res, error), req Req) (Res, error) {
	return once(ctx, f, account, peekWithin, step, req)
}

// glimpsed takes in how the look of a waiting flow has ended. The flow waits on, but what a person must mend is shown:
// the Watch that it relies on is kept from looking by the same, and can only say so itself.
func (f *flow) glimpsed(ctx workflow.Context, err error) {
	problem, hindered := activities.ProblemOf(err)
	if !hindered && f.status.Blocked == nil || !f.since(ctx, "show-hindered-looks") {
		return
	}
	switch {
	case hindered:
		f.showProblem(ctx, problem, slowLook)
	case err == nil:
		f.unblock(ctx)
	}
}

// effect is do for a step that answers with nothing.
func effect[C, Req any](ctx workflow.Context, f *flow, account string, step func(C, context.Context, Req) error, req Req) error {
	_, err := persist(ctx, f, func() (struct{}, error) { return take[struct{}](ctx, f, account, 0, stepName(step), req) })
	return err
}

// resolve is one attempt at a step in DNS, which every worker on the shared queue can look at.
func resolve[C, Req, Res any](ctx workflow.Context, f *flow, step func(C, context.Context, Req) (Res, error), req Req) (Res, error) {
	return attempt[Res](ctx, f, call{prefix: dnsSteps, name: stepName(step), summary: "looks in public DNS"}, req)
}

// account resolves a name of the accounts file, once until the next problem.
func (f *flow) account(ctx workflow.Context, name string) (link.Account, error) {
	if at, ok := f.accounts[name]; ok {
		return at, nil
	}
	at, err := f.lookUp(ctx, name)
	if err != nil {
		return link.Account{}, err
	}
	f.accounts[name] = at
	return at, nil
}

// lookUp looks a name up in the accounts file, within the workflow task: there is nothing that a look less or more could
// change, and a task of its own would cost Temporal more than all of the look.
func (f *flow) lookUp(ctx workflow.Context, name string) (link.Account, error) {
	step, request := stepName(activities.System.ResolveAccount), activities.ResolveAccountRequest{Account: name}
	if f.revision < brief {
		return attempt[link.Account](ctx, f, call{prefix: systemSteps, name: step, summary: "account " + name}, request)
	}
	var at link.Account
	if f.interrupted() {
		return at, errTurned
	}
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: localTimeout, RetryPolicy: retryPolicy(), Summary: "account " + name,
	})
	err := workflow.ExecuteLocalActivity(ctx, systemSteps+"."+step, request).Get(ctx, &at)
	return at, err
}

// ask asks another flow, which answers for itself; within is as in [call].
func ask[Res any](ctx workflow.Context, f *flow, workflowID, query string, within time.Duration) (Res, error) {
	return attempt[Res](ctx, f, call{prefix: systemSteps, name: stepName(activities.System.AskFlow), summary: "asks " + workflowID, within: within},
		activities.AskFlowRequest{WorkflowID: workflowID, Query: query})
}

// askAll asks other flows the same, all at once, and returns what each of them answers, or why it does not.
func askAll[Res any](ctx workflow.Context, f *flow, workflowIDs []string, query string, within time.Duration) ([]Res, []error) {
	said, errs := make([]Res, len(workflowIDs)), make([]error, len(workflowIDs))
	switch len(workflowIDs) {
	case 0:
		return said, errs
	case 1: // no runs before brief ask more
		said[0], errs[0] = ask[Res](ctx, f, workflowIDs[0], query, within)
		return said, errs
	}
	answers, err := attempt[[]activities.FlowAnswer](ctx, f, call{
		prefix: systemSteps, name: stepName(activities.Fleets.AskFleet), summary: fmt.Sprintf("asks %d flows", len(workflowIDs)), within: within,
	}, activities.AskFleetRequest{WorkflowIDs: workflowIDs, Query: query})
	for i := range workflowIDs {
		switch {
		case err != nil:
			errs[i] = err
		case answers[i].Missing != "":
			errs[i] = errors.New(answers[i].Missing)
		default:
			errs[i] = json.Unmarshal(answers[i].Answer, &said[i])
		}
	}
	return said, errs
}

// introduce asks another flow, and then tells it something.
func introduce[Res any](ctx workflow.Context, f *flow, workflowID, query, signal string, message any) (Res, error) {
	var none Res
	text, err := json.Marshal(message)
	if err != nil {
		return none, err
	}
	return attempt[Res](ctx, f, call{prefix: systemSteps, name: stepName(activities.System.Introduce), summary: "joins " + workflowID},
		activities.IntroduceRequest{AskFlowRequest: activities.AskFlowRequest{WorkflowID: workflowID, Query: query}, Signal: signal, Message: text})
}

// knowAccount waits until an account can be resolved. Before that, nothing can have been made in it.
func knowAccount(ctx workflow.Context, f *flow, name string) error {
	at, err := persist(ctx, f, func() (link.Account, error) { return f.account(ctx, name) })
	if err == nil {
		f.status.Cloud = at.Cloud
	}
	return err
}

// persist runs a step again and again until no problem is left that a person could mend.
func persist[Res any](ctx workflow.Context, f *flow, run func() (Res, error)) (Res, error) {
	for tries := 0; ; tries++ {
		res, err := run()
		problem, blocked := problemOf(err)
		if !blocked {
			f.unblock(ctx)
			return res, err
		}
		if err := f.block(ctx, problem, tries); err != nil {
			return res, err
		}
	}
}

// call is an activity to run: its prefix and name, where, what the UI says of it, how long it may take with all its
// retries (0: for ever), and how long each of them (0: [stepTimeout]).
type call struct {
	prefix, queue, name, summary string
	within, each                 time.Duration
}

// attempt runs one activity to its end, or until the flow turns elsewhere. An attempt that is running then
// is waited for, so that nothing happens in the world behind the flow's back.
func attempt[Res any](ctx workflow.Context, f *flow, c call, req any) (Res, error) {
	var res Res
	if f.interrupted() {
		return res, errTurned
	}
	ctx, cancel := workflow.WithCancel(workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              c.queue,
		ScheduleToStartTimeout: noWorkerAfter,
		StartToCloseTimeout:    cmp.Or(c.each, stepTimeout),
		HeartbeatTimeout:       heartbeatTimeout,
		WaitForCancellation:    true,
		Summary:                c.summary,
		ScheduleToCloseTimeout: c.within,
		RetryPolicy:            retryPolicy(),
	}))
	defer cancel()
	future := workflow.ExecuteActivity(ctx, c.prefix+"."+c.name, req)
	if err := workflow.Await(ctx, func() bool { return future.IsReady() || f.interrupted() }); err != nil {
		return res, err
	}
	turned := !future.IsReady()
	if turned {
		cancel()
	}
	err := future.Get(ctx, &res)
	switch {
	case err == nil:
		return res, nil
	case turned:
		return res, errTurned
	}
	return res, err
}

// retryPolicy has Temporal retry for as long as it may.
func retryPolicy() *temporal.RetryPolicy {
	return &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute}
}

// problemOf finds what a person must mend in an error: a problem that the step reported, a queue that nobody
// serves, or a failure that no retry of Temporal's will cure. Answers that a phase judges are none.
func problemOf(err error) (link.Problem, bool) {
	if p, ok := activities.ProblemOf(err); ok {
		return p, true
	}
	var timeout *temporal.TimeoutError
	if errors.As(err, &timeout) && timeout.TimeoutType() == enumspb.TIMEOUT_TYPE_SCHEDULE_TO_START {
		return link.Problem{
			Reason:     link.ReasonNoWorker,
			Message:    fmt.Sprintf("no worker took up the step within %v", noWorkerAfter),
			Remedy:     "start a worker that serves this account: linkwright-worker, with --accounts if the account has a task queue of its own",
			RetryAfter: 10 * time.Second,
		}, true
	}
	var failed *temporal.ActivityError
	if errors.As(err, &failed) && !temporal.IsCanceledError(err) && !activities.IsGone(err) && !activities.IsChanged(err) {
		return link.Problem{
			Reason:  link.ReasonUnavailable,
			Message: err.Error(),
			Remedy:  "see the worker's log for " + failed.ActivityType().GetName(),
		}, true
	}
	return link.Problem{}, false
}

// block shows a problem and waits until it is time to try again: when told to, or by itself after a while.
func (f *flow) block(ctx workflow.Context, p link.Problem, tries int) error {
	clear(f.accounts) // the remedy may be a change of the accounts file
	pause := p.RetryAfter
	if pause <= 0 {
		pause = blockedRetry
	}
	pause *= time.Duration(min(1<<min(tries, 10), blockedSlowdown))
	f.showProblem(ctx, p, pause)
	retries := f.retries
	_, err := awaitFor(ctx, pause, "blocked: "+string(p.Reason), func() bool { return f.retries != retries || f.interrupted() })
	switch {
	case err != nil:
		return err
	case f.interrupted():
		f.unblock(ctx)
		return errTurned
	case isLong(ctx):
		return errLong
	}
	return nil
}

// showProblem shows the flow as blocked until it tries again after a while.
func (f *flow) showProblem(ctx workflow.Context, p link.Problem, pause time.Duration) {
	now := workflow.Now(ctx)
	p.Since = now
	if old := f.status.Blocked; old != nil && old.Reason == p.Reason {
		p.Since = old.Since
	}
	p.NextTry = now.Add(pause)
	f.status.Blocked = &p
	f.show(ctx)
}

func (f *flow) unblock(ctx workflow.Context) {
	if f.status.Blocked != nil {
		f.status.Blocked = nil
		f.show(ctx)
	}
}

// stepName is the method's name in a method expression such as activities.Provider.AcceptConnection.
func stepName(step any) string {
	full := runtime.FuncForPC(reflect.ValueOf(step).Pointer()).Name()
	return full[strings.LastIndexByte(full, '.')+1:]
}
