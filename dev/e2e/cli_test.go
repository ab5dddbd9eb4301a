package e2e

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli"
)

// TestCommandLine takes the main job from a file to its end as a person at a prompt does.
func TestCommandLine(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	shop := s.connection("shop").String()

	bad := s.run("validate", "-f", s.file("bad.yaml", badSpecs))
	bad.expect(t, cli.ExitError, "bad.yaml:6:", "spec.region", "bad.yaml:8:", "spec.aws.loadBalancers", "bad.yaml:16:", "spec.color")
	s.run("apply", "-f", s.file("bad.yaml", badSpecs)).expect(t, cli.ExitError, "spec.region")
	if items := s.run("get", "service/"+s.name); items.code == cli.ExitOK {
		t.Errorf("a bad file has started something: %s", items.out)
	}

	specs := s.file("specs.yaml", s.yaml())
	s.run("validate", "-f", specs).expect(t, cli.ExitOK)
	s.grantFor(s.yaml())
	s.enforce()
	s.run("apply", "-f", specs).expect(t, cli.ExitOK, "endpointservice/"+s.name+" created", shop+" created")
	asked := s.awaitQuestion(s.connection("shop"))
	s.run("apply", "-f", specs).expect(t, cli.ExitOK, "endpointservice/"+s.name+" unchanged", shop+" unchanged")
	s.run("get", shop).expect(t, cli.ExitOK, string(link.AwaitingApproval))
	s.run("get", "connections", "-o", "json").expect(t, cli.ExitOK, `"name": "shop"`, s.name)
	question := s.run("describe", shop)
	question.expect(t, cli.ExitOK, "approval", s.consumerID, "linkwright", "approve")
	s.run("watch", shop, "--timeout", "1s").expect(t, cli.ExitTimeout)
	approve := []string{"approve", shop, "--as", "carol", "--reason", "as agreed", "--owner", asked.Owner, "--endpoint"}
	s.run(append(approve, "vpce-0123456789abcdef0")...).expect(t, cli.ExitError, asked.Endpoint)
	s.run(append(approve, asked.Endpoint)...).expect(t, cli.ExitOK)
	s.run("watch", "service/"+s.name, shop, "--timeout", "2m").expect(t, cli.ExitOK, string(link.Ready))
	s.wantWhole(s.connection("shop"))
	s.run("describe", shop).expect(t, cli.ExitOK, "carol", "as agreed", string(link.Ready))
	s.run(append(approve, asked.Endpoint)...).expect(t, cli.ExitError, "nothing to approve")
	s.run("delete", "-f", specs).expect(t, cli.ExitError, "--yes")
	s.run("delete", "-f", specs, "--yes", "--timeout", "2m").expect(t, cli.ExitOK)
	s.wantAsBefore()
	s.run("delete", "-f", specs, "--yes").expect(t, cli.ExitOK, "is not there")
	s.run("describe", "connection/"+s.name+"/shpo").expect(t, cli.ExitError, "not found")
}

// said is what a command line came to.
type said struct {
	args     string
	code     int
	out, err string
}

// run runs a command line against the shared server.
func (s *stage) run(args ...string) said {
	s.t.Helper()
	var out, err strings.Builder
	args = append(args, "--address", shared.Temporal.Address())
	code := cli.Run(s.ctx, "test", args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &err})
	return said{strings.Join(args, " "), code, out.String(), err.String()}
}

// runHeard runs a command line again when the worker was too busy to answer in time, as people do.
func (s *stage) runHeard(args ...string) said {
	s.t.Helper()
	return heard(s.ctx, func() said { return s.run(args...) })
}

// heard runs a command until it is answered, and returns how that ended, with all that was said on the way: the first
// run may have shown what the next one finds done.
func heard(ctx context.Context, run func() said) said {
	var before string
	for {
		r := run()
		r.out = before + r.out
		if r.code == cli.ExitOK || ctx.Err() != nil || !strings.Contains(r.err, "has not answered in time") {
			return r
		}
		before = r.out
	}
}

// expect checks the exit code, and that all the words were said, on whichever stream.
func (r said) expect(t *testing.T, code int, words ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("linkwright %s: exit code %d, want %d\n%s%s", r.args, r.code, code, r.out, r.err)
	}
	for _, word := range words {
		if !strings.Contains(r.out+r.err, word) {
			t.Errorf("linkwright %s does not say %q:\n%s%s", r.args, word, r.out, r.err)
		}
	}
}

// file writes a file of the test's own.
func (s *stage) file(name, content string) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// yaml is the scene's service and connection as a person writes them.
func (s *scene) yaml() string {
	return strings.NewReplacer(
		"NAME", s.name, "CONSUMER-ID", s.consumerID, "LOAD-BALANCER", s.id(s.provider(), "load-balancer", "main"),
		"VPC", s.vpc(), "SUBNETS", strings.Join(s.subnets(subnets()...), ", "), "GROUP", s.group("endpoints"),
		"TARGETS", s.targetGroup("attached"), "DOMAIN", s.privateName(),
	).Replace(goodSpecs)
}

const goodSpecs = `
apiVersion: linkwright/v1
kind: EndpointService
metadata: {name: NAME}
spec:
  account: NAME-provider
  region: eu-central-1
  aws:
    loadBalancers: {arns: ["LOAD-BALANCER"]}
    allowedPrincipals: ["arn:aws:iam::CONSUMER-ID:root"]
    privateDNS:
      name: "DOMAIN"
      verification: {route53: {account: NAME-dns}}
  publish:
    ssmParameter: {account: NAME-provider, name: /linkwright/NAME}
---
apiVersion: linkwright/v1
kind: Connection
metadata: {name: shop}
spec:
  service: NAME
  account: NAME-consumer
  region: eu-central-1
  aws:
    vpc: VPC
    subnets: [SUBNETS]
    securityGroups: [GROUP]
  dns: {mode: private}
  ingress: {targetGroup: "TARGETS", port: 443}
`

const badSpecs = `apiVersion: linkwright/v1
kind: EndpointService
metadata: {name: bad}
spec:
  account: nobody
  region: Frankfurt
  aws:
    loadBalancers: {}
---
apiVersion: linkwright/v1
kind: Connection
metadata: {name: bad}
spec:
  service: bad
  account: nobody
  color: red
  region: eu-central-1
`
