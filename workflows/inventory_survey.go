package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

const (
	// surveyAgain is how old a survey must be for a connection that finds no room to have another one made.
	surveyAgain = time.Minute
	// sureFor is how long a holder whose endpoint no survey sees is believed to hold its place.
	sureFor = time.Hour
	// askedAtOnce is how many holders are asked for their places at once; after a survey, no more are.
	askedAtOnce = 50
)

// survey looks at the VPCs until one of them can be used.
func (i *inventory) survey(ctx workflow.Context) (link.Phase, error) {
	if err := knowAccount(ctx, &i.flow, i.Spec.Account); err != nil {
		return "", err
	}
	clear(i.Refused)
	_, err := persist(ctx, &i.flow, func() (struct{}, error) {
		seen, err := once(ctx, &i.flow, i.Spec.Account, 0, activities.Inventories.Survey, i.surveyRequest())
		if err != nil {
			return struct{}{}, err
		}
		if i.observe(ctx, seen); !i.usable() {
			return struct{}{}, activities.Blocked(i.unusable(), nil)
		}
		return struct{}{}, nil
	})
	if err == nil {
		i.recognise(ctx)
	}
	return link.Offering, err
}

func (i *inventory) surveyRequest() activities.SurveyRequest {
	return activities.SurveyRequest{Place: i.place(), Spec: i.Spec}
}

// look is the inventory's own look at its VPCs, now and then, and at those who hold places in them.
func (i *inventory) look(ctx workflow.Context) {
	clear(i.Refused)
	if i.resurvey(ctx) || i.Leaving {
		i.askHolders(ctx)
		i.recognise(ctx)
	}
}

// resurvey looks at the VPCs once; several who want that at once have one look. It reports whether it saw them.
func (i *inventory) resurvey(ctx workflow.Context) bool {
	if i.looking {
		err := workflow.Await(ctx, func() bool { return !i.looking })
		return err == nil
	}
	i.looking = true
	defer func() { i.looking = false }()
	i.Sought = workflow.Now(ctx)
	seen, err := peek(ctx, &i.flow, i.Spec.Account, activities.Inventories.Survey, i.surveyRequest())
	if i.interrupted() {
		return false // it may be of a spec that is no more
	}
	i.glimpsed(ctx, err)
	if err != nil {
		workflow.GetLogger(ctx).Warn("the VPCs were not looked at", "error", err)
		return false
	}
	i.observe(ctx, seen)
	return true
}

// observe takes in what a survey saw.
func (i *inventory) observe(ctx workflow.Context, seen activities.Survey) {
	if seen.Quota != i.Seen.Quota {
		clear(i.Refused)
	}
	i.Seen, i.Sought = seen, workflow.Now(ctx)
	i.news++
	if at, ok := i.accounts[i.Spec.Account]; ok {
		i.Status.Cloud = at.Cloud
	}
	if wrong := i.wrong(); len(wrong) > 0 {
		i.condition(ctx, link.VPCsUsable, false, "ProblemsFound", clip(strings.Join(wrong, "; "), maxReason))
	} else {
		i.condition(ctx, link.VPCsUsable, true, "Surveyed", fmt.Sprintf("%d endpoints are allowed in each (%s)", seen.Quota, clip(seen.QuotaSource, maxName)))
	}
	i.refresh(ctx)
}

// wrong is what keeps VPCs from being used.
func (i *inventory) wrong() []string {
	var list []string
	for _, vpc := range i.Seen.VPCs {
		if len(vpc.Problems) > 0 {
			list = append(list, vpc.VPC+": "+strings.Join(vpc.Problems, ", "))
		}
	}
	return list
}

// usable reports whether some VPC can be used.
func (i *inventory) usable() bool {
	return slices.ContainsFunc(i.Seen.VPCs, func(r activities.VPCRoom) bool { return len(r.Problems) == 0 })
}

// unusable is the problem of an inventory all of whose VPCs have one.
func (i *inventory) unusable() link.Problem {
	return link.Problem{
		Reason: link.ReasonInventoryInvalid, Account: i.Spec.Account, Region: i.Spec.Region,
		Message: "none of the VPCs can be used: " + clip(strings.Join(i.wrong(), "; "), maxReason),
		Remedy:  "mend what is wrong with the VPCs, or correct the spec and apply it again; Linkwright looks again by itself, or at once with linkwright retry",
	}
}

// askHolders asks those whether they still hold their places whose endpoints no survey sees: a connection that was
// terminated says nothing more. An inventory that is being closed asks all.
func (i *inventory) askHolders(ctx workflow.Context) {
	i.ask(ctx, i.holdersOf(func(holder string, p promised) bool {
		return workflow.Now(ctx).Sub(p.Sure) >= sureFor && (i.Leaving || !hasEndpoint(i.Seen, p.VPC, i.ownerOf(ctx, holder)))
	}))
}

// askReleased asks those who are said to have given their places back.
func (i *inventory) askReleased(ctx workflow.Context) {
	for !isLong(ctx) && !i.interrupted() { // else the next run, or the next news, will see to it
		released := i.holdersOf(func(_ string, p promised) bool { return p.Sure.IsZero() })
		if len(released) == 0 {
			return
		}
		i.ask(ctx, released)
	}
}

// recognise asks those whether they hold a place whose endpoint a survey sees, and who hold none as far as is known: an
// inventory that was closed and made anew knows nobody.
func (i *inventory) recognise(ctx workflow.Context) {
	found := map[string]string{} // VPCs by holder
	for _, vpc := range i.Seen.VPCs {
		for _, owner := range vpc.Owners {
			holder, ok := strings.CutPrefix(string(owner), string(i.ownerOf(ctx, "")))
			_, known := i.Held[holder]
			if ok && !known && !i.strangers[holder] && strings.HasPrefix(holder, "connection/") && len(found) < askedAtOnce {
				found[holder] = vpc.VPC
			}
		}
	}
	atOnce(ctx, sortedKeys(found), func(ctx workflow.Context, holder string) { i.greet(ctx, holder, found[holder]) })
}

// greet asks a connection for its place. One that holds none here is not asked again in this run.
func (i *inventory) greet(ctx workflow.Context, holder, vpc string) {
	said, err := ask[placeHeld](ctx, &i.flow, holder, placeQuery, peekWithin)
	if _, known := i.Held[holder]; known || err != nil && !activities.IsGone(err) {
		return // it has asked for a place meanwhile, or there is no answer yet
	}
	if err != nil || said != (placeHeld{i.in.Name, vpc}) {
		i.strangers[holder] = true
		return
	}
	at := slices.IndexFunc(i.Spec.AWS.VPCs, func(v link.InventoryVPC) bool { return v.VPC == vpc })
	if at < 0 {
		return // the VPC has left the spec meanwhile
	}
	where := standing{VPC: vpc, SecurityGroups: i.Spec.AWS.VPCs[at].SecurityGroups}
	for _, subnet := range i.Spec.AWS.VPCs[at].Subnets {
		where.Subnets = append(where.Subnets, subnet.Subnet)
	}
	i.Held[holder] = promised{standing: where, Sure: workflow.Now(ctx)}
	i.news++
}

// holdersOf lists holders of which something is so, a few of them: those first who were not asked for longest.
func (i *inventory) holdersOf(is func(string, promised) bool) []string {
	var list []string
	for _, holder := range sortedKeys(i.Held) {
		if is(holder, i.Held[holder]) {
			list = append(list, holder)
		}
	}
	slices.SortStableFunc(list, func(a, b string) int { return i.Held[a].Sure.Compare(i.Held[b].Sure) })
	return list[:min(len(list), askedAtOnce)]
}

// ask asks holders for their places, all at once, and frees what they do not hold any more.
func (i *inventory) ask(ctx workflow.Context, holders []string) { atOnce(ctx, holders, i.askHolder) }

// atOnce does something for each of a list, all at the same time, and waits for all.
func atOnce(ctx workflow.Context, list []string, do func(workflow.Context, string)) {
	done := workflow.NewWaitGroup(ctx)
	for _, entry := range list {
		done.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer done.Done()
			do(ctx, entry)
		})
	}
	done.Wait(ctx)
}

func (i *inventory) askHolder(ctx workflow.Context, holder string) {
	before := i.Held[holder]
	said, err := ask[placeHeld](ctx, &i.flow, holder, placeQuery, peekWithin)
	now, ok := i.Held[holder]
	if !ok || !same(now, before) || errors.Is(err, errTurned) {
		return // it has asked for a place meanwhile, which is the truth; or there is no answer yet
	}
	released := before.Sure.IsZero()
	switch {
	case activities.IsGone(err), err == nil && said != (placeHeld{i.in.Name, before.VPC}):
		delete(i.Held, holder)
		i.news++
		if released {
			forget(i.Seen, before.VPC, i.ownerOf(ctx, holder))
		}
		return
	case err != nil:
		workflow.GetLogger(ctx).Warn("a holder did not say whether it holds its place", "holder", holder, "error", err)
	}
	now.Sure = workflow.Now(ctx) // the others have their turn first
	if released {
		now.Sure = now.Sure.Add(-sureFor) // it may have said so a moment too early, and is asked again with the next look
	}
	i.Held[holder] = now
}

func (i *inventory) ownerOf(ctx workflow.Context, holder string) activities.Owner {
	return ownerIn(workflow.GetInfo(ctx).Namespace, holder)
}
