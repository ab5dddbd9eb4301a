package azure

import (
	"context"

	"github.com/linkwright/linkwright/activities/looks"
)

// Azure Resource Manager answers from the region nearest to who asks, and one that has just heard of a resource may know
// it before the others do (Azure Resource Manager, "Troubleshoot common Azure deployment errors", NotFound). So a step
// looks several times before it believes that there is nothing, unless it has asked for the removal itself.

// removing answers that the removal was asked for and is under way.
func (s *site) removing(ctx context.Context, what string) error {
	return looks.Removing(ctx, what, s.Pace.After(s.age()))
}

// absent answers that something is not there: pending until that can be believed.
func (s *site) absent(ctx context.Context, what string) error {
	return looks.Absent(ctx, what, s.Pace.After(s.age()))
}

// gone answers that something exists no more: pending until that can be believed.
func (s *site) gone(ctx context.Context, what string, cause error) error {
	return looks.Gone(ctx, what, s.Pace.After(s.age()), cause)
}
