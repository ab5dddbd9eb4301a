package permissions

import "strings"

// parameter is what the account that holds a service's name in Parameter Store must be allowed.
type parameter struct {
	place
	name string
}

// parameterOfAnyName is for all parameters.
func parameterOfAnyName(at place) parameter { return parameter{place: at, name: anything} }

func (p parameter) statements() []Statement {
	// The ARN has the slash before the name already, or none (Service Authorization Reference, AWS Systems Manager).
	name := strings.TrimPrefix(p.name, "/")
	return []Statement{allow("ParameterKeeps", Values{
		"ssm:GetParameter",
		"ssm:ListTagsForResource",
		"ssm:PutParameter",
		"ssm:AddTagsToResource", // for the tags with which PutParameter makes it
		"ssm:DeleteParameter",
	}, Values{p.arn("ssm", "parameter/"+name)})}
}
