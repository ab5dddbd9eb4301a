package activities

import (
	"context"

	"github.com/linkwright/linkwright/internal/link"
)

// Inventories is what the owner of a hub does, so that connections find room in its VPCs.
type Inventories interface {
	// Survey looks at the VPCs of an inventory: how much room each has, and what keeps one from being used. What is
	// wrong with a VPC, or between two of them, is an answer, not an error. It changes nothing.
	Survey(context.Context, SurveyRequest) (Survey, error)
}

// SurveyRequest asks about the VPCs of an inventory.
type SurveyRequest struct {
	Place
	Spec link.VPCInventorySpec `json:"spec"`
}

// Survey is what the cloud says of the VPCs of an inventory.
type Survey struct {
	// Quota is how many endpoints each VPC may have, and QuotaSource where that figure is from: "Service Quotas", or
	// why it was not asked there.
	Quota       int       `json:"quota"`
	QuotaSource string    `json:"quotaSource"`
	VPCs        []VPCRoom `json:"vpcs"` // in the order of the spec
}

// VPCRoom is the room in one VPC.
type VPCRoom struct {
	VPC   string   `json:"vpc"`
	CIDRs []string `json:"cidrs,omitempty"`
	// Endpoints are those that count against the quota, whoever has made them, and Owners the flows that Linkwright
	// has made some of them for, sorted.
	Endpoints int          `json:"endpoints"`
	Owners    []Owner      `json:"owners,omitempty"`
	Subnets   []SubnetRoom `json:"subnets,omitempty"`
	// Problems keep the VPC from being used; empty when nothing does.
	Problems []string `json:"problems,omitempty"`
}

// SubnetRoom is the room in one subnet.
type SubnetRoom struct {
	Subnet string `json:"subnet"`
	ZoneID string `json:"zoneID"`
	// Free are the addresses that nobody uses.
	Free int `json:"free"`
}
