// Package serve puts a Linkwright worker together: which task queues it polls, and which workflows and steps
// it registers there. The worker binary runs it on its own; `linkwright-dev` runs it beside everything else.
package serve

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/aws"
	"github.com/linkwright/linkwright/activities/azure"
	"github.com/linkwright/linkwright/activities/dns"
	"github.com/linkwright/linkwright/activities/system"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/signers"
	"github.com/linkwright/linkwright/workflows"
)

// Config says what to serve.
type Config struct {
	Client client.Client
	// Converter is the one that the client was made with; nil is the SDK's own.
	Converter converter.DataConverter
	Accounts  *accounts.Book
	// Only names the accounts to serve on their own queues, and nothing else. Empty: the workflows, and the
	// accounts that have no queue of their own.
	Only []string
	// Pace is how patiently to ask the cloud again, LookAgain how soon to look for a person's remedy, and
	// Patience how long to hope before asking for one. Zero values are right for the real clouds.
	Pace      activities.Pace
	LookAgain time.Duration
	Patience  time.Duration
	// DNSServer (host:port) is asked for TXT proofs in place of the domains' own name servers.
	DNSServer string
	// AllowedSigners is the file that says who may sign decisions, and with which keys; empty where nobody may.
	// It is read when the worker starts, so that a bad one is known at once, and again for each signature.
	AllowedSigners string
	// StopTimeout is how long running steps may take to end when the worker stops.
	StopTimeout time.Duration
}

// Workers are the running workers of one process, one for each task queue.
type Workers struct {
	workers []worker.Worker
	queues  []string
	// Failed receives the first error that ends a worker for good.
	Failed <-chan error
}

// Start starts to serve.
func Start(c Config) (*Workers, error) {
	if c.Accounts == nil {
		return nil, errors.New("a worker needs an accounts file")
	}
	queues, book, err := c.queues()
	if err != nil {
		return nil, err
	}
	if err := c.checkSigners(); err != nil {
		return nil, err
	}
	failed := make(chan error, len(queues))
	w := &Workers{queues: queues, Failed: failed}
	for _, queue := range queues {
		one := worker.New(c.Client, queue, worker.Options{
			WorkerStopTimeout:            c.StopTimeout,
			WorkflowTaskPollerBehavior:   pollers(),
			ActivityTaskPollerBehavior:   pollers(),
			DisableWorkflowWorker:        queue != workflows.TaskQueue,
			Interceptors:                 []interceptor.WorkerInterceptor{&heartbeats{settle: settleWithin}, &names{}, &logs{}},
			MaxHeartbeatThrottleInterval: heartbeatPause,
			OnFatalError:                 func(err error) { failed <- fmt.Errorf("task queue %s: %w", queue, err) },
		})
		c.register(one, queue, book)
		if err := one.Start(); err != nil {
			w.Stop()
			return nil, fmt.Errorf("serve task queue %s: %w", queue, err)
		}
		w.workers = append(w.workers, one)
	}
	return w, nil
}

// pollers is how many of each kind ask for work at once: as many as there is work for, and no more than keep the processors
// busy. The SDK's default is two, between whose requests a crowd of flows waits while the machine is idle.
func pollers() worker.PollerBehavior {
	return worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{
		MaximumNumberOfPollers: max(5, 4*runtime.GOMAXPROCS(0)), // it begins with five
	})
}

// Queues are the task queues that are polled.
func (w *Workers) Queues() []string { return w.queues }

// Stop ends polling and waits for the running steps.
func (w *Workers) Stop() {
	for _, one := range w.workers {
		one.Stop()
	}
}

// Queues lists the task queues that a worker with this configuration polls.
func (c Config) Queues() ([]string, error) {
	queues, _, err := c.queues()
	return queues, err
}

// queues lists the task queues to poll, and the accounts whose credentials this worker may use there.
func (c Config) queues() ([]string, *accounts.Book, error) {
	if len(c.Only) == 0 {
		return []string{workflows.TaskQueue}, c.Accounts, nil
	}
	book, err := c.Accounts.Serving(c.Only...)
	if err != nil {
		return nil, nil, err
	}
	var queues []string
	seen := map[string]bool{}
	for _, account := range book.Served() {
		if !seen[account.TaskQueue] {
			seen[account.TaskQueue] = true
			queues = append(queues, account.TaskQueue)
		}
	}
	return queues, book, nil
}

// checkSigners makes sure that the file of allowed signers can be used, before anything is served.
func (c Config) checkSigners() error {
	switch {
	case c.AllowedSigners == "":
		return nil
	case len(c.Only) > 0:
		return errors.New("allowed signers are for the workers that run the flows: leave them out for one that serves single accounts")
	}
	_, err := signers.Load(c.AllowedSigners)
	return err
}

func (c Config) register(w worker.Worker, queue string, book *accounts.Book) {
	fleet := system.NewFleet(c.Client, c.Converter, workflows.LinkDrift.GetName())
	aws.Register(w, aws.Config{Accounts: book, Pace: c.Pace, Patience: c.Patience, LookAgain: c.LookAgain, Topics: fleet}, fleet)
	azure.Register(w, azure.Config{Accounts: book, Pace: c.Pace, Patience: c.Patience, LookAgain: c.LookAgain, Topics: fleet}, fleet)
	if queue != workflows.TaskQueue {
		return
	}
	Workflows(w)
	system.Register(w, system.Config{
		Client: c.Client, Accounts: c.Accounts, LookAgain: c.LookAgain, Cleanup: workflows.CleanupWorkflow,
		AllowedSigners: c.AllowedSigners,
	})
	dns.Register(w, dns.Config{Server: c.DNSServer, Pace: c.Pace, Patience: c.Patience, LookAgain: c.LookAgain})
}

// Workflows registers the flows under their names.
func Workflows(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(workflows.EndpointService, workflow.RegisterOptions{Name: workflows.EndpointServiceWorkflow})
	r.RegisterWorkflowWithOptions(workflows.Connection, workflow.RegisterOptions{Name: workflows.ConnectionWorkflow})
	r.RegisterWorkflowWithOptions(workflows.VPCInventory, workflow.RegisterOptions{Name: workflows.VPCInventoryWorkflow})
	r.RegisterWorkflowWithOptions(workflows.VPCPeering, workflow.RegisterOptions{Name: workflows.VPCPeeringWorkflow})
	r.RegisterWorkflowWithOptions(workflows.Plan, workflow.RegisterOptions{Name: workflows.PlanWorkflow})
	r.RegisterWorkflowWithOptions(workflows.Import, workflow.RegisterOptions{Name: workflows.ImportWorkflow})
	r.RegisterWorkflowWithOptions(workflows.Reconcile, workflow.RegisterOptions{Name: workflows.ReconcileWorkflow})
	r.RegisterWorkflowWithOptions(workflows.Cleanup, workflow.RegisterOptions{Name: workflows.CleanupWorkflow})
	r.RegisterWorkflowWithOptions(workflows.Watch, workflow.RegisterOptions{Name: workflows.WatchWorkflow})
}
