package workflows

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

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
	// prove finds out who decides, and whether they may; nil where whoever may write to the namespace may. What
	// it refuses is kept in the status, also when it came as an update.
	prove func(workflow.Context, *link.Decision) error
}

// open makes the decision available under its verb. An update that cannot be carried out is refused on the
// spot. A signal has nobody to answer to, so its refusal is kept in the status; in return the server may
// know who sent it, which it does not for an update.
func (h decisionHandler) open(ctx workflow.Context, f *flow) error {
	name := string(h.verb)
	err := workflow.SetUpdateHandlerWithOptions(ctx, name, func(ctx workflow.Context, d link.Decision) (link.Decision, error) {
		d = claimed(d)
		d.Verb, d.Via, d.Principal, d.At = h.verb, link.ViaUpdate, "", workflow.Now(ctx)
		return h.take(ctx, f, d)
	}, workflow.UpdateHandlerOptions{
		Description: h.description,
		Validator:   func(_ workflow.Context, d link.Decision) error { return h.check(d) },
	})
	if err != nil {
		return err
	}
	listenCounting(ctx, f, name, h.description, func(ctx workflow.Context, d link.Decision, nth int) {
		d = claimed(d)
		d.Verb, d.Via, d.Principal = h.verb, link.ViaSignal, f.sender(ctx, name, nth)
		if d.By == "" && d.Signature == "" {
			d.By = d.Principal
		}
		if err := h.check(d); errors.Is(err, errUnderWay) {
			return // it is what the sender wants
		} else if err != nil {
			f.refuse(ctx, d, err)
			return
		}
		if _, err := h.take(ctx, f, d); err != nil {
			workflow.GetLogger(ctx).Info("a decision was refused", "decision", name, "error", err)
		}
	})
	return nil
}

// claimed is a decision as somebody sent it, without what only Linkwright can say of it.
func claimed(d link.Decision) link.Decision {
	d.Proven, d.Key, d.Refused = "", "", ""
	return d
}

// take carries a decision out, once it is known whose it is.
func (h decisionHandler) take(ctx workflow.Context, f *flow, d link.Decision) (link.Decision, error) {
	if h.prove != nil {
		if err := f.deciding.Lock(ctx); err != nil {
			return d, err
		}
		defer f.deciding.Unlock()
		err := h.prove(ctx, &d)
		if err == nil {
			err = h.check(d) // much may have happened meanwhile
		}
		if err != nil {
			f.refuse(ctx, d, err)
			return d, err
		}
	}
	h.carryOut(ctx, d)
	return d, nil
}

// refuse keeps a decision that is not carried out, and why.
func (f *flow) refuse(ctx workflow.Context, d link.Decision, why error) {
	d.Refused = why.Error()
	d.Signature = "" // it proves nothing that was acted on, and stands in the history
	f.record(ctx, d)
	f.show(ctx)
}

// errUnderWay refuses a teardown that has begun already.
var errUnderWay = errors.New("it is being taken down already")

// sender asks who sent the nth signal of a name; empty when nobody knows. It must not keep a decision from
// being taken, so it gives up early.
func (f *flow) sender(ctx workflow.Context, signal string, nth int) string {
	var principal string
	if err := soon(ctx, stepName(activities.System.SignalSender), "who sent "+signal,
		activities.SignalSenderRequest{Signal: signal, Nth: nth}, &principal); err != nil {
		workflow.GetLogger(ctx).Warn("the sender of a signal is not known", "signal", signal, "error", err)
	}
	return principal
}

// soon takes a step of the system's for somebody who waits for the answer: it gives up early, and goes on when
// the flow turns elsewhere.
func soon(ctx workflow.Context, step, summary string, req, res any) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ScheduleToCloseTimeout: stepTimeout, StartToCloseTimeout: stepTimeout / 4, Summary: summary,
	})
	return workflow.ExecuteActivity(ctx, systemSteps+"."+step, req).Get(ctx, res)
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
	maxName      = 200
	maxReason    = 2000
	maxSignature = 4096 // that of an RSA key of 8192 bits has about 3000
)

// checkAuthor makes sure that a decision says whose it is, in words that a person can read. A signature says
// it, too.
func checkAuthor(d link.Decision) error {
	switch {
	case strings.TrimSpace(d.By) == "" && d.Signature == "":
		return errors.New(`the decision does not say whose it is: add "by" with your name`)
	case d.By == placeholder:
		return errors.New(`the decision still says "your name": put your own name there`)
	case len(d.By) > maxName:
		return fmt.Errorf(`"by" is longer than %d bytes`, maxName)
	case len(d.Reason) > maxReason:
		return fmt.Errorf(`"reason" is longer than %d bytes`, maxReason)
	case len(d.Nonce) > maxName, len(d.ID) > maxName:
		return fmt.Errorf(`"nonce" or "id" is longer than %d bytes`, maxName)
	case len(d.Signature) > maxSignature:
		return fmt.Errorf(`"signature" is longer than %d bytes`, maxSignature)
	case !readable(d.By):
		return fmt.Errorf(`"by" has characters in it that cannot be seen`)
	}
	return nil
}

// readable reports whether all characters of a text can be seen, and none was lost on the way.
func readable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == utf8.RuneError || !link.Visible(r) })
}

// clipped shortens a decision, so that a status cannot be made to grow from outside; most of all one that was
// refused, of which nothing was checked.
func clipped(d link.Decision) link.Decision {
	reason := maxReason
	if d.Refused != "" {
		reason = maxName
	}
	d.By, d.Principal, d.Reason, d.Refused = clip(d.By, maxName), clip(d.Principal, maxName), clip(d.Reason, reason), clip(d.Refused, maxReason)
	d.Endpoint, d.Owner, d.Link = clip(d.Endpoint, maxID), clip(d.Owner, maxName), clip(d.Link, maxName)
	d.Nonce, d.ID, d.Proven, d.Key = clip(d.Nonce, maxName), clip(d.ID, maxName), clip(d.Proven, maxName), clip(d.Key, maxName)
	if len(d.Signature) > maxSignature {
		d.Signature = ""
	}
	return d
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
