package aws

import (
	"context"
	"fmt"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities/sets"
	"github.com/linkwright/linkwright/internal/link"
)

// wantedService is what a spec comes to, once its load balancers are found and its defaults filled in.
type wantedService struct {
	LoadBalancers      []string
	AcceptanceRequired bool
	Principals         []string
	Regions            []string // without the service's own
	AddressTypes       []string
	PrivateDNSName     string
}

func wantService(spec *link.AWSEndpointService, loadBalancers []string, home string) wantedService {
	w := wantedService{
		LoadBalancers:      loadBalancers,
		AcceptanceRequired: spec.AcceptanceRequired == nil || *spec.AcceptanceRequired,
		Principals:         spec.AllowedPrincipals,
		Regions:            sets.Without(spec.SupportedRegions, []string{home}),
		AddressTypes:       []string{string(link.IPv4)},
	}
	if len(spec.IPAddressTypes) > 0 {
		w.AddressTypes = nil
		for _, t := range spec.IPAddressTypes {
			w.AddressTypes = append(w.AddressTypes, string(t))
		}
	}
	if spec.PrivateDNS != nil {
		w.PrivateDNSName = spec.PrivateDNS.Name
	}
	return w
}

// serviceChange is one thing about a service that is not as wanted; applying it is one call.
type serviceChange interface {
	fmt.Stringer
	// differences tell what it is about: what it would add apart from what it would take away, where that lets in more.
	differences() []link.Difference
	apply(ctx context.Context, client *ec2.Client, serviceID string) error
}

type (
	setAcceptance       struct{ Required bool }
	setPrivateDNSName   struct{ Name string } // empty: take it away
	editLoadBalancers   struct{ sets.Edit }
	editAddressTypes    struct{ sets.Edit }
	editRegions         struct{ sets.Edit }
	editPrincipals      struct{ sets.Edit }
	serviceModification = ec2.ModifyVpcEndpointServiceConfigurationInput
)

// planService lists what makes a service as wanted:
//
//	observed                         change
//	---------------------------------------------------------------
//	other acceptance                 setAcceptance
//	other load balancers             editLoadBalancers
//	other address types              editAddressTypes
//	other regions, own one aside     editRegions
//	other private DNS name, or none  setPrivateDNSName
//	other principals                 editPrincipals
//
// Acceptance comes first, so that a service that shall ask does so before more consumers may come; principals
// last, so that those who come find everything else in place.
func planService(home string, have ec2types.ServiceConfiguration, principals []string, want wantedService) []serviceChange {
	var changes []serviceChange
	if sdk.ToBool(have.AcceptanceRequired) != want.AcceptanceRequired {
		changes = append(changes, setAcceptance{want.AcceptanceRequired})
	}
	if e := sets.Diff(have.NetworkLoadBalancerArns, want.LoadBalancers); !e.Empty() {
		changes = append(changes, editLoadBalancers{e})
	}
	if e := sets.Diff(addressTypes(have), want.AddressTypes); !e.Empty() {
		changes = append(changes, editAddressTypes{e})
	}
	if e := sets.Diff(openRegions(have, home), want.Regions); !e.Empty() {
		changes = append(changes, editRegions{e})
	}
	if !strings.EqualFold(sdk.ToString(have.PrivateDnsName), want.PrivateDNSName) {
		changes = append(changes, setPrivateDNSName{want.PrivateDNSName})
	}
	if e := sets.Diff(principals, want.Principals); !e.Empty() {
		changes = append(changes, editPrincipals{e})
	}
	return changes
}

// differencesOf are those of all changes of a plan.
func differencesOf(plan []serviceChange) []link.Difference {
	var all []link.Difference
	for _, change := range plan {
		all = append(all, change.differences()...)
	}
	return all
}

// narrowService is a plan without what would let in more than now.
func narrowService(plan []serviceChange) []serviceChange {
	var left []serviceChange
	for _, change := range plan {
		switch c := change.(type) {
		case setAcceptance:
			if !c.Required {
				continue
			}
		case editRegions:
			change = editRegions{sets.Edit{Remove: c.Remove}}
			if len(c.Remove) == 0 {
				continue
			}
		case editPrincipals:
			change = editPrincipals{sets.Edit{Remove: c.Remove}}
			if len(c.Remove) == 0 {
				continue
			}
		}
		left = append(left, change)
	}
	return left
}

func addressTypes(c ec2types.ServiceConfiguration) []string {
	var types []string
	for _, t := range c.SupportedIpAddressTypes {
		types = append(types, strings.ToLower(string(t)))
	}
	return types
}

// openRegions are the further regions that consumers may come from. The service's own is always open, and one
// that is being closed needs no closing.
func openRegions(c ec2types.ServiceConfiguration, home string) []string {
	var open []string
	for _, r := range c.SupportedRegions {
		state := strings.ToLower(sdk.ToString(r.ServiceState))
		if region := sdk.ToString(r.Region); region != home && !slices.Contains([]string{"closed", "deleting", "deleted"}, state) {
			open = append(open, region)
		}
	}
	return open
}

func (c setAcceptance) String() string {
	if c.Required {
		return "acceptance is required again"
	}
	return "acceptance is no longer required"
}

func (c setPrivateDNSName) String() string {
	if c.Name == "" {
		return "private DNS name taken away"
	}
	return "private DNS name set to " + c.Name
}

func (c editLoadBalancers) String() string { return "load balancers " + c.Edit.String() }
func (c editAddressTypes) String() string  { return "address types " + c.Edit.String() }
func (c editRegions) String() string       { return "supported regions " + c.Edit.String() }
func (c editPrincipals) String() string    { return "allowed principals " + c.Edit.String() }

func (c setAcceptance) differences() []link.Difference {
	return []link.Difference{{Kind: link.DriftAcceptance, Text: c.String(), Widens: !c.Required}}
}

func (c setPrivateDNSName) differences() []link.Difference {
	return differing(link.DriftPrivateDNSName, c.String())
}

func (c editLoadBalancers) differences() []link.Difference {
	return differing(link.DriftLoadBalancers, c.String())
}

func (c editAddressTypes) differences() []link.Difference {
	return differing(link.DriftSettings, c.String())
}

func (c editRegions) differences() []link.Difference {
	return widening(link.DriftSettings, "supported regions ", c.Edit)
}

func (c editPrincipals) differences() []link.Difference {
	return widening(link.DriftPrincipals, "allowed principals ", c.Edit)
}

func (c setAcceptance) apply(ctx context.Context, client *ec2.Client, id string) error {
	return modifyService(ctx, client, id, serviceModification{AcceptanceRequired: sdk.Bool(c.Required)})
}

func (c setPrivateDNSName) apply(ctx context.Context, client *ec2.Client, id string) error {
	if c.Name == "" {
		return modifyService(ctx, client, id, serviceModification{RemovePrivateDnsName: sdk.Bool(true)})
	}
	return modifyService(ctx, client, id, serviceModification{PrivateDnsName: sdk.String(c.Name)})
}

func (c editLoadBalancers) apply(ctx context.Context, client *ec2.Client, id string) error {
	return modifyService(ctx, client, id, serviceModification{
		AddNetworkLoadBalancerArns: c.Add, RemoveNetworkLoadBalancerArns: c.Remove})
}

func (c editAddressTypes) apply(ctx context.Context, client *ec2.Client, id string) error {
	return modifyService(ctx, client, id, serviceModification{
		AddSupportedIpAddressTypes: c.Add, RemoveSupportedIpAddressTypes: c.Remove})
}

func (c editRegions) apply(ctx context.Context, client *ec2.Client, id string) error {
	return modifyService(ctx, client, id, serviceModification{
		AddSupportedRegions: c.Add, RemoveSupportedRegions: c.Remove})
}

func modifyService(ctx context.Context, client *ec2.Client, id string, m serviceModification) error {
	m.ServiceId = sdk.String(id)
	_, err := client.ModifyVpcEndpointServiceConfiguration(ctx, &m)
	return err
}

func (c editPrincipals) apply(ctx context.Context, client *ec2.Client, id string) error {
	_, err := client.ModifyVpcEndpointServicePermissions(ctx, &ec2.ModifyVpcEndpointServicePermissionsInput{
		ServiceId:               sdk.String(id),
		AddAllowedPrincipals:    c.Add,
		RemoveAllowedPrincipals: c.Remove,
	})
	return err
}
