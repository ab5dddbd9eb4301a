package activities

import (
	"context"
	"errors"

	"go.temporal.io/sdk/temporal"
)

// Operations is for clouds that take a change on and carry it out on their own time.
type Operations interface {
	// AwaitOperation asks after a change that a step has begun. Pending while it is under way; its failure is that of
	// any step. It succeeds once the change is over, and also when the cloud does not know of it any more, or the
	// worker cannot read its token: the step that began it looks for itself how things stand.
	AwaitOperation(context.Context, OperationRequest) error
}

// Operation is a change that a cloud has taken on.
type Operation struct {
	// What says it in a few words: "making private endpoint shop".
	What string `json:"what"`
	// Token is what the cloud's SDK asks after it with. It is opaque, is read only by the version of the SDK that wrote
	// it, and holds no credentials.
	Token string `json:"token"`
}

// OperationRequest is about a change that a step has begun in a place.
type OperationRequest struct {
	Place
	Operation
}

// ErrTypeBegun is a step that has begun a change which the cloud carries out on its own time: its flow keeps the
// operation, waits for its end, and takes the step again, which then finds it done.
const ErrTypeBegun = "Begun"

// Begun answers that the cloud has taken a change on. It is benign: it is neither logged nor counted as a failure.
func Begun(op Operation) error {
	return temporal.NewApplicationErrorWithOptions(op.What, ErrTypeBegun, temporal.ApplicationErrorOptions{
		NonRetryable: true,
		Details:      []any{op},
		Category:     temporal.ApplicationErrorCategoryBenign,
	})
}

// OperationOf returns the operation inside an error made by [Begun].
func OperationOf(err error) (Operation, bool) {
	var app *temporal.ApplicationError
	if !errors.As(err, &app) || app.Type() != ErrTypeBegun {
		return Operation{}, false
	}
	var op Operation
	if err := app.Details(&op); err != nil {
		return Operation{}, false
	}
	return op, true
}
