package e2e

import (
	"fmt"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/linkwright/linkwright/internal/buckets"
	"github.com/linkwright/linkwright/internal/simaws"
)

const (
	region = "eu-central-1"
	// scenesToTake is how many scenes there are for tests to take, and scenesForEach how many there are when each
	// permission is withheld.
	scenesToTake, scenesForEach = 94, 188
	// endpointsPerVPC is the quota in all scenes.
	endpointsPerVPC = 3
	// splitName is the scene whose consumer is served by a worker of its own, on splitQueue; narrowName is the
	// scene in the cloud with narrow request buckets, busyName that in the cloud with AWS's own.
	splitName, splitQueue = "split", "split-consumer"
	narrowName            = "narrow"
	busyName              = "busy"
)

// sceneCount is how many scenes there are for tests to take.
func sceneCount() int {
	if *everyPermission {
		return scenesForEach
	}
	return scenesToTake
}

// The users of the account that runs Linkwright: the shared worker's, and that of the split scene's consumer.
const (
	workerUser   = "worker"
	consumerUser = "consumer-worker"
)

// world is a world file in the making.
type world struct{ simaws.WorldFile }

func newWorld() *world {
	platform := simaws.WorldAccount{ID: "000000000000", Name: "platform"}
	for _, name := range []string{workerUser, consumerUser} {
		platform.Users = append(platform.Users, userOf(name, name))
	}
	return &world{simaws.WorldFile{Accounts: []simaws.WorldAccount{platform}}}
}

// manyScenes is the world of the shared stack.
func manyScenes() *world {
	w := newWorld()
	w.EndpointsPerVPC = endpointsPerVPC
	for n := range sceneCount() {
		w.addScene(sceneName(n), n+1, workerUser)
	}
	w.addScene(splitName, sceneCount()+1, consumerUser)
	w.addHub(hubName, sceneCount()+2)
	w.addHub(crowdedName, sceneCount()+3)
	w.addCentral(centralName, sceneCount()+4)
	return w
}

// narrowScene is a world in which whoever hurries is throttled: all changes of endpoints share two tokens a
// second. The clouds' time runs faster, so the buckets are filled as much slower.
func narrowScene() *world {
	w := newWorld()
	w.RequestBuckets = simaws.RequestBuckets{Enabled: true, Services: map[string]buckets.Service{
		"ec2": {Limits: []buckets.Bucket{
			{
				Actions: []string{"CreateVpcEndpoint", "ModifyVpcEndpoint", "DeleteVpcEndpoints", "AcceptVpcEndpointConnections"},
				Shared:  true, Capacity: 1, Refill: 2. / scale,
			},
			{Actions: []string{"*"}, Capacity: 10, Refill: 10. / scale},
		}},
	}}
	w.addScene(narrowName, 1, workerUser)
	return w
}

// busyScene is a world with the request buckets that AWS documents.
func busyScene() *world {
	w := newWorld()
	w.RequestBuckets.Enabled = true
	w.addScene(busyName, 1, workerUser)
	return w
}

func sceneName(n int) string { return fmt.Sprintf("s%02d", n) }

// The account ids of a scene.
func providerID(n int) string { return fmt.Sprintf("1%011d", n) }
func consumerID(n int) string { return fmt.Sprintf("2%011d", n) }
func dnsID(n int) string      { return fmt.Sprintf("3%011d", n) }

func userOf(name, owner string) simaws.WorldUser {
	return simaws.WorldUser{Name: name, AccessKey: "AKIA" + strings.ToUpper(strings.ReplaceAll(owner, "-", "")), SecretKey: owner + "-secret"}
}

// addAccounts adds the three accounts of a scene, with nothing in them. Only the given user may act for Linkwright in the
// consumer's.
func (w *world) addAccounts(name string, n int, actsForConsumer string) (provider, consumer, dns *simaws.WorldAccount) {
	for _, a := range []struct{ role, id, user string }{
		{"provider", providerID(n), workerUser}, {"consumer", consumerID(n), actsForConsumer}, {"dns", dnsID(n), workerUser},
	} {
		account := name + "-" + a.role
		w.Accounts = append(w.Accounts, simaws.WorldAccount{
			ID: a.id, Name: account, Users: []simaws.WorldUser{userOf("admin", account)},
			Roles: []simaws.WorldRole{{
				Name: "Linkwright", Trust: []string{"arn:aws:iam::000000000000:user/" + a.user}, ExternalID: account + "-agreed",
			}},
		})
	}
	added := w.Accounts[len(w.Accounts)-3:]
	return &added[0], &added[1], &added[2]
}

// addScene adds a provider with two load balancers, a consumer with a network and an ingress, and the owner of a domain.
func (w *world) addScene(name string, n int, actsForConsumer string) {
	provider, consumer, dns := w.addAccounts(name, n, actsForConsumer)
	provider.Regions = map[string]simaws.WorldRegion{region: {
		VPCs:         []simaws.WorldVPC{network("cluster", "10.1")},
		TargetGroups: []simaws.WorldTargetGroup{{Name: "pods", VPC: "cluster", Protocol: "TCP", Port: 443}},
		NetworkLoadBalancers: []simaws.WorldLoadBalancer{
			{Name: "main", Subnets: subnets(), Listeners: []simaws.WorldListener{{Protocol: "TCP", Port: 443, TargetGroup: "pods"}}},
			{Name: "spare", Subnets: subnets()},
		},
	}}
	consumer.Regions = map[string]simaws.WorldRegion{region: {
		VPCs: []simaws.WorldVPC{withRoutes(network("internet", "10.2"))},
		TargetGroups: []simaws.WorldTargetGroup{
			{Name: "attached", VPC: "internet", Protocol: "HTTPS", Port: 443},
			{Name: "lonely", VPC: "internet", Protocol: "HTTPS", Port: 443},
		},
		Certificates: []simaws.WorldCertificate{
			{Name: "front", Domain: "front." + domainOf(name)},
			{Name: "shop", Domain: "shop." + domainOf(name)},
			{Name: "pages", Domain: "shop.pages." + domainOf(name)},
		},
		WebACLs: []simaws.WorldWebACL{{Name: "wall"}},
		ApplicationLoadBalancers: []simaws.WorldLoadBalancer{
			{Name: "central", Subnets: subnets(), Listeners: []simaws.WorldListener{{Protocol: "HTTP", Port: 80, TargetGroup: "attached"}}},
			{Name: "front", Subnets: subnets(), Listeners: []simaws.WorldListener{{
				Protocol: "HTTPS", Port: 443, Certificate: "front", FixedResponse: notFound,
				Rules: []simaws.WorldListenerRule{{Priority: 10, Hosts: []string{"*.pages." + domainOf(name)}, FixedResponse: notFound}},
			}}},
		},
	}}
	dns.HostedZones = []simaws.WorldZone{{Name: domainOf(name)}}
	dns.Regions = map[string]simaws.WorldRegion{region: {VPCs: []simaws.WorldVPC{withRoutes(network("resolvers", "10.3"))}}}
}

// notFound is what load balancers answer by themselves.
var notFound = &simaws.WorldFixedResponse{Status: "404"}

func domainOf(scene string) string { return scene + ".example" }

func subnets() []string { return []string{"a", "b", "c"} }

func network(name, prefix string) simaws.WorldVPC {
	on := true
	vpc := simaws.WorldVPC{Name: name, CIDR: prefix + ".0.0/16", DNSHostnames: &on}
	for i, subnet := range subnets() {
		vpc.Subnets = append(vpc.Subnets, simaws.WorldSubnet{
			Name: subnet, CIDR: fmt.Sprintf("%s.%d.0/24", prefix, i), ZoneID: fmt.Sprintf("euc1-az%d", i+1),
		})
	}
	for _, group := range []string{"endpoints", "other"} {
		vpc.SecurityGroups = append(vpc.SecurityGroups, simaws.WorldSecurityGroup{
			Name: group, Ingress: []simaws.WorldRule{{Protocol: "tcp", Port: 443, CIDR: vpc.CIDR}},
		})
	}
	return vpc
}

// withRoutes gives the subnets of a VPC a route table.
func withRoutes(vpc simaws.WorldVPC) simaws.WorldVPC {
	vpc.RouteTables = []simaws.WorldRouteTable{{Name: "private", Subnets: subnets()}}
	return vpc
}

func (w *world) encode() ([]byte, error) { return yaml.Marshal(w.WorldFile) }

// accountsBook is the accounts file of the shared worker, by account.
type accountsBook map[string]*accountEntry

type accountEntry struct {
	TaskQueue string         `yaml:"taskQueue,omitempty"`
	AWS       *awsAccount    `yaml:"aws,omitempty"`
	Azure     map[string]any `yaml:"azure,omitempty"`
}

type awsAccount struct {
	AccountID  string `yaml:"accountID"`
	RoleARN    string `yaml:"roleARN"`
	ExternalID string `yaml:"externalID"`
	Endpoint   string `yaml:"endpoint"`
	Limits     limits `yaml:"limits,omitempty"`
}

type limits struct {
	Scale float64 `yaml:"scale,omitempty"`
}

// add enters the accounts of a world with a role, in a cloud made from it.
func (b accountsBook) add(w simaws.WorldFile, cloud *simaws.Cloud) {
	for _, a := range w.Accounts {
		for _, role := range a.Roles {
			b[a.Name] = &accountEntry{AWS: &awsAccount{
				AccountID: a.ID, RoleARN: "arn:aws:iam::" + a.ID + ":role/" + role.Name, ExternalID: role.ExternalID,
				Endpoint: cloud.URL(), Limits: limits{cloud.Scale()},
			}}
		}
	}
}

// editAccounts changes the shared worker's accounts file. A worker reads it when it starts.
func editAccounts(edit func(accountsBook)) error {
	data, err := os.ReadFile(shared.Accounts)
	if err != nil {
		return err
	}
	var file struct {
		Limits   limits       `yaml:"limits"`
		Accounts accountsBook `yaml:"accounts"`
	}
	if err := yaml.Unmarshal(data, &file); err != nil {
		return err
	}
	edit(file.Accounts)
	if data, err = yaml.Marshal(file); err != nil {
		return err
	}
	return os.WriteFile(shared.Accounts, data, 0o600)
}
