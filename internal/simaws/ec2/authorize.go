package ec2

import (
	"fmt"

	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// need tells which permissions a request needs.
type need func(r *sim.Request, f query.Form) []sim.Need

// needs are those of each action: on which resources, with which condition keys, and which other actions besides
// (Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2"). What this is silent
// about is said where it is decided.
func (s *Service) needs() map[string]need {
	return map[string]need{
		"DescribeRegions":           s.anywhere,
		"DescribeAvailabilityZones": s.anywhere,
		"DescribeAccountAttributes": s.anywhere,

		"CreateTags":   s.tags,
		"DeleteTags":   s.tags,
		"DescribeTags": s.anywhere,

		"CreateVpc":             s.creates("vpc"),
		"AssociateVpcCidrBlock": s.on("VpcId"),
		"DeleteVpc":             s.on("VpcId"),
		"DescribeVpcs":          s.anywhere,
		"ModifyVpcAttribute":    s.on("VpcId"),
		"DescribeVpcAttribute":  s.on("VpcId"),
		"DescribeNetworkAcls":   s.anywhere,

		"CreateRouteTable":             s.creates("route-table", "VpcId"),
		"DeleteRouteTable":             s.on("RouteTableId"),
		"DescribeRouteTables":          s.anywhere,
		"AssociateRouteTable":          s.on("RouteTableId", "SubnetId"),
		"DisassociateRouteTable":       s.onAssociation,
		"ReplaceRouteTableAssociation": s.on("RouteTableId"),
		"CreateRoute":                  s.on("RouteTableId"),
		"ReplaceRoute":                 s.on("RouteTableId"),
		"DeleteRoute":                  s.on("RouteTableId"),

		"CreateVpcPeeringConnection":    s.createsPeering,
		"AcceptVpcPeeringConnection":    s.acceptsPeering,
		"RejectVpcPeeringConnection":    s.on("VpcPeeringConnectionId"),
		"DeleteVpcPeeringConnection":    s.on("VpcPeeringConnectionId"),
		"DescribeVpcPeeringConnections": s.anywhere,

		"CreateManagedPrefixList":     s.creates("prefix-list"),
		"DescribeManagedPrefixLists":  s.anywhere,
		"GetManagedPrefixListEntries": s.on("PrefixListId"),
		"DescribePrefixLists":         s.anywhere,

		"CreateSubnet":             s.creates("subnet", "VpcId"),
		"DeleteSubnet":             s.on("SubnetId"),
		"DescribeSubnets":          s.anywhere,
		"ModifySubnetAttribute":    s.on("SubnetId"),
		"AssociateSubnetCidrBlock": s.on("SubnetId"),

		"CreateSecurityGroup":           s.creates("security-group", "VpcId"),
		"DeleteSecurityGroup":           s.on("GroupId"),
		"DescribeSecurityGroups":        s.anywhere,
		"DescribeSecurityGroupRules":    s.anywhere,
		"AuthorizeSecurityGroupIngress": s.onAndTags("security-group-rule", "GroupId"),
		"AuthorizeSecurityGroupEgress":  s.onAndTags("security-group-rule", "GroupId"),
		"RevokeSecurityGroupIngress":    s.on("GroupId"),
		"RevokeSecurityGroupEgress":     s.on("GroupId"),
		"ModifySecurityGroupRules":      s.modifiesRules,

		"UpdateSecurityGroupRuleDescriptionsIngress": s.on("GroupId"),
		"UpdateSecurityGroupRuleDescriptionsEgress":  s.on("GroupId"),

		"DescribeNetworkInterfaces": s.anywhere,

		"CreateVpcEndpointServiceConfiguration":         s.createsEndpointService,
		"ModifyVpcEndpointServiceConfiguration":         s.modifiesEndpointService,
		"ModifyVpcEndpointServicePayerResponsibility":   s.on("ServiceId"),
		"DeleteVpcEndpointServiceConfigurations":        s.on("ServiceId"),
		"DescribeVpcEndpointServiceConfigurations":      s.anywhere,
		"ModifyVpcEndpointServicePermissions":           s.on("ServiceId"),
		"DescribeVpcEndpointServicePermissions":         s.on("ServiceId"),
		"StartVpcEndpointServicePrivateDnsVerification": s.on("ServiceId"),
		"DescribeVpcEndpointServices":                   s.anywhere,
		"CreateVpcEndpoint":                             s.createsEndpoint,
		"ModifyVpcEndpoint":                             s.modifiesEndpoint,
		"ModifyVpcEndpointPayerResponsibility":          s.on("VpcEndpointId"),
		"DeleteVpcEndpoints":                            s.on("VpcEndpointId"),
		"DescribeVpcEndpoints":                          s.anywhere,
		"DescribeVpcEndpointConnections":                s.anywhere,
		"AcceptVpcEndpointConnections":                  s.on("ServiceId"), // the endpoints are others'
		"RejectVpcEndpointConnections":                  s.on("ServiceId"),
		"CreateVpcEndpointConnectionNotification":       s.onNotified,
		"ModifyVpcEndpointConnectionNotification":       s.onNotified,
		"DeleteVpcEndpointConnectionNotifications":      s.onNotified,
		"DescribeVpcEndpointConnectionNotifications":    s.anywhere,
	}
}

// Permissions implements sim.Service.
func (s *Service) Permissions() sim.Permissions {
	p := sim.Permissions{Needs: map[string]func(*sim.Request) ([]sim.Need, error){}}
	for action, need := range s.needs() {
		p.Needs[action] = func(r *sim.Request) ([]sim.Need, error) {
			needs := need(r, query.NewForm(r.Form))
			for i := range needs {
				if needs[i].Context == nil {
					needs[i].Context = policy.Context{}
				}
				needs[i].Context.Set("ec2:Region", r.Region)
			}
			return needs, nil
		}
	}
	return p
}

// kinds are the kinds of the resources that parameters name.
var kinds = map[string]string{
	"VpcId":                 "vpc",
	"SubnetId":              "subnet",
	"AddSubnetId":           "subnet",
	"RemoveSubnetId":        "subnet",
	"GroupId":               "security-group",
	"SecurityGroupId":       "security-group",
	"AddSecurityGroupId":    "security-group",
	"RemoveSecurityGroupId": "security-group",
	"RouteTableId":          "route-table",
	"AddRouteTableId":       "route-table",
	"RemoveRouteTableId":    "route-table",
	"ServiceId":             "vpc-endpoint-service",
	"VpcEndpointId":         "vpc-endpoint",
	"PrefixListId":          "prefix-list",

	"VpcPeeringConnectionId": "vpc-peering-connection",
}

// kindOf is the kind of a resource by the beginning of its id, which is all that is known of one that is not there.
func kindOf(id string) string {
	prefix, _, _ := cutLast(id, "-")
	return map[string]string{
		"vpc": "vpc", "subnet": "subnet", "sg": "security-group", "sgr": "security-group-rule", "rtb": "route-table",
		"acl": "network-acl", "eni": "network-interface", "vpce": "vpc-endpoint", "vpce-svc": "vpc-endpoint-service",
		"vpce-nfn": "vpc-endpoint-connection-notification", "pcx": "vpc-peering-connection", "pl": "prefix-list",
	}[prefix]
}

// named are the ids that a parameter gives, which may be a list.
func named(f query.Form, parameter string) []string {
	if f.Has(parameter) {
		return []string{f.String(parameter)}
	}
	return f.List(parameter)
}

func action(r *sim.Request) string { return "ec2:" + r.Action }

// anywhere is the need of actions that cannot be limited to resources: nearly all that describe.
func (s *Service) anywhere(r *sim.Request, _ query.Form) []sim.Need {
	return sim.Anywhere("ec2", r)
}

// on is the need of actions on the resources that parameters name. When they name none, the request is judged as
// one on any resource of their kind; it fails later for what it lacks.
func (s *Service) on(parameters ...string) need {
	return func(r *sim.Request, f query.Form) []sim.Need {
		needs := s.onNamed(r, f, parameters...)
		if len(needs) == 0 {
			needs = []sim.Need{{Action: action(r), Resource: arn(r, kinds[parameters[0]], "*")}}
		}
		return needs
	}
}

func (s *Service) onNamed(r *sim.Request, f query.Form, parameters ...string) []sim.Need {
	var needs []sim.Need
	for _, parameter := range parameters {
		for _, id := range named(f, parameter) {
			needs = append(needs, s.existing(r, action(r), kinds[parameter], id))
		}
	}
	return needs
}

// creates is the need of an action that makes a resource of a kind beside, or in, those that parameters name; with
// tags it needs ec2:CreateTags on it too.
func (s *Service) creates(kind string, parameters ...string) need {
	return func(r *sim.Request, f query.Form) []sim.Need {
		needs := s.onNamed(r, f, parameters...)
		needs = append(needs, sim.Need{Action: action(r), Resource: arn(r, kind, "*"), Context: requestTags(f, kind)})
		return append(needs, tagging(r, f, kind)...)
	}
}

// onAndTags is the need of actions on existing resources that make something of a kind which has no permission of
// its own, unless it is given tags.
func (s *Service) onAndTags(kind string, parameters ...string) need {
	return func(r *sim.Request, f query.Form) []sim.Need {
		return append(s.on(parameters...)(r, f), tagging(r, f, kind)...)
	}
}

// tagging is what it takes to give a new resource of a kind its tags (EC2 User Guide, "Grant permission to tag
// Amazon EC2 resources during creation").
func tagging(r *sim.Request, f query.Form, kind string) []sim.Need {
	context := requestTags(f, kind)
	if len(context) == 0 {
		return nil
	}
	context.Set("ec2:CreateAction", r.Action)
	return []sim.Need{{Action: "ec2:CreateTags", Resource: arn(r, kind, "*"), Context: context}}
}

// tags is the need of CreateTags and DeleteTags: on each resource.
func (s *Service) tags(r *sim.Request, f query.Form) []sim.Need {
	var needs []sim.Need
	for _, id := range f.List("ResourceId") {
		need := s.existing(r, action(r), kindOf(id), id)
		need.Context = need.Context.With(tagKeys(f.Structs("Tag")))
		needs = append(needs, need)
	}
	if len(needs) == 0 {
		return s.anywhere(r, f)
	}
	return needs
}

// existing is the need of an action on a resource that there should be. Its tags and other facts are condition
// keys; one that is not there, or another account's, has none.
func (s *Service) existing(r *sim.Request, action, kind, id string) sim.Need {
	need := sim.Need{Action: action, Resource: arn(r, kind, id), Context: policy.Context{}}
	resource := s.state.ownedResource(r, id)
	if resource == nil || resource.Type != kind {
		return need
	}
	need.Context.SetTags("aws:ResourceTag/", resource.Tags)
	need.Context.SetTags("ec2:ResourceTag/", resource.Tags)
	switch kind {
	case "vpc":
		need.Context.Set("ec2:VpcID", id)
		need.Context.Set("ec2:Tenancy", s.state.VPCs[id].Tenancy)
	case "subnet":
		need.Context.Set("ec2:SubnetID", id)
		need.Context.Set("ec2:Vpc", arn(r, "vpc", s.state.Subnets[id].VPC))
		need.Context.Set("ec2:AvailabilityZone", s.state.Subnets[id].Zone.Name)
	case "security-group":
		need.Context.Set("ec2:SecurityGroupID", id)
		need.Context.Set("ec2:Vpc", arn(r, "vpc", s.state.SecurityGroups[id].VPC))
	case "route-table":
		need.Context.Set("ec2:RouteTableID", id)
		need.Context.Set("ec2:Vpc", arn(r, "vpc", s.state.RouteTables[id].VPC))
	case "vpc-peering-connection":
		setPeers(need.Context, r, id, s.state.Peerings[id].RequesterVPC, s.state.Peerings[id].AccepterVPC)
	case "vpc-endpoint":
		need.Context.Set("ec2:VpceServiceName", s.state.Endpoints[id].ServiceName)
	case "vpc-endpoint-service":
		setSupportedRegions(need.Context, r, s.state.EndpointServices[id].SupportedRegions)
	}
	return need
}

// arn is the ARN of a resource of the caller's account.
func arn(r *sim.Request, kind, id string) string {
	return fmt.Sprintf("arn:%s:ec2:%s:%s:%s/%s", r.Partition, r.Region, r.Caller.AccountID, kind, id)
}

// requestTags are the condition keys of the tags that a request gives a new resource of a kind.
func requestTags(f query.Form, kind string) policy.Context {
	var tags []query.Form
	for _, spec := range f.Structs("TagSpecification") {
		if spec.String("ResourceType") == kind {
			tags = append(tags, spec.Structs("Tag")...)
		}
	}
	return tagKeys(tags)
}

func tagKeys(tags []query.Form) policy.Context {
	context := policy.Context{}
	var keys []string
	for _, tag := range tags {
		keys = append(keys, tag.String("Key"))
		if tag.Has("Value") {
			context.Set("aws:RequestTag/"+tag.String("Key"), tag.String("Value"))
		}
	}
	context.Set("aws:TagKeys", keys...)
	return context
}
