package flows

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

// Import asks the workers what there is in accounts, as specs; nothing is changed. It is an error when there is nothing,
// and no account that could not be looked at.
func (c *Client) Import(ctx context.Context, in workflows.ImportInput, within time.Duration) (link.Imported, error) {
	found, err := inquire[link.Imported](ctx, c, inquiry{
		ref: Ref{Name: "the import"}, verb: "import", id: workflows.ImportID(uuid.NewString()), workflow: workflows.ImportWorkflow,
		summary: "Look for what there is in " + link.Few(in.Accounts, 3) + ", without changing anything",
	}, in, within)
	if err == nil && found.Empty() && len(found.Unseen) == 0 {
		err = &NothingFoundError{in}
	}
	return found, err
}

// NothingFoundError is a look at accounts that have nothing to import.
type NothingFoundError struct{ Asked workflows.ImportInput }

func (e *NothingFoundError) Error() string {
	where := strings.Join(e.Asked.Accounts, ", ")
	if e.Asked.Region != "" {
		where += " in " + e.Asked.Region
	}
	if e.Asked.Service == "" {
		return fmt.Sprintf("there is no service in %s, and no endpoint that leads to one: look in another region or account", where)
	}
	return fmt.Sprintf("there is no service %s in %s, and no endpoint that leads to it: leave --service out to see all that there is",
		e.Asked.Service, where)
}
