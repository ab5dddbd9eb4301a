package workflows

import (
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"github.com/linkwright/linkwright/internal/link"
)

// No cloud cuts anybody off whose principal is taken off the list: the endpoints of the account go on carrying traffic (AWS
// PrivateLink Guide, "Configure an endpoint service", Manage permissions). Whether they should is for people to say.

// drop notes the accounts of connections that a new spec admits no longer. Those that it does are forgotten.
func (s *service) drop(old, now link.EndpointServiceSpec) {
	dropped := s.Dropped
	for _, name := range s.memberNames() {
		if owner := s.Members[name].Owner; old.Admits(owner) && !slices.Contains(dropped, owner) {
			dropped = append(dropped, owner)
		}
	}
	dropped = slices.DeleteFunc(dropped, now.Admits)
	slices.Sort(dropped)
	s.Dropped = dropped
}

// admittedNoLonger are the connections of accounts that were dropped.
func (s *service) admittedNoLonger() []string {
	if len(s.Dropped) == 0 {
		return nil
	}
	var names []string
	for _, name := range s.memberNames() {
		if slices.Contains(s.Dropped, s.Members[name].Owner) {
			names = append(names, name)
		}
	}
	return names
}

// showDropped says which connections live on though their accounts were dropped, and nothing when that never happened.
func (s *service) showDropped(ctx workflow.Context) {
	names := s.admittedNoLonger()
	if len(names) > 0 {
		s.condition(ctx, link.ConsumersAllowed, false, "Dropped", s.livesOn(names))
	} else if _, told := s.Status.Condition(link.ConsumersAllowed); told {
		s.condition(ctx, link.ConsumersAllowed, true, "Allowed", "")
	}
}

// livesOn says that connections live on, and how to end them.
func (s *service) livesOn(names []string) string {
	return fmt.Sprintf("no principal of account %s is allowed any longer, and the cloud leaves what is connected as it is: %s; "+
		"to cut one off, linkwright reject %s/%s", strings.Join(s.Dropped, ", "), link.Few(names, 5), s.in.Name, names[0])
}
