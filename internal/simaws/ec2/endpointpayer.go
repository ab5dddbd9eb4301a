package ec2

import (
	"maps"
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Who may pay for an endpoint, and for what (EC2 API Reference, ModifyVpcEndpointPayerResponsibility).
var (
	payers      = []string{"vpc-endpoint-account", "resource-gateway-account", "vpc-endpoint-service-account"}
	payerScopes = []string{"vpc-endpoint-charges", "resource-gateway-charges"}
)

type payerItem struct {
	Type  string `xml:"payerResponsibilityType"`
	Scope string `xml:"scope"`
}

func (e *Endpoint) payerItems() []payerItem {
	var items []payerItem
	for _, scope := range slices.Sorted(maps.Keys(e.Payers)) {
		items = append(items, payerItem{e.Payers[scope], scope})
	}
	return items
}

// modifyEndpointPayer says who pays for an endpoint.
func (s *Service) modifyEndpointPayer(r *sim.Request, f query.Form) (any, error) {
	endpoint, err := owned(r, s.state.Endpoints, f.String("VpcEndpointId"), endpointNotFound)
	if err != nil {
		return nil, err
	}
	payer, scope := f.String("PayerResponsibility"), f.String("Scope")
	if !slices.Contains(payers, payer) {
		return nil, sim.Errorf("InvalidParameterValue", "Value (%s) for parameter PayerResponsibility is invalid.", payer)
	}
	if !slices.Contains(payerScopes, scope) {
		return nil, sim.Errorf("InvalidParameterValue", "Value (%s) for parameter Scope is invalid.", scope)
	}
	if endpoint.Payers == nil {
		endpoint.Payers = map[string]string{}
	}
	endpoint.Payers[scope] = payer
	var result struct {
		Endpoint string      `xml:"vpcEndpointId"`
		Payers   []payerItem `xml:"payerResponsibilitySet>item"`
	}
	result.Endpoint, result.Payers = endpoint.ID, endpoint.payerItems()
	return result, nil
}
