package simcloud

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Fault is a rule by which calls suffer that would have succeeded: which calls, and what happens to them.
type Fault struct {
	// Account (an id, or a name of the world file), Service (in AWS its signing name, in Azure its resource provider)
	// and Action choose the calls; empty ones choose all.
	Account string `json:"account,omitempty" yaml:"account"`
	Service string `json:"service,omitempty" yaml:"service"`
	Action  string `json:"action,omitempty" yaml:"action"`
	// Principal narrows them to callers that it matches, with "*" for any characters.
	Principal string `json:"principal,omitempty" yaml:"principal"`
	// Resource narrows them to calls that name something: an id, an ARN, a name, a record. "*" stands for any
	// characters.
	Resource string `json:"resource,omitempty" yaml:"resource"`
	// Nth is the first of these calls to suffer, counted from 1; 0 means the first. Times is how many suffer; 0
	// means one.
	Nth   int `json:"nth,omitempty" yaml:"nth"`
	Times int `json:"times,omitempty" yaml:"times"`
	// Effect is what happens.
	Effect Effect `json:"effect" yaml:"effect"`
	// Status, Code and Message are the answer of EffectError, and that of EffectLose where it has a Status; effects of
	// one cloud alone may take them too.
	Status  int    `json:"status,omitempty" yaml:"status"`
	Code    string `json:"code,omitempty" yaml:"code"`
	Message string `json:"message,omitempty" yaml:"message"`
	// Delay is how long EffectDelay takes, in the real service's time.
	Delay Duration `json:"delay,omitempty" yaml:"delay"`
	// Change is what EffectChange alters, in the words of the service.
	Change map[string]string `json:"change,omitempty" yaml:"change"`
}

// Effect is what happens to a call. A cloud may have others beside these.
type Effect string

const (
	// Errors in place of the call, which is not carried out. Each has the status and code that the service uses
	// for it.
	EffectError         Effect = "error" // with a status and code of the rule's own
	EffectThrottle      Effect = "throttle"
	EffectUnavailable   Effect = "unavailable" // also what EC2 says of a service that it calls available
	EffectInternalError Effect = "internalError"
	EffectExpiredToken  Effect = "expiredToken"
	EffectAccessDenied  Effect = "accessDenied"
	// EffectCut cuts the connection before the call is carried out, EffectLose after it: the work is done, and
	// its answer lost, or replaced by an error when the rule has a status.
	EffectCut  Effect = "cut"
	EffectLose Effect = "lose"
	// EffectHold makes the call wait, EffectHoldAnswer its answer, until ClearFaults takes all faults away; then
	// it goes on as if nothing had happened. So a test can look, or strike elsewhere, while a call is under way.
	EffectHold       Effect = "hold"
	EffectHoldAnswer Effect = "holdAnswer"
	// EffectDelay makes the call wait for a while.
	EffectDelay Effect = "delay"
	// EffectStale answers a read as a replica does that lags behind: as the same question was answered the time
	// before, or, when it is new, as it would have been answered when the cloud began.
	EffectStale Effect = "stale"
	// EffectDelete and EffectChange have somebody else delete or change the resource that the call names, just
	// before the call is carried out. They need a Resource.
	EffectDelete Effect = "delete"
	EffectChange Effect = "change"
)

// effects are all effects of a cloud, in the order in which messages list them.
func (c Cloud) effects() []Effect {
	return append([]Effect{
		EffectError, EffectThrottle, EffectUnavailable, EffectInternalError, EffectExpiredToken, EffectAccessDenied,
		EffectCut, EffectLose, EffectHold, EffectHoldAnswer, EffectDelay, EffectStale, EffectDelete, EffectChange,
	}, slices.Sorted(maps.Keys(c.Effects))...)
}

// ParseFaults reads rules written in YAML or JSON, as a list under "faults". Unknown keys are errors; whether the
// rules make sense in a cloud, Inject tells.
func ParseFaults(data []byte) ([]Fault, error) {
	var file struct {
		Faults []Fault `yaml:"faults"`
	}
	if err := DecodeStrictly(data, &file); err != nil {
		return nil, fmt.Errorf("read the faults: %w", err)
	}
	return file.Faults, nil
}

// Check reports all that is wrong with rules in a cloud.
func (c Cloud) Check(rules []Fault) error {
	var wrong []error
	for n, f := range rules {
		if err := c.check(f); err != nil {
			wrong = append(wrong, fmt.Errorf("fault %d: %w", n+1, err))
		}
	}
	return errors.Join(wrong...)
}

// check reports all that is wrong with a rule in this cloud.
func (c Cloud) check(f Fault) error {
	var wrong []error
	report := func(format string, args ...any) { wrong = append(wrong, fmt.Errorf(format, args...)) }
	if f.Account != "" && c.Account(f.Account) == "" {
		report("account: there is no account %q", f.Account)
	}
	if problem := c.checkAction(f); problem != "" {
		report("%s", problem)
	}
	if f.Nth < 0 || f.Times < 0 {
		report("nth and times: not below zero")
	}
	if all := c.effects(); !slices.Contains(all, f.Effect) {
		report("effect: %q is none of %s", f.Effect, quoted(all))
		return errors.Join(wrong...)
	}
	needs := func(have bool, field string) {
		if !have {
			report("effect %s needs %s", f.Effect, field)
		}
	}
	switch f.Effect {
	case EffectError:
		needs(f.Status >= 400 && f.Status < 600, "a status from 400 to 599")
		needs(f.Code != "", "a code")
	case EffectDelay:
		needs(f.Delay > 0, "a delay")
	case EffectStale:
		needs(f.Action == "" || c.IsRead(f.Action), "an action that reads, not "+f.Action)
	case EffectDelete, EffectChange:
		needs(f.Resource != "", "a resource")
	default:
		if own := c.Effects[f.Effect]; own != nil {
			if lacking := own(f); lacking != "" {
				report("effect %s needs %s", f.Effect, lacking)
			}
		}
	}
	return errors.Join(wrong...)
}

// checkAction says what is wrong with a rule's service and action; empty when nothing is.
func (c Cloud) checkAction(f Fault) string {
	services := slices.Sorted(maps.Keys(c.Actions))
	if f.Service != "" {
		if _, ok := c.Actions[f.Service]; !ok {
			return fmt.Sprintf("service: %q is none of %s", f.Service, quoted(services))
		}
		services = []string{f.Service}
	}
	if f.Action == "" {
		return ""
	}
	for _, name := range services {
		if slices.Contains(c.Actions[name], f.Action) {
			return ""
		}
	}
	return fmt.Sprintf("action: %s has no action %q", strings.Join(services, ", "), f.Action)
}

func quoted[T ~string](list []T) string {
	var b strings.Builder
	for i, s := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", string(s))
	}
	return b.String()
}

// Injected is a rule in force.
type Injected struct {
	rules *rules
	rule  *Rule
}

// Mend takes the rule away before it has run out.
func (i *Injected) Mend() { i.rules.remove(i.rule) }

// Struck is how many calls the rule has hit so far.
func (i *Injected) Struck() int {
	i.rules.mu.Lock()
	defer i.rules.mu.Unlock()
	return i.rule.Struck
}

// FaultState is a rule and how far it has come.
type FaultState struct {
	Fault
	// Seen is how many calls the rule was for, and Struck how many of them it hit.
	Seen   int `json:"seen"`
	Struck int `json:"struck"`
}

// Inject puts rules in force, or none of them when one makes no sense.
func (c *Control) Inject(rules ...Fault) ([]*Injected, error) {
	if err := c.cloud.Check(rules); err != nil {
		return nil, err
	}
	var injected []*Injected
	for _, f := range rules {
		injected = append(injected, &Injected{&c.rules, c.rules.add(f, c.cloud.Account(f.Account))})
	}
	return injected, nil
}

// Faults are the rules that were injected since the last ClearFaults, oldest first, those that have run out too.
func (c *Control) Faults() []FaultState {
	c.rules.mu.Lock()
	defer c.rules.mu.Unlock()
	var all []FaultState
	for _, r := range c.rules.all {
		all = append(all, r.FaultState)
	}
	return all
}

// ClearFaults takes all rules away, and lets the calls go on that they held.
func (c *Control) ClearFaults() {
	c.rules.mu.Lock()
	c.rules.all = nil
	c.rules.mu.Unlock()
	if c.cloud.Cleared != nil {
		c.cloud.Cleared()
	}
	c.holds.release()
}
