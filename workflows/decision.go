package workflows

import (
	"errors"
	"fmt"
	"unicode"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// decisionHandler is a decision that people can take, as an update that answers and as a signal that does not.
type decisionHandler struct {
	verb        link.Verb
	description string
	check       func(link.Decision) error
	carryOut    func(workflow.Context, link.Decision)
}

// open makes the decision available under its verb. An update that cannot be carried out is refused on the
// spot. A signal has nobody to answer to, so its refusal is kept in the status; in return the server may
// know who sent it, which it does not for an update.
func (h decisionHandler) open(ctx workflow.Context, f *flow) error {
	name := string(h.verb)
	err := workflow.SetUpdateHandlerWithOptions(ctx, name, func(ctx workflow.Context, d link.Decision) (link.Decision, error) {
		d.Verb, d.Via, d.Principal, d.At = h.verb, link.ViaUpdate, "", workflow.Now(ctx)
		h.carryOut(ctx, d)
		return d, nil
	}, workflow.UpdateHandlerOptions{
		Description: h.description,
		Validator:   func(_ workflow.Context, d link.Decision) error { return h.check(d) },
	})
	if err != nil {
		return err
	}
	received := 0
	listen(ctx, f, name, h.description, func(ctx workflow.Context, d link.Decision) {
		received++
		d.Verb, d.Via, d.Principal, d.Refused = h.verb, link.ViaSignal, f.sender(ctx, name, received), ""
		if d.By == "" {
			d.By = d.Principal
		}
		if err := h.check(d); errors.Is(err, errUnderWay) {
			return // it is what the sender wants
		} else if err != nil {
			d.Refused = err.Error()
			f.record(ctx, clipped(d))
			f.show(ctx)
			return
		}
		h.carryOut(ctx, d)
	})
	return nil
}

// errUnderWay refuses a teardown that has begun already.
var errUnderWay = errors.New("it is being taken down already")

// sender asks who sent the nth signal of a name; empty when nobody knows. It must not keep a decision from
// being taken, so it gives up early.
func (f *flow) sender(ctx workflow.Context, signal string, nth int) string {
	var principal string
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ScheduleToCloseTimeout: stepTimeout, StartToCloseTimeout: stepTimeout / 4, Summary: "who sent " + signal,
	})
	err := workflow.ExecuteActivity(ctx, systemSteps+"."+stepName(activities.System.SignalSender),
		activities.SignalSenderRequest{Signal: signal, Nth: nth}).Get(ctx, &principal)
	if err != nil {
		workflow.GetLogger(ctx).Warn("the sender of a signal is not known", "signal", signal, "error", err)
	}
	return principal
}

// retry makes a blocked flow try again at once.
func (f *flow) retry(ctx workflow.Context, d link.Decision) {
	f.record(ctx, d)
	f.retries++
}

func (f *flow) checkRetry() error {
	if f.status.Blocked == nil {
		return fmt.Errorf("nothing is blocked: the flow is %s", f.status.Phase)
	}
	return nil
}

// placeholder stands for the approver in the decision that is offered to be sent.
const placeholder = "your name"

const (
	maxName   = 200
	maxReason = 2000
)

// checkSignature makes sure that a decision says whose it is, in words that a person can read.
func checkSignature(d link.Decision) error {
	switch {
	case d.By == "":
		return errors.New(`the decision does not say whose it is: add "by" with your name`)
	case d.By == placeholder:
		return errors.New(`the decision still says "your name": put your own name there`)
	case len(d.By) > maxName:
		return fmt.Errorf(`"by" is longer than %d bytes`, maxName)
	case len(d.Reason) > maxReason:
		return fmt.Errorf(`"reason" is longer than %d bytes`, maxReason)
	case !readable(d.By):
		return fmt.Errorf(`"by" has control characters in it`)
	}
	return nil
}

func readable(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return true
}

// clipped shortens a decision that was refused, so that a status cannot be made to grow from outside.
func clipped(d link.Decision) link.Decision {
	d.By, d.Reason = clip(d.By, maxName), clip(d.Reason, maxName)
	d.Endpoint, d.Owner, d.Refused = clip(d.Endpoint, maxName), clip(d.Owner, maxName), clip(d.Refused, maxReason)
	return d
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}
