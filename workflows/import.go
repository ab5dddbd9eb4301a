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
	f := newFlow(ctx, &link.Status{})
	found := make([]activities.Discovered, len(in.Accounts))
	unseen := make([]error, len(in.Accounts))
	done := workflow.NewWaitGroup(ctx)
	for i, account := range in.Accounts {
		done.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer done.Done()
			found[i], unseen[i] = in.discover(ctx, &f, account)
		})
	}
	done.Wait(ctx)
	if err := ctx.Err(); err != nil {
		return link.Imported{}, err
	}
	imported := specsOf(found, workflow.GetInfo(ctx).Namespace)
	for i, err := range unseen {
		if err != nil {
			imported.Unseen = append(imported.Unseen, unseenProblem(in.Accounts[i], importWithin, err))
		}
	}
	workflow.SetCurrentDetails(ctx, importDetails(imported))
	return imported, nil
}

// discover lets an importer look at one account.
func (in ImportInput) discover(ctx workflow.Context, f *flow, account string) (activities.Discovered, error) {
	at, err := f.account(ctx, account)
	if err != nil {
		return activities.Discovered{}, err
	}
	if at.Cloud != in.Cloud {
		return activities.Discovered{}, activities.Blocked(link.Problem{
			Reason: link.ReasonInvalidRequest, Account: account,
			Message: fmt.Sprintf("account %q is one of %s, not of %s", account, at.Cloud, in.Cloud),
			Remedy:  fmt.Sprintf("linkwright import %s looks at it", at.Cloud),
		}, nil)
	}
	return once(ctx, f, account, importWithin, activities.Importer.Discover, activities.DiscoverRequest{
		Place: activities.Place{Account: account, Region: in.Region}, Service: in.Service, IncludeManaged: in.IncludeManaged,
		Room: importRoom / len(in.Accounts),
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
