package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

const (
	// importWithin bounds the look at one account, with all its retries.
	importWithin = 2 * time.Minute
	// importRoom is how many bytes an import may answer with: half of what Temporal takes in one payload, as the answer
	// says a little more than what it is made of.
	importRoom = 900 << 10
)

// Import answers what is there in accounts, as specs. It changes nothing: it lets importers look at each account, and puts
// together what leads from one to another.
func Import(ctx workflow.Context, in ImportInput) (link.Imported, error) {
	if err := in.check(); err != nil {
		return link.Imported{}, err
	}
	i := importing{
		flow: newFlow(ctx, &link.Status{}), in: in,
		found: make([]activities.Discovered, len(in.Accounts)), unseen: make([]error, len(in.Accounts)),
	}
	i.lookEverywhere(ctx)
	if err := ctx.Err(); err != nil {
		return link.Imported{}, err
	}
	imported := specsOf(i.found, workflow.GetInfo(ctx).Namespace)
	for at, err := range i.unseen {
		if err != nil {
			imported.Unseen = append(imported.Unseen, unseenProblem(in.Accounts[at], importWithin, err))
		}
	}
	workflow.SetCurrentDetails(ctx, importDetails(imported))
	return imported, nil
}

// importing is a running Import: what is known of each account.
type importing struct {
	flow
	in     ImportInput
	found  []activities.Discovered
	unseen []error
}

// lookEverywhere looks at all accounts. Where a service that was asked for is not found, it may be known by another of its
// names.
func (i *importing) lookEverywhere(ctx workflow.Context) {
	all := func(int) bool { return true }
	if i.in.Service == "" {
		i.look(ctx, nil, all)
		return
	}
	i.look(ctx, []string{i.in.Service}, all)
	if also := i.called(); len(also) > 0 {
		i.look(ctx, also, func(at int) bool { return i.unseen[at] == nil && empty(i.found[at]) })
	}
}

// look lets importers look for services, or for all when none are named, in some of the accounts at once.
func (i *importing) look(ctx workflow.Context, services []string, in func(account int) bool) {
	done := workflow.NewWaitGroup(ctx)
	for at, account := range i.in.Accounts {
		if !in(at) {
			continue
		}
		done.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer done.Done()
			i.found[at], i.unseen[at] = i.discover(ctx, account, services)
		})
	}
	done.Wait(ctx)
}

// called are all names of the services that were found.
func (i *importing) called() []string {
	var names []string
	for _, d := range i.found {
		for _, s := range d.Services {
			names = append(names, s.ID, s.Name)
		}
		for _, l := range d.LeftOut {
			names = append(names, l.ServiceName)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "" })
}

func empty(d activities.Discovered) bool {
	return len(d.Services)+len(d.Endpoints)+len(d.LeftOut)+d.More == 0
}

// discover lets an importer look at one account.
func (i *importing) discover(ctx workflow.Context, account string, services []string) (activities.Discovered, error) {
	at, err := i.account(ctx, account)
	if err != nil {
		return activities.Discovered{}, err
	}
	if in := i.in; at.Cloud != in.Cloud {
		return activities.Discovered{}, activities.Blocked(link.Problem{
			Reason: link.ReasonInvalidRequest, Account: account,
			Message: fmt.Sprintf("account %q is one of %s, not of %s", account, at.Cloud, in.Cloud),
			Remedy:  fmt.Sprintf("linkwright import %s looks at it", at.Cloud),
		}, nil)
	}
	return once(ctx, &i.flow, account, importWithin, activities.Importer.Discover, activities.DiscoverRequest{
		Place: activities.Place{Account: account, Region: i.in.Region}, Services: services, IncludeManaged: i.in.IncludeManaged,
		Room: importRoom / len(i.in.Accounts),
	})
}

// check finds what can be known to be wrong before anybody looks.
func (in ImportInput) check() error {
	wrong := ""
	switch sorted := slices.Sorted(slices.Values(in.Accounts)); {
	case len(in.Accounts) == 0:
		wrong = "an import needs an account to look at"
	case len(slices.Compact(sorted)) < len(in.Accounts):
		wrong = "an account is named twice"
	case in.Cloud == link.AWS && in.Region == "":
		wrong = "an account of AWS is looked at in one region, which is missing"
	default:
		return nil
	}
	return temporal.NewNonRetryableApplicationError(wrong, "InvalidInput", nil)
}
