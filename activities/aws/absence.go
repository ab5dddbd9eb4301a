package aws

import (
	"context"

	"github.com/linkwright/linkwright/activities/looks"
)

// AWS answers some questions from replicas that lag behind (Amazon EC2 Developer Guide, "Eventual consistency in the
// Amazon EC2 API"). So a step that does not find something cannot tell what is gone from what is not shown. It looks
// several times before it believes that there is nothing, unless it has seen the thing and asked for its removal.

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
