package aws

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/wafv2"

	"github.com/linkwright/linkwright/internal/link"
)

// ensureWebACL makes sure that the web ACL of a route protects a load balancer, and reports whether it has put it there.
func (s *site) ensureWebACL(ctx context.Context, loadBalancer string, want link.Route) (bool, error) {
	lacks, err := s.lacksWebACL(ctx, loadBalancer, want)
	if err != nil || !lacks {
		return false, err
	}
	_, err = s.WAF.AssociateWebACL(ctx, &wafv2.AssociateWebACLInput{
		ResourceArn: sdk.String(loadBalancer), WebACLArn: sdk.String(want.WebACL)})
	if hasCode(err, "WAFUnavailableEntityException") && s.age() < s.Patience {
		// A web ACL that was made a moment ago has not reached every corner of WAF yet.
		return false, s.pending("web ACL " + want.WebACL + " is not available yet")
	}
	return err == nil, err
}

// lacksWebACL reports whether the web ACL of a route is to be put before a load balancer. One that stands there already
// is never replaced: it is somebody's.
func (s *site) lacksWebACL(ctx context.Context, loadBalancer string, want link.Route) (bool, error) {
	out, err := read(s, "web ACL of "+loadBalancer, func() (*wafv2.GetWebACLForResourceOutput, error) {
		return s.WAF.GetWebACLForResource(ctx, &wafv2.GetWebACLForResourceInput{ResourceArn: sdk.String(loadBalancer)})
	})
	if err != nil {
		return false, err
	}
	have := ""
	if out.WebACL != nil {
		have = sdk.ToString(out.WebACL.ARN)
	}
	switch {
	case have == want.WebACL:
		return false, nil
	case have != "":
		return false, s.blocked(link.Problem{
			Reason:  link.ReasonWebACLMissing,
			Message: fmt.Sprintf("load balancer %s is protected by the web ACL %s, not by %s", loadBalancer, have, want.WebACL),
			Remedy:  "put the web ACL of the spec before the load balancer, or name in the spec the one that is there",
		}, nil)
	case !want.AssociateWebACL:
		return false, s.blocked(link.Problem{
			Reason:  link.ReasonWebACLMissing,
			Message: fmt.Sprintf("no web ACL protects load balancer %s, and %s must", loadBalancer, want.WebACL),
			Remedy:  "associate the web ACL with the load balancer, or set associateWebACL so that Linkwright does",
		}, nil)
	}
	return true, nil
}
