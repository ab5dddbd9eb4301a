// Package demo shows Linkwright at work: it publishes a service, has another account connect to it, takes
// everything down again, and tells what happens and what it cost. It acts as people would, through the flows'
// own doors, and judges by what the clouds show, not by what the flows say.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/dev/temporal"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Approver is who decides on the connection.
type Approver string

const (
	ByAuto Approver = "auto" // the demo plays the approver
	ByCLI  Approver = "cli"  // a person with the command line
	ByUI   Approver = "ui"   // a person with Temporal's UI
)

// Options says how to run the demo.
type Options struct {
	Stack   stack.Options
	Approve Approver
	// Keep leaves everything running after the link has become ready, until ctx ends.
	Keep bool
	Out  io.Writer
}

var (
	service    = flows.ServiceRef("payments")
	connection = flows.ConnectionRef("payments", "shop")
)

// Run runs the demo. It returns nil only if the link became ready and nothing of it was left.
func Run(ctx context.Context, o Options) (err error) {
	d := &demo{Options: o, begun: time.Now()}
	d.say("starting Temporal, the simulated AWS and a worker")
	if d.stack, err = stack.Start(ctx, o.Stack); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			d.stack.KeepFiles()
			d.say("the log is %s", d.stack.LogFile())
		}
		err = errors.Join(err, d.stack.Stop(context.WithoutCancel(ctx)))
	}()
	d.flows = flows.New(d.stack.Client, d.stack.Temporal.Address(), temporal.Namespace)
	d.introduce()
	return d.play(ctx)
}

type demo struct {
	Options
	stack *stack.Stack
	flows *flows.Client
	begun time.Time
}

func (d *demo) play(ctx context.Context) error {
	before, err := d.inventory(ctx)
	if err != nil {
		return err
	}
	calls := d.stack.Cloud.CallCounts()

	if err := d.apply(ctx); err != nil {
		return err
	}
	story := newNarrator(d, service, connection)
	if err := story.until(ctx, "the connection to ask for approval", func() bool {
		s := story.status(connection)
		return s.Waiting != nil && s.Waiting.Approve != nil || flows.Arrived(s)
	}); err != nil {
		return err
	}
	if err := d.approve(ctx, story); err != nil {
		return err
	}
	if err := story.until(ctx, "the link to become ready", func() bool {
		return flows.Arrived(story.status(connection)) && flows.Arrived(story.status(service))
	}); err != nil {
		return err
	}
	d.say("the link is READY: %s resolves in the consumer's VPC, and the central load balancer has its endpoint as targets", "*.k.acme.com")
	if d.Keep {
		d.say("kept as it is; look around, and press Ctrl-C to end everything")
		<-ctx.Done()
		return nil
	}

	d.say("taking everything down: withdrawing service payments, its connection first")
	if _, err := d.flows.Remove(ctx, service, link.Decision{By: "demo", Reason: "the demo is over"}); err != nil {
		return err
	}
	if err := story.until(ctx, "everything to be taken down", func() bool {
		return !story.status(connection).Phase.Open() && !story.status(service).Phase.Open()
	}); err != nil {
		return err
	}
	made := d.madeSince(calls) // before looking around makes calls of its own
	after, err := d.inventory(ctx)
	if err != nil {
		return err
	}
	added, missing := before.Added(after), before.Missing(after)
	for _, item := range added {
		d.say("LEFT BEHIND: %s", item)
	}
	for _, item := range missing {
		d.say("MISSING NOW: %s", item)
	}
	if n := len(added) + len(missing); n > 0 {
		return fmt.Errorf("%d things were left behind or changed in the accounts", n)
	}
	d.say("nothing is left in any account: %d resources before, the same %d after", len(before), len(after))
	return d.bill(ctx, story, made)
}

func (d *demo) introduce() {
	d.say("Temporal is at %s", d.stack.Temporal.Address())
	if url := d.stack.Temporal.UIURL(); url != "" {
		d.say("  its UI at %s", url)
	}
	d.say("the simulated AWS is at %s, its DNS at %s", d.stack.Cloud.URL(), d.stack.Cloud.DNSAddr())
	d.say("accounts, specs and log are in %s", d.stack.Dir)
}

// apply reads the specs from their file and applies them, as `linkwright apply -f` does.
func (d *demo) apply(ctx context.Context) error {
	data, err := os.ReadFile(d.stack.Specs)
	if err != nil {
		return err
	}
	documents, err := link.Decode(link.File{Name: d.stack.Specs, Data: data})
	if err != nil {
		return err
	}
	for _, doc := range documents {
		if _, err := d.flows.Apply(ctx, doc, "demo"); err != nil {
			return err
		}
		d.say("applied %s", doc.ID())
	}
	return nil
}

// approve lets somebody decide.
func (d *demo) approve(ctx context.Context, story *narrator) error {
	s := story.status(connection)
	if s.Waiting == nil || s.Waiting.Approve == nil {
		return nil
	}
	decision := *s.Waiting.Approve
	switch d.Approve {
	case ByCLI:
		d.say("YOUR TURN: linkwright approve %s --address %s", connection.Path(), d.stack.Temporal.Address())
	case ByUI:
		d.say("YOUR TURN: open %s/namespaces/%s/workflows/%s and follow what its tab User Metadata says",
			d.stack.Temporal.UIURL(), temporal.Namespace, url.PathEscape(connection.WorkflowID()))
	default:
		decision.Verb, decision.By, decision.Reason = link.Approve, "demo-approver", "the shop may use payments"
		_, err := d.flows.Decide(ctx, connection, decision)
		return err
	}
	return story.until(ctx, "a decision", func() bool {
		s := story.status(connection)
		return s.Phase != link.AwaitingApproval
	})
}

// say prints a line of the story, with the time since the beginning.
func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.Out, "%6.1fs  %s\n", time.Since(d.begun).Seconds(), fmt.Sprintf(format, args...))
}
