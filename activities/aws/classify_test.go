package aws

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	smithy "github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.temporal.io/sdk/temporal"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
)

// refused is how an SDK client reports an error of AWS.
func refused(service, operation, code, message string) error {
	return failedCall(service, operation, &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusBadRequest}},
		Err:      &smithy.GenericAPIError{Code: code, Message: message},
	}})
}

func failedCall(service, operation string, err error) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: err}
}

// withoutCredentials is a call for which no credentials could be had.
func withoutCredentials(role string, why error) error {
	return failedCall("EC2", "DescribeVpcs", fmt.Errorf("get identity: %w",
		&accounts.CredentialsError{Account: "shop", ActingAs: role, Err: why}))
}

func TestClassify(t *testing.T) {
	const role = "arn:aws:iam::222222222222:role/Linkwright"
	const transient = link.Reason("")
	noRoute := &net.OpError{Op: "dial", Err: errors.New("no route to host")}
	for _, c := range []struct {
		name   string
		err    error
		reason link.Reason
		call   string
		remedy string // a part of it
	}{
		{"when a permission is missing, it names the action and who needs it",
			refused("EC2", "CreateVpcEndpoint", "UnauthorizedOperation", "You are not authorized to perform this operation."),
			link.ReasonMissingPermission, "ec2:CreateVpcEndpoint", "allow ec2:CreateVpcEndpoint for " + role},
		{"when a permission of Route 53 is missing, it names the action as IAM does",
			refused("Route 53", "ChangeResourceRecordSets", "AccessDenied", "no"),
			link.ReasonMissingPermission, "route53:ChangeResourceRecordSets", role},
		{"when a permission of Systems Manager is missing, it names the action as IAM does",
			refused("SSM", "PutParameter", "AccessDeniedException", "no"), link.ReasonMissingPermission, "ssm:PutParameter", role},
		{"when a permission of Elastic Load Balancing is missing, it names the action as IAM does",
			refused("Elastic Load Balancing v2", "RegisterTargets", "AccessDenied", "no"),
			link.ReasonMissingPermission, "elasticloadbalancing:RegisterTargets", role},
		{"when another action than the call is missing, it names that",
			refused("EC2", "CreateVpcEndpoint", "UnauthorizedOperation", "You are not authorized to perform this operation. User: arn:aws:sts::222222222222:assumed-role/Linkwright/linkwright "+
				"is not authorized to perform: ec2:CreateTags on resource: arn:aws:ec2:eu-central-1:222222222222:vpc-endpoint/* because no identity-based policy allows the ec2:CreateTags action. "+
				"Encoded authorization failure message: pYvGsO"),
			link.ReasonMissingPermission, "ec2:CreateTags", "allow ec2:CreateTags for " + role},
		{"when another service's action is missing, it names that",
			refused("EC2", "ModifyVpcEndpoint", "UnauthorizedOperation", "You are not authorized to perform this operation. User: arn:aws:sts::222222222222:assumed-role/Linkwright/linkwright "+
				"is not authorized to perform: route53:AssociateVPCWithHostedZone on resource: arn:aws:route53:::hostedzone/* because no identity-based policy allows the route53:AssociateVPCWithHostedZone action."),
			link.ReasonMissingPermission, "route53:AssociateVPCWithHostedZone", "allow route53:AssociateVPCWithHostedZone for " + role},
		{"when a permission is missing that no call has, it names that",
			refused("EC2", "CreateVpcEndpoint", "UnauthorizedOperation", "You are not authorized to perform this operation. User: arn:aws:sts::222222222222:assumed-role/Linkwright/linkwright "+
				"is not authorized to perform: ec2:CreateVpcEndpoint on resource: arn:aws:ec2:eu-central-1:222222222222:vpc-endpoint/* because no identity-based policy allows the vpce:AllowMultiRegion action."),
			link.ReasonMissingPermission, "vpce:AllowMultiRegion", "allow vpce:AllowMultiRegion for " + role},
		{"when a boundary does not allow it, it names the action",
			refused("SSM", "PutParameter", "AccessDeniedException", "User: arn:aws:sts::222222222222:assumed-role/Linkwright/linkwright is not authorized to perform: ssm:AddTagsToResource "+
				"on resource: arn:aws:ssm:eu-central-1:222222222222:parameter/x because no permissions boundary allows the ssm:AddTagsToResource action"),
			link.ReasonMissingPermission, "ssm:AddTagsToResource", "allow ssm:AddTagsToResource for " + role},
		{"when an action is denied, it says that allowing it does not help",
			refused("EC2", "CreateVpcEndpoint", "UnauthorizedOperation", "You are not authorized to perform this operation. User: arn:aws:sts::222222222222:assumed-role/Linkwright/linkwright "+
				"is not authorized to perform: ec2:CreateTags on resource: arn:aws:ec2:eu-central-1:222222222222:vpc-endpoint/* with an explicit deny in a service control policy"),
			link.ReasonMissingPermission, "ec2:CreateTags", "take away the statement that denies ec2:CreateTags to " + role},
		{"when a resource is another account's, it names the call",
			refused("Route 53", "GetHostedZone", "AccessDenied", "User: arn:aws:sts::222222222222:assumed-role/Linkwright/linkwright is not authorized to access this resource"),
			link.ReasonMissingPermission, "route53:GetHostedZone", "allow route53:GetHostedZone for " + role},

		{"when a permission of Service Quotas is missing, it names the action as IAM does",
			refused("Service Quotas", "GetServiceQuota", "AccessDeniedException", "no"), link.ReasonMissingPermission, "servicequotas:GetServiceQuota", role},
		{"when a permission of WAF is missing, it names the action as IAM does",
			refused("WAFV2", "AssociateWebACL", "AccessDeniedException", "no"), link.ReasonMissingPermission, "wafv2:AssociateWebACL", role},
		{"when a permission of Certificate Manager is missing, it names the action as IAM does",
			refused("ACM", "ListCertificates", "AccessDeniedException", "no"), link.ReasonMissingPermission, "acm:ListCertificates", role},

		{"when a load balancer has no room for a target group, it is about a quota",
			refused("Elastic Load Balancing v2", "CreateRule", "TooManyUniqueTargetGroupsPerLoadBalancer", "no"),
			link.ReasonQuotaFull, "elasticloadbalancing:CreateRule", "listener of another load balancer"},
		{"when a web ACL protects as many load balancers as it may, it is about a quota",
			refused("WAFV2", "AssociateWebACL", "WAFLimitsExceededException", "no"), link.ReasonQuotaFull, "wafv2:AssociateWebACL", "web ACL"},
		{"when a target group serves another load balancer, it says so",
			refused("Elastic Load Balancing v2", "CreateRule", "TargetGroupAssociationLimit", "no"),
			link.ReasonTargetGroupMismatch, "elasticloadbalancing:CreateRule", "serves one alone"},
		{"when a certificate has gone, it is about the certificate",
			refused("Elastic Load Balancing v2", "AddListenerCertificates", "CertificateNotFound", "no"),
			link.ReasonCertificateMissing, "elasticloadbalancing:AddListenerCertificates", "issued certificate"},
		{"when a rule has gone since it was listed, it passes",
			refused("Elastic Load Balancing v2", "DescribeTags", "RuleNotFound", "no"), transient, "", ""},
		{"when WAF does not know a web ACL everywhere yet, it passes",
			refused("WAFV2", "AssociateWebACL", "WAFUnavailableEntityException", "no"), transient, "", ""},

		{"when the role may not be assumed, it is about credentials and the external ID",
			withoutCredentials(role, refused("STS", "AssumeRole", "AccessDenied", "not authorized to perform: sts:AssumeRole")),
			link.ReasonBadCredentials, "sts:AssumeRole", "external ID"},
		{"when the base credentials have expired, it is about credentials",
			withoutCredentials(role, refused("STS", "AssumeRole", "ExpiredToken", "expired")), link.ReasonBadCredentials, "sts:AssumeRole", "sts:AssumeRole"},
		{"when there are no base credentials at all, it is about credentials",
			withoutCredentials("", failedCall("ec2imds", "GetMetadata", noRoute)), link.ReasonBadCredentials, "", "instance role"},
		{"when the metadata service does not answer in time, it is about credentials",
			withoutCredentials("", failedCall("ec2imds", "GetMetadata", context.DeadlineExceeded)), link.ReasonBadCredentials, "", "instance role"},
		{"when a profile is missing, it is about credentials",
			&accounts.CredentialsError{Account: "shop", Err: errors.New("no such profile")}, link.ReasonBadCredentials, "", "shared configuration"},
		{"when STS throttles, it passes",
			withoutCredentials(role, refused("STS", "AssumeRole", "Throttling", "slow down")), transient, "", ""},
		{"when STS cannot be reached, it passes",
			withoutCredentials(role, failedCall("STS", "AssumeRole", noRoute)), transient, "", ""},
		{"when the session has expired, it is about credentials",
			refused("EC2", "DescribeVpcs", "RequestExpired", "expired"), link.ReasonBadCredentials, "ec2:DescribeVpcs", "clock"},
		{"when the access key is unknown, it is about credentials",
			refused("EC2", "DescribeVpcs", "AuthFailure", "no"), link.ReasonBadCredentials, "ec2:DescribeVpcs", role},
		{"when the credentials belong to another account, it is about credentials",
			fmt.Errorf("%w: …", accounts.ErrWrongAccount), link.ReasonBadCredentials, "", "roleARN"},
		{"when the account is unknown, it says so",
			fmt.Errorf("%w: …", accounts.ErrUnknownAccount), link.ReasonUnknownAccount, "", "accounts file"},
		{"when the worker does not serve the account, it says so",
			fmt.Errorf("%w: …", accounts.ErrNotServed), link.ReasonNoWorker, "", "taskQueue"},

		{"when EC2 throttles, it passes", refused("EC2", "CreateVpcEndpoint", "RequestLimitExceeded", "slow down"), transient, "", ""},
		{"when Route 53 is still at the last request, it passes",
			refused("Route 53", "ChangeResourceRecordSets", "PriorRequestNotComplete", "wait"), transient, "", ""},
		{"when a fresh service is not everywhere yet, it passes", refused("EC2", "CreateVpcEndpoint", "Unavailable", "later"), transient, "", ""},
		{"when a server fails, it passes", failedCall("EC2", "DescribeVpcs", &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: http.StatusBadGateway}},
			Err:      &smithy.GenericAPIError{Code: "Unheard", Message: "of"}}}), transient, "", ""},
		{"when the connection is lost, it passes", failedCall("EC2", "DescribeVpcs", noRoute), transient, "", ""},
		{"when the worker stops, it is nobody's fault", failedCall("EC2", "DescribeVpcs", context.Canceled), transient, "", ""},
		{"when an endpoint is in the middle of a change, it passes", refused("EC2", "ModifyVpcEndpoint", "IncorrectState", "…"), transient, "", ""},
		{"when it is the answer of a step, it stays", activities.Gone("endpoint", nil), transient, "", ""},

		{"when the VPC is full of endpoints, it is a quota",
			refused("EC2", "CreateVpcEndpoint", "VpcEndpointLimitExceeded", "50"), link.ReasonQuotaFull, "ec2:CreateVpcEndpoint", "Service Quotas"},
		{"when a subnet has no addresses, it is a quota",
			refused("EC2", "CreateVpcEndpoint", "InsufficientFreeAddressesInSubnet", "…"), link.ReasonQuotaFull, "ec2:CreateVpcEndpoint", "subnet"},
		{"when a target group is full, it is a quota",
			refused("Elastic Load Balancing v2", "RegisterTargets", "TooManyTargets", "…"), link.ReasonQuotaFull, "elasticloadbalancing:RegisterTargets", ""},
		{"when the parameter store is full, it is a quota",
			refused("SSM", "PutParameter", "ParameterLimitExceeded", "…"), link.ReasonQuotaFull, "ssm:PutParameter", ""},

		{"when a load balancer backs another service, it says so",
			refused("EC2", "CreateVpcEndpointServiceConfiguration", "InvalidParameter",
				"The following LBs are already associated with another VPC Endpoint Service Configuration: arn"),
			link.ReasonLoadBalancerInUse, "ec2:CreateVpcEndpointServiceConfiguration", "one network load balancer"},
		{"when a name is taken in the VPC, it says so",
			refused("EC2", "ModifyVpcEndpoint", "InvalidParameter",
				"private-dns-enabled cannot be set because there is already a conflicting DNS domain for api.example.com in the VPC vpc-1"),
			link.ReasonConflictingDomain, "ec2:ModifyVpcEndpoint", "hosted zone"},
		{"when the VPC lacks DNS, it says so",
			refused("EC2", "ModifyVpcEndpoint", "InvalidParameter",
				"Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for vpc-1"),
			link.ReasonVPCWithoutDNS, "ec2:ModifyVpcEndpoint", "modify-vpc-attribute"},
		{"when the service has no name, it says so",
			refused("EC2", "ModifyVpcEndpoint", "InvalidParameter",
				"Private DNS can't be enabled because the service com.amazonaws.vpce.x does not provide a private DNS name."),
			link.ReasonNoPrivateDNSName, "ec2:ModifyVpcEndpoint", "dns.mode"},
		{"when the service is not in the subnet's zone, it says so",
			refused("EC2", "CreateVpcEndpoint", "InvalidParameter",
				"The VPC endpoint service com.amazonaws.vpce.x does not support the availability zone of the subnet: subnet-1."),
			link.ReasonNetworkMismatch, "ec2:CreateVpcEndpoint", "zone"},
		{"when two subnets are in one zone, it says so",
			refused("EC2", "CreateVpcEndpoint", "DuplicateSubnetsInSameZone", "…"), link.ReasonNetworkMismatch, "ec2:CreateVpcEndpoint", "at most one"},
		{"when the service cannot be seen, it says so",
			refused("EC2", "CreateVpcEndpoint", "InvalidServiceName", "…"), link.ReasonServiceNotVisible, "ec2:CreateVpcEndpoint", "allowedPrincipals"},
		{"when a load balancer is missing, it says so",
			refused("Elastic Load Balancing v2", "DescribeLoadBalancers", "LoadBalancerNotFound", "…"),
			link.ReasonLoadBalancerMissing, "elasticloadbalancing:DescribeLoadBalancers", "exist"},
		{"when a target group is missing, it says so",
			refused("Elastic Load Balancing v2", "DescribeTargetHealth", "TargetGroupNotFound", "…"),
			link.ReasonTargetGroupMissing, "elasticloadbalancing:DescribeTargetHealth", "ARN"},
		{"when a zone is missing, it says so",
			refused("Route 53", "ListResourceRecordSets", "NoSuchHostedZone", "…"), link.ReasonZoneMissing, "route53:ListResourceRecordSets", "zone"},
		{"when AWS refuses for another reason, it passes on what AWS says",
			refused("EC2", "CreateVpcEndpoint", "InvalidParameter", "something else"), link.ReasonInvalidRequest, "ec2:CreateVpcEndpoint", "what AWS says"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, blocked := classify(fmt.Errorf("step: %w", c.err), role)
			if blocked != (c.reason != transient) {
				t.Fatalf("blocked = %t: %+v", blocked, p)
			}
			if p.Reason != c.reason || p.Call != c.call || !strings.Contains(p.Remedy, c.remedy) {
				t.Errorf("problem = %+v, want reason %q, call %q, a remedy with %q", p, c.reason, c.call, c.remedy)
			}
			if blocked && (p.Message == "" || p.Remedy == "" || strings.Contains(p.Remedy, "{")) {
				t.Errorf("a problem needs a message and a remedy: %+v", p)
			}
		})
	}
}

func TestUnsuccessful(t *testing.T) {
	item := func(id, code string) ec2types.UnsuccessfulItem {
		return ec2types.UnsuccessfulItem{ResourceId: sdk.String(id),
			Error: &ec2types.UnsuccessfulItemError{Code: sdk.String(code), Message: sdk.String("…")}}
	}
	for _, c := range []struct {
		name  string
		items []ec2types.UnsuccessfulItem
		code  string
	}{
		{"when there are no items, nothing failed", nil, ""},
		{"when an item is gone, nothing failed", []ec2types.UnsuccessfulItem{item("vpce-1", "InvalidVpcEndpoint.NotFound")}, ""},
		{"when an item failed, so did the call", []ec2types.UnsuccessfulItem{item("vpce-svc-1", "ExistingVpcEndpointConnections")}, "ExistingVpcEndpointConnections"},
		{"when one of several failed, so did the call",
			[]ec2types.UnsuccessfulItem{item("vpce-1", "InvalidVpcEndpoint.NotFound"), item("vpce-2", "UnauthorizedOperation")}, "UnauthorizedOperation"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := unsuccessful("DeleteVpcEndpoints", c.items, endpointGone...)
			if (err == nil) != (c.code == "") || err != nil && !hasCode(err, c.code) {
				t.Fatalf("err = %v, want code %q", err, c.code)
			}
			if err != nil && callOf(err) != "ec2:DeleteVpcEndpoints" {
				t.Errorf("call = %q", callOf(err))
			}
		})
	}
}

func TestProblemMessageLeavesOutTheEncodedPart(t *testing.T) {
	p, _ := classify(refused("EC2", "DeleteVpcEndpoints", "UnauthorizedOperation",
		"You are not authorized to perform this operation. Encoded authorization failure message: pYvGsO…"), "role")
	if p.Message != "UnauthorizedOperation: You are not authorized to perform this operation." {
		t.Errorf("message = %q", p.Message)
	}
}

func TestMistake08AThrottleTakenForAFailure(t *testing.T) {
	s := &site{Config: Config{Pace: activities.Pace{Min: time.Second, Max: time.Minute}, Patience: time.Nanosecond}}
	for _, c := range []struct {
		name  string
		err   error
		again time.Duration
	}{
		{"when it is not its turn yet, it comes back when it is",
			failedCall("EC2", "CreateVpcEndpoint", &accounts.TurnError{After: time.Hour}), time.Hour},
		{"when AWS throttles all the same, it comes back soon",
			refused("EC2", "CreateVpcEndpoint", "RequestLimitExceeded", "slow down"), time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			var answer *temporal.ApplicationError
			if err := s.failed(fmt.Errorf("a step: %w", c.err)); !errors.As(err, &answer) || answer.Type() != activities.ErrTypePending ||
				answer.NextRetryDelay() != c.again || !strings.Contains(answer.Message(), "ec2:CreateVpcEndpoint") {
				t.Errorf("the step answers %v", err)
			}
		})
	}
}
