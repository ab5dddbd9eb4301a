package aws

import (
	"encoding/json"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/activities/aws/permissions"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

func edge(changes ...func(*simaws.WorldRegion)) func(*simaws.WorldFile) {
	return func(f *simaws.WorldFile) {
		for _, account := range f.Accounts {
			if account.Name != "consumer" {
				continue
			}
			region := account.Regions["us-east-1"]
			region.Certificates = []simaws.WorldCertificate{
				{Name: "edge", Domain: "edge.example.com"},
				{Name: "shop", Domain: "shop.example.com"},
				{Name: "pending", Domain: "pending.example.com", Status: "PENDING_VALIDATION"},
			}
			region.WebACLs = []simaws.WorldWebACL{{Name: "front"}, {Name: "theirs"}}
			answer := &simaws.WorldFixedResponse{Status: "404"}
			for _, name := range []string{"edge", "second"} {
				region.ApplicationLoadBalancers = append(region.ApplicationLoadBalancers, simaws.WorldLoadBalancer{
					Name: name, Subnets: []string{"one", "two"}, Listeners: []simaws.WorldListener{
						{Protocol: "HTTPS", Port: 443, Certificate: "edge", FixedResponse: answer},
						{Protocol: "HTTP", Port: 80, FixedResponse: answer},
					}})
			}
			for _, change := range changes {
				change(&region)
			}
			account.Regions["us-east-1"] = region
		}
	}
}

func atEdge(change func(*simaws.WorldListener)) func(*simaws.WorldRegion) {
	return func(r *simaws.WorldRegion) {
		for i := range r.ApplicationLoadBalancers {
			if r.ApplicationLoadBalancers[i].Name == "edge" {
				change(&r.ApplicationLoadBalancers[i].Listeners[0])
			}
		}
	}
}

func ruled(rules ...simaws.WorldListenerRule) func(*simaws.WorldRegion) {
	return atEdge(func(l *simaws.WorldListener) {
		for _, r := range rules {
			r.FixedResponse = &simaws.WorldFixedResponse{Status: "200"}
			l.Rules = append(l.Rules, r)
		}
	})
}

type routeSteps struct {
	*scene
	*Ingress
	req   activities.RouteRequest
	group activities.TargetGroupRequest
}

func (sc *scene) route(changes ...func(*link.Route)) *routeSteps {
	sc.t.Helper()
	r := &routeSteps{scene: sc, Ingress: NewIngress(sc.config)}
	r.req = activities.RouteRequest{
		Place: consumer, Owner: connectionFlow, Name: "payments/shop", Listener: sc.id("consumer", "listener", "edge:443"),
		Want: link.Route{Hosts: []string{"shop.example.com"}, Targets: targetsWanted()},
	}
	for _, change := range changes {
		change(&r.req.Want)
	}
	r.group = activities.TargetGroupRequest{
		Place: consumer, Owner: connectionFlow, Name: "payments/shop", Listener: r.req.Listener, Port: 443, Want: r.req.Want.Targets,
	}
	return r
}

func (r *routeSteps) made() activities.Route {
	r.t.Helper()
	r.req.TargetGroup = must(r.t, r.EnsureTargetGroup, r.group).ARN
	certificate := must(r.t, r.FindCertificate, r.req)
	r.req.Certificate, r.req.AddedCertificate = certificate.ARN, !certificate.OnListener
	return must(r.t, r.EnsureRoute, r.req)
}

func (r *routeSteps) room() activities.RouteRoom {
	r.t.Helper()
	return must(r.t, r.RouteRoom, activities.RouteRoomRequest{
		Place: consumer, Owner: r.req.Owner, Listener: r.req.Listener, Want: r.req.Want,
	})
}

func (sc *scene) elb() *elasticloadbalancingv2.Client { return sc.clients(consumer).ELB }

func (sc *scene) rulesNow() []string {
	sc.t.Helper()
	out, err := sc.elb().DescribeRules(sc.t.Context(),
		&elasticloadbalancingv2.DescribeRulesInput{ListenerArn: sdk.String(sc.id("consumer", "listener", "edge:443"))})
	if err != nil {
		sc.t.Fatal(err)
	}
	var shown []string
	for _, r := range out.Rules {
		if !sdk.ToBool(r.IsDefault) {
			shown = append(shown, sdk.ToString(r.Priority)+" "+matchOf(r).String())
		}
	}
	return shown
}

func (sc *scene) certificatesNow() []string {
	sc.t.Helper()
	out, err := sc.elb().DescribeListenerCertificates(sc.t.Context(),
		&elasticloadbalancingv2.DescribeListenerCertificatesInput{ListenerArn: sdk.String(sc.id("consumer", "listener", "edge:443"))})
	if err != nil {
		sc.t.Fatal(err)
	}
	var arns []string
	for _, c := range out.Certificates {
		if !sdk.ToBool(c.IsDefault) {
			arns = append(arns, sdk.ToString(c.CertificateArn))
		}
	}
	return arns
}

func (sc *scene) groupsNow() []elbtypes.TargetGroup {
	sc.t.Helper()
	out, err := sc.elb().DescribeTargetGroups(sc.t.Context(), &elasticloadbalancingv2.DescribeTargetGroupsInput{})
	if err != nil {
		sc.t.Fatal(err)
	}
	return slices.DeleteFunc(out.TargetGroups, func(g elbtypes.TargetGroup) bool {
		return !strings.HasPrefix(sdk.ToString(g.TargetGroupName), "lw-")
	})
}

func (sc *scene) callsOf(something func()) (all, writes int) {
	before := len(sc.cloud.Calls())
	something()
	for _, c := range sc.cloud.Calls()[before:] {
		if c.Service == "sts" {
			continue
		}
		all++
		read := slices.ContainsFunc([]string{"Describe", "List", "Get"}, func(verb string) bool { return strings.HasPrefix(c.Action, verb) })
		if !read {
			writes++
		}
	}
	return all, writes
}

func (r *routeSteps) allowed() {
	r.t.Helper()
	const role = "arn:aws:iam::222222222222:role/linkwright"
	grants := permissions.For([]link.Document{{Connection: &link.Connection{Spec: link.ConnectionSpec{
		Service: "payments", Account: "consumer", Region: "us-east-1", AWS: &link.AWSConnection{},
		Ingress: &link.Ingress{Route: &r.req.Want, Port: 443},
	}}}}, permissions.Options{
		Owner:    func(link.Document) string { return string(connectionFlow) },
		Accounts: map[string]permissions.Account{"consumer": {ID: "222222222222", Partition: "aws", RoleARN: role}},
		Only:     []permissions.Role{permissions.Ingress},
	})
	document, err := json.Marshal(grants[0].Policy)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.cloud.SetPolicies(role, []simaws.PolicyDocument{simaws.PolicyDocument(document)}); err != nil {
		r.t.Fatal(err)
	}
}
