package serve

import (
	"context"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"

	"github.com/linkwright/linkwright/internal/accounts"
)

// names tells the calls of each step what step they belong to, so that one that has to wait for its turn keeps its
// place in line from one attempt to the next.
type names struct {
	interceptor.WorkerInterceptorBase
}

// InterceptActivity implements [interceptor.WorkerInterceptor].
func (*names) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &named{interceptor.ActivityInboundInterceptorBase{Next: next}}
}

// named gives one step its name.
type named struct {
	interceptor.ActivityInboundInterceptorBase
}

// ExecuteActivity implements [interceptor.ActivityInboundInterceptor].
func (n *named) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	info := activity.GetInfo(ctx)
	step := info.WorkflowExecution.ID + "/" + info.WorkflowExecution.RunID + "/" + info.ActivityID
	return n.Next.ExecuteActivity(accounts.WithStep(ctx, step), in)
}
