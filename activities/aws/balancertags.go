package aws

import (
	"context"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/linkwright/linkwright/activities"
)

// taggedRules are the ARNs of the rules that can have tags.
func taggedRules(rules []elbtypes.Rule) []string {
	var arns []string
	for _, r := range rules {
		if !sdk.ToBool(r.IsDefault) {
			arns = append(arns, sdk.ToString(r.RuleArn))
		}
	}
	return arns
}

// ownedRules are the rules with an owner's tag.
func (s *site) ownedRules(ctx context.Context, rules []elbtypes.Rule, owner activities.Owner) ([]elbtypes.Rule, error) {
	owners, err := s.owners(ctx, taggedRules(rules))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(rules), func(r elbtypes.Rule) bool {
		return owners[sdk.ToString(r.RuleArn)] != owner
	}), nil
}

// owners reads the owners of things of Elastic Load Balancing from their tags, by ARN. In a snapshot there may be more of
// them than were asked for.
func (s *site) owners(ctx context.Context, arns []string) (map[string]activities.Owner, error) {
	owners := map[string]activities.Owner{}
	if s.seen != nil {
		owners = s.seen.tagged
	}
	unread := slices.DeleteFunc(slices.Clone(arns), func(arn string) bool { _, read := owners[arn]; return read })
	for chunk := range slices.Chunk(unread, describedAtOnce) {
		out, err := s.ELB.DescribeTags(ctx, &elasticloadbalancingv2.DescribeTagsInput{ResourceArns: chunk})
		if err != nil {
			return nil, err
		}
		for _, arn := range chunk {
			owners[arn] = ""
		}
		for _, d := range out.TagDescriptions {
			for _, t := range d.Tags {
				if sdk.ToString(t.Key) == ownerTag {
					owners[sdk.ToString(d.ResourceArn)] = activities.Owner(sdk.ToString(t.Value))
				}
			}
		}
	}
	return owners, nil
}

// balancerTags are the tags of something new of Elastic Load Balancing.
func balancerTags(owner activities.Owner, name string) []elbtypes.Tag {
	return []elbtypes.Tag{
		{Key: sdk.String(ownerTag), Value: sdk.String(string(owner))},
		{Key: sdk.String("Name"), Value: sdk.String(name)},
	}
}
