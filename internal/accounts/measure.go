package accounts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/linkwright/linkwright/internal/link"
)

// How calls end: the outcomes that are counted.
const (
	outcomeOK         = "ok"
	outcomeThrottled  = "throttled"  // there were too many
	outcomeRefused    = "refused"    // it is the caller's to mend
	outcomeFailed     = "failed"     // it is the cloud's to mend
	outcomeUnanswered = "unanswered" // nothing came back
)

// gauge measures the calls of one account: how each attempt ends, and how long calls wait for their turn. A nil gauge
// measures nothing. What signs in is not measured, nor does it take turns.
type gauge struct {
	account attribute.Set
	calls   metric.Int64Counter
	waits   metric.Float64Histogram
}

// Measure has the calls of all accounts measured. Call it before the first Clients.
func (b *Book) Measure(m metric.Meter) error {
	calls, err1 := m.Int64Counter("linkwright_cloud_calls",
		metric.WithDescription("Calls to clouds, retries too, by account and action, and how they ended."))
	waits, err2 := m.Float64Histogram("linkwright_cloud_turn_wait", metric.WithUnit("s"),
		metric.WithDescription("How long calls waited for their turn within the account's request limits."))
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("measure the calls: %w", err)
	}
	for _, p := range b.pages {
		p.measure(&gauge{account: labels(p.account), calls: calls, waits: waits})
	}
	return nil
}

func (p *page) measure(g *gauge) {
	if p.aws != nil {
		p.aws.gauge = g
	} else {
		p.azure.gauge = g
	}
}

func labels(a link.Account) attribute.Set {
	return attribute.NewSet(attribute.String("account", a.Name), attribute.String("cloud", string(a.Cloud)))
}

// waited takes in that a call has waited for its turn, which has come or, by the error, is still to come.
func (g *gauge) waited(ctx context.Context, service string, came time.Time, err error) {
	if g == nil {
		return
	}
	stood := time.Since(came)
	var later *TurnError
	if errors.As(err, &later) {
		stood += later.After
	}
	g.waits.Record(ctx, stood.Seconds(), metric.WithAttributeSet(g.account), metric.WithAttributes(attribute.String("service", service)))
}

// called takes in how an attempt at a call has ended.
func (g *gauge) called(ctx context.Context, service, action, outcome string) {
	if g == nil {
		return
	}
	g.calls.Add(ctx, 1, metric.WithAttributeSet(g.account), metric.WithAttributes(
		attribute.String("service", service), attribute.String("action", action), attribute.String("outcome", outcome)))
}

// outcome is how a call to AWS has ended.
func outcome(err error) string {
	var answer *smithyhttp.ResponseError
	switch {
	case err == nil:
		return outcomeOK
	case Throttled(err):
		return outcomeThrottled
	case errors.As(err, &answer) && answer.HTTPStatusCode() >= http.StatusBadRequest: // below, the answer broke off
		return outcomeOf(answer.HTTPStatusCode())
	}
	return outcomeUnanswered
}

// outcomeOf is what an answer says by its status alone.
func outcomeOf(status int) string {
	switch {
	case status >= http.StatusInternalServerError:
		return outcomeFailed
	case status >= http.StatusBadRequest:
		return outcomeRefused
	}
	return outcomeOK
}
