package ec2

import (
	"slices"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// regions are the commercial Regions that an account has without opting in (AWS Account Management
// Reference Guide, "Enable or disable AWS Regions in your account").
var regions = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
	"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

type regionItem struct {
	Name        string `xml:"regionName"`
	Endpoint    string `xml:"regionEndpoint"`
	OptInStatus string `xml:"optInStatus"`
}

func (s *Service) describeRegions(_ *sim.Request, f query.Form) (any, error) {
	names := f.List("RegionName")
	for _, name := range names {
		if !slices.Contains(regions, name) {
			return nil, sim.Errorf("InvalidParameterValue", "Invalid region provided: [%s]", name)
		}
	}
	if err := f.Filters().Check(func(name string) bool { _, known := (regionItem{}).attributes()[name]; return known }); err != nil {
		return nil, err
	}
	var result struct {
		Regions []regionItem `xml:"regionInfo>item"`
	}
	for _, name := range regions {
		item := regionItem{Name: name, Endpoint: "ec2." + name + ".amazonaws.com", OptInStatus: "opt-in-not-required"}
		if f.Filters().Match(item.attribute) && (len(names) == 0 || slices.Contains(names, name)) {
			result.Regions = append(result.Regions, item)
		}
	}
	return result, nil
}

// attributes are what Regions can be filtered by.
func (item regionItem) attributes() map[string]string {
	return map[string]string{"region-name": item.Name, "endpoint": item.Endpoint, "opt-in-status": item.OptInStatus}
}

func (item regionItem) attribute(filter string) []string { return []string{item.attributes()[filter]} }

// describeAccountAttributes answers what clients ask at their start: an account of today has VPCs only and
// no default VPC here.
func (s *Service) describeAccountAttributes(_ *sim.Request, f query.Form) (any, error) {
	type attribute struct {
		Name   string   `xml:"attributeName"`
		Values []string `xml:"attributeValueSet>item>attributeValue"`
	}
	all := []attribute{
		{"supported-platforms", []string{"VPC"}},
		{"default-vpc", []string{"none"}},
	}
	wanted := f.List("AttributeName")
	var result struct {
		Attributes []attribute `xml:"accountAttributeSet>item"`
	}
	for _, a := range all {
		if len(wanted) == 0 || slices.Contains(wanted, a.Name) {
			result.Attributes = append(result.Attributes, a)
		}
	}
	return result, nil
}
