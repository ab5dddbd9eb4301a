package link

// VPCInventorySpec lists the VPCs of a hub, among which connections find a place for their endpoints.
type VPCInventorySpec struct {
	// Account that owns the VPCs, by its name in the workers' accounts file.
	Account string `json:"account" jsonschema:"required,minLength=1"`
	// Region of the VPCs.
	Region string `json:"region" jsonschema:"required,pattern=^[a-z]+(-[a-z]+)+-[0-9]+$,example=eu-central-1"`
	// AWS lists the VPCs.
	AWS *AWSInventory `json:"aws,omitempty" jsonschema:"required"`
}

// AWSInventory is what an inventory has to offer on AWS.
type AWSInventory struct {
	// VPCs in which endpoints are made. Their addresses must not overlap, so that one network can reach them all.
	VPCs []InventoryVPC `json:"vpcs" jsonschema:"required,minItems=1"`
	// KeepFree is the room that connections leave to others.
	KeepFree KeepFree `json:"keepFree,omitzero"`
}

// InventoryVPC is one VPC of an inventory.
type InventoryVPC struct {
	// VPC is its id.
	VPC string `json:"vpc" jsonschema:"required,pattern=^vpc-[0-9a-f]+$,example=vpc-0a1b2c3d4e5f67890"`
	// Subnets for the endpoints' network interfaces, one in each availability zone.
	Subnets []InventorySubnet `json:"subnets" jsonschema:"required,minItems=1"`
	// SecurityGroups of endpoints whose connection does not name any. Default: the VPC's default security group.
	SecurityGroups []string `json:"securityGroups,omitempty" jsonschema:"uniqueItems=true,pattern=^sg-[0-9a-f]+$,example=sg-0a1b2c3d4e5f67890"`
	// RouteTables get a route to the hub when the inventory is peered with it (linkwright peer). Default: none.
	RouteTables []string `json:"routeTables,omitempty" jsonschema:"uniqueItems=true,pattern=^rtb-[0-9a-f]+$,example=rtb-0a1b2c3d4e5f67890"`
}

// InventorySubnet is a subnet and the zone that it lies in.
type InventorySubnet struct {
	// ZoneID is the availability zone by its id, which means the same zone in every account; names do not.
	ZoneID string `json:"zoneID" jsonschema:"required,pattern=^[a-z0-9-]+-az[0-9]+$,example=euc1-az1"`
	// Subnet is its id.
	Subnet string `json:"subnet" jsonschema:"required,pattern=^subnet-[0-9a-f]+$,example=subnet-0a1b2c3d4e5f67890"`
}

// KeepFree is room that is not given to connections.
type KeepFree struct {
	// Endpoints of each VPC's quota. Default: 0.
	Endpoints int32 `json:"endpoints,omitempty" jsonschema:"minimum=0,maximum=1000"`
	// Addresses of each subnet. Default: 0.
	Addresses int32 `json:"addresses,omitempty" jsonschema:"minimum=0,maximum=65536"`
}
