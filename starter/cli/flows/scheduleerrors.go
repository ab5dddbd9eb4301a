package flows

import (
	"fmt"

	"github.com/agnivade/levenshtein"

	"github.com/linkwright/linkwright/internal/link"
)

// ScheduleExistsError is a name that a schedule has already.
type ScheduleExistsError struct{ Name string }

func (e *ScheduleExistsError) Error() string {
	return fmt.Sprintf("a schedule %[1]s exists already: see it with `linkwright schedule describe %[1]s`; to change it, delete it with "+
		"`linkwright schedule delete %[1]s` and create it anew, or choose another name", e.Name)
}

// ScheduleOverlapError is a schedule that would look at some of the links that another one looks at.
type ScheduleOverlapError struct {
	Name       string
	Scope      link.Scope
	Other      string
	OtherScope link.Scope
}

func (e *ScheduleOverlapError) Error() string {
	return fmt.Sprintf("schedule %s (%s) would audit links that schedule %s (%s) audits already: narrow it with --account, --region or "+
		"--service so that the two have nothing in common, or end the other with `linkwright schedule delete %s`",
		e.Name, e.Scope, e.Other, e.OtherScope, e.Other)
}

// ScheduleBusyError is a schedule whose last reconciliation still runs, so that none can be started.
type ScheduleBusyError struct{ Name, Run string }

func (e *ScheduleBusyError) Error() string {
	return fmt.Sprintf("the last reconciliation of schedule %s still runs, so none was started: see it with `linkwright drift %s`", e.Name, e.Run)
}

// NoScheduleError is a schedule that does not exist, with the name that comes closest.
type NoScheduleError struct{ Name, Similar string }

func (e *NoScheduleError) Error() string {
	if e.Similar != "" {
		return fmt.Sprintf("schedule %s not found: did you mean %s?", e.Name, e.Similar)
	}
	return fmt.Sprintf("schedule %s not found: see which there are with `linkwright schedule list`", e.Name)
}

func noSchedule(name string, all []Schedule) error {
	missing := &NoScheduleError{Name: name}
	closest := len(name)/2 + 1
	for _, s := range all {
		if far := levenshtein.ComputeDistance(name, s.Name); far < closest {
			missing.Similar, closest = s.Name, far
		}
	}
	return missing
}
