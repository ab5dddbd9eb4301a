package cli

import (
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
)

// adoptionError is a plan that does not go with what was said of adoption.
type adoptionError struct{ message string }

func (e *adoptionError) Error() string { return e.message }

// checkAdoption refuses a plan that takes something over which nobody has spoken of, and one that does more than that
// when adoption alone was asked for.
func checkAdoption(plan link.Plan, adopt bool) error {
	taken, beyond := plan.TakenOver(), plan.BeyondAdoption()
	switch {
	case adopt && len(beyond) > 0:
		return &adoptionError{"nothing was done: --adopt takes over what is there as it is, and these specs come to more than that:\n  " +
			strings.Join(beyond, "\n  ") + "\ncorrect the specs, or apply those that change something by themselves, without --adopt"}
	case !adopt && len(taken) > 0:
		return &adoptionError{fmt.Sprintf("nothing was done: the specs take over what nobody owns yet: %s. Say --adopt if that is what you want, "+
			"and change it afterwards", link.Few(taken, 5))}
	}
	return nil
}
