package elbv2

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

var _ sim.Meddler = (*Service)(nil)

// meddled are the kinds of resources that somebody else can delete or change, by what tells their ARNs, with the
// parameter that names one.
var meddled = []struct{ mark, parameter, deletes string }{
	{":targetgroup/", "TargetGroupArn", "DeleteTargetGroup"},
	{":listener-rule/", "RuleArn", "DeleteRule"},
	{":listener/", "ListenerArn", "DeleteListener"},
	{":loadbalancer/", "LoadBalancerArn", "DeleteLoadBalancer"},
}

// Meddle implements sim.Meddler. A change names an "Action", which gets the resource's ARN; one that deregisters targets
// and names none deregisters all.
func (s *Service) Meddle(r *sim.Request, resource string, change map[string]string) error {
	if _, ok := s.find(r, resource); !ok {
		return notFound(resource)
	}
	form := url.Values{}
	for _, kind := range meddled {
		if strings.Contains(resource, kind.mark) {
			form = url.Values{"Action": {kind.deletes}, kind.parameter: {resource}}
			break
		}
	}
	for name, value := range change {
		form.Set(name, value)
	}
	if group, ok := s.state.TargetGroups[resource]; ok && form.Get("Action") == "DeregisterTargets" && !form.Has("Targets.member.1.Id") {
		for i, t := range group.Targets {
			form.Set(fmt.Sprintf("Targets.member.%d.Id", i+1), t.ID)
			form.Set(fmt.Sprintf("Targets.member.%d.Port", i+1), fmt.Sprint(t.Port))
		}
	}
	r.Form, r.Action = form, form.Get("Action")
	handler, ok := s.handlers[r.Action]
	if !ok {
		return query.UnknownAction(r)
	}
	_, err := handler(r, query.NewForm(form))
	return err
}
