package arm

import (
	"errors"
	"fmt"
	"reflect"
)

// Limits are how much there can be, by Azure's documented figures (Azure subscription and service limits, "Private Link
// limits" and "Load balancer limits"). A world file may lower them.
type Limits struct {
	ServicesPerLoadBalancer  int `json:"servicesPerLoadBalancer" yaml:"servicesPerLoadBalancer"`
	ServicesPerSubscription  int `json:"servicesPerSubscription" yaml:"servicesPerSubscription"`
	EndpointsPerService      int `json:"endpointsPerService" yaml:"endpointsPerService"`
	EndpointsPerNetwork      int `json:"endpointsPerNetwork" yaml:"endpointsPerNetwork"`
	NATAddressesPerService   int `json:"natAddressesPerService" yaml:"natAddressesPerService"`
	SubscriptionsPerList     int `json:"subscriptionsPerList" yaml:"subscriptionsPerList"`
	NetworksPerZone          int `json:"networksPerZone" yaml:"networksPerZone"`
	RegistrationLinksPerZone int `json:"registrationLinksPerZone" yaml:"registrationLinksPerZone"`
	RecordSetsPerZone        int `json:"recordSetsPerZone" yaml:"recordSetsPerZone"`
}

// DocumentedLimits are Azure's.
func DocumentedLimits() Limits {
	return Limits{
		ServicesPerLoadBalancer: 8, ServicesPerSubscription: 800, EndpointsPerService: 1000, EndpointsPerNetwork: 1000,
		NATAddressesPerService: 8, SubscriptionsPerList: 100,
		NetworksPerZone: 1000, RegistrationLinksPerZone: 100, RecordSetsPerZone: 25000,
	}
}

// Over are these limits, and the documented ones where these say nothing.
func (l Limits) Over() (Limits, error) {
	over := DocumentedLimits()
	from, to := reflect.ValueOf(l), reflect.ValueOf(&over).Elem()
	var wrong []error
	for i := range from.NumField() {
		switch n := from.Field(i).Int(); {
		case n < 0:
			wrong = append(wrong, fmt.Errorf("limits.%s: not below zero", from.Type().Field(i).Tag.Get("yaml")))
		case n > 0:
			to.Field(i).SetInt(n)
		}
	}
	return over, errors.Join(wrong...)
}
