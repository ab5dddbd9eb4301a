package dns

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// Config is how to look at DNS.
type Config struct {
	// Server, a host:port, is asked as the only authority, whatever the zone. It is for simulated clouds, and
	// for networks whose view of a zone is not the public one. Default: the zone's own name servers.
	Server string
	// Resolvers, each a host:port, find the name servers of a zone. Default: those of /etc/resolv.conf.
	Resolvers []string
	// Timeout is how long one server has for one answer. Default: 3 seconds.
	Timeout time.Duration
	// Pace is how often to look again for a record that a flow has written. Default: [activities.DefaultPace].
	Pace activities.Pace
	// Patience is how long to hope for such a record before saying that it is missing. Default: 10 minutes.
	Patience time.Duration
	// LookAgain is how soon to look for the first time whether a person has added a record. Default: 1 minute.
	LookAgain time.Duration
}

// Resolver looks for records.
type Resolver struct{ config Config }

var _ activities.Resolver = (*Resolver)(nil)

// New returns a resolver.
func New(c Config) *Resolver {
	if c.Timeout == 0 {
		c.Timeout = 3 * time.Second
	}
	if c.Pace == (activities.Pace{}) {
		c.Pace = activities.DefaultPace
	}
	if c.Patience == 0 {
		c.Patience = 10 * time.Minute
	}
	if c.LookAgain == 0 {
		c.LookAgain = time.Minute
	}
	return &Resolver{c}
}

// Prefix of the names that the steps are registered under.
const Prefix = "dns."

// Register registers "dns.FindRecord".
func Register(r worker.ActivityRegistry, c Config) {
	r.RegisterActivityWithOptions(New(c), activity.RegisterOptions{Name: Prefix})
}

// FindRecord implements [activities.Resolver].
func (r *Resolver) FindRecord(ctx context.Context, req activities.FindRecordRequest) (activities.RecordSighting, error) {
	servers, err := r.authorities(ctx, req.Record.Name)
	if err != nil {
		return activities.RecordSighting{Note: "the zone's name servers could not be found from the worker: " + err.Error()}, nil
	}
	answers := r.askAll(ctx, servers, req.Record.Name)
	if err := ctx.Err(); err != nil {
		return activities.RecordSighting{}, err
	}
	s := judge(answers, req.Record.Value)
	switch {
	case s.verdict == seen:
		return activities.RecordSighting{Seen: true, Servers: s.servers}, nil
	case s.verdict == unreachable:
		return activities.RecordSighting{Servers: s.servers,
			Note: "the zone's name servers could not be reached from the worker: " + s.detail}, nil
	}
	age := time.Since(activity.GetInfo(ctx).ScheduledTime)
	if !req.ByHand && age < r.config.Patience {
		return activities.RecordSighting{}, activities.Pending(s.detail, r.config.Pace.After(age))
	}
	return activities.RecordSighting{}, activities.Blocked(link.Problem{
		Reason:     link.ReasonProofMissing,
		Message:    s.detail,
		Remedy:     fmt.Sprintf("add the TXT record %s with the value %q to the public zone of the domain", req.Record.Name, req.Record.Value),
		RetryAfter: r.config.LookAgain,
	}, nil)
}

// verdict is what the answers of all servers come to.
type verdict int

const (
	unreachable verdict = iota // nobody answered
	absent                     // somebody answered without the value
	seen                       // everybody who answered has the value
)

// sighting is a verdict, who took part in it, and what else there is to say.
type sighting struct {
	verdict verdict
	servers []string
	detail  string
}

// judge weighs the answers. One that lacks the value decides: the cloud may ask just that server.
func judge(answers []answer, value string) sighting {
	var s sighting
	var without, silent []string
	for _, a := range answers {
		s.servers = append(s.servers, a.server)
		switch {
		case a.err != nil:
			silent = append(silent, a.err.Error())
		case slices.Contains(a.values, value):
			s.verdict = max(s.verdict, seen)
		case len(a.values) > 0:
			without = append(without, fmt.Sprintf("%s has %s instead", a.server, strings.Join(quoted(a.values), ", ")))
		default:
			without = append(without, a.server+" has no such record")
		}
	}
	s.detail = strings.Join(silent, "; ")
	if len(without) > 0 {
		s.verdict, s.detail = absent, "the TXT record is not there yet: "+strings.Join(without, "; ")
	}
	return s
}

func quoted(values []string) []string {
	q := make([]string, len(values))
	for i, v := range values {
		q[i] = fmt.Sprintf("%q", v)
	}
	return q
}
