package ec2

import (
	"net/url"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

var _ sim.Meddler = (*Service)(nil)

// Meddle implements sim.Meddler for endpoints, endpoint services and what there is of a network, as their owner. An endpoint's connection is
// accepted or rejected by the owner of its service. Whoever deletes a service turns its connections away first.
func (s *Service) Meddle(r *sim.Request, resource string, change map[string]string) error {
	s.settle()
	kind, _, _ := cutLast(resource, "-")
	if network, ok := networkKinds[kind]; ok {
		return s.meddleWithNetwork(r, network, resource, change)
	}
	modify, id := "", ""
	var meta *Resource
	switch kind {
	case "vpce":
		modify, id, meta = "ModifyVpcEndpoint", "VpcEndpointId", metaOf(s.state.Endpoints, resource)
	case "vpce-svc":
		modify, id, meta = "ModifyVpcEndpointServiceConfiguration", "ServiceId", metaOf(s.state.EndpointServices, resource)
	}
	if meta == nil {
		return sim.Errorf("InvalidParameterValue", "There is no resource %s that somebody can change.", resource)
	}
	r.Caller.AccountID, r.Region = meta.Owner, meta.Region
	switch {
	case kind == "vpce" && decides[change["Action"]]:
		service, ok := s.state.EndpointServices[s.state.Endpoints[resource].ServiceID]
		if !ok {
			return serviceNotFound(s.state.Endpoints[resource].ServiceID)
		}
		r.Caller.AccountID, r.Region = service.Owner, service.Region
		return s.act(r, url.Values{"Action": {change["Action"]}, "ServiceId": {service.ID}, "VpcEndpointId.1": {resource}})
	case change != nil:
		form := url.Values{"Action": {modify}, id: {resource}}
		if action := change["Action"]; action != "" {
			form = url.Values{}
		}
		for name, value := range change {
			form.Set(name, value)
		}
		return s.act(r, form)
	case kind == "vpce":
		return s.act(r, url.Values{"Action": {"DeleteVpcEndpoints"}, "VpcEndpointId.1": {resource}})
	}
	for _, e := range s.state.Endpoints {
		if e.ServiceID == resource && e.State != endpointDeleting && e.State != endpointRejected {
			reject := url.Values{"Action": {"RejectVpcEndpointConnections"}, "ServiceId": {resource}, "VpcEndpointId.1": {e.ID}}
			if err := s.act(r, reject); err != nil {
				return err
			}
		}
	}
	return s.act(r, url.Values{"Action": {"DeleteVpcEndpointServiceConfigurations"}, "ServiceId.1": {resource}})
}

// decides are the actions of a service's owner on an endpoint.
var decides = map[string]bool{"AcceptVpcEndpointConnections": true, "RejectVpcEndpointConnections": true}

// act carries an action out, of which every part must succeed.
func (s *Service) act(r *sim.Request, form url.Values) error {
	r.Form, r.Action = form, form.Get("Action")
	handler, ok := s.handlers[r.Action]
	if !ok {
		return query.UnknownAction(r)
	}
	result, err := handler(r, query.NewForm(form))
	if err != nil {
		return err
	}
	if batch, ok := result.(unsuccessful); ok && len(batch.Items) > 0 {
		return sim.Errorf(batch.Items[0].Error.Code, "%s", batch.Items[0].Error.Message)
	}
	return nil
}
