package serve

import (
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/workflows"
)

// logs adds the account to what flows log, as the search attribute of that name has it. The SDK adds the id of the workflow, which names the link, and its run.
type logs struct {
	interceptor.WorkerInterceptorBase
}

// InterceptWorkflow implements [interceptor.WorkerInterceptor].
func (*logs) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &logged{interceptor.WorkflowInboundInterceptorBase{Next: next}}
}

type logged struct {
	interceptor.WorkflowInboundInterceptorBase
}

// Init implements [interceptor.WorkflowInboundInterceptor].
func (l *logged) Init(next interceptor.WorkflowOutboundInterceptor) error {
	return l.Next.Init(&logger{interceptor.WorkflowOutboundInterceptorBase{Next: next}})
}

type logger struct {
	interceptor.WorkflowOutboundInterceptorBase
}

// GetLogger implements [interceptor.WorkflowOutboundInterceptor].
func (l *logger) GetLogger(ctx workflow.Context) log.Logger {
	to := l.Next.GetLogger(ctx)
	if account, known := workflow.GetTypedSearchAttributes(ctx).GetKeyword(workflows.LinkAccount); known {
		return log.With(to, workflows.LinkAccount.GetName(), account)
	}
	return to
}
