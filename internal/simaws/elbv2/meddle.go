package elbv2

import (
	"fmt"
	"net/url"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

var _ sim.Meddler = (*Service)(nil)

// Meddle implements sim.Meddler for target groups. A change names an "Action", which gets the group's ARN; one that
// deregisters targets and names none deregisters all.
func (s *Service) Meddle(r *sim.Request, resource string, change map[string]string) error {
	group, ok := s.state.TargetGroups[resource]
	if !ok {
		return sim.Errorf("TargetGroupNotFound", "There is no target group %s.", resource)
	}
	form := url.Values{"Action": {"DeleteTargetGroup"}, "TargetGroupArn": {resource}}
	for name, value := range change {
		form.Set(name, value)
	}
	if form.Get("Action") == "DeregisterTargets" && !form.Has("Targets.member.1.Id") {
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
