package workflows

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// removedWithin is how long the look at a place, or the removal of one thing, may take: clouds take minutes to delete an
// endpoint. A name is not held for ever by something that does not go.
const removedWithin = 30 * time.Minute

// removalOrder is the order in which things can be removed, on any cloud: what uses something goes before it, and ways
// that lead to an endpoint go before the endpoint.
var removalOrder = []string{
	link.KindListenerRule, link.KindTargetGroup,
	link.KindVirtualNetworkLink, link.KindHostedZone, link.KindPrivateDNSZone,
	link.KindEndpoint, link.KindPrivateEndpoint, link.KindSecurityGroup,
	link.KindService, link.KindPrivateLinkService,
}

// Cleanup removes what a flow has left that does not run. It runs under the flow's own workflow id, so that the flow cannot
// begin anew meanwhile, and removes what carries the ownership tag of that id and nothing else. What cannot be removed is
// kept, and the report says why.
func Cleanup(ctx workflow.Context, in CleanupInput) (link.CleanupReport, error) {
	c := &cleanup{flow: newFlow(ctx, &link.Status{
		Kind: in.Kind, Service: in.Service, Name: in.Name, AppliedBy: clip(in.By, maxName), Resources: slices.Clone(in.Orphans),
	})}
	if err := c.handle(ctx); err != nil {
		return link.CleanupReport{}, err
	}
	err := c.run(ctx, in.Orphans)
	return c.report, err
}

// cleanup is a running Cleanup.
type cleanup struct {
	flow
	report link.CleanupReport
}

// errCleaningUp is the answer to everything that the flow itself could be told.
var errCleaningUp = errors.New("it does not run, and what it has left is being removed: try again when that is over")

// handle answers in the place of the flow.
func (c *cleanup) handle(ctx workflow.Context) error {
	if err := workflow.SetQueryHandlerWithOptions(ctx, StatusQuery, func() (link.Status, error) { return *c.status, nil },
		workflow.QueryHandlerOptions{Description: "What is still to be removed, and what is kept."}); err != nil {
		return err
	}
	for _, update := range []string{ApplyUpdate, ApproveUpdate, RejectUpdate, RetryUpdate, DisconnectUpdate, WithdrawUpdate, CloseUpdate, RemoveUpdate} {
		refuse := func(workflow.Context, converter.RawValue) error { return errCleaningUp }
		if err := workflow.SetUpdateHandlerWithOptions(ctx, update, refuse, workflow.UpdateHandlerOptions{
			Validator: refuse, Description: "Refused: the flow does not run, and what it has left is being removed.",
		}); err != nil {
			return err
		}
	}
	return nil
}

func (c *cleanup) run(ctx workflow.Context, orphans []link.Resource) error {
	c.enter(ctx, link.CleaningUp)
	var found []activities.Orphan
	for _, there := range byPlace(orphans) {
		still, err := c.find(ctx, there)
		if err != nil {
			return err
		}
		found = append(found, still...)
	}
	slices.SortStableFunc(found, func(a, b activities.Orphan) int {
		return cmp.Compare(slices.Index(removalOrder, a.Kind), slices.Index(removalOrder, b.Kind))
	})
	for _, orphan := range found {
		if err := c.remove(ctx, orphan); err != nil {
			return err
		}
		c.show(ctx)
	}
	c.enter(ctx, link.CleanedUp)
	return nil
}

// byPlace are the orphans of each account and region together, in order.
func byPlace(orphans []link.Resource) [][]link.Resource {
	sorted := slices.Clone(orphans)
	slices.SortStableFunc(sorted, func(a, b link.Resource) int { return cmp.Compare(placeOf(a).String(), placeOf(b).String()) })
	var places [][]link.Resource
	for _, r := range sorted {
		if last := len(places) - 1; last >= 0 && placeOf(places[last][0]) == placeOf(r) {
			places[last] = append(places[last], r)
			continue
		}
		places = append(places, []link.Resource{r})
	}
	return places
}

func placeOf(r link.Resource) activities.Place {
	return activities.Place{Account: r.Account, Region: r.Region}
}

// find looks which orphans of one place are there still. Where nobody can look, they are kept.
func (c *cleanup) find(ctx workflow.Context, orphans []link.Resource) ([]activities.Orphan, error) {
	place := placeOf(orphans[0])
	found, err := once(ctx, &c.flow, place.Account, removedWithin, activities.Orphans.FindOrphans, activities.FindOrphansRequest{
		Place: place, Owner: c.owner, Orphans: orphans,
	})
	for _, orphan := range orphans {
		there := slices.ContainsFunc(found.Orphans, func(f activities.Orphan) bool { return sameResource(f.Resource, orphan) })
		switch {
		case err != nil:
			if err := c.keep(ctx, orphan, err); err != nil {
				return nil, err
			}
		case !there:
			c.report.Gone = append(c.report.Gone, orphan)
			c.drop(orphan)
		}
	}
	return found.Orphans, nil
}

// remove removes one orphan.
func (c *cleanup) remove(ctx workflow.Context, orphan activities.Orphan) error {
	_, err := take[struct{}](ctx, &c.flow, orphan.Account, removedWithin, stepName(activities.Orphans.RemoveOrphan), activities.RemoveOrphanRequest{
		Place: placeOf(orphan.Resource), Owner: c.owner, Orphan: orphan,
	})
	switch {
	case err != nil:
		return c.keep(ctx, orphan.Resource, err)
	case orphan.Existing:
		c.report.LetGo = append(c.report.LetGo, orphan.Resource)
	default:
		c.report.Removed = append(c.report.Removed, orphan.Resource)
	}
	c.drop(orphan.Resource)
	return nil
}

// drop forgets an orphan that is no more.
func (c *cleanup) drop(orphan link.Resource) {
	c.status.Resources = slices.DeleteFunc(c.status.Resources, func(r link.Resource) bool { return sameResource(r, orphan) })
}

func sameResource(a, b link.Resource) bool {
	return a.Kind == b.Kind && a.ID == b.ID && placeOf(a) == placeOf(b)
}

// keep notes why an orphan is not removed. An error that says nothing of the orphan ends the flow.
func (c *cleanup) keep(ctx workflow.Context, orphan link.Resource, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	problem, ok := hindrance(cause)
	if !ok {
		return cause
	}
	problem.Account, problem.RetryAfter = cmp.Or(problem.Account, orphan.Account), 0
	c.report.Kept = append(c.report.Kept, link.KeptOrphan{Resource: orphan, Problem: problem})
	orphan.Detail = "kept: " + clip(problem.Message, maxReason)
	c.status.AddResource(orphan)
	return nil
}

// hindrance is why a step has come to nothing. One that has taken too long ends with what its last attempt has answered.
func hindrance(err error) (link.Problem, bool) {
	var answer *temporal.ApplicationError
	if errors.As(err, &answer) && !answer.NonRetryable() {
		return link.Problem{
			Reason: link.ReasonUnavailable, Message: fmt.Sprintf("it is not over after %v: %s", removedWithin, answer.Message()),
			Remedy: "see in the cloud what keeps it, and ask again",
		}, true
	}
	return problemOf(err)
}
