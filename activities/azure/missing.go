package azure

import (
	"context"
	"fmt"
	"reflect"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// missing answers that Azure has no counterpart to something.
func (c Config) missing(at activities.Place, what, remedy string) error {
	s := &site{Config: c, place: at}
	return s.blocked(link.Problem{
		Reason:  link.ReasonInvalidRequest,
		Message: fmt.Sprintf("account %q is a subscription of Azure, and Linkwright keeps there no counterpart to %s", at.Account, what),
		Remedy:  remedy,
	}, nil)
}

// registerMissing registers the steps of the contracts that Azure has no counterpart to. Whatever they are asked, a
// place is part of it.
func registerMissing(r worker.ActivityRegistry, c Config) {
	for _, contract := range []struct {
		steps        reflect.Type
		what, remedy string
	}{
		{reflect.TypeFor[activities.Zones](), "the TXT proof of a domain", "name an account of AWS that has the domain's public zone, or add the record by hand"},
		{reflect.TypeFor[activities.Names](), "a parameter that holds a service's name", "name an account of AWS whose Parameter Store holds the name"},
		{reflect.TypeFor[activities.Ingress](), "a load balancer in front of an endpoint", "leave spec.ingress out, or name an account of AWS"},
		{reflect.TypeFor[activities.Inventories](), "an inventory of VPCs", "name an account of AWS, or the subnet of the private endpoint in the connection itself"},
		{reflect.TypeFor[activities.Peerings](), "a VPC peering connection", "name accounts of AWS"},
	} {
		for i := range contract.steps.NumMethod() {
			step := func(_ context.Context, at activities.Place) error {
				return c.missing(at, contract.what, contract.remedy)
			}
			r.RegisterActivityWithOptions(step, activity.RegisterOptions{Name: Prefix + contract.steps.Method(i).Name})
		}
	}
}
