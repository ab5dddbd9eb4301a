package resources

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// apiVersions are those that a provider says it has. Any version is taken in requests; all of them get the same.
func apiVersions() []string { return []string{"2025-05-01", "2024-06-01", "2024-05-01", "2020-06-01"} }

func (s *Service) providers(r *arm.Request) (arm.Response, error) {
	var all []any
	for _, namespace := range slices.Sorted(maps.Keys(s.namespaces)) {
		all = append(all, s.showProvider(r, namespace))
	}
	return arm.Page(r, all), nil
}

func (s *Service) provider(r *arm.Request) (arm.Response, error) {
	for namespace := range s.namespaces {
		if strings.EqualFold(namespace, r.Params["namespace"]) {
			return arm.OK(s.showProvider(r, namespace)), nil
		}
	}
	return arm.Response{}, &arm.Error{
		Status: http.StatusNotFound, Code: "InvalidResourceNamespace", Message: fmt.Sprintf("The resource namespace '%s' is invalid.", r.Params["namespace"]),
	}
}

// register registers a provider, which all that there are already are (Providers - Register).
func (s *Service) register(r *arm.Request) (arm.Response, error) { return s.provider(r) }

func (s *Service) showProvider(r *arm.Request, namespace string) any {
	var locations []string
	for _, l := range arm.Regions() {
		locations = append(locations, l.Display)
	}
	var types []any
	for _, kind := range s.namespaces[namespace] {
		types = append(types, map[string]any{"resourceType": kind, "locations": locations, "apiVersions": apiVersions(), "capabilities": "SupportsTags, SupportsLocation"})
	}
	return map[string]any{
		"id": arm.IDOf("subscriptions", r.Params["subscription"], "providers", namespace), "namespace": namespace,
		"registrationState": "Registered", "registrationPolicy": "RegistrationRequired", "resourceTypes": types,
	}
}
