package flows

import (
	"context"
	"errors"
	"slices"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
)

// Schedule finds a schedule of reconciliations, with what it has started last.
func (c *Client) Schedule(ctx context.Context, name string) (Schedule, error) {
	all, err := c.schedules(ctx)
	if err != nil {
		return Schedule{}, err
	}
	i := slices.IndexFunc(all, func(s Schedule) bool { return s.Name == name })
	if i < 0 {
		return Schedule{}, noSchedule(name, all)
	}
	return all[i], c.addLast(ctx, &all[i])
}

// ScheduleNames lists the names of schedules of reconciliations.
func (c *Client) ScheduleNames(ctx context.Context) ([]string, error) {
	all, err := c.schedules(ctx)
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Name
	}
	return names, err
}

// PauseSchedule keeps a schedule from starting reconciliations; one that runs goes on.
func (c *Client) PauseSchedule(ctx context.Context, name, note string) error {
	return c.onSchedule(ctx, name, func(h client.ScheduleHandle) error {
		return h.Pause(ctx, client.SchedulePauseOptions{Note: note})
	})
}

// ResumeSchedule lets a schedule start reconciliations again.
func (c *Client) ResumeSchedule(ctx context.Context, name, note string) error {
	return c.onSchedule(ctx, name, func(h client.ScheduleHandle) error {
		return h.Unpause(ctx, client.ScheduleUnpauseOptions{Note: note})
	})
}

// TriggerSchedule has a schedule start a reconciliation now, unless the last one still runs: Temporal would pass over
// the request without a word.
func (c *Client) TriggerSchedule(ctx context.Context, name string) error {
	s, err := c.Schedule(ctx, name)
	if err != nil {
		return err
	}
	if s.Last != nil && s.Last.WorkflowID != "" && s.Last.Running() {
		return &ScheduleBusyError{Name: name, Run: s.Last.Name()}
	}
	return c.onSchedule(ctx, name, func(h client.ScheduleHandle) error {
		return h.Trigger(ctx, client.ScheduleTriggerOptions{})
	})
}

// DeleteSchedule ends a schedule. A reconciliation that it has started goes on.
func (c *Client) DeleteSchedule(ctx context.Context, name string) error {
	return c.onSchedule(ctx, name, func(h client.ScheduleHandle) error { return h.Delete(ctx) })
}

func (c *Client) onSchedule(ctx context.Context, name string, do func(client.ScheduleHandle) error) error {
	err := do(c.temporal.ScheduleClient().GetHandle(ctx, schedulePrefix+name))
	var unknown *serviceerror.NotFound
	if !errors.As(err, &unknown) {
		return c.explain(ctx, scheduleRef(name), false, err)
	}
	all, err := c.schedules(ctx)
	if err != nil {
		return err
	}
	return noSchedule(name, all)
}

// scheduleRef stands for a schedule in what is said of it.
func scheduleRef(name string) Ref { return Ref{Name: "schedule " + name} }
