package simaws

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsacm "github.com/aws/aws-sdk-go-v2/service/acm"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	awswaf "github.com/aws/aws-sdk-go-v2/service/wafv2"
)

// withFront gives the consumer an application load balancer with a listener for HTTPS, on which there is a rule of
// somebody's already, certificates and web ACLs.
func withFront(c *Config) {
	region := c.World.Accounts[1].Regions["us-east-1"]
	region.TargetGroups = []WorldTargetGroup{{Name: "web", VPC: "main", Protocol: "HTTPS", Port: 443}}
	region.Certificates = []WorldCertificate{
		{Name: "web", Domain: "example.com", Alternatives: []string{"*.example.com"}},
		{Name: "shop", Domain: "shop.example.com"}, {Name: "blog", Domain: "blog.example.com"},
		{Name: "awaited", Domain: "awaited.example.com", Status: "PENDING_VALIDATION"}, {Name: "old", Domain: "old.example.com", Status: "EXPIRED"},
	}
	region.WebACLs = []WorldWebACL{{Name: "wall"}, {Name: "fence"}}
	region.NetworkLoadBalancers = []WorldLoadBalancer{{Name: "plain", Subnets: []string{"one"}}}
	region.ApplicationLoadBalancers = []WorldLoadBalancer{
		{Name: "front", Subnets: []string{"one", "two"}, WebACL: "wall", Listeners: []WorldListener{{
			Protocol: "HTTPS", Port: 443, Certificate: "web", Certificates: []string{"shop"}, FixedResponse: &WorldFixedResponse{Status: "404"},
			Rules: []WorldListenerRule{{Priority: 10, Hosts: []string{"web.example.com"}, TargetGroup: "web", Tags: map[string]string{"owner": "web"}}},
		}, {Protocol: "HTTP", Port: 80, FixedResponse: &WorldFixedResponse{Status: "404"}}}},
		{Name: "back", Subnets: []string{"one", "two"}, Listeners: []WorldListener{{Protocol: "HTTP", Port: 80, FixedResponse: &WorldFixedResponse{Status: "404"}}}},
	}
	c.World.Accounts[1].Regions["us-east-1"] = region
}

// front are the consumer's resources that withFront made.
type front struct {
	testCloud
	loadBalancer, listener, rule, group, network string
	elb                                          *awselb.Client
	acm                                          *awsacm.Client
	waf                                          *awswaf.Client
	wire                                         *tape
}

func startFront(t *testing.T, changes ...func(*Config)) front {
	t.Helper()
	return frontOf(startCloud(t, append([]func(*Config){withFront}, changes...)...))
}

func frontOf(tc testCloud) front {
	config, wire := tc.taped(consumer)
	return front{
		testCloud: tc, wire: wire, loadBalancer: tc.id("consumer", "load-balancer", "front"), network: tc.id("consumer", "load-balancer", "plain"),
		listener: tc.id("consumer", "listener", "front:443"), rule: tc.id("consumer", "listener-rule", "front:443:10"), group: tc.id("consumer", "target-group", "web"),
		elb: awselb.NewFromConfig(config), acm: awsacm.NewFromConfig(config), waf: awswaf.NewFromConfig(config),
	}
}

func (f front) certificate(name string) string { return f.id("consumer", "certificate", name) }

// forHosts is a rule of the listener that answers for host names.
func (f front) forHosts(priority int32, hosts ...string) *awselb.CreateRuleInput {
	return &awselb.CreateRuleInput{
		ListenerArn: &f.listener, Priority: &priority, Actions: []types.Action{answering("403")},
		Conditions: []types.RuleCondition{{Field: aws.String("host-header"), HostHeaderConfig: &types.HostHeaderConditionConfig{Values: hosts}}},
	}
}

func answering(status string) types.Action {
	return types.Action{Type: "fixed-response", FixedResponseConfig: &types.FixedResponseActionConfig{StatusCode: &status}}
}

func forwarding(groups ...string) types.Action {
	config := &types.ForwardActionConfig{}
	for _, group := range groups {
		config.TargetGroups = append(config.TargetGroups, types.TargetGroupTuple{TargetGroupArn: aws.String(group)})
	}
	return types.Action{Type: "forward", ForwardConfig: config}
}
