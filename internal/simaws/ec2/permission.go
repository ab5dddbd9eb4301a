package ec2

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Principal may see an endpoint service and ask for connections to it.
type Principal struct {
	ARN          string // "*" for everyone
	PermissionID string
}

// principalARN is what may be allowed: everyone, an account, a user or a role, the latter two without a path
// (EC2 API Reference, ModifyVpcEndpointServicePermissions).
var principalARN = regexp.MustCompile(`^(\*|arn:aws[a-z-]*:iam::\d{12}:(root|(user|role)/[\w+=,.@-]+))$`)

func principalType(arn string) string {
	switch {
	case arn == "*":
		return "All"
	case strings.Contains(arn, ":user/"):
		return "User"
	case strings.Contains(arn, ":role/"):
		return "Role"
	}
	return "Account"
}

// allows reports whether the caller may see the service: its owner always, and whoever is allowed as a
// principal, be it through the account, the user or the role.
func (v *EndpointService) allows(caller sim.Caller) bool {
	if caller.AccountID == v.Owner {
		return true
	}
	return slices.ContainsFunc(v.Principals, func(p Principal) bool {
		return p.ARN == "*" || p.ARN == caller.Principal() || strings.HasSuffix(p.ARN, "::"+caller.AccountID+":root")
	})
}

type principalItem struct {
	Type       string `xml:"principalType"`
	Principal  string `xml:"principal"`
	Permission string `xml:"servicePermissionId"`
	Service    string `xml:"serviceId"`
}

func (v *EndpointService) principalItem(p Principal) principalItem {
	return principalItem{principalType(p.ARN), p.ARN, p.PermissionID, v.ID}
}

// modifyPermissions adds and removes principals. Connections that a removed principal has stay as they are.
func (s *Service) modifyPermissions(r *sim.Request, f query.Form) (any, error) {
	service, err := s.endpointService(r, f)
	if err != nil {
		return nil, err
	}
	add, remove := f.List("AddAllowedPrincipals"), f.List("RemoveAllowedPrincipals")
	for _, arn := range slices.Concat(add, remove) {
		if !principalARN.MatchString(arn) {
			return nil, sim.Errorf("InvalidPrincipal", "Invalid Principal: '%s'", arn)
		}
	}
	var result struct {
		Added  []principalItem `xml:"addedPrincipalSet>item"`
		Return bool            `xml:"return"`
	}
	result.Return = true
	for _, arn := range add {
		if slices.ContainsFunc(service.Principals, func(p Principal) bool { return p.ARN == arn }) {
			continue
		}
		p := Principal{ARN: arn, PermissionID: sim.NewID("vpce-svc-perm")}
		service.Principals = append(service.Principals, p)
		result.Added = append(result.Added, service.principalItem(p))
	}
	service.Principals = slices.DeleteFunc(service.Principals, func(p Principal) bool { return slices.Contains(remove, p.ARN) })
	return result, nil
}

// describePermissions lists a service's principals in the order of their ARNs.
func (s *Service) describePermissions(r *sim.Request, f query.Form) (any, error) {
	service, err := s.endpointService(r, f)
	if err != nil {
		return nil, err
	}
	size, err := pageLimits.Size(f, "MaxResults")
	if err != nil {
		return nil, err
	}
	if err := f.Filters().Check(func(name string) bool { return name == "principal" || name == "principal-type" }); err != nil {
		return nil, err
	}
	var items []principalItem
	for _, p := range service.Principals {
		if item := service.principalItem(p); f.Filters().Match(item.attribute) {
			items = append(items, item)
		}
	}
	slices.SortFunc(items, func(a, b principalItem) int { return cmp.Compare(a.Principal, b.Principal) })
	place := map[string]int{}
	for i, item := range items {
		place[item.Principal] = i + 1
	}
	var result struct {
		Allowed   []principalItem `xml:"allowedPrincipals>item"`
		NextToken string          `xml:"nextToken,omitempty"`
	}
	result.Allowed, result.NextToken, err = query.Page(r, items, func(i principalItem) int { return place[i.Principal] }, size, f.String("NextToken"))
	return result, err
}

func (i principalItem) attribute(filter string) []string {
	if filter == "principal-type" {
		return []string{i.Type}
	}
	return []string{i.Principal}
}
