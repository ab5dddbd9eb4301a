package network

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// listed reports whether a subscription is in a service's list, in which "*" stands for all.
func listed(list []string, subscription string) bool {
	return slices.ContainsFunc(list, func(one string) bool { return one == "*" || strings.EqualFold(one, subscription) })
}

// visible reports whether a consumer may ask for a connection to a service: its subscription is in the visibility list,
// or its caller may read the service ("role-based access control only" is an empty list; Azure Private Link, "What is
// Azure Private Link service?", "Control service exposure").
func visible(r *arm.Request, service *arm.Resource[PrivateLinkService], subscription string) bool {
	return listed(service.Properties.Visibility, subscription) || r.Linked(Namespace+"/privateLinkServices/read", service.ID) == nil
}

// approvedByItself reports whether a service's owner has said in advance that a subscription's connections are welcome.
func (p PrivateLinkService) approvedByItself(subscription string) bool {
	return listed(p.AutoApproval, subscription)
}

// checkVisibility tells whether the subscription sees the service of an alias (Private Link Services - Check Private
// Link Service Visibility).
func (s *Service) checkVisibility(r *arm.Request) (arm.Response, error) {
	var body struct {
		Alias string `json:"privateLinkServiceAlias"`
	}
	if err := r.Read(&body); err != nil {
		return arm.Response{}, err
	}
	service, isAlias := s.byName(body.Alias)
	seen := isAlias && service != nil && visible(r, service, r.Params["subscription"])
	result, err := json.Marshal(map[string]bool{"visible": seen})
	if err != nil {
		return arm.Response{}, err
	}
	location := arm.Location(r.Params["location"])
	op := s.begin(r, arm.IDOf("subscriptions", r.Params["subscription"], "checks", s.world.NewGUID("check")), location, "checkPrivateLinkServiceVisibility", arm.Operation{Result: result})
	return s.world.Accepted(r, op, http.StatusAccepted, nil), nil
}

// autoApproved lists the services of a region to which the subscription's connections are approved by themselves (Private
// Link Services - List Auto Approved Private Link Services).
func (s *Service) autoApproved(r *arm.Request) (arm.Response, error) {
	type item struct {
		Service arm.ID `json:"privateLinkService"`
	}
	var all []item
	for _, service := range s.state.Services.All() {
		if service.Location == arm.Location(r.Params["location"]) && service.Properties.approvedByItself(r.Params["subscription"]) {
			all = append(all, item{service.ID})
		}
	}
	return arm.Page(r, all), nil
}
