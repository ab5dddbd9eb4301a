package link

import (
	"reflect"
	"strings"
)

// KindVPCPeering is the kind of the flow that peers a hub's VPC with those of an inventory. There is no document of it:
// the command linkwright peer says what it is to do.
const KindVPCPeering Kind = "VPCPeering"

// PeeringSpec says which VPC is peered with those of an inventory, and whom these let in.
type PeeringSpec struct {
	// Hub is the VPC from which the endpoints in the inventory's VPCs are reached.
	Hub PeeringHub `json:"hub"`
	// Inventory by its name; its flow says which VPCs there are.
	Inventory string `json:"inventory" jsonschema:"required,maxLength=63,pattern=^[a-z0-9]([a-z0-9-]*[a-z0-9])?$,example=hub"`
	// Ports on which the endpoints are reached. Default: 443.
	Ports []int32 `json:"ports,omitempty" jsonschema:"uniqueItems=true,minimum=1,maximum=65535"`
}

// PeeringHub is the VPC that is peered with others.
type PeeringHub struct {
	// Account that owns the VPC, by its name in the workers' accounts file.
	Account string `json:"account" jsonschema:"required,minLength=1"`
	// Region of the VPC.
	Region string `json:"region" jsonschema:"required,pattern=^[a-z]+(-[a-z]+)+-[0-9]+$,example=eu-central-1"`
	// VPC is its id.
	VPC string `json:"vpc" jsonschema:"required,pattern=^vpc-[0-9a-f]+$,example=vpc-0a1b2c3d4e5f67890"`
	// RouteTables of the VPC that get routes to the inventory's VPCs.
	RouteTables []string `json:"routeTables" jsonschema:"required,minItems=1,uniqueItems=true,pattern=^rtb-[0-9a-f]+$,example=rtb-0a1b2c3d4e5f67890"`
	// SecurityGroups of the VPC whose members alone are let in. Default: everybody in the VPC is.
	SecurityGroups []string `json:"securityGroups,omitempty" jsonschema:"uniqueItems=true,pattern=^sg-[0-9a-f]+$,example=sg-0a1b2c3d4e5f67890"`
}

// Validate finds everything that can be known to be wrong with the spec without asking a cloud, as [Errors], or nil.
func (s PeeringSpec) Validate() error {
	c := &checker{}
	c.fields(reflect.ValueOf(s), "")
	return c.errors.err()
}

// WithDefaults returns the spec with every documented default filled in.
func (s PeeringSpec) WithDefaults() PeeringSpec {
	if len(s.Ports) == 0 {
		s.Ports = []int32{443}
	}
	return s
}

// PeeringChanges compares two specs of a peering as [ServiceChanges] does those of a service; paths have no "spec."
// before them, because there is no document.
func PeeringChanges(old, new PeeringSpec) (changed []string, refused Errors) {
	changed, refused = changes(old.WithDefaults(), new.WithDefaults(), fixedInPeering())
	for i := range changed {
		changed[i] = strings.TrimPrefix(changed[i], "spec.")
	}
	for i := range refused {
		refused[i].Path = strings.TrimPrefix(refused[i].Path, "spec.")
	}
	return changed, refused
}

func fixedInPeering() []fixed {
	const anew = "remove the peering, or add one of another name"
	return []fixed{
		{"spec.hub.account", "a peering stays with its hub", anew},
		{"spec.hub.region", "a peering stays with its hub", anew},
		{"spec.hub.vpc", "a peering stays with its hub", anew},
		{"spec.inventory", "a peering stays with its inventory", anew},
	}
}
