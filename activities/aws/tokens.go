package aws

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
)

// A client token makes AWS create once what is asked for twice: whoever repeats a request with its token gets
// the first one's resource back (Amazon EC2 Developer Guide, "Ensuring idempotency in Amazon EC2 API requests").
// So a token must be the same for all attempts of one step, whatever happened to the answer or the worker, and
// another one when a later step shall create anew what was deleted in between.
//
// Temporal has a name with just that life: the activity, which its attempts share and which no other step of any
// run has.

// clientToken names the nth try of a step to create something; n is above zero after a token has turned out to
// be used up.
func clientToken(ctx context.Context, owner activities.Owner, n int) string {
	step := activity.GetInfo(ctx)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%d",
		owner, step.WorkflowExecution.RunID, step.ActivityType.Name, step.ActivityID, n))
	return "linkwright-" + hex.EncodeToString(sum[:24]) // 59 of 64 ASCII characters
}

// spentTokens is how many tokens a step tries before it leaves the rest to its next attempt.
const spentTokens = 4

// createOnce calls create with the step's token, and looks at what was made; nil when it is not listed yet. When
// the token stands for a resource that is over by now, or for a request that has changed since, it goes on to the
// next.
func createOnce[T any](ctx context.Context, owner activities.Owner, create func(token string) (id string, err error),
	look func(ctx context.Context, id string) (*T, error), over func(T) bool) (*T, error) {
	for n := range spentTokens {
		id, err := create(clientToken(ctx, owner, n))
		if hasCode(err, "IdempotentParameterMismatch") {
			continue
		}
		if err != nil {
			return nil, err
		}
		made, err := look(ctx, id)
		if err != nil || made == nil || !over(*made) {
			return made, err
		}
	}
	return nil, fmt.Errorf("%d client tokens of this step are used up", spentTokens)
}
