package serve

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// errBroken is what the step of the tests makes of the end of its context.
var errBroken = errors.New("the call was broken off")

// patient is a step that goes on until it is let go, or told to stop.
type patient struct {
	begun, let chan struct{}
}

func (p *patient) Wait(ctx context.Context) error {
	close(p.begun)
	select {
	case <-p.let:
		return nil
	case <-ctx.Done():
		return errBroken
	}
}

// ear hears what steps answer, after the heartbeats have had their say.
type ear struct {
	interceptor.WorkerInterceptorBase
	heard chan error
}

func (e *ear) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &drum{interceptor.ActivityInboundInterceptorBase{Next: next}, e.heard}
}

type drum struct {
	interceptor.ActivityInboundInterceptorBase
	heard chan<- error
}

func (d *drum) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	result, err := d.Next.ExecuteActivity(ctx, in)
	d.heard <- err
	return result, err
}

func newEnvironment(p *patient, settle time.Duration) (*testsuite.TestWorkflowEnvironment, *ear) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	e := &ear{heard: make(chan error, 1)}
	env.SetWorkerOptions(worker.Options{
		Interceptors:                 []interceptor.WorkerInterceptor{e, &heartbeats{settle: settle}},
		MaxHeartbeatThrottleInterval: time.Millisecond,
	})
	env.RegisterActivity(p)
	return env, e
}

func withHeartbeats(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute, HeartbeatTimeout: 200 * time.Millisecond,
	})
}

func TestWhenAStepTakesLongItsHeartGoesOnBeating(t *testing.T) {
	p := &patient{begun: make(chan struct{}), let: make(chan struct{})}
	env, e := newEnvironment(p, 0)
	beats := 0
	env.SetOnActivityHeartbeatListener(func(*activity.Info, converter.EncodedValues) {
		if beats++; beats == 2*beatsPerTimeout { // it has outlived its timeout
			close(p.let)
		}
	})
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		return workflow.ExecuteActivity(withHeartbeats(ctx), p.Wait).Get(ctx, nil)
	})
	if err := env.GetWorkflowError(); err != nil {
		t.Error(err)
	}
	if err := <-e.heard; err != nil {
		t.Error(err)
	}
}

func TestWhenItsFlowTurnsAwayTheStepIsToldAndAnswersThatItWasStopped(t *testing.T) {
	p := &patient{begun: make(chan struct{}), let: make(chan struct{})}
	env, e := newEnvironment(p, 0)
	env.SetOnActivityStartedListener(func(*activity.Info, context.Context, converter.EncodedValues) {
		go func() {
			<-p.begun
			env.CancelWorkflow()
		}()
	})
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		return workflow.ExecuteActivity(withHeartbeats(ctx), p.Wait).Get(ctx, nil)
	})
	if err := <-e.heard; !errors.Is(err, context.Canceled) || errors.Is(err, errBroken) {
		t.Errorf("the step answered %v", err)
	}
}

func TestWhenAFlowTurnsAwayItsStepMayEndTheCallThatItIsMaking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // its time is not the wall's
		ctx, cancel := context.WithCancel(t.Context())
		work, release := outlasting(ctx, time.Minute)
		defer release()
		cancel()
		synctest.Wait()
		if work.Err() != nil {
			t.Error("the call was broken off at once")
		}
		<-time.After(time.Minute)
		synctest.Wait()
		if work.Err() == nil {
			t.Error("the call goes on for ever")
		}
	})
}

func TestWhenAStepsTimeIsOverItsCallIsBrokenOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		work, release := outlasting(ctx, time.Hour)
		defer release()
		<-time.After(time.Minute)
		synctest.Wait()
		if work.Err() == nil {
			t.Error("the call goes on beside the next attempt")
		}
	})
}
