package azure

import (
	"context"
	"fmt"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/network/armnetwork/v9"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// frontendsFor finds the frontends of a spec, and makes sure that a private link service can stand on them.
func (s *site) frontendsFor(ctx context.Context, req activities.EnsureServiceRequest) ([]string, error) {
	want := *req.Spec.Azure.Frontends
	balancer, err := s.balancerOf(want)
	if err != nil {
		return nil, err
	}
	if want.Kubernetes == nil && s.seen != nil { // Azure keeps a frontend for as long as a service is before it
		return want.IDs, nil
	}
	there, err := s.readBalancer(ctx, balancer)
	switch {
	case notThere(err):
		return nil, s.blocked(link.Problem{
			Reason: link.ReasonLoadBalancerMissing, Call: callOf(err),
			Message: "there is no load balancer " + balancer.String(),
			Remedy:  "name a load balancer of this subscription, or wait for the cluster to make its own",
		}, err)
	case err != nil:
		return nil, s.failed(err)
	}
	ids, p := chooseFrontends(there, want, req.Region)
	if p != nil {
		return nil, s.blocked(*p, nil)
	}
	return ids, nil
}

// balancers lists the load balancers of a resource group to the last page.
func (s *site) balancers(ctx context.Context, group string) ([]armnetwork.LoadBalancer, error) {
	var all []armnetwork.LoadBalancer
	for pages := s.LoadBalancers.NewListPager(group, nil); pages.More(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, values(page.Value)...)
	}
	return all, nil
}

// balancerOf is the load balancer that a spec names, or that of its frontends.
func (s *site) balancerOf(want link.AzureFrontends) (link.AzureID, error) {
	if k := want.Kubernetes; k != nil {
		return s.idOf(typeBalancer, k.ResourceGroup, k.LoadBalancer), nil
	}
	frontend, err := s.own(want.IDs[0], typeFrontend)
	if err != nil {
		return link.AzureID{}, err
	}
	balancer, _ := frontend.Parent()
	return balancer, nil
}

// chooseFrontends finds the wanted frontends of a load balancer: a private link service stands on internal ones of a
// load balancer of the Standard SKU, in its own region (Azure Private Link, "What is Azure Private Link service?",
// Limitations). What is behind them must be there by its network interfaces; Azure says so itself when it is not.
func chooseFrontends(balancer armnetwork.LoadBalancer, want link.AzureFrontends, region string) ([]string, *link.Problem) {
	name := value(balancer.Name)
	if balancer.SKU == nil || !is(string(value(balancer.SKU.Name)), string(armnetwork.LoadBalancerSKUNameStandard)) {
		return nil, unfit("load balancer " + name + " is not of the Standard SKU")
	}
	if at := regionOf(value(balancer.Location)); at != region {
		return nil, unfit(fmt.Sprintf("load balancer %s is in %s, not in %s", name, at, region))
	}
	var all []*armnetwork.FrontendIPConfiguration
	if balancer.Properties != nil {
		all = balancer.Properties.FrontendIPConfigurations
	}
	var found []string
	for _, f := range values(all) {
		if !wantsFrontend(want, f) {
			continue
		}
		if f.Properties == nil || f.Properties.Subnet == nil || f.Properties.PublicIPAddress != nil || f.Properties.PublicIPPrefix != nil {
			return nil, unfit(fmt.Sprintf("frontend %s of load balancer %s is not internal", value(f.Name), name))
		}
		found = append(found, normal(value(f.ID)))
	}
	if len(found) == 0 || len(found) < len(want.IDs) {
		return nil, &link.Problem{
			Reason:  link.ReasonLoadBalancerNotReady,
			Message: fmt.Sprintf("load balancer %s does not have %s", name, soughtFrontends(want)),
			Remedy:  "correct the frontends of the spec; that of a Kubernetes Service is there once its status has an address",
		}
	}
	return found, nil
}

func unfit(why string) *link.Problem {
	return &link.Problem{
		Reason: link.ReasonLoadBalancerNotReady, Message: why,
		Remedy: "name internal frontends of a load balancer of the Standard SKU in the service's region",
	}
}

func wantsFrontend(want link.AzureFrontends, f armnetwork.FrontendIPConfiguration) bool {
	switch k := want.Kubernetes; {
	case k == nil:
		for _, id := range want.IDs {
			if link.SameAzureID(id, value(f.ID)) {
				return true
			}
		}
		return false
	case k.Address != "":
		return f.Properties != nil && value(f.Properties.PrivateIPAddress) == k.Address
	default:
		name, frontend := kubernetesName(k.UID), strings.ToLower(value(f.Name))
		second := f.Properties != nil && is(string(value(f.Properties.PrivateIPAddressVersion)), string(armnetwork.IPVersionIPv6)) // of two families
		return !second && (frontend == name || strings.HasPrefix(frontend, name+"-"))
	}
}

// kubernetesName is what the cloud controller of a cluster calls the frontend of a Service: "a" and its UID without
// dashes, 32 characters at most, and then perhaps a dash and the name of its subnet (Kubernetes Cloud Provider for Azure;
// cloudprovider.DefaultLoadBalancerName).
func kubernetesName(uid string) string {
	name := "a" + strings.ReplaceAll(strings.ToLower(uid), "-", "")
	return name[:min(len(name), 32)]
}

func soughtFrontends(want link.AzureFrontends) string {
	switch k := want.Kubernetes; {
	case k == nil:
		return "all of the frontends " + strings.Join(want.IDs, ", ")
	case k.Address != "":
		return "a frontend with the address " + k.Address
	default:
		return "a frontend of the Service " + k.UID
	}
}
