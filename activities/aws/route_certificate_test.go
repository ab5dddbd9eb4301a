package aws

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
)

func TestFindCertificate(t *testing.T) {
	sc := newScene(t, edge(func(r *simaws.WorldRegion) {
		r.Certificates = append(r.Certificates,
			simaws.WorldCertificate{Name: "names", Domain: "a.example.org", Alternatives: []string{"b.example.org"}},
			simaws.WorldCertificate{Name: "wide", Domain: "*.example.org"},
			simaws.WorldCertificate{Name: "expired", Domain: "old.example.com", Status: "EXPIRED"})
		atEdge(func(l *simaws.WorldListener) { l.Certificates = []string{"wide"} })(r)
	}))
	for _, c := range []struct {
		name, named string
		hosts       []string
		want        string // a name, or what the message of the problem says after "!"
		there       bool
	}{
		{"when one covers the host, it is found", "", []string{"shop.example.com"}, "shop", false},
		{"when the default one of the listener does, that is found", "", []string{"edge.example.com"}, "edge", true},
		{"when one at the listener does, that is found rather than another", "", []string{"a.example.org", "b.example.org"}, "wide", true},
		{"when the host is a wildcard, the certificate has to be one, too", "", []string{"*.example.org"}, "wide", true},
		{"when each host is covered, but by no one certificate, there is none", "", []string{"shop.example.com", "a.example.org"}, "!shop.example.com, a.example.org", false},
		{"when the only one is not issued, there is none", "", []string{"pending.example.com"}, "!pending.example.com", false},
		{"when one is named, that is taken", "names", []string{"a.example.org"}, "names", false},
		{"when the named one does not cover all, it says what not", "shop", []string{"shop.example.com", "www.example.com"}, "!cover www.example.com", false},
		{"when the named one is to be validated, it says so", "pending", []string{"pending.example.com"}, "!not issued yet", false},
		{"when the named one has expired, it says so", "expired", []string{"old.example.com"}, "!EXPIRED", false},
		{"when the named one does not exist, it says so", "missing", []string{"shop.example.com"}, "!does not exist", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := sc.route(func(w *link.Route) {
				w.Hosts = c.hosts
				switch c.named {
				case "":
				case "missing":
					w.Certificate = "arn:aws:acm:us-east-1:222222222222:certificate/00000000-0000-0000-0000-000000000000"
				default:
					w.Certificate = sc.id("consumer", "certificate", c.named)
				}
			})
			found, err := run(t, r.FindCertificate, r.req)
			if says, blocked := strings.CutPrefix(c.want, "!"); blocked {
				if p := wantProblem(t, err, link.ReasonCertificateMissing); !strings.Contains(p.Message, says) {
					t.Errorf("message = %q, want it to say %q", p.Message, says)
				}
				return
			}
			if want := sc.id("consumer", "certificate", c.want); err != nil || found.ARN != want || found.OnListener != c.there {
				t.Errorf("found = %+v, %v; want %s", found, err, want)
			}
		})
	}
}

func TestWebACLs(t *testing.T) {
	for _, c := range []struct {
		name, there string
		associate   bool
		reason      link.Reason
		after       string
	}{
		{"when it is there, nothing is done", "front", false, "", "front"},
		{"when none is there, it waits for somebody", "", false, link.ReasonWebACLMissing, ""},
		{"when none is there and it may, it puts it there", "", true, "", "front"},
		{"when another is there, it leaves that alone", "theirs", true, link.ReasonWebACLMissing, "theirs"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t, edge(func(r *simaws.WorldRegion) {
				for i := range r.ApplicationLoadBalancers {
					if r.ApplicationLoadBalancers[i].Name == "edge" {
						r.ApplicationLoadBalancers[i].WebACL = c.there
					}
				}
			}))
			r := sc.route(func(w *link.Route) { w.WebACL, w.AssociateWebACL = sc.id("consumer", "web-acl", "front"), c.associate })
			r.req.TargetGroup = must(t, r.EnsureTargetGroup, r.group).ARN
			_, err := run(t, r.EnsureRoute, r.req)
			if c.reason != "" {
				p := wantProblem(t, err, c.reason)
				if c.there != "" && !strings.Contains(p.Message, sc.id("consumer", "web-acl", c.there)) {
					t.Errorf("message = %q, does not say what is there", p.Message)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if made := len(sc.rulesNow()); (made == 1) != (c.reason == "") {
				t.Errorf("%d rules at a load balancer that is not protected as asked", made)
			}
			out, err := sc.clients(consumer).WAF.GetWebACLForResource(t.Context(), &wafv2.GetWebACLForResourceInput{
				ResourceArn: sdk.String(sc.id("consumer", "load-balancer", "edge"))})
			if err != nil {
				t.Fatal(err)
			}
			if got := out.WebACL; (got == nil) != (c.after == "") || got != nil && sdk.ToString(got.Name) != c.after {
				t.Errorf("web ACL = %+v, want %q", got, c.after)
			}
		})
	}
}

func TestAWebACLThatHasJustBeenMadeIsAwaited(t *testing.T) {
	sc := newScene(t, edge())
	r := sc.route(func(w *link.Route) { w.WebACL, w.AssociateWebACL = sc.id("consumer", "web-acl", "front"), true })
	sc.inject(simaws.Fault{Action: "AssociateWebACL", Effect: simaws.EffectError, Status: http.StatusBadRequest, Code: "WAFUnavailableEntityException", Times: 2})
	r.made()
	r.req.Want.WebACL = strings.Replace(r.req.Want.WebACL, "/front/", "/gone/", 1)
	r.req.Listener = sc.id("consumer", "listener", "second:443")
	_, err := run(t, r.EnsureRoute, r.req)
	wantProblem(t, err, link.ReasonWebACLMissing)
}

func TestRemoveRouteTakesOffTheCertificateThatNobodyNeeds(t *testing.T) {
	for _, c := range []struct {
		name  string
		rule  string // the host of another rule
		added bool
		gone  bool
	}{
		{"when no other rule needs it, it goes", "", true, true},
		{"when another rule is for another host, it goes", "other.example.com", true, true},
		{"when another rule has a host that it covers, it stays", "shop.example.com", true, false},
		{"when another rule has a wildcard that is for its name, it stays", "*.example.com", true, false},
		{"when somebody else has put it there, it stays", "", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t, edge(func(r *simaws.WorldRegion) {
				if c.rule != "" {
					ruled(simaws.WorldListenerRule{Priority: 30001, Hosts: []string{c.rule}, Paths: []string{"/other"}})(r)
				}
			}))
			r := sc.route()
			r.made()
			r.req.AddedCertificate = c.added
			must(t, plain(r.RemoveRoute), r.req)
			if got := sc.certificatesNow(); (len(got) == 0) != c.gone {
				t.Errorf("certificates = %q", got)
			}
		})
	}
}

func TestACertificateThatAnotherOneReplacesIsTakenOff(t *testing.T) {
	renewed := func(r *simaws.WorldRegion) {
		r.Certificates = append(r.Certificates, simaws.WorldCertificate{Name: "renewed", Domain: "shop.example.com"})
	}
	for _, c := range []struct {
		name   string
		rule   string // the host of another rule
		remove bool   // the route, before the other one takes its place
		left   []string
	}{
		{"when no other rule needs it, it goes once the route is in step", "", false, []string{"renewed"}},
		{"when another rule has a host that it covers, it stays", "shop.example.com", false, []string{"renewed", "shop"}},
		{"when the route is removed in between, it goes", "", true, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			sc := newScene(t, edge(renewed, func(r *simaws.WorldRegion) {
				if c.rule != "" {
					ruled(simaws.WorldListenerRule{Priority: 30001, Hosts: []string{c.rule}, Paths: []string{"/other"}})(r)
				}
			}))
			r := sc.route(func(w *link.Route) { w.Certificate = sc.id("consumer", "certificate", "shop") })
			r.made()
			r.req.FormerCertificates = []string{r.req.Certificate}
			r.req.Want.Certificate = sc.id("consumer", "certificate", "renewed")
			r.req.Certificate, r.req.AddedCertificate = r.req.Want.Certificate, true
			if c.remove {
				must(t, plain(r.RemoveRoute), r.req)
			} else {
				must(t, r.EnsureRoute, r.req)
			}
			var want []string
			for _, name := range c.left {
				want = append(want, sc.id("consumer", "certificate", name))
			}
			got := sc.certificatesNow()
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("certificates = %q, want %q", got, want)
			}
		})
	}
}

func TestRemoveRouteLeavesTheDefaultCertificate(t *testing.T) {
	sc := newScene(t, edge())
	r := sc.route(func(w *link.Route) { w.Hosts = []string{"edge.example.com"} })
	r.made()
	r.req.AddedCertificate = true // though it was there
	must(t, plain(r.RemoveRoute), r.req)
	if n := sc.calls("RemoveListenerCertificates"); n > 0 || len(sc.rulesNow()) > 0 {
		t.Errorf("it was taken off with %d calls; rules: %q", n, sc.rulesNow())
	}
}
