package resources

import (
	"fmt"
	"net/http"
	"time"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// groupDeletion is how long an empty group takes to go; Azure does not say.
const groupDeletion = 15 * time.Second

func (s *Service) find(id arm.ID) (*arm.Resource[struct{}], error) {
	group, ok := s.state.Groups.Get(id)
	if !ok {
		return nil, arm.GroupNotFound(id)
	}
	return group, nil
}

func (s *Service) show(group *arm.Resource[struct{}]) arm.View {
	view := arm.Show(group, map[string]string{"provisioningState": s.world.State(group.ID, false)})
	view.Type = Namespace + "/resourceGroups"
	return view
}

func (s *Service) groups(r *arm.Request) (arm.Response, error) {
	var all []arm.View
	for _, group := range s.state.Groups.Within(r.Target()) {
		all = append(all, s.show(group))
	}
	return arm.Page(r, all), nil
}

func (s *Service) group(r *arm.Request) (arm.Response, error) {
	group, err := s.find(r.Target())
	if err != nil {
		return arm.Response{}, err
	}
	return arm.OK(s.show(group)), nil
}

// hasGroup answers in the status alone (Resource Groups - Check Existence).
func (s *Service) hasGroup(r *arm.Request) (arm.Response, error) {
	if _, ok := s.state.Groups.Get(r.Target()); !ok {
		return arm.Response{Status: http.StatusNotFound}, nil
	}
	return arm.NoContent(), nil
}

// putGroup makes a group, or changes its tags: its location is for ever (Resource Groups - Create Or Update).
func (s *Service) putGroup(r *arm.Request) (arm.Response, error) {
	var body arm.Body[struct{}]
	if err := r.Read(&body); err != nil {
		return arm.Response{}, err
	}
	id, location := r.Target(), arm.Location(body.Location)
	if err := s.world.Free(id); err != nil {
		return arm.Response{}, &arm.Error{
			Status: http.StatusConflict, Code: "ResourceGroupBeingDeleted",
			Message: fmt.Sprintf("The resource group '%s' is in deprovisioning state and cannot perform this operation.", id.Name()),
		}
	}
	group, exists := s.state.Groups.Get(id)
	switch {
	case exists && (location == group.Location || location == "" && r.Method == http.MethodPatch):
		group.Tags = body.Tags
		return arm.OK(s.show(group)), nil
	case exists:
		return arm.Response{}, &arm.Error{
			Status: http.StatusConflict, Code: "InvalidResourceGroupLocation",
			Message: fmt.Sprintf("Invalid resource group location '%s'. The Resource group already exists in location '%s'.", body.Location, group.Location),
		}
	case r.Method == http.MethodPatch:
		_, err := s.find(id)
		return arm.Response{}, err
	case !arm.IsLocation(location):
		return arm.Response{}, arm.Errorf("LocationNotAvailableForResourceGroup", "The provided location '%s' is not available for resource group.", body.Location)
	}
	group = &arm.Resource[struct{}]{ID: id, Location: location, Tags: body.Tags}
	s.state.Groups.Put(group)
	return arm.Response{Status: http.StatusCreated, Body: s.show(group)}, nil
}

// deleteGroup deletes all that is in the group, and then the group (Resource Groups - Delete). What cannot be deleted
// stands in the way of the whole.
func (s *Service) deleteGroup(r *arm.Request) (arm.Response, error) {
	id := r.Target()
	if _, err := s.find(id); err != nil {
		return arm.Response{}, err
	}
	if err := s.world.Free(id); err != nil {
		return arm.Response{Status: http.StatusAccepted}, nil
	}
	for _, other := range s.others {
		if err := other.Empty(id); err != nil {
			return arm.Response{}, &arm.Error{
				Status: http.StatusConflict, Code: "ResourceGroupDeletionBlocked",
				Message: fmt.Sprintf("Deletion of resource group '%s' failed as resources with identifiers could not be deleted: %s", id.Name(), err),
			}
		}
	}
	op := s.world.Begin(r, arm.Operation{
		Provider: s.Name(), Resource: id, Deletes: true, Outcome: string(arm.IDOf("subscriptions", id.Subscription(), "operationresults")),
	}, groupDeletion)
	response := s.world.Accepted(r, op, http.StatusAccepted, nil)
	response.Header.Del("Azure-AsyncOperation")
	return response, nil
}
