package serve

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"
)

const (
	// beatsPerTimeout is how many heartbeats fall into a heartbeat timeout, so that a few may be lost.
	beatsPerTimeout = 4
	// heartbeatPause is the least time between two heartbeats that are sent. The SDK's own, four fifths of
	// the timeout, would leave a busy machine little to be late.
	heartbeatPause = time.Second
	// settleWithin is how long a step may go on when its flow has no use for it any more, to end the call that
	// it is making: one that is broken off may have made something that nobody has seen yet.
	settleWithin = 10 * time.Second
)

// heartbeats makes every step with a heartbeat timeout send heartbeats for as long as it runs. By them Temporal
// finds out that a worker has died, long before the step's time is over; and by the answers to them a step
// learns, a little later, that its flow has no use for it any more: its context ends. A step that is over soon
// sends none.
type heartbeats struct {
	interceptor.WorkerInterceptorBase
	settle time.Duration // settleWithin, but for tests
}

// InterceptActivity implements [interceptor.WorkerInterceptor].
func (h *heartbeats) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &heart{interceptor.ActivityInboundInterceptorBase{Next: next}, h.settle}
}

// heart beats for one step.
type heart struct {
	interceptor.ActivityInboundInterceptorBase
	settle time.Duration
}

// ExecuteActivity implements [interceptor.ActivityInboundInterceptor]. When the step fails after its context
// has ended, the end of the context is the answer, whatever the step made of it: a call that was broken off
// says nothing about the cloud.
func (h *heart) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	stop := beat(ctx, activity.GetInfo(ctx).HeartbeatTimeout)
	defer stop()
	work, release := outlasting(ctx, h.settle)
	defer release()
	result, err := h.Next.ExecuteActivity(work, in)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return result, err
}

// outlasting returns a context that ends with ctx's deadline, or a while after ctx was cancelled.
func outlasting(ctx context.Context, while time.Duration) (context.Context, context.CancelFunc) {
	work, cancel := context.WithoutCancel(ctx), context.CancelFunc(nil)
	if deadline, ends := ctx.Deadline(); ends { // Temporal gives the step to another worker then
		work, cancel = context.WithDeadline(work, deadline)
	} else {
		work, cancel = context.WithCancel(work)
	}
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(while, cancel)
		context.AfterFunc(work, func() { timer.Stop() })
	})
	return work, func() {
		stop()
		cancel()
	}
}

// beat sends heartbeats until it is stopped or ctx ends.
func beat(ctx context.Context, timeout time.Duration) (stop func()) {
	if timeout <= 0 {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(timeout / beatsPerTimeout)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}
