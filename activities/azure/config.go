package azure

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
)

// Accounts gives out the clients of an account; [accounts.Book] does.
type Accounts interface {
	AzureClients(ctx context.Context, account string) (*accounts.AzureClients, error)
	// Forget makes the account's credentials be looked up anew, after Azure has refused them.
	Forget(account string)
}

// Config is what the steps need.
type Config struct {
	Accounts Accounts
	// Pace is how often a step that waits looks again. Default: [activities.DefaultPace].
	Pace activities.Pace
	// Patience is how long a step hopes that something comes right by itself before it says that a person
	// must help. Default: 5 minutes.
	Patience time.Duration
	// LookAgain is how soon to look for the first time whether a person has helped. Default: 1 minute.
	LookAgain time.Duration
	// Topics tells what a Watch looks at; nil where there are no Watches.
	Topics activities.Topics
}

func (c Config) withDefaults() Config {
	if c.Pace == (activities.Pace{}) {
		c.Pace = activities.DefaultPace
	}
	if c.Patience == 0 {
		c.Patience = 5 * time.Minute
	}
	if c.LookAgain == 0 {
		c.LookAgain = time.Minute
	}
	return c
}

// Prefix of the names that the steps are registered under.
const Prefix = "azure."

// Register registers every step: "azure.EnsureService", "azure.EnsureEndpoint", ….
func Register(r worker.ActivityRegistry, c Config, fleet activities.Fleet) {
	for _, steps := range []any{
		NewProvider(c), NewConsumer(c), NewHostedZones(c), NewWatcher(c), NewPlanner(c), NewImporter(c), NewOperations(c),
		NewAuditor(c, fleet), NewOrphans(c),
	} {
		r.RegisterActivityWithOptions(steps, activity.RegisterOptions{Name: Prefix})
	}
	registerMissing(r, c.withDefaults())
}

// site is where a step acts, and with what.
type site struct {
	Config
	place activities.Place
	*accounts.AzureClients
	// started is when the step was first asked for, whatever attempt this is, but for the time that it has waited
	// for its turn to call since.
	started time.Time
	// seen is what an audit has seen of the place, where looks find it; nil when they ask Azure.
	seen *snapshot
}

// at goes to the place of a request.
func (c Config) at(ctx context.Context, place activities.Place) (*site, error) {
	s := &site{Config: c, place: place, started: activity.GetInfo(ctx).ScheduledTime}
	clients, err := c.Accounts.AzureClients(ctx, place.Account)
	if err != nil {
		return nil, s.failed(err)
	}
	s.AzureClients = clients
	s.started = s.started.Add(clients.InLine(ctx))
	return s, nil
}

// age is how long the step has been going on, over all its attempts.
func (s *site) age() time.Duration { return time.Since(s.started) }

// pending answers that the step waits for what.
func (s *site) pending(what string) error {
	return activities.Pending(what, s.Pace.After(s.age()))
}

// soon answers that the step looks again at once, more or less.
func (s *site) soon(what string) error { return activities.Pending(what, s.Pace.Min) }
