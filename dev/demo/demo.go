// Package demo shows Linkwright at work: it publishes services, has other accounts connect to them, takes
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
	"slices"
	"time"

	"github.com/linkwright/linkwright/dev/stack"
	"github.com/linkwright/linkwright/dev/temporal"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// Approver is who decides on the connections.
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
	// Keep leaves everything running after the links have become ready, until ctx ends.
	Keep bool
	Out  io.Writer
}

// Run runs the demo. It returns nil only if every link became ready and nothing of them was left.
func Run(ctx context.Context, o Options) (err error) {
	d := &demo{Options: o, begun: time.Now(), asked: map[string]bool{}}
	d.say("starting Temporal, the simulated clouds and a worker")
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
	d.names = worldNames(d.stack.Cloud.Resources())
	d.introduce()
	if d.cast, err = d.readSpecs(); err != nil {
		return err
	}
	return d.play(ctx)
}

type demo struct {
	Options
	stack *stack.Stack
	flows *flows.Client
	begun time.Time
	names names
	cast  cast
	// asked are the endpoints about which somebody was asked to decide.
	asked map[string]bool
}

func (d *demo) play(ctx context.Context) error {
	before, err := d.inventory(ctx)
	if err != nil {
		return err
	}
	calls := d.callCounts()
	story := newNarrator(d)
	for _, act := range d.cast.acts() {
		if err := d.apply(ctx, act, story); err != nil {
			return err
		}
		if err := story.until(ctx, act.goal, func() bool { return story.all(flows.Arrived) }); err != nil {
			return err
		}
	}
	for _, line := range d.outcome(story) {
		d.say("%s", line)
	}
	if d.Keep {
		d.say("kept as it is; look around, and press Ctrl-C to end everything")
		<-ctx.Done()
		return nil
	}
	if err := d.takeDown(ctx, story); err != nil {
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
	if d.usesAWS() {
		d.say("the simulated AWS is at %s, its DNS at %s", d.stack.Cloud.URL(), d.stack.Cloud.DNSAddr())
	}
	if d.stack.Azure != nil {
		d.say("the simulated Azure is at %s", d.stack.Azure.URL())
	}
	d.say("accounts, specs and log are in %s", d.stack.Dir)
	fmt.Fprintln(d.Out)
	for _, line := range d.stack.Story() {
		fmt.Fprintf(d.Out, "  %s\n", line)
	}
	fmt.Fprintln(d.Out)
}

// usesAWS reports whether the scenario has anything in AWS.
func (d *demo) usesAWS() bool {
	return slices.ContainsFunc(d.stack.World().Accounts, func(a simaws.WorldAccount) bool { return len(a.Roles) > 0 })
}

// readSpecs reads the specs from their file, as `linkwright apply -f` does.
func (d *demo) readSpecs() (cast, error) {
	data, err := os.ReadFile(d.stack.Specs)
	if err != nil {
		return nil, err
	}
	return link.Decode(link.File{Name: d.stack.Specs, Data: data})
}

// apply hands the specs of an act to their flows.
func (d *demo) apply(ctx context.Context, a act, story *narrator) error {
	for _, doc := range a.documents {
		if _, err := d.flows.Apply(ctx, doc, "demo"); err != nil {
			return err
		}
		d.say("applied %s", doc.ID())
		story.follow(flows.RefOfDocument(doc))
	}
	return nil
}

// takeDown removes everything in the order in which people would: who uses something before what is used.
func (d *demo) takeDown(ctx context.Context, story *narrator) error {
	for _, e := range d.cast.exits() {
		d.say("taking down: %s", e.what)
		for _, ref := range e.refs {
			if _, err := d.flows.Remove(ctx, ref, link.Decision{By: "demo", Reason: "the demo is over"}); err != nil {
				return err
			}
		}
		gone := func() bool {
			for _, ref := range e.refs {
				if story.status(ref).Phase.Open() {
					return false
				}
			}
			return true
		}
		if err := story.until(ctx, e.what+" to be taken down", gone); err != nil {
			return err
		}
	}
	return story.until(ctx, "everything to be taken down", func() bool {
		return story.all(func(s link.Status) bool { return !s.Phase.Open() })
	})
}

// decide lets somebody decide on a connection that asks, once for each endpoint.
func (d *demo) decide(ctx context.Context, ref flows.Ref, s link.Status) error {
	if s.Waiting == nil || s.Waiting.Approve == nil {
		return nil
	}
	decision := *s.Waiting.Approve
	if d.asked[decision.Endpoint] {
		return nil
	}
	d.asked[decision.Endpoint] = true
	switch d.Approve {
	case ByCLI:
		d.say("YOUR TURN: linkwright approve %s --address %s", ref.Path(), d.stack.Temporal.Address())
	case ByUI:
		d.say("YOUR TURN: open %s/namespaces/%s/workflows/%s and follow what its tab User Metadata says",
			d.stack.Temporal.UIURL(), temporal.Namespace, url.PathEscape(ref.WorkflowID()))
	default:
		decision.Verb, decision.By, decision.Reason = link.Approve, "demo-approver", d.cast.account(ref)+" may use "+ref.Service
		_, err := d.flows.Decide(ctx, ref, decision)
		return err
	}
	return nil
}

// say prints a line of the story, with the time since the beginning.
func (d *demo) say(format string, args ...any) {
	fmt.Fprintf(d.Out, "%6.1fs  %s\n", time.Since(d.begun).Seconds(), d.names.in(fmt.Sprintf(format, args...)))
}
