package simaws

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awsacm "github.com/aws/aws-sdk-go-v2/service/acm"
	awsec2 "github.com/aws/aws-sdk-go-v2/service/ec2"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	awsroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	awswaf "github.com/aws/aws-sdk-go-v2/service/wafv2"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// seedHeader carries sim.Request.Seed: a request with it creates resources of always the same ids.
const seedHeader = "X-Linkwright-Seed"

// Resource is something that the world file made.
type Resource struct {
	Account string `json:"account"`
	Region  string `json:"region,omitempty"`
	Kind    string `json:"kind"` // "vpc", "subnet", "security-group", "route-table", "prefix-list", "target-group", "load-balancer", "listener", "listener-rule", "certificate", "web-acl", "hosted-zone"
	Name    string `json:"name"` // in the world file; a subnet's, a security group's and a route table's are "VPC/NAME"
	ID      string `json:"id"`   // or the ARN, of what has one
}

// Resources are what the world file made.
func (c *Cloud) Resources() []Resource {
	c.world.Lock()
	defer c.world.Unlock()
	return slices.Clone(c.resources)
}

// build makes the world file's infrastructure, whatever the policies say of those who make it, and as fast as it goes.
func (c *Cloud) build(ctx context.Context) error {
	c.setBuilding(true)
	defer c.setBuilding(false)
	return c.seed(ctx)
}

func (c *Cloud) setBuilding(building bool) {
	c.world.Lock()
	defer c.world.Unlock()
	c.building = building
}

// seed builds the world file's infrastructure with AWS's own SDK, as each account's first user.
func (c *Cloud) seed(ctx context.Context) error {
	for _, account := range c.config.World.Accounts {
		for _, region := range slices.Sorted(maps.Keys(account.Regions)) {
			if err := c.builder(account, region).region(ctx, account.Regions[region]); err != nil {
				return fmt.Errorf("account %s, %s: %w", account.Name, region, err)
			}
		}
	}
	for _, account := range c.config.World.Accounts { // whose zones may be private to VPCs of others
		if err := c.builder(account, "us-east-1").hostedZones(ctx, account.HostedZones); err != nil {
			return fmt.Errorf("account %s: %w", account.Name, err)
		}
	}
	return nil
}

// builder makes one account's resources in one Region.
type builder struct {
	cloud   *Cloud
	account string
	name    string
	ec2     *awsec2.Client
	elb     *awselb.Client
	route53 *awsroute53.Client
	acm     *awsacm.Client
	waf     *awswaf.Client
	at      string // Region
}

func (c *Cloud) builder(account WorldAccount, region string) *builder {
	b := &builder{cloud: c, account: account.ID, name: account.Name, at: region}
	if len(account.Users) == 0 {
		return b
	}
	user := account.Users[0]
	config := aws.Config{
		Region: region, BaseEndpoint: aws.String(c.URL()),
		Credentials: credentials.NewStaticCredentialsProvider(user.AccessKey, user.SecretKey, ""),
	}
	b.ec2, b.elb, b.route53 = awsec2.NewFromConfig(config), awselb.NewFromConfig(config), awsroute53.NewFromConfig(config)
	b.acm, b.waf = awsacm.NewFromConfig(config), awswaf.NewFromConfig(config)
	return b
}

// made remembers a resource.
func (b *builder) made(kind, name, id string) {
	b.cloud.world.Lock()
	defer b.cloud.world.Unlock()
	b.cloud.resources = append(b.cloud.resources, Resource{Account: b.name, Region: b.at, Kind: kind, Name: name, ID: id})
}

// find looks up what was made before, by name.
func (b *builder) find(kind, name string) (string, error) {
	for _, r := range b.cloud.Resources() {
		if r.Account == b.name && r.Region == b.at && r.Kind == kind && (r.Name == name || strings.HasSuffix(r.Name, "/"+name)) {
			return r.ID, nil
		}
	}
	return "", fmt.Errorf("there is no %s %q in the world file", kind, name)
}

func (b *builder) findAll(kind string, names []string) ([]string, error) {
	var ids []string
	for _, name := range names {
		id, err := b.find(kind, name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// seedOf decides the ids of a resource.
func (b *builder) seedOf(kind, name string) []func(*middleware.Stack) error {
	seed := strings.Join([]string{b.account, b.at, kind, name}, "/")
	return []func(*middleware.Stack) error{smithyhttp.AddHeaderValue(seedHeader, seed)}
}

func (b *builder) seeded(kind, name string) func(*awsec2.Options) {
	return awsec2.WithAPIOptions(b.seedOf(kind, name)...)
}

func (b *builder) region(ctx context.Context, region WorldRegion) error {
	for _, list := range region.PrefixLists {
		if err := b.prefixList(ctx, list); err != nil {
			return fmt.Errorf("prefix list %s: %w", list.Name, err)
		}
	}
	for _, vpc := range region.VPCs {
		if err := b.vpc(ctx, vpc); err != nil {
			return fmt.Errorf("VPC %s: %w", vpc.Name, err)
		}
	}
	for _, group := range region.TargetGroups {
		if err := b.targetGroup(ctx, group); err != nil {
			return fmt.Errorf("target group %s: %w", group.Name, err)
		}
	}
	for _, certificate := range region.Certificates {
		if err := b.certificate(ctx, certificate); err != nil {
			return fmt.Errorf("certificate %s: %w", certificate.Name, err)
		}
	}
	for _, acl := range region.WebACLs {
		if err := b.webACL(ctx, acl); err != nil {
			return fmt.Errorf("web ACL %s: %w", acl.Name, err)
		}
	}
	for _, balancer := range region.NetworkLoadBalancers {
		if err := b.loadBalancer(ctx, "network", balancer); err != nil {
			return fmt.Errorf("network load balancer %s: %w", balancer.Name, err)
		}
	}
	for _, balancer := range region.ApplicationLoadBalancers {
		if err := b.loadBalancer(ctx, "application", balancer); err != nil {
			return fmt.Errorf("application load balancer %s: %w", balancer.Name, err)
		}
	}
	return nil
}
