package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"golang.org/x/sync/errgroup"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// notice is how soon a change is noticed, against what looking for it costs.
type notice struct {
	record
	Links int          `json:"links"`
	Scale int          `json:"scale"`
	Paces []noticeEach `json:"paces"`
}

// noticeEach is what comes of one pace. All times are AWS's.
type noticeEach struct {
	// Longest is the pause between looks at what has long been as it is, in seconds.
	Longest float64 `json:"longestPauseSeconds"`
	// Deleted and Rejected are how long it takes until a link's flow acts on its endpoint's deletion, and on its
	// rejection by the provider: medians and the slowest, in seconds.
	Deleted         float64 `json:"deletedSeconds"`
	DeletedSlowest  float64 `json:"deletedSlowestSeconds"`
	Rejected        float64 `json:"rejectedSeconds"`
	RejectedSlowest float64 `json:"rejectedSlowestSeconds"`
	// Calls are those of one Watch at rest, in a minute.
	Calls float64 `json:"callsPerMinute"`
}

func (n *notice) about() string {
	return `How long it takes until a link's flow acts on what somebody has done to it, by how long a Watch pauses between looks when
nothing has happened for long. Half of the links have their endpoints deleted by their owners, the others have their
connections rejected by the provider. Each link has accounts of its own, so that no Watch is woken by another's news. All times are AWS's.`
}

func (n *notice) flags(f *flag.FlagSet) {
	f.IntVar(&n.Links, "links", 20, "how many links something is done to, with each pace")
	f.IntVar(&n.Scale, "scale", 60, "how many times as fast as AWS's time the cloud's passes")
}

func (n *notice) figures(p *page) {
	var rows [][]string
	for _, e := range n.Paces {
		rows = append(rows, []string{
			whole(e.Longest) + " s", whole(e.Deleted) + " s", whole(e.DeletedSlowest) + " s",
			whole(e.Rejected) + " s", whole(e.RejectedSlowest) + " s", precise(e.Calls),
		})
	}
	p.table([]string{"longest pause", "deletion: median", "slowest", "rejection: median", "slowest", "calls a minute, each Watch"}, rows)
	p.line("%d links; the cloud %d times as fast, and the paces with it. A pause of %.0f s is the default.",
		n.Links, n.Scale, activities.DefaultPace.Max.Seconds())
}

// pauses are the paces to compare, by their longest pause.
var pauses = []time.Duration{15 * time.Second, time.Minute, activities.DefaultPace.Max}

func (n *notice) measure(ctx context.Context) error {
	for _, longest := range pauses {
		all, err := repeat(n.Runs, func() (noticeEach, error) { return n.once(ctx, longest) })
		if err != nil {
			return fmt.Errorf("a pause of %v: %w", longest, err)
		}
		n.Paces = append(n.Paces, noticeEach{
			Longest:         longest.Seconds(),
			Deleted:         median(all, func(e noticeEach) float64 { return e.Deleted }),
			DeletedSlowest:  median(all, func(e noticeEach) float64 { return e.DeletedSlowest }),
			Rejected:        median(all, func(e noticeEach) float64 { return e.Rejected }),
			RejectedSlowest: median(all, func(e noticeEach) float64 { return e.RejectedSlowest }),
			Calls:           median(all, func(e noticeEach) float64 { return e.Calls }),
		})
	}
	return nil
}

// once lets all Watches come to rest, counts their calls, and then does something to each link at a moment of its own.
func (n *notice) once(ctx context.Context, longest time.Duration) (r noticeEach, err error) {
	of := shape{providers: n.Links, services: n.Links, consumers: n.Links, connections: n.Links}
	pace := scaled(activities.Pace{Min: activities.DefaultPace.Min, Max: longest}, n.Scale)
	err = within(ctx, setup{world: of.world(n.Scale), scale: n.Scale, pace: pace}, func(s *scene) error {
		of.populate(s)
		if err := s.publish(ctx); err != nil {
			return err
		}
		if err := s.connect(ctx); err != nil {
			return err
		}
		if err := pause(ctx, 9*pace.Max); err != nil { // an eighth of their age is how long they pause
			return err
		}
		counted := max(3*pace.Max, 5*time.Second)
		_, made, err := s.spent(func() error { return pause(ctx, counted) })
		if err != nil {
			return err
		}
		watches := float64(of.providers + of.consumers)
		r.Calls = float64(count(made)) / watches / (counted.Minutes() * float64(n.Scale))
		deleted, rejected, err := n.disturb(ctx, s, pace.Max)
		r.Deleted, r.DeletedSlowest = quantile(deleted, 0.5), quantile(deleted, 1)
		r.Rejected, r.RejectedSlowest = quantile(rejected, 0.5), quantile(rejected, 1)
		return err
	})
	return r, err
}

// disturb does something to each link, at some moment of a pause, and says how long it took each flow to act, in
// seconds of AWS's time.
func (n *notice) disturb(ctx context.Context, s *scene, longest time.Duration) (deleted, rejected []float64, err error) {
	took := make([]float64, len(s.connections))
	group, each := errgroup.WithContext(ctx)
	for i, c := range s.connections {
		act := s.deleteEndpoint
		if i%2 == 1 {
			act = s.rejectEndpoint
		}
		group.Go(func() error {
			if err := pause(each, rand.N(longest)); err != nil {
				return err
			}
			began := time.Now()
			if err := act(each, c); err != nil {
				return err
			}
			acted, err := s.acted(each, c, began)
			took[i] = acted.Sub(began).Seconds() * float64(n.Scale)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	for i, one := range took {
		if i%2 == 0 {
			deleted = append(deleted, one)
		} else {
			rejected = append(rejected, one)
		}
	}
	return deleted, rejected, nil
}

// acted is when a connection's flow has left what it was in, or was blocked, after a moment. The flow says so itself, to
// more than the pause with which it is asked.
func (s *scene) acted(ctx context.Context, c link.Connection, after time.Time) (time.Time, error) {
	for {
		status, err := s.flows.Status(ctx, ref(c))
		if err == nil {
			for _, phase := range status.Phases {
				if phase.Entered.After(after) {
					return phase.Entered, nil
				}
			}
			if status.Blocked != nil && status.Blocked.Since.After(after) {
				return status.Blocked.Since, nil
			}
		}
		if stopped := pause(ctx, 100*time.Millisecond); stopped != nil {
			return time.Time{}, fmt.Errorf("%s has not noticed what was done to it: %w", ref(c), stopped)
		}
	}
}

// as acts in an account as its people do.
func (s *scene) as(account string) *ec2.Client {
	return ec2.NewFromConfig(aws.Config{Region: region, BaseEndpoint: aws.String(s.Cloud.URL()), Credentials: s.Admin(account)})
}

func (s *scene) deleteEndpoint(ctx context.Context, c link.Connection) error {
	endpoint, err := s.made(ctx, c)
	if err != nil {
		return err
	}
	_, err = s.as(c.Spec.Account).DeleteVpcEndpoints(ctx, &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{endpoint.ID}})
	return err
}

func (s *scene) rejectEndpoint(ctx context.Context, c link.Connection) error {
	endpoint, err := s.made(ctx, c)
	if err != nil {
		return err
	}
	for _, doc := range s.services {
		if doc.Metadata.Name != c.Spec.Service {
			continue
		}
		client := s.as(doc.Spec.Account)
		found, err := client.DescribeVpcEndpointConnections(ctx, &ec2.DescribeVpcEndpointConnectionsInput{})
		if err != nil {
			return err
		}
		for _, one := range found.VpcEndpointConnections {
			if aws.ToString(one.VpcEndpointId) == endpoint.ID {
				_, err = client.RejectVpcEndpointConnections(ctx, &ec2.RejectVpcEndpointConnectionsInput{
					ServiceId: one.ServiceId, VpcEndpointIds: []string{endpoint.ID},
				})
			}
		}
		return err
	}
	return fmt.Errorf("there is no service %s", c.Spec.Service)
}

// made is a connection's endpoint.
func (s *scene) made(ctx context.Context, c link.Connection) (link.Resource, error) {
	status, err := s.flows.Status(ctx, ref(c))
	for _, r := range status.Resources {
		if r.Kind == link.KindEndpoint {
			return r, err
		}
	}
	return link.Resource{}, fmt.Errorf("%s has no endpoint: %w", ref(c), err)
}
