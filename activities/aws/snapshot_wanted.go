package aws

import (
	"github.com/linkwright/linkwright/activities"
)

// wanted is what is asked for by name in batches, because somebody stands by it.
type wanted struct {
	parameters []string
	listeners  []string
	zones      map[string]bool // names of private zones
	groups     bool            // some target groups are ours
	targets    map[groupTarget]bool
}

// groupTarget is a target in a target group.
type groupTarget struct {
	group, ip string
	port      int32
}

func wantedOf(expected []activities.Expected) wanted {
	w := wanted{zones: map[string]bool{}, targets: map[groupTarget]bool{}}
	for _, e := range expected {
		if e.Name != nil {
			w.parameters = append(w.parameters, e.Name.Parameter)
		}
		if e.Zone != nil && e.Zone.Name != "" {
			w.zones[plainName(e.Zone.Name)] = true
		}
		if e.TargetGroup != nil {
			w.groups = true
			w.listeners = append(w.listeners, e.TargetGroup.Listener)
		}
		if e.Route != nil {
			w.listeners = append(w.listeners, e.Route.Listener)
		}
		if t := e.Targets; t != nil {
			for _, ip := range append(unique(t.Wanted), t.Owned...) {
				w.targets[groupTarget{t.TargetGroup, ip, t.Port}] = true
			}
		}
	}
	w.parameters, w.listeners = unique(w.parameters), unique(w.listeners)
	return w
}
