package workflows

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

const (
	// slowLook is how often a flow that waits for something looks for itself, should the Watch that it relies on be lost.
	slowLook = 15 * time.Minute
	// dailyLook is how often a flow looks for itself that waits for nothing in particular: a fleet is made of these, and
	// its audits look at them together.
	dailyLook = 24 * time.Hour
	// Longer stories are cut at the front, so that a status stays small for ever.
	keepPhases    = 60
	keepDecisions = 60
	keepRefused   = 20 // of the decisions, those that were refused
)

var (
	// errTurned ends a step that has become pointless: the spec changed, or a teardown was asked for.
	errTurned = errors.New("the flow turned elsewhere")
	// errLong ends a wait so that the flow can continue as new.
	errLong = errors.New("the history is long")
)

// flow is what every flow has: a status for people to see, a place where it is published, and a way to
// interrupt what it is doing.
type flow struct {
	status *link.Status
	owner  activities.Owner
	// turn counts what makes a running step pointless, and began is the count when the phase began.
	turn, began int
	// channels are those of the signals that the flow listens to; handling counts the messages from them that are being
	// handled.
	channels []workflow.ReceiveChannel
	handling int
	// retries counts the requests to try again at once.
	retries int
	// accounts that were resolved since the last problem.
	accounts map[string]link.Account
	// shown are the search attributes as last written, so that only changes are.
	shown map[string]string
	// unshown is true while something is yet to be shown; places are those of what the flow stands by, if they are.
	unshown bool
	places  []string
	// idle is how often the flow looks for itself while it waits for nothing in particular.
	idle time.Duration
	// deciding lets one decision be taken at a time: whose it is may take a while to find out.
	deciding workflow.Mutex
	// standsBy says what the flow stands by; nil for one that brings nothing about. stood is what was written down.
	standsBy func() stance
	stood    stance
	// revision is how the run behaves, of those that services and connections have had.
	revision workflow.Version
}

// phases is the story of a flow, in order: each phase and the step that ends with the next one.
type phases[F any] []struct {
	phase link.Phase
	step  func(F, workflow.Context) (link.Phase, error)
}

// step returns the step of a phase.
func (p phases[F]) step(phase link.Phase) func(F, workflow.Context) (link.Phase, error) {
	for _, entry := range p {
		if entry.phase == phase {
			return entry.step
		}
	}
	return nil
}

// follow goes through a story, step by step, until it has ended and the flow is concluded, or an error ends the run;
// turned is where an interrupted flow goes on.
func follow[F any](ctx workflow.Context, f *flow, story phases[F], who F, next link.Phase, turned func() link.Phase) error {
	for next.Open() {
		f.enter(ctx, next)
		then, err := story.step(next)(who, ctx)
		switch {
		case errors.Is(err, errTurned), err == nil && f.overtaken(ctx, then):
			then = turned()
		case err != nil:
			return err
		}
		next = then
	}
	return f.conclude(ctx, next)
}

// overtaken reports whether the flow was told to turn elsewhere in the very moment in which a step came to its end.
func (f *flow) overtaken(ctx workflow.Context, next link.Phase) bool {
	return f.interrupted() && next.Open() &&
		f.since(ctx, "heed-late-turns")
}

func newFlow(ctx workflow.Context, status *link.Status) flow {
	info := workflow.GetInfo(ctx)
	return flow{
		status:   status,
		owner:    activities.Owner(info.Namespace + "/" + info.WorkflowExecution.ID),
		accounts: map[string]link.Account{},
		shown:    map[string]string{},
		deciding: workflow.NewMutex(ctx),
		idle:     dailyLook,
	}
}

// enter moves the flow to a phase, and shows it. All changes of phase happen here.
func (f *flow) enter(ctx workflow.Context, phase link.Phase) {
	f.began = f.turn
	if f.status.Phase != phase || len(f.status.Phases) == 0 {
		now := workflow.Now(ctx)
		f.measure(ctx, now)
		f.status.Phase, f.status.Since = phase, now
		f.status.Phases = last(append(f.status.Phases, link.PhaseTime{Phase: phase, Entered: now}), keepPhases)
		if phase.Good() {
			f.repaired(ctx)
			f.condition(ctx, link.SpecApplied, true, "Applied", fmt.Sprintf("generation %d", f.status.Generation))
		}
		workflow.GetLogger(ctx).Info("phase", "phase", phase, "link", f.status.Name, "service", f.status.Service)
	}
	if phase.Good() && f.standsBy != nil &&
		(f.stood != nil || f.since(ctx, "stand-by")) {
		f.standBy(ctx)
	}
	f.show(ctx)
}

// measure tells how long the flow has been in the phase that it leaves. The SDK keeps it quiet in a replay, and no link is
// named: metrics of one series for each link would be too many.
func (f *flow) measure(ctx workflow.Context, left time.Time) {
	if f.status.Phase == "" {
		return
	}
	workflow.GetMetricsHandler(ctx).
		WithTags(map[string]string{KindTag: string(f.status.Kind), PhaseTag: string(f.status.Phase)}).
		Timer(PhaseDuration).Record(left.Sub(f.status.Since))
}

// condition records what is or is not so about the link.
func (f *flow) condition(ctx workflow.Context, t link.ConditionType, ok bool, reason, message string) {
	f.status.SetCondition(link.Condition{Type: t, OK: ok, Reason: reason, Message: message, Since: workflow.Now(ctx)})
}

// settleConditions is for the end: what was true of a link is true no more.
func (f *flow) settleConditions(ctx workflow.Context, reason string) {
	for _, c := range f.status.Conditions {
		if c.OK {
			f.condition(ctx, c.Type, false, reason, "")
		}
	}
}

// checkCarried makes sure that what an earlier run carried over comes from one.
func checkCarried(run *workflow.Info) error {
	if run.ContinuedExecutionRunID == "" {
		return temporal.NewNonRetryableApplicationError("only a run that continues another one can carry something over", "InvalidInput", nil)
	}
	return nil
}

// revise says which revision of the flow this run is. It comes before everything that a change has changed.
func (f *flow) revise(ctx workflow.Context) {
	f.revision = workflow.GetVersion(ctx, "ask-first", workflow.DefaultVersion, brief) // named by the first of all changes
	if f.revision < brief {
		return
	}
	uncancelled, _ := workflow.NewDisconnectedContext(ctx)
	workflow.Go(uncancelled, func(ctx workflow.Context) {
		for workflow.Await(ctx, func() bool { return f.unshown }) == nil {
			f.publish(ctx)
		}
	})
}

// brief is the newest revision of services and connections; a run stays what it is until it continues as new. Since the one
// before, asking, flows ask before they act on a message, which others than flows can send. Since this one, a connection
// meets its service in one step, and accounts are looked up, and changes written for people to see, within the workflow
// task. All older changes are in it, so that a run needs no marker of its own for each.
const brief workflow.Version = 2

// since reports whether the run goes by a change that is older than its revision, or has a marker of its own.
func (f *flow) since(ctx workflow.Context, change string) bool {
	return f.revision >= brief || workflow.GetVersion(ctx, change, workflow.DefaultVersion, 1) != workflow.DefaultVersion
}

// trusting is true for a run that began when flows still believed what other flows told them.
func (f *flow) trusting() bool { return f.revision == workflow.DefaultVersion }

// record keeps a decision. Refused ones make place first: however many are sent, they do not push out what was
// decided.
func (f *flow) record(ctx workflow.Context, d link.Decision) {
	d.At = workflow.Now(ctx)
	kept := append(f.status.Decisions, clipped(d))
	refused := 0
	for i := len(kept) - 1; i >= 0; i-- {
		if kept[i].Refused == "" {
			continue
		}
		if refused++; refused > keepRefused {
			kept = slices.Delete(kept, i, i+1)
		}
	}
	f.status.Decisions = last(kept, keepDecisions)
}

// interrupt makes the running step end with errTurned.
func (f *flow) interrupt() { f.turn++ }

func (f *flow) interrupted() bool { return f.turn != f.began }

// show has people see in the Temporal UI how the flow stands, once the flow waits for something: until then it may go
// through several phases, and each change that is written costs a record in Temporal's visibility store.
func (f *flow) show(ctx workflow.Context) {
	if f.revision < brief {
		f.publish(ctx)
		return
	}
	f.unshown = true
}

// publish writes what people see: search attributes where they changed, and the details.
func (f *flow) publish(ctx workflow.Context) {
	f.unshown = false
	blocked := ""
	if f.status.Blocked != nil {
		blocked = string(f.status.Blocked.Reason)
	}
	var updates []temporal.SearchAttributeUpdate
	for _, a := range []struct {
		key   temporal.SearchAttributeKeyKeyword
		value string
	}{
		{LinkPhase, string(f.status.Phase)},
		{LinkBlocked, blocked},
		{LinkService, f.status.Service},
		{LinkAccount, f.status.Account},
		{LinkRegion, f.status.Region},
		{LinkCloud, string(f.status.Cloud)},
		{LinkDrift, string(f.status.DriftAction())},
	} {
		name := a.key.GetName()
		if f.shown[name] == a.value {
			continue
		}
		f.shown[name] = a.value
		if a.value == "" {
			updates = append(updates, a.key.ValueUnset())
		} else {
			updates = append(updates, a.key.ValueSet(a.value))
		}
	}
	if f.places != nil {
		updates = append(updates, LinkPlaces.ValueSet(f.places))
		f.places = nil
	}
	if len(updates) > 0 {
		// Only a malformed key can fail here, and the keys are constants.
		if err := workflow.UpsertTypedSearchAttributes(ctx, updates...); err != nil {
			workflow.GetLogger(ctx).Error("search attributes not written", "error", err)
		}
	}
	workflow.SetCurrentDetails(ctx, details(f.status, workflowID(ctx)))
}

// wait holds until cond is so, and says meanwhile what it waits for. look is asked now and then, should
// whoever is to bring the news be lost, and at once when somebody who has mended what hindered it says so; a wait for
// nothing in particular is not shown. It returns false when the deadline in what.Until passed first.
func (f *flow) wait(ctx workflow.Context, what link.Waiting, cond func() bool, look func(workflow.Context)) (bool, error) {
	if cond() {
		return true, nil
	}
	if what.For != "" {
		what.Since = workflow.Now(ctx)
		f.status.Waiting = &what
	}
	f.show(ctx)
	defer func() { f.status.Waiting = nil }()
	for !cond() {
		if f.interrupted() {
			return false, errTurned
		}
		if isLong(ctx) {
			return false, errLong
		}
		every := slowLook
		if what.For == "" && f.status.Blocked == nil {
			every = f.idle
		}
		pause := every
		if !what.Until.IsZero() {
			left := what.Until.Sub(workflow.Now(ctx))
			if left <= 0 {
				return false, nil
			}
			pause = min(pause, left)
		}
		retries := f.retries
		awake, err := awaitFor(ctx, pause, timerSummary(what, pause), func() bool {
			return cond() || f.interrupted() || isLong(ctx) || f.retries != retries
		})
		if err != nil {
			return false, err
		}
		if look != nil && (!awake && pause == every || f.retries != retries) {
			look(ctx)
		}
	}
	return true, nil
}

// awaitFor waits for cond, at the longest for a while; it returns whether cond came true. The SDK would leave
// the timer running when it did, and people would see it in the UI.
func awaitFor(ctx workflow.Context, pause time.Duration, summary string, cond func() bool) (bool, error) {
	timed, stop := workflow.WithCancel(ctx)
	defer stop()
	return workflow.AwaitWithOptions(timed, workflow.AwaitOptions{
		Timeout: pause, TimerOptions: workflow.TimerOptions{Summary: summary},
	}, cond)
}

// isLong reports whether the server asks for the history to be cut.
func isLong(ctx workflow.Context) bool { return workflow.GetInfo(ctx).GetContinueAsNewSuggested() }

// settle waits for updates and messages that are still being handled, or have arrived in this very moment: nothing may
// be cut off in the middle, and the next run does not hear what this one was told.
func (f *flow) settle(ctx workflow.Context) error {
	drain := f.since(ctx, "drain-signals")
	return workflow.Await(ctx, func() bool {
		return f.handling == 0 && workflow.AllHandlersFinished(ctx) && !(drain && f.unheard())
	})
}

// unheard reports whether a message has arrived and nobody has taken it yet.
func (f *flow) unheard() bool {
	return slices.ContainsFunc(f.channels, func(ch workflow.ReceiveChannel) bool { return ch.Len() > 0 })
}

// conclude ends the flow in a phase. What is still being handled is let go or ends first: whoever sees the phase may
// take the flow for ended.
func (f *flow) conclude(ctx workflow.Context, end link.Phase) error {
	if f.trusting() { // as it was when these runs began
		f.enter(ctx, end)
		return f.settle(ctx)
	}
	f.interrupt()
	if err := f.settle(ctx); err != nil {
		return err
	}
	f.enter(ctx, end)
	f.publish(ctx) // nothing runs any more that would
	return nil
}

// outlive detaches a flow from its cancellation, which asks for a teardown instead: somebody who cancels
// the workflow wants the link gone, not its resources orphaned.
func outlive(ctx workflow.Context, teardown func(workflow.Context)) workflow.Context {
	free, _ := workflow.NewDisconnectedContext(ctx)
	workflow.Go(free, func(free workflow.Context) {
		ctx.Done().Receive(free, nil)
		teardown(free)
	})
	return free
}

func last[T any](list []T, n int) []T {
	if len(list) > n {
		list = list[len(list)-n:]
	}
	return list
}

func workflowID(ctx workflow.Context) string { return workflow.GetInfo(ctx).WorkflowExecution.ID }

// sortedKeys lists the keys of a map in order, as deterministic code must go through them.
func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m)) //workflowcheck:ignore
}
