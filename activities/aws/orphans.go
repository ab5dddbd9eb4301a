package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/audits"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
)

// Orphans removes what flows that do not run have left, by the steps that they would have taken themselves.
type Orphans struct {
	config   Config
	fleet    activities.Fleet
	provider *Provider
	consumer *Consumer
	ingress  *Ingress
	zones    *HostedZones
}

var _ activities.Orphans = (*Orphans)(nil)

// NewOrphans returns the steps about orphans. The fleet knows what flows have stood by.
func NewOrphans(c Config, fleet activities.Fleet) *Orphans {
	return &Orphans{c.withDefaults(), fleet, NewProvider(c), NewConsumer(c), NewIngress(c), NewHostedZones(c)}
}

// FindOrphans implements [activities.Orphans], as an audit finds them.
func (o *Orphans) FindOrphans(ctx context.Context, req activities.FindOrphansRequest) (activities.FoundOrphans, error) {
	stood, err := o.fleet.Stood(ctx, req.Owner)
	if err != nil {
		return activities.FoundOrphans{}, err
	}
	s, err := o.config.at(ctx, req.Place)
	if err != nil {
		return activities.FoundOrphans{}, err
	}
	ctx, calls := accounts.Counted(ctx)
	s.seen = newSnapshot(nil, calls)
	for _, orphan := range req.Orphans {
		if err := s.lookForOrphan(ctx, orphan); err != nil {
			return activities.FoundOrphans{}, s.failed(err)
		}
	}
	found := audits.Still(req, s.seen.owned(req.Place))
	for i := range found {
		found[i].Existing = existedBefore(stood, found[i].ID)
	}
	return activities.FoundOrphans{Orphans: found}, nil
}

// lookForOrphans has the snapshot see all of every kind whose tags come with it, whether or not somebody stands by some here.
func (s *site) lookForOrphans(ctx context.Context) error {
	return audits.LookAround([]string{link.KindService, link.KindEndpoint, link.KindSecurityGroup, link.KindHostedZone}, func(kind string) error {
		if err := s.lookForOrphan(ctx, link.Resource{Kind: kind}); err != nil {
			return s.failed(err)
		}
		return nil
	})
}

// lookForOrphan has the snapshot see all of an orphan's kind. What is tagged apart is looked at alone.
func (s *site) lookForOrphan(ctx context.Context, orphan link.Resource) error {
	var err error
	switch orphan.Kind {
	case link.KindService:
		_, err = s.services(ctx)
	case link.KindEndpoint:
		_, err = s.endpoints(ctx)
	case link.KindSecurityGroup:
		_, err = s.groups(ctx)
	case link.KindHostedZone:
		_, err = s.privateZones(ctx)
	case link.KindTargetGroup, link.KindListenerRule:
		if _, err = s.owners(ctx, []string{orphan.ID}); hasCode(err, "TargetGroupNotFound", "RuleNotFound") {
			return nil
		}
	}
	return err
}

// existedBefore reports whether a flow has stood by a service that was there before it.
func existedBefore(stood []activities.Expectation, service string) bool {
	return slices.ContainsFunc(stood, func(e activities.Expectation) bool {
		return e.Service != nil && e.Service.Spec.ExistingService() == service
	})
}

// RemoveOrphan implements [activities.Orphans].
func (o *Orphans) RemoveOrphan(ctx context.Context, req activities.RemoveOrphanRequest) error {
	id := req.Orphan.ID
	switch req.Orphan.Kind {
	case link.KindListenerRule:
		return o.ingress.RemoveRoute(ctx, activities.RouteRequest{Place: req.Place, Owner: req.Owner, Listener: listenerOf(id), Only: id})
	case link.KindTargetGroup:
		return o.ingress.RemoveTargetGroup(ctx, activities.TargetGroupRequest{Place: req.Place, Owner: req.Owner, Only: id})
	case link.KindHostedZone:
		return o.zones.RemoveZone(ctx, activities.ZoneRequest{Place: req.Place, Owner: req.Owner, ZoneID: id})
	case link.KindEndpoint:
		return o.consumer.RemoveEndpoint(ctx, activities.RemoveEndpointRequest{Place: req.Place, Owner: req.Owner, Endpoint: id, Only: true})
	case link.KindSecurityGroup:
		return o.consumer.RemoveSecurityGroup(ctx, activities.SecurityGroupRequest{Place: req.Place, Owner: req.Owner, Known: id, Only: true})
	case link.KindService:
		return o.provider.RemoveService(ctx, activities.RemoveServiceRequest{
			Place: req.Place, Owner: req.Owner, ServiceID: id, Existing: req.Orphan.Existing, Only: true, Unused: true,
		})
	}
	return fmt.Errorf("AWS has no %s", req.Orphan.Kind)
}

// listenerOf is the ARN of a rule's listener (Service Authorization Reference, Elastic Load Balancing V2, resource types):
//
//	…:listener-rule/app/NAME/LOAD-BALANCER/LISTENER/RULE
//	…:listener/app/NAME/LOAD-BALANCER/LISTENER
func listenerOf(rule string) string {
	listener := strings.Replace(rule, ":listener-rule/", ":listener/", 1)
	if end := strings.LastIndexByte(listener, '/'); end >= 0 {
		listener = listener[:end]
	}
	return listener
}
