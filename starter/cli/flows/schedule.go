package flows

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

const (
	// schedulePrefix begins the id of every schedule of ours; all others are left alone.
	schedulePrefix = "linkwright/reconcile/"
	// catchUp is how late a reconciliation may begin after Temporal was away. A later one finds the same.
	catchUp = time.Minute
)

// Schedule is a schedule of reconciliations.
type Schedule struct {
	Name string `json:"name"`
	Timing
	Scope link.Scope         `json:"scope,omitzero"`
	Mode  link.ReconcileMode `json:"mode,omitempty"`
	// Reads are the calls that each run may make in a place that look at one thing alone; 0 is no bound.
	Reads  int    `json:"reads,omitempty"`
	Paused bool   `json:"paused"`
	Note   string `json:"note,omitempty"`
	// Next is when it starts a reconciliation next; zero while it is paused, or when there is no such time.
	Next time.Time `json:"next,omitzero"`
	// Last is the reconciliation that it has started last, without its report where Temporal keeps it no longer.
	Last *Reconciliation `json:"last,omitempty"`
}

// input is what the schedule tells its reconciliations.
func (s Schedule) input() workflows.ReconcileInput {
	return workflows.ReconcileInput{Scope: s.Scope, Mode: s.Mode, Reads: s.Reads}
}

// CreateSchedule makes a schedule of reconciliations, unless another of ours looks at some of the same links.
func (c *Client) CreateSchedule(ctx context.Context, s Schedule) error {
	if err := errors.Join((link.Metadata{Name: s.Name}).Validate(), s.Timing.check()); err != nil {
		return err
	}
	if err := c.noOther(ctx, s); err != nil {
		return err
	}
	in := s.input()
	memo, attributes := map[string]any{reconcileMemo: in}, scopeAttributes(s.Scope)
	_, err := c.temporal.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID:            schedulePrefix + s.Name,
		Spec:          s.Timing.spec(),
		Overlap:       enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow: catchUp,
		Paused:        s.Paused,
		Note:          s.Note,
		Memo:          memo, TypedSearchAttributes: attributes,
		Action: &client.ScheduleWorkflowAction{
			ID:            workflows.ReconcileID(s.Name),
			Workflow:      workflows.ReconcileWorkflow,
			Args:          []any{in},
			TaskQueue:     workflows.TaskQueue,
			StaticSummary: reconcileSummary(in),
			StaticDetails: workflows.WhereToLook,
			Memo:          memo, TypedSearchAttributes: attributes,
		},
	})
	var exists *serviceerror.AlreadyExists
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) || errors.As(err, &exists) {
		return &ScheduleExistsError{Name: s.Name}
	}
	return s.Timing.explain(c.explain(ctx, scheduleRef(s.Name), false, err))
}

// noOther makes sure that no other schedule has the name, or looks at some of the same links.
func (c *Client) noOther(ctx context.Context, s Schedule) error {
	all, err := c.schedules(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(other Schedule) bool { return other.Name == s.Name }) {
		return &ScheduleExistsError{Name: s.Name}
	}
	for _, other := range all {
		if other.Scope.Overlaps(s.Scope) {
			return &ScheduleOverlapError{Name: s.Name, Scope: s.Scope, Other: other.Name, OtherScope: other.Scope}
		}
	}
	return nil
}

// Schedules lists the schedules of reconciliations by name, with what each has started last.
func (c *Client) Schedules(ctx context.Context) ([]Schedule, error) {
	all, err := c.schedules(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := c.addLast(ctx, &all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// schedules lists those of ours as Temporal's visibility knows them.
func (c *Client) schedules(ctx context.Context) ([]Schedule, error) {
	list, err := c.temporal.ScheduleClient().List(ctx, client.ScheduleListOptions{})
	if err != nil {
		return nil, c.explain(ctx, Ref{Name: "schedules"}, false, err)
	}
	var all []Schedule
	for list.HasNext() {
		entry, err := list.Next()
		if err != nil {
			return nil, c.explain(ctx, Ref{Name: "schedules"}, false, err)
		}
		if name, ours := strings.CutPrefix(entry.ID, schedulePrefix); ours {
			all = append(all, c.scheduleOf(name, entry))
		}
	}
	slices.SortFunc(all, func(a, b Schedule) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

func (c *Client) scheduleOf(name string, entry *client.ScheduleListEntry) Schedule {
	in := c.toldBy(entry.Memo)
	s := Schedule{
		Name: name, Timing: timingOf(entry.Spec), Scope: scopeOf(entry.SearchAttributes), Mode: in.Mode, Reads: in.Reads,
		Paused: entry.Paused, Note: entry.Note,
	}
	if !s.Paused && len(entry.NextActionTimes) > 0 {
		s.Next = entry.NextActionTimes[0]
	}
	if n := len(entry.RecentActions); n > 0 {
		action := entry.RecentActions[n-1]
		s.Last = &Reconciliation{Schedule: name, Scope: s.Scope, Mode: s.Mode, Started: action.ActualTime}
		if started := action.StartWorkflowResult; started != nil {
			s.Last.WorkflowID, s.Last.RunID = started.WorkflowID, started.FirstExecutionRunID
		}
	}
	return s
}

// addLast finds out how the last reconciliation of a schedule has ended.
func (c *Client) addLast(ctx context.Context, s *Schedule) error {
	if s.Last == nil || s.Last.WorkflowID == "" {
		return nil
	}
	last, err := c.Reconciliation(ctx, s.Last.WorkflowID)
	var gone *NoReconciliationError
	switch {
	case errors.As(err, &gone):
		s.Last.How = forgotten
		return nil
	case err != nil:
		return err
	}
	s.Last = &last
	if last.Running() {
		return nil
	}
	return c.AddReport(ctx, s.Last)
}

// forgotten is how a reconciliation has ended that Temporal keeps no longer.
const forgotten = "forgotten"

// toldBy reads what a reconciliation is to do from a memo; nothing, where it cannot be read.
func (c *Client) toldBy(memo *commonpb.Memo) workflows.ReconcileInput {
	var in workflows.ReconcileInput
	payload, ok := memo.GetFields()[reconcileMemo]
	if !ok || c.memos.FromPayload(payload, &in) != nil {
		return workflows.ReconcileInput{}
	}
	return in
}

// scopeOf reads a scope from search attributes.
func scopeOf(attributes *commonpb.SearchAttributes) link.Scope {
	return link.Scope{
		Account: keyword(attributes, workflows.LinkAccount.GetName()),
		Region:  keyword(attributes, workflows.LinkRegion.GetName()),
		Service: keyword(attributes, workflows.LinkService.GetName()),
	}
}
