package arm

import (
	"slices"
	"strings"
)

// Region is a place where resources can be.
type Region struct{ Name, Display string }

// Regions are some of Azure's (az account list-locations).
func Regions() []Region {
	return []Region{
		{"eastus", "East US"}, {"eastus2", "East US 2"}, {"centralus", "Central US"}, {"westus2", "West US 2"}, {"westus3", "West US 3"},
		{"northeurope", "North Europe"}, {"westeurope", "West Europe"}, {"germanywestcentral", "Germany West Central"},
		{"francecentral", "France Central"}, {"swedencentral", "Sweden Central"}, {"switzerlandnorth", "Switzerland North"}, {"uksouth", "UK South"},
		{"southeastasia", "Southeast Asia"}, {"japaneast", "Japan East"}, {"australiaeast", "Australia East"},
	}
}

// Location is a region's name as Azure keeps it: "West Europe" is "westeurope".
func Location(name string) string { return strings.ToLower(strings.ReplaceAll(name, " ", "")) }

// IsLocation reports whether there is such a region.
func IsLocation(name string) bool {
	return slices.ContainsFunc(Regions(), func(r Region) bool { return r.Name == name })
}
