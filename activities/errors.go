package activities

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/internal/link"
)

// The types of the errors that steps answer with. Any other error is transient: Temporal tries again.
const (
	// ErrTypePending is a step that has done its part and waits for the cloud; it is retried by Temporal
	// until it succeeds, without an entry in the history.
	ErrTypePending = "Pending"
	// ErrTypeBlocked is a step that cannot succeed until a person has changed something; see [link.Problem].
	ErrTypeBlocked = "Blocked"
	// ErrTypeGone is a step about something that no longer exists.
	ErrTypeGone = "Gone"
	// ErrTypeChanged is a step about something that is no longer what the flow was shown.
	ErrTypeChanged = "Changed"
	// ErrTypeRefused is a step that asked a flow for something which the flow has refused.
	ErrTypeRefused = "Refused"
)

// Pending answers that the step is under way and is to be asked again after a while. It is benign: it is
// neither logged nor counted as a failure.
func Pending(what string, again time.Duration) error {
	return temporal.NewApplicationErrorWithOptions(what, ErrTypePending, temporal.ApplicationErrorOptions{
		NextRetryDelay: again,
		Category:       temporal.ApplicationErrorCategoryBenign,
	})
}

// Blocked answers that a person must mend p before the step can succeed. The cause is kept for the log.
func Blocked(p link.Problem, cause error) error {
	return temporal.NewApplicationErrorWithOptions(p.Message, ErrTypeBlocked, temporal.ApplicationErrorOptions{
		NonRetryable: true,
		Cause:        cause,
		Details:      []any{p},
	})
}

// Gone answers that what the step is about does not exist any more.
func Gone(what string, cause error) error {
	return temporal.NewApplicationErrorWithOptions(what, ErrTypeGone, temporal.ApplicationErrorOptions{
		NonRetryable: true,
		Cause:        cause,
	})
}

// Changed answers that what is there is not what the flow was shown, so that the step was not taken.
func Changed(what string) error {
	return temporal.NewApplicationErrorWithOptions(what, ErrTypeChanged, temporal.ApplicationErrorOptions{
		NonRetryable: true,
	})
}

// Refused answers that a flow does not do what it was told, and why.
func Refused(why string, cause error) error {
	return temporal.NewApplicationErrorWithOptions(why, ErrTypeRefused, temporal.ApplicationErrorOptions{
		NonRetryable: true,
		Cause:        cause,
	})
}

// ProblemOf returns the problem inside an error made by [Blocked].
func ProblemOf(err error) (link.Problem, bool) {
	var app *temporal.ApplicationError
	if !errors.As(err, &app) || app.Type() != ErrTypeBlocked {
		return link.Problem{}, false
	}
	var p link.Problem
	if err := app.Details(&p); err != nil {
		return link.Problem{}, false
	}
	return p, true
}

// IsPending reports whether err was made by [Pending].
func IsPending(err error) bool { return hasType(err, ErrTypePending) }

// IsGone reports whether err was made by [Gone].
func IsGone(err error) bool { return hasType(err, ErrTypeGone) }

// IsChanged reports whether err was made by [Changed].
func IsChanged(err error) bool { return hasType(err, ErrTypeChanged) }

// IsRefused reports whether err was made by [Refused].
func IsRefused(err error) bool { return hasType(err, ErrTypeRefused) }

func hasType(err error, name string) bool {
	var app *temporal.ApplicationError
	return errors.As(err, &app) && app.Type() == name
}
