package sim

import (
	"github.com/linkwright/linkwright/internal/simaws/policy"
)

// Need is one permission that a request needs: the front door asks the caller's policies for it before the request
// is carried out.
type Need struct {
	// Action is the IAM action: "ec2:CreateVpcEndpoint".
	Action string
	// Resource is the ARN of what it is done to, with "*" in the place of an id that does not exist yet; "*"
	// alone for an action of which IAM knows no resources.
	Resource string
	// Context are the condition keys that come with the resource and the request, besides the global ones.
	Context policy.Context
	// Operation is the action that a refusal names as the one refused, when that is another: AWS does so for a
	// permission that no API action has. Empty otherwise.
	Operation string
	// Shown is what a refusal calls the resource, when that is not its ARN.
	Shown string
	// Trust, when it is not nil, is the trust policy of the role that the action is about, which must allow it too.
	Trust *policy.Document
}

// Permissions are what a service's requests need.
type Permissions struct {
	// Needs tells for each action of the API, by its name, which permissions a request for it needs. All must be
	// allowed. An error is what is wrong with the request, found before anybody asked for permission.
	Needs map[string]func(*Request) ([]Need, error)
	// Others are actions of IAM under the service's prefix that no action of its API here has the name of.
	Others []string
}

// Nothing is what an action needs that everybody may do, whatever his policies say.
func Nothing(*Request) ([]Need, error) { return nil, nil }

// Anywhere is what an action of a service needs that IAM knows no resources of.
func Anywhere(service string, r *Request) []Need {
	return []Need{{Action: service + ":" + r.Action, Resource: "*"}}
}
