package aws

import (
	"context"
	"fmt"
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// ownerTag marks what belongs to a flow; its value is the flow's [activities.Owner].
const ownerTag = activities.OwnerTag

// tagsFor are the tags of a new EC2 resource.
func tagsFor(kind ec2types.ResourceType, owner activities.Owner, name string) []ec2types.TagSpecification {
	return []ec2types.TagSpecification{{
		ResourceType: kind,
		Tags: []ec2types.Tag{
			{Key: sdk.String(ownerTag), Value: sdk.String(string(owner))},
			{Key: sdk.String("Name"), Value: sdk.String(name)},
		},
	}}
}

// mark puts an owner's tag on something of EC2 that has none.
func (s *site) mark(ctx context.Context, id string, owner activities.Owner) error {
	_, err := s.EC2.CreateTags(ctx, &ec2.CreateTagsInput{
		Resources: []string{id},
		Tags:      []ec2types.Tag{{Key: sdk.String(ownerTag), Value: sdk.String(string(owner))}},
	})
	if err != nil {
		return s.failed(err)
	}
	return nil
}

// ownerOf reads the owner from a resource's tags; empty when it has none.
func ownerOf(tags []ec2types.Tag) activities.Owner {
	for _, t := range tags {
		if sdk.ToString(t.Key) == ownerTag {
			return activities.Owner(sdk.ToString(t.Value))
		}
	}
	return ""
}

// tagMap are a resource's tags by their keys.
func tagMap(tags []ec2types.Tag) map[string]string {
	all := map[string]string{}
	for _, t := range tags {
		all[sdk.ToString(t.Key)] = sdk.ToString(t.Value)
	}
	return all
}

// ownedBy selects the resources of an owner on the server's side.
func ownedBy(owner activities.Owner) ec2types.Filter { return filter("tag:"+ownerTag, string(owner)) }

// just is the one of an owner's things that alone is meant, if it is among them.
func just[T any](found []T, id string, idOf func(T) *string) []T {
	return slices.DeleteFunc(found, func(one T) bool { return sdk.ToString(idOf(one)) != id })
}

func filter(name string, values ...string) ec2types.Filter {
	return ec2types.Filter{Name: sdk.String(name), Values: values}
}

// notOurs is the problem of something that should belong to a flow but does not carry its tag.
func notOurs(what string, owner, found activities.Owner) link.Problem {
	p := link.Problem{
		Reason:  link.ReasonNotOurs,
		Message: fmt.Sprintf("%s has no tag %s", what, ownerTag),
		Remedy:  fmt.Sprintf("set its tag %s to %s, or delete it by hand", ownerTag, owner),
	}
	if found != "" {
		p.Message = fmt.Sprintf("%s belongs to another flow: its tag %s is %s", what, ownerTag, found)
		p.Remedy = "let that flow go of it first, or name another one"
	}
	return p
}
