package aws

import (
	"context"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
)

// Accounts gives out the clients of an account in a region; [accounts.Book] does.
type Accounts interface {
	Clients(ctx context.Context, account, region string) (*accounts.Clients, error)
	// Forget makes the account's credentials be looked up anew, after AWS has refused them.
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
const Prefix = "aws."

// Register registers every step: "aws.EnsureService", "aws.EnsureEndpoint", ….
func Register(r worker.ActivityRegistry, c Config, fleet activities.Fleet) {
	for _, steps := range []any{
		NewProvider(c), NewConsumer(c), NewInventories(c), NewIngress(c), NewZones(c), NewHostedZones(c), NewNames(c),
		NewPeerings(c), NewWatcher(c), NewPlanner(c), NewImporter(c), NewAuditor(c, fleet), NewOrphans(c, fleet),
	} {
		r.RegisterActivityWithOptions(steps, activity.RegisterOptions{Name: Prefix})
	}
}

// site is where a step acts, and with what.
type site struct {
	Config
	place activities.Place
	*accounts.Clients
	// started is when the step was first asked for, whatever attempt this is, but for the time that it has waited
	// for its turn to call since.
	started time.Time
	// seen is what there is to find; nil for a site that asks the cloud.
	seen *snapshot
}

// at goes to the place of a request.
func (c Config) at(ctx context.Context, place activities.Place) (*site, error) {
	s := &site{Config: c, place: place, started: activity.GetInfo(ctx).ScheduledTime}
	clients, err := c.Accounts.Clients(ctx, place.Account, place.Region)
	if err != nil {
		return nil, s.failed(err)
	}
	s.Clients = clients
	s.started = s.started.Add(clients.InLine(ctx))
	return s, nil
}

// age is how long the step has been going on, over all its attempts.
func (s *site) age() time.Duration { return time.Since(s.started) }

// pending answers that the step waits for what.
func (s *site) pending(what string) error {
	return activities.Pending(what, s.Pace.After(s.age()))
}
