package permissions

import "strings"

// parameter is what the account that holds a service's name in Parameter Store must be allowed.
type parameter struct {
	place
	name string
}

// parameterOfAnyName is for all parameters.
func parameterOfAnyName(at place) parameter { return parameter{place: at, name: anything} }

// reads is for an account that finds a service's name there, and nothing else.
func (p parameter) reads() []Statement {
	return []Statement{allow("ParameterReads", Values{"ssm:GetParameter"}, p.arns())}
}

// arns is where the parameter is. The ARN has the slash before the name already, or none (Service Authorization
// Reference, AWS Systems Manager).
func (p parameter) arns() Values {
	return Values{p.arn("ssm", "parameter/"+strings.TrimPrefix(p.name, "/"))}
}

func (p parameter) statements() []Statement {
	return []Statement{allow("ParameterKeeps", Values{
		"ssm:GetParameter",
		"ssm:GetParameters", // the audit reads several at once
		"ssm:ListTagsForResource",
		"ssm:PutParameter",
		"ssm:AddTagsToResource", // for the tags with which PutParameter makes it
		"ssm:DeleteParameter",
	}, p.arns())}
}
