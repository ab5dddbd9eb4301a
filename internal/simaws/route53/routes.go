package route53

import (
	"net/http"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// call is one request with the variable parts of its path, in order.
type call struct {
	*sim.Request
	vars []string
}

// query is a parameter of the URL.
func (c call) query(name string) string { return c.HTTP.URL.Query().Get(name) }

// route is one operation: its method and path below /2013-04-01/, where "*" is a variable part.
type route struct {
	method, path, action string
	handle               func(*Service, call) (any, error)
}

// routes are the operations that exist here (Route 53 API Reference, "Actions"). It is a function because
// the handlers reach the table's user.
func routes() []route {
	return []route{
		{http.MethodPost, "hostedzone", "CreateHostedZone", (*Service).createHostedZone},
		{http.MethodGet, "hostedzone", "ListHostedZones", (*Service).listHostedZones},
		{http.MethodGet, "hostedzonesbyname", "ListHostedZonesByName", (*Service).listHostedZonesByName},
		{http.MethodGet, "hostedzonesbyvpc", "ListHostedZonesByVPC", (*Service).listHostedZonesByVPC},
		{http.MethodGet, "hostedzonecount", "GetHostedZoneCount", (*Service).getHostedZoneCount},
		{http.MethodGet, "hostedzone/*", "GetHostedZone", (*Service).getHostedZone},
		{http.MethodPost, "hostedzone/*", "UpdateHostedZoneComment", (*Service).updateHostedZoneComment},
		{http.MethodDelete, "hostedzone/*", "DeleteHostedZone", (*Service).deleteHostedZone},
		{http.MethodPost, "hostedzone/*/associatevpc", "AssociateVPCWithHostedZone", (*Service).associateVPC},
		{http.MethodPost, "hostedzone/*/disassociatevpc", "DisassociateVPCFromHostedZone", (*Service).disassociateVPC},
		{http.MethodPost, "hostedzone/*/authorizevpcassociation", "CreateVPCAssociationAuthorization", (*Service).createAuthorization},
		{http.MethodPost, "hostedzone/*/deauthorizevpcassociation", "DeleteVPCAssociationAuthorization", (*Service).deleteAuthorization},
		{http.MethodGet, "hostedzone/*/authorizevpcassociation", "ListVPCAssociationAuthorizations", (*Service).listAuthorizations},
		{http.MethodGet, "hostedzone/*/dnssec", "GetDNSSEC", (*Service).getDNSSEC},
		{http.MethodPost, "hostedzone/*/rrset", "ChangeResourceRecordSets", (*Service).changeResourceRecordSets},
		{http.MethodGet, "hostedzone/*/rrset", "ListResourceRecordSets", (*Service).listResourceRecordSets},
		{http.MethodGet, "change/*", "GetChange", (*Service).getChange},
		{http.MethodPost, "tags/*", "ListTagsForResources", (*Service).listTagsForResources},
		{http.MethodGet, "tags/*/*", "ListTagsForResource", (*Service).listTagsForResource},
		{http.MethodPost, "tags/*/*", "ChangeTagsForResource", (*Service).changeTagsForResource},
	}
}

// match finds the operation that r asks for and the variable parts of its path.
func match(r *http.Request) (route, []string, bool) {
	path, ok := strings.CutPrefix(r.URL.Path, "/2013-04-01/")
	if !ok {
		return route{}, nil, false
	}
	parts := strings.Split(strings.TrimRight(path, "/"), "/")
	for _, candidate := range routes() {
		if vars, ok := candidate.match(r.Method, parts); ok {
			return candidate, vars, true
		}
	}
	return route{}, nil, false
}

func (rt route) match(method string, parts []string) (vars []string, ok bool) {
	pattern := strings.Split(rt.path, "/")
	if method != rt.method || len(parts) != len(pattern) {
		return nil, false
	}
	for i, p := range pattern {
		switch {
		case p == "*":
			vars = append(vars, parts[i])
		case p != parts[i]:
			return nil, false
		}
	}
	return vars, true
}
