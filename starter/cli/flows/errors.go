package flows

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/internal/dial"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/sealed"
	"github.com/linkwright/linkwright/workflows"
)

// NoWorkerError is a flow that does not answer, mostly because nobody runs it.
type NoWorkerError struct {
	Ref Ref
	// Verb is what the flow was told to do; empty when it was only asked how it is.
	Verb link.Verb
	// Attempts is how often workers have tried in vain to go on with it, if Temporal knows of more than one.
	Attempts int32
	// Busy is true when workers ask Temporal for work, and so have too much of it or have just been started.
	Busy bool
	Err  error
}

func (e *NoWorkerError) Error() string {
	next := "the flow goes on where it was"
	if e.Verb != "" {
		next = fmt.Sprintf("then %s again, since it may not have been heard", e.Verb)
	}
	if e.Attempts > 0 {
		return fmt.Sprintf("%s does not answer: its workers have tried %d times to go on with it. Their log, and the failed workflow task "+
			"in the Temporal UI, say why they cannot; perhaps they lack an encryption key (linkwright-worker --%s). When that is mended, %s",
			e.Ref, e.Attempts, sealed.Flag, next)
	}
	if e.Busy {
		return fmt.Sprintf("%s has not answered in time, though workers serve the task queue %s: they may be busy, or one has just gone. "+
			"Wait a moment; %s", e.Ref, workflows.TaskQueue, next)
	}
	return fmt.Sprintf("%s does not answer: no worker serves the task queue %s. Start linkwright-worker against "+
		"the same Temporal address and namespace; %s", e.Ref, workflows.TaskQueue, next)
}

func (e *NoWorkerError) Unwrap() error { return e.Err }

// NotFoundError is a flow that does not exist, with the names that come close.
type NotFoundError struct {
	Ref     Ref
	Similar []Ref
}

func (e *NotFoundError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s not found", e.Ref)
	if len(e.Similar) > 0 {
		b.WriteString(": did you mean " + joinRefs(e.Similar, " or ") + "?")
	} else {
		b.WriteString(": see what there is with `linkwright get`, and what has ended with `linkwright get --all`")
	}
	return b.String()
}

// AmbiguousError is a name that several flows have.
type AmbiguousError struct {
	Name    string
	Matches []Ref
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%q is the name of more than one: say %s", e.Name, joinRefs(e.Matches, " or "))
}

// RefusedError is a flow's own answer that it will not do what was asked.
type RefusedError struct {
	Ref    Ref
	Verb   link.Verb
	Reason string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s refused to %s: %s", e.Ref, e.Verb, e.Reason)
}

// EndedError is a flow that is over, and so can be told nothing any more.
type EndedError struct {
	Ref Ref
	// How it ended: completed, failed, terminated, cancelled or timed out.
	How string
}

func (e *EndedError) Error() string {
	if e.How == completed {
		return fmt.Sprintf("%s has ended: see how with `linkwright describe %s`, begin again with `linkwright apply`", e.Ref, e.Ref)
	}
	return fmt.Sprintf("the flow of %s was %s from outside, so nobody looks after what it made: apply its spec again, "+
		"and it is taken up where it was left", e.Ref, e.How)
}

// MissingAttributesError is a namespace that lacks the search attributes by which flows are found.
type MissingAttributesError struct {
	Address, Namespace string
	// Missing are the attributes that are not there, and their types.
	Missing map[string]enumspb.IndexedValueType
}

func (e *MissingAttributesError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "namespace %s lacks search attributes that Linkwright needs; create them once with\n  temporal operator "+
		"search-attribute create --address %s --namespace %s", e.Namespace, e.Address, e.Namespace)
	for _, name := range slices.Sorted(maps.Keys(e.Missing)) {
		fmt.Fprintf(&b, " --name %s --type %s", name, e.Missing[name])
	}
	return b.String()
}

// explain turns what Temporal answered into what a person can act on. The request was about ref, and reached
// the flow when toFlow is true, rather than only the server.
func (c *Client) explain(ctx context.Context, ref Ref, toFlow bool, err error) error {
	var (
		noAnswer    *client.WorkflowUpdateServiceTimeoutOrCanceledError
		noPoller    *serviceerror.FailedPrecondition
		notReady    *serviceerror.WorkflowNotReady
		noNamespace *serviceerror.NamespaceNotFound
		invalid     *serviceerror.InvalidArgument
		refused     *temporal.ApplicationError
		notFound    *serviceerror.NotFound
	)
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.Canceled): // by the caller, so there is nothing to explain
		return context.Cause(ctx)
	case toFlow && (errors.As(err, &noPoller) || errors.As(err, &notReady) || errors.As(err, &noAnswer) || isLate(err)):
		return c.silent(ctx, ref, err)
	case errors.As(err, &noNamespace):
		return fmt.Errorf("namespace %s does not exist at %s: name another with --namespace, or create it with "+
			"`temporal operator namespace create --address %s --namespace %s`: %w", c.namespace, c.address, c.address, c.namespace, err)
	case errors.As(err, &invalid):
		if missing := c.missingAttributes(ctx); missing != nil {
			return missing
		}
	case errors.As(err, &refused):
		return &RefusedError{Ref: ref, Reason: refused.Message()}
	case toFlow && errors.As(err, &notFound):
		return c.missing(ctx, ref)
	}
	if explained := dial.Explain(c.address, c.namespace, err); explained != nil {
		return explained
	}
	return fmt.Errorf("%s: %w", ref, err)
}

// isLate reports whether an answer did not come in time, by the server's clock or by ours.
func isLate(err error) bool {
	var late *serviceerror.DeadlineExceeded
	return errors.As(err, &late) || errors.Is(err, context.DeadlineExceeded)
}

// silent says why a flow does not answer.
func (c *Client) silent(ctx context.Context, ref Ref, err error) error {
	silent := &NoWorkerError{Ref: ref, Err: err, Busy: c.served(ctx)}
	seen, cannot := c.temporal.DescribeWorkflowExecution(ctx, ref.WorkflowID(), "")
	if attempts := seen.GetPendingWorkflowTask().GetAttempt(); cannot == nil && attempts > 1 {
		silent.Attempts = attempts
	}
	return silent
}

// polledWithin is how long ago a worker that is there has asked for work at the latest: it waits for a minute for an answer.
const polledWithin = 70 * time.Second

// served reports whether a worker has lately asked for the work of flows.
func (c *Client) served(ctx context.Context) bool {
	queue, err := c.temporal.DescribeTaskQueue(ctx, workflows.TaskQueue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	return err == nil && slices.ContainsFunc(queue.GetPollers(), func(p *taskqueuepb.PollerInfo) bool {
		return time.Since(p.GetLastAccessTime().AsTime()) < polledWithin
	})
}

// missingAttributes asks which search attributes the namespace lacks; nil when none, or when the server
// does not say.
func (c *Client) missingAttributes(ctx context.Context) error {
	have, err := c.temporal.OperatorService().ListSearchAttributes(ctx,
		&operatorservice.ListSearchAttributesRequest{Namespace: c.namespace})
	if err != nil {
		return nil
	}
	missing := workflows.SearchAttributes()
	maps.DeleteFunc(missing, func(name string, _ enumspb.IndexedValueType) bool {
		_, there := have.GetCustomAttributes()[name]
		return there
	})
	if len(missing) == 0 {
		return nil
	}
	return &MissingAttributesError{Address: c.address, Namespace: c.namespace, Missing: missing}
}

// NotFound is the error for a flow that is not there, with the names that come close.
func (c *Client) NotFound(ctx context.Context, ref Ref) error {
	return &NotFoundError{Ref: ref, Similar: c.similar(ctx, ref)}
}

// missing says why a flow cannot be told anything: it tells one that has ended from one that never was.
func (c *Client) missing(ctx context.Context, ref Ref) error {
	desc, err := c.temporal.DescribeWorkflowExecution(ctx, ref.WorkflowID(), "")
	if err != nil {
		return c.NotFound(ctx, ref)
	}
	return &EndedError{Ref: ref, How: how(desc.GetWorkflowExecutionInfo().GetStatus())}
}

func joinRefs(refs []Ref, sep string) string {
	names := make([]string, len(refs))
	for i, r := range refs {
		names[i] = r.String()
	}
	return strings.Join(names, sep)
}
