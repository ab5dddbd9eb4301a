package aws

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"go.temporal.io/sdk/activity"

	"github.com/linkwright/linkwright/activities"
)

// A client token makes AWS create once what is asked for twice: whoever repeats a request with its token gets
// the first one's resource back (Amazon EC2 Developer Guide, "Ensuring idempotency in Amazon EC2 API requests").
// So a token must be the same however often a flow asks for a resource, whatever happened to the answer, the
// worker or the step in between, and another one once the flow has had that resource and lost it.

// birth is what a resource is made for: the owner, and the resource that it takes the place of, if the flow has
// known one.
type birth struct {
	owner    activities.Owner
	replaces string
}

// clientToken names the nth try to create something; n is above zero after a token has turned out to be used up.
func (b birth) clientToken(ctx context.Context, n int) string {
	run := activity.GetInfo(ctx).WorkflowExecution.RunID // a flow that was ended and begun anew makes new things
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%d", b.owner, run, b.replaces, n))
	return "linkwright-" + hex.EncodeToString(sum[:24]) // 59 of 64 ASCII characters
}

// callerReference names the nth try to make a hosted zone. Zones are made without tags: until one has them, it is known
// by the mark of its owner in the reference.
func (b birth) callerReference(ctx context.Context, n int) string {
	return referenceMark(b.owner) + strings.TrimPrefix(b.clientToken(ctx, n), referencePrefix) // 84 of 128 characters
}

// referenceMark begins the caller references of an owner's zones, whichever run of the flow has made them.
func referenceMark(owner activities.Owner) string {
	sum := sha256.Sum256([]byte(owner))
	return referencePrefix + hex.EncodeToString(sum[:12]) + "-"
}

// referencePrefix begins them all.
const referencePrefix = "linkwright-"

// spentTokens is how many tokens a step tries before it gives up.
const spentTokens = 4

// createOnce calls create with the resource's token, and looks at what was made; nil when it is not listed yet. When
// the token stands for a resource that is on its way out by now, or for a request that has changed since, it goes on
// to the next.
func createOnce[T any](ctx context.Context, b birth, create func(token string) (id string, err error),
	look func(ctx context.Context, id string) (*T, error), leaving func(T) bool) (*T, error) {
	for n := range spentTokens {
		id, err := create(b.clientToken(ctx, n))
		if hasCode(err, "IdempotentParameterMismatch") {
			continue
		}
		if err != nil {
			return nil, err
		}
		made, err := look(ctx, id)
		if err != nil || made == nil || !leaving(*made) {
			return made, err
		}
	}
	return nil, fmt.Errorf("%d client tokens are used up", spentTokens)
}
