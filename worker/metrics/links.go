package metrics

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.temporal.io/sdk/client"

	"github.com/linkwright/linkwright/workflows"
)

const (
	// countEvery is how often the links are counted. It does not wait for Prometheus to ask: a census takes longer than
	// Prometheus waits for an answer.
	countEvery = 15 * time.Second
	// countHolds is how long a count is shown when no other succeeds. After that the metrics of the links are absent,
	// which alerts notice; a count that is not true any more would pass for one.
	countHolds = 5 * time.Minute
)

// CountLinks shows how the links of a namespace stand, until ctx ends.
func (e *Endpoint) CountLinks(ctx context.Context, c client.Client) error {
	var links links
	if err := links.register(e.Meter); err != nil {
		return fmt.Errorf("show the count of the links: %w", err)
	}
	e.works.Go(func() {
		census, tick := newCensus(c), time.NewTicker(countEvery)
		defer tick.Stop()
		for {
			if err := links.count(ctx, census); err != nil && ctx.Err() == nil {
				e.log.Warn("the links were not counted", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	return nil
}

// links shows the last count.
type links struct{ last atomic.Pointer[counted] }

// counted is a count and when it was taken.
type counted struct {
	count
	at time.Time
}

func (l *links) count(ctx context.Context, c *census) error {
	n, err := c.take(ctx)
	if err != nil {
		return err
	}
	l.last.Store(&counted{n, time.Now()})
	return nil
}

func (l *links) register(m metric.Meter) error {
	all, err1 := m.Int64ObservableGauge("linkwright_links", metric.WithDescription("Links that there are, by kind and phase."))
	blocked, err2 := m.Int64ObservableGauge("linkwright_links_blocked",
		metric.WithDescription("Links that a person must help, by reason."))
	drifted, err5 := m.Int64ObservableGauge("linkwright_links_drifted",
		metric.WithDescription("Links of which something has drifted, by what is done about it: repair, ask or report."))
	waiting, err3 := m.Int64ObservableGauge("linkwright_approvals_waiting",
		metric.WithDescription("Connections that wait for approval."))
	age, err4 := m.Float64ObservableGauge("linkwright_approvals_oldest_age", metric.WithUnit("s"),
		metric.WithDescription("For how long the connection has waited for approval that has waited longest; 0 when none does."))
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return err
	}
	_, err := m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		n := l.last.Load()
		if n == nil || time.Since(n.at) > countHolds {
			return nil
		}
		for at, links := range n.links {
			o.ObserveInt64(all, links, metric.WithAttributes(
				attribute.String(workflows.KindTag, at.kind), attribute.String(workflows.PhaseTag, at.phase)))
		}
		for reason, links := range n.blocked {
			o.ObserveInt64(blocked, links, metric.WithAttributes(attribute.String("reason", reason)))
		}
		for action, links := range n.drifted {
			o.ObserveInt64(drifted, links, metric.WithAttributes(attribute.String(workflows.ActionTag, action)))
		}
		o.ObserveInt64(waiting, n.waiting)
		o.ObserveFloat64(age, n.oldest().Seconds())
		return nil
	}, all, blocked, drifted, waiting, age)
	return err
}

// oldest is how long the longest wait for approval has lasted.
func (c count) oldest() time.Duration {
	if c.since.IsZero() {
		return 0
	}
	return time.Since(c.since)
}
