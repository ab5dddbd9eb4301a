package simaws

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsacm "github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	awselb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	awswaf "github.com/aws/aws-sdk-go-v2/service/wafv2"
	waftypes "github.com/aws/aws-sdk-go-v2/service/wafv2/types"
)

func (b *builder) targetGroup(ctx context.Context, group WorldTargetGroup) error {
	vpc, err := b.find("vpc", group.VPC)
	if err != nil {
		return err
	}
	out, err := b.elb.CreateTargetGroup(ctx, &awselb.CreateTargetGroupInput{
		Name: aws.String(group.Name), VpcId: aws.String(vpc), Port: aws.Int32(group.Port), Protocol: elbtypes.ProtocolEnum(group.Protocol),
		TargetType: elbtypes.TargetTypeEnum(cmp.Or(group.TargetType, "ip")),
	}, awselb.WithAPIOptions(b.seedOf("target-group", group.Name)...))
	if err != nil {
		return err
	}
	b.made("target-group", group.Name, aws.ToString(out.TargetGroups[0].TargetGroupArn))
	return nil
}

func (b *builder) loadBalancer(ctx context.Context, kind string, balancer WorldLoadBalancer) error {
	subnets, err := b.findAll("subnet", balancer.Subnets)
	if err != nil {
		return err
	}
	groups, err := b.findAll("security-group", balancer.SecurityGroups)
	if err != nil {
		return err
	}
	out, err := b.elb.CreateLoadBalancer(ctx, &awselb.CreateLoadBalancerInput{
		Name: aws.String(balancer.Name), Type: elbtypes.LoadBalancerTypeEnum(kind), Subnets: subnets, SecurityGroups: groups,
		Scheme:        elbtypes.LoadBalancerSchemeEnum(cmp.Or(balancer.Scheme, "internal")),
		IpAddressType: elbtypes.IpAddressType(cmp.Or(balancer.IPAddressType, "ipv4")),
	}, awselb.WithAPIOptions(b.seedOf("load-balancer", balancer.Name)...))
	if err != nil {
		return err
	}
	arn := out.LoadBalancers[0].LoadBalancerArn
	b.made("load-balancer", balancer.Name, aws.ToString(arn))
	for _, listener := range balancer.Listeners {
		if err := b.listener(ctx, arn, balancer.Name, listener); err != nil {
			return fmt.Errorf("listener %d: %w", listener.Port, err)
		}
	}
	if balancer.WebACL != "" {
		return b.protect(ctx, arn, balancer.WebACL)
	}
	return nil
}

func (b *builder) listener(ctx context.Context, loadBalancer *string, name string, listener WorldListener) error {
	action, err := b.action(listener.TargetGroup, listener.FixedResponse)
	if err != nil {
		return err
	}
	input := &awselb.CreateListenerInput{
		LoadBalancerArn: loadBalancer, Port: aws.Int32(listener.Port), Protocol: elbtypes.ProtocolEnum(listener.Protocol),
		DefaultActions: []elbtypes.Action{action},
	}
	if listener.Certificate != "" {
		arn, err := b.find("certificate", listener.Certificate)
		if err != nil {
			return err
		}
		input.Certificates = []elbtypes.Certificate{{CertificateArn: aws.String(arn)}}
	}
	name = fmt.Sprintf("%s:%d", name, listener.Port)
	out, err := b.elb.CreateListener(ctx, input, awselb.WithAPIOptions(b.seedOf("listener", name)...))
	if err != nil {
		return err
	}
	arn := out.Listeners[0].ListenerArn
	b.made("listener", name, aws.ToString(arn))
	certificates, err := b.findAll("certificate", listener.Certificates)
	if err != nil {
		return err
	}
	for _, certificate := range certificates {
		_, err := b.elb.AddListenerCertificates(ctx, &awselb.AddListenerCertificatesInput{
			ListenerArn: arn, Certificates: []elbtypes.Certificate{{CertificateArn: aws.String(certificate)}},
		})
		if err != nil {
			return err
		}
	}
	for _, rule := range listener.Rules {
		if err := b.rule(ctx, arn, name, rule); err != nil {
			return fmt.Errorf("rule %d: %w", rule.Priority, err)
		}
	}
	return nil
}

func (b *builder) rule(ctx context.Context, listener *string, name string, rule WorldListenerRule) error {
	action, err := b.action(rule.TargetGroup, rule.FixedResponse)
	if err != nil {
		return err
	}
	input := &awselb.CreateRuleInput{ListenerArn: listener, Priority: aws.Int32(rule.Priority), Actions: []elbtypes.Action{action}}
	if len(rule.Hosts) > 0 {
		input.Conditions = append(input.Conditions, elbtypes.RuleCondition{
			Field: aws.String("host-header"), HostHeaderConfig: &elbtypes.HostHeaderConditionConfig{Values: rule.Hosts},
		})
	}
	if len(rule.Paths) > 0 {
		input.Conditions = append(input.Conditions, elbtypes.RuleCondition{
			Field: aws.String("path-pattern"), PathPatternConfig: &elbtypes.PathPatternConditionConfig{Values: rule.Paths},
		})
	}
	for _, key := range slices.Sorted(maps.Keys(rule.Tags)) {
		input.Tags = append(input.Tags, elbtypes.Tag{Key: aws.String(key), Value: aws.String(rule.Tags[key])})
	}
	name = fmt.Sprintf("%s:%d", name, rule.Priority)
	out, err := b.elb.CreateRule(ctx, input, awselb.WithAPIOptions(b.seedOf("listener-rule", name)...))
	if err != nil {
		return err
	}
	b.made("listener-rule", name, aws.ToString(out.Rules[0].RuleArn))
	return nil
}

// action forwards to a target group, or answers.
func (b *builder) action(group string, response *WorldFixedResponse) (elbtypes.Action, error) {
	if response != nil {
		return elbtypes.Action{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{
			StatusCode: aws.String(response.Status), ContentType: aws.String(cmp.Or(response.ContentType, "text/plain")), MessageBody: aws.String(response.Body),
		}}, nil
	}
	arn, err := b.find("target-group", group)
	return elbtypes.Action{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: aws.String(arn)}, err
}

// certificate requests a certificate and gives it its status at once, which in AWS takes somebody's validation.
func (b *builder) certificate(ctx context.Context, certificate WorldCertificate) error {
	out, err := b.acm.RequestCertificate(ctx, &awsacm.RequestCertificateInput{
		DomainName: aws.String(certificate.Domain), SubjectAlternativeNames: certificate.Alternatives, ValidationMethod: acmtypes.ValidationMethodDns,
		Tags: []acmtypes.Tag{{Key: aws.String("Name"), Value: aws.String(certificate.Name)}},
	}, awsacm.WithAPIOptions(b.seedOf("certificate", certificate.Name)...))
	if err != nil {
		return err
	}
	arn := aws.ToString(out.CertificateArn)
	b.made("certificate", certificate.Name, arn)
	b.cloud.world.Lock()
	defer b.cloud.world.Unlock()
	return b.cloud.acm.SetStatus(arn, cmp.Or(certificate.Status, string(acmtypes.CertificateStatusIssued)))
}

// webACL makes a web ACL that lets everything through, and that can be used at once.
func (b *builder) webACL(ctx context.Context, acl WorldWebACL) error {
	out, err := b.waf.CreateWebACL(ctx, &awswaf.CreateWebACLInput{
		Name: aws.String(acl.Name), Scope: waftypes.ScopeRegional, DefaultAction: &waftypes.DefaultAction{Allow: &waftypes.AllowAction{}},
		VisibilityConfig: &waftypes.VisibilityConfig{MetricName: aws.String(acl.Name)},
	}, awswaf.WithAPIOptions(b.seedOf("web-acl", acl.Name)...))
	if err != nil {
		return err
	}
	b.made("web-acl", acl.Name, aws.ToString(out.Summary.ARN))
	b.cloud.world.Lock()
	defer b.cloud.world.Unlock()
	b.cloud.wafv2.Settle()
	return nil
}

// protect puts a web ACL before a load balancer.
func (b *builder) protect(ctx context.Context, loadBalancer *string, acl string) error {
	arn, err := b.find("web-acl", acl)
	if err != nil {
		return err
	}
	_, err = b.waf.AssociateWebACL(ctx, &awswaf.AssociateWebACLInput{ResourceArn: loadBalancer, WebACLArn: aws.String(arn)})
	return err
}
