package e2e

import (
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// scene is a provider, a consumer and the owner of a domain, all of them one test's own.
type scene struct {
	stage // the domain's name begins with the service's, too
	cloud *simaws.Cloud
	// providerID, consumerID and dnsID are the ids of the accounts.
	providerID, consumerID, dnsID string
	// before is what was there at the beginning.
	before inventory.Inventory
	// policies are what Linkwright may do in the accounts: just what the specs need.
	policies policies
}

// taken counts the scenes that tests have taken.
var taken atomic.Int64

// newScene takes a scene that no test has had before.
func newScene(t *testing.T) *scene {
	t.Helper()
	n := int(taken.Add(1))
	if n > sceneCount() {
		t.Fatalf("all %d scenes are taken: raise their number", sceneCount())
	}
	return openScene(t, sceneName(n-1), n, shared.Cloud)
}

func openScene(t *testing.T, name string, n int, cloud *simaws.Cloud) *scene {
	t.Helper()
	s := &scene{
		stage: newStage(t, name), cloud: cloud,
		providerID: providerID(n), consumerID: consumerID(n), dnsID: dnsID(n), policies: newPolicies(),
	}
	s.before = s.look()
	return s
}

// The names of the scene's accounts.
func (s *scene) provider() string { return s.name + "-provider" }
func (s *scene) consumer() string { return s.name + "-consumer" }
func (s *scene) dns() string      { return s.name + "-dns" }

// privateName is the domain that the service is published under.
func (s *scene) privateName() string { return "*.k." + domainOf(s.name) }

// admin acts in an account as its own administrator does.
func (s *scene) admin(account string) aws.Config {
	user := userOf("admin", account)
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(s.cloud.URL()), RetryMaxAttempts: 10, // people are patient, too
		Credentials: credentials.NewStaticCredentialsProvider(user.AccessKey, user.SecretKey, ""),
	}
}

// id is that of something in the scene's surroundings.
func (s *scene) id(account, kind, name string) string {
	s.t.Helper()
	for _, r := range s.cloud.Resources() {
		if r.Account == account && r.Kind == kind && r.Name == name {
			return r.ID
		}
	}
	s.t.Fatalf("account %s has no %s %s", account, kind, name)
	return ""
}

func (s *scene) subnets(names ...string) []string {
	s.t.Helper()
	var ids []string
	for _, name := range names {
		ids = append(ids, s.id(s.consumer(), "subnet", "internet/"+name))
	}
	return ids
}

func (s *scene) vpc() string { return s.id(s.consumer(), "vpc", "internet") }
func (s *scene) group(name string) string {
	return s.id(s.consumer(), "security-group", "internet/"+name)
}
func (s *scene) targetGroup(name string) string { return s.id(s.consumer(), "target-group", name) }

// serviceSpec is a service with all that a service can have; changes alter it. The roles may then do what it needs.
func (s *scene) serviceSpec(changes ...func(*link.EndpointServiceSpec)) link.EndpointService {
	doc := link.EndpointService{APIVersion: link.APIVersion, Kind: link.KindEndpointService, Metadata: link.Metadata{Name: s.name}, Spec: link.EndpointServiceSpec{
		Account: s.provider(), Region: region,
		AWS: &link.AWSEndpointService{
			LoadBalancers:     link.LoadBalancers{ARNs: []string{s.id(s.provider(), "load-balancer", "main")}},
			AllowedPrincipals: []string{"arn:aws:iam::" + s.consumerID + ":root"},
			PrivateDNS: &link.ServicePrivateDNS{
				Name:         s.privateName(),
				Verification: link.DomainVerification{Route53: &link.Route53Zone{Account: s.dns()}},
			},
		},
		Publish: &link.Publish{SSMParameter: &link.SSMParameter{Account: s.provider(), Name: "/linkwright/" + s.name}},
	}}
	for _, change := range changes {
		change(&doc.Spec)
	}
	s.grant(link.Document{Service: &doc})
	return doc
}

// connectionSpec is a connection with all that a connection can have; changes alter it. The roles may then do what it
// needs.
func (s *scene) connectionSpec(name string, changes ...func(*link.ConnectionSpec)) link.Connection {
	doc := link.Connection{APIVersion: link.APIVersion, Kind: link.KindConnection, Metadata: link.Metadata{Name: name}, Spec: link.ConnectionSpec{
		Service: s.name, Account: s.consumer(), Region: region,
		AWS:     &link.AWSConnection{VPC: s.vpc(), Subnets: s.subnets(subnets()...), SecurityGroups: []string{s.group("endpoints")}},
		DNS:     link.ConnectionDNS{Mode: link.DNSPrivate},
		Ingress: &link.Ingress{TargetGroup: s.targetGroup("attached"), Port: 443},
	}}
	for _, change := range changes {
		change(&doc.Spec)
	}
	s.grant(link.Document{Connection: &doc})
	return doc
}

// bare leaves out of a service what many tests have no use for: a name, its proof, and the parameter.
func bare(spec *link.EndpointServiceSpec) { spec.AWS.PrivateDNS, spec.Publish = nil, nil }

// plain leaves out of a connection what needs the service's name, and the ingress.
func plain(spec *link.ConnectionSpec) { spec.DNS, spec.Ingress = link.ConnectionDNS{}, nil }

// openToAll lets in whoever may ask.
func openToAll(spec *link.EndpointServiceSpec) {
	spec.Approval = &link.ApprovalPolicy{Mode: link.ApproveAutomatically}
}

// publish applies a service.
func (s *scene) publish(changes ...func(*link.EndpointServiceSpec)) {
	s.t.Helper()
	s.insist(func() error {
		_, err := s.flows.ApplyService(s.ctx, s.serviceSpec(changes...), "tester")
		return err
	})
}

// connect applies a connection.
func (s *scene) connect(name string, changes ...func(*link.ConnectionSpec)) flows.Ref {
	s.t.Helper()
	s.insist(func() error {
		_, err := s.flows.ApplyConnection(s.ctx, s.connectionSpec(name, changes...), "tester")
		return err
	})
	return s.connection(name)
}

// apply applies any document, once the roles may do what it needs.
func (s *scene) apply(doc link.Document) flows.Ref {
	s.t.Helper()
	s.grant(doc)
	s.insist(func() error {
		_, err := s.flows.Apply(s.ctx, doc, "tester")
		return err
	})
	return flows.RefOfDocument(doc)
}
