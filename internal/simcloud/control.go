// Package simcloud has what every simulated cloud has beside its services: a clock that runs faster than the real
// one, a log of what was called, faults that strike calls, and the HTTP paths under which a test or a person gets at
// them. It knows no cloud; simaws and simazure build on it.
package simcloud

import (
	"fmt"
	"log/slog"
	"net/http"
)

// Cloud is what rules and the log must know of the cloud that they are for.
type Cloud struct {
	// Account finds the id of an account by its id or its name; empty when there is none.
	Account func(name string) string
	// Actions are the names of the actions of each service.
	Actions map[string][]string
	// IsRead reports whether an action only looks.
	IsRead func(action string) bool
	// IsThrottle reports whether an error code says that there were too many calls.
	IsThrottle func(code string) bool
	// Effects are those that this cloud has beyond the ones of every cloud, with what is wrong with a rule that has
	// them; empty when nothing is.
	Effects map[Effect]func(Fault) string
	// Cleared, when not nil, is called when all faults are taken away, before held calls go on.
	Cleared func()
}

// Control is the part of a simulated cloud that watches its calls, and lets faults strike them.
type Control struct {
	cloud Cloud
	clock *Clock
	log   *slog.Logger
	calls callLog
	rules rules
	holds holds
}

// NewControl makes the control of a cloud.
func NewControl(cloud Cloud, clock *Clock, log *slog.Logger) *Control {
	return &Control{cloud: cloud, clock: clock, log: log}
}

// Cut closes the client's connection without an answer.
func Cut(w http.ResponseWriter) error {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		err = connection.Close()
	}
	if err != nil {
		return fmt.Errorf("cut the connection: %w", err)
	}
	return nil
}
