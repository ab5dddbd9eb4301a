package route53

import (
	"encoding/xml"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/policy"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// need tells which permissions a request needs.
type need func(c call) []sim.Need

// needs are those of each operation (Service Authorization Reference, "Actions, resources, and condition keys for
// Amazon Route 53"). Hosted zones have tags, but policies cannot look at them.
func needs() map[string]need {
	return map[string]need{
		"CreateHostedZone":                  createsHostedZone,
		"ListHostedZones":                   anywhere,
		"ListHostedZonesByName":             anywhere,
		"ListHostedZonesByVPC":              listsByVPC,
		"GetHostedZoneCount":                anywhere,
		"GetHostedZone":                     onZone,
		"UpdateHostedZoneComment":           onZone,
		"DeleteHostedZone":                  onZone,
		"GetDNSSEC":                         onZone,
		"AssociateVPCWithHostedZone":        associates,
		"DisassociateVPCFromHostedZone":     associates,
		"CreateVPCAssociationAuthorization": authorizes,
		"DeleteVPCAssociationAuthorization": authorizes,
		"ListVPCAssociationAuthorizations":  onZone,
		"ChangeResourceRecordSets":          changesRecords,
		"ListResourceRecordSets":            onZone,
		"GetChange":                         onChange,
		"ListTagsForResources":              onTaggedOnes,
		"ListTagsForResource":               onTagged,
		"ChangeTagsForResource":             onTagged,
	}
}

// Permissions implements sim.Service.
func (s *Service) Permissions() sim.Permissions {
	p := sim.Permissions{Needs: map[string]func(*sim.Request) ([]sim.Need, error){}}
	for action, need := range needs() {
		p.Needs[action] = func(r *sim.Request) ([]sim.Need, error) {
			_, vars, _ := match(r.HTTP)
			return need(call{Request: r, vars: vars}), nil
		}
	}
	return p
}

func anywhere(c call) []sim.Need { return sim.Anywhere("route53", c.Request) }

// on is the need of an operation on a resource: "hostedzone" or "change" and its id.
func on(c call, kind, id string) sim.Need {
	id = strings.TrimPrefix(id, "/"+kind+"/")
	return sim.Need{Action: "route53:" + c.Action, Resource: "arn:" + c.Partition + ":route53:::" + kind + "/" + id}
}

func onZone(c call) []sim.Need { return []sim.Need{on(c, "hostedzone", c.vars[0])} }

func onChange(c call) []sim.Need { return []sim.Need{on(c, "change", c.vars[0])} }

// onTagged is the need of an operation on the tags of the resource that the path names by kind and id.
func onTagged(c call) []sim.Need { return []sim.Need{on(c, c.vars[0], c.vars[1])} }

func onTaggedOnes(c call) []sim.Need {
	var body struct {
		IDs []string `xml:"ResourceIds>ResourceId"`
	}
	if err := xml.Unmarshal(c.Body, &body); err != nil || len(body.IDs) == 0 {
		return anywhere(c)
	}
	var needs []sim.Need
	for _, id := range body.IDs {
		needs = append(needs, on(c, c.vars[0], id))
	}
	return needs
}

// changesRecords is the need of ChangeResourceRecordSets, with what the batch changes as condition keys: each name
// without the dot at its end, each type, each action (Route 53 Developer Guide, "Using IAM policy conditions for
// fine-grained access control").
func changesRecords(c call) []sim.Need {
	need := on(c, "hostedzone", c.vars[0])
	need.Context = policy.Context{}
	var batch changeSetsRequest
	if err := xml.Unmarshal(c.Body, &batch); err == nil {
		names, types, actions := []string{}, []string{}, []string{}
		for _, change := range batch.Changes {
			if name, err := canonicalName(change.Set.Name); err == nil {
				names = append(names, strings.TrimSuffix(name, "."))
			}
			types, actions = append(types, change.Set.Type), append(actions, change.Action)
		}
		need.Context.Set("route53:ChangeResourceRecordSetsNormalizedRecordNames", names...)
		need.Context.Set("route53:ChangeResourceRecordSetsRecordTypes", types...)
		need.Context.Set("route53:ChangeResourceRecordSetsActions", actions...)
	}
	return []sim.Need{need}
}

// createsHostedZone is the need of CreateHostedZone; for a private zone Route 53 looks at the VPC in the caller's
// name.
func createsHostedZone(c call) []sim.Need {
	needs := anywhere(c)
	var body createHostedZoneRequest
	if err := xml.Unmarshal(c.Body, &body); err != nil || body.VPC == nil {
		return needs
	}
	return describing(inVPC(needs, *body.VPC))
}

// associates is the need of AssociateVPCWithHostedZone and DisassociateVPCFromHostedZone: on the zone, with the VPC as
// condition key. Route 53 looks at the VPC in the caller's name.
func associates(c call) []sim.Need { return describing(authorizes(c)) }

// authorizes is the need of the actions on authorizations. The VPC is another account's: nobody looks at it.
func authorizes(c call) []sim.Need {
	var body vpcRequest
	if err := xml.Unmarshal(c.Body, &body); err != nil {
		return onZone(c)
	}
	return inVPC(onZone(c), body.VPC)
}

func listsByVPC(c call) []sim.Need {
	return describing(inVPC(anywhere(c), VPC{Region: c.query("vpcregion"), ID: c.query("vpcid")}))
}

// inVPC adds to needs the VPC as a condition key.
func inVPC(needs []sim.Need, vpc VPC) []sim.Need {
	for i := range needs {
		needs[i].Context = policy.Context{}
		needs[i].Context.Set("route53:VPCs", "VPCId="+vpc.ID+",VPCRegion="+vpc.Region)
	}
	return needs
}

// describing adds the permission that Route 53 needs to look at a VPC (Service Authorization Reference, "Dependent
// actions").
func describing(needs []sim.Need) []sim.Need {
	return append(needs, sim.Need{Action: "ec2:DescribeVpcs", Resource: "*"})
}
