package permissions

import (
	"strings"

	"github.com/linkwright/linkwright/activities"
)

// anything stands for every value in an ARN or a condition.
const anything = "*"

// place is where a role acts. Region and account may be anything: in the policy of an account's own role, no other
// account is meant.
type place struct{ partition, region, account string }

// everywhere is the place of a policy that is for no spec in particular.
func everywhere() place { return place{partition: "aws", region: anything, account: anything} }

func (p place) arn(service, resource string) string {
	return "arn:" + p.partition + ":" + service + ":" + p.region + ":" + p.account + ":" + resource
}

// shared is the ARN of a resource that may belong to another account: a VPC, its subnets and security groups can be
// shared by AWS Resource Access Manager. Their ids are unique all the same.
func (p place) shared(resource string) string {
	return "arn:" + p.partition + ":ec2:" + p.region + ":*:" + resource
}

// here narrows calls that take no resource to the region.
func (p place) here() Condition {
	if p.region == anything {
		return nil
	}
	return when("StringEquals", "aws:RequestedRegion", p.region)
}

// owned narrows calls to what carries the ownership tag of a flow. A flow acts on nothing else.
func owned(owner string) Condition { return like("aws:ResourceTag/"+activities.OwnerTag, owner) }

// owning narrows creations to what gets the ownership tag of a flow.
func owning(owner string) Condition { return like("aws:RequestTag/"+activities.OwnerTag, owner) }

// taggedBy narrows the tags that are set with a creation to ours. It is a permission of its own for every creation
// with tags (Amazon EC2 User Guide, "Grant permission to tag Amazon EC2 resources during creation").
func taggedBy(creation, owner string) Condition {
	return all(owning(owner), when("StringEquals", "ec2:CreateAction", creation),
		when("ForAllValues:StringEquals", "aws:TagKeys", "Name", activities.OwnerTag))
}

// unmarked narrows the setting of tags to the ownership tag of a flow, on what has none: what is another flow's already is
// not taken from it.
func unmarked(owner string) Condition {
	return all(owning(owner), when("ForAllValues:StringEquals", "aws:TagKeys", activities.OwnerTag),
		when("Null", "aws:ResourceTag/"+activities.OwnerTag, "true"))
}

// like compares with a value that may have wildcards.
func like(key, value string) Condition {
	if strings.ContainsAny(value, "*?") {
		return when("StringLike", key, value)
	}
	return when("StringEquals", key, value)
}
