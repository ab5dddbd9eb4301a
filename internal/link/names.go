package link

import (
	"fmt"
	"regexp"
	"strings"
)

// domainProblem says what keeps a name from being the private DNS name of an endpoint service, or "".
func domainProblem(name string) string {
	if problem := hostProblem(name); problem != "" {
		return problem
	}
	if !strings.Contains(strings.TrimPrefix(name, "*."), ".") {
		return fmt.Sprintf("%q is not a domain whose ownership can be proven; it needs at least two labels, such as example.com", name)
	}
	return ""
}

// hostProblem says what keeps a name from being one that DNS can answer for, or "". Labels have at most 63
// characters and the name 255 (AWS PrivateLink Guide, "Manage DNS names for VPC endpoint services"; Route 53
// Developer Guide, "DNS domain name format"); a label is letters, digits and inner dashes (RFC 1123, section 2.1);
// the first one may be a wildcard (RFC 4592, section 2.1.1). DNS does not tell upper from lower case (RFC 4343), so
// only lower case is taken, and a name can be compared with what a cloud answers as it stands.
func hostProblem(name string) string {
	if lower := strings.ToLower(name); lower != name {
		return fmt.Sprintf("must be in lower case: %q", lower)
	}
	if strings.HasSuffix(name, ".") {
		return fmt.Sprintf("must not end in a dot: %q", strings.TrimRight(name, "."))
	}
	labels := strings.Split(strings.TrimPrefix(name, "*."), ".")
	for i, label := range labels {
		switch {
		case strings.Contains(label, "*") && i+1 < len(labels):
			return fmt.Sprintf(`%q may have a wildcard only as its whole first label: "*.%s"`, name, strings.Join(labels[i+1:], "."))
		case len(label) > 63:
			return fmt.Sprintf("the label %q has %d characters; a label has at most 63", label, len(label))
		case !domainLabel.MatchString(label):
			return fmt.Sprintf("%q is not a domain name: its label %q is not made of letters, digits and inner dashes", name, label)
		}
	}
	return ""
}

var domainLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// What may name a parameter says the AWS Systems Manager API Reference, PutParameter: not beginning with aws
// or ssm in any case, at most fifteen levels, and at most 1011 characters together with the ARN before it.
func (c *checker) ssmParameter(path string, p SSMParameter, specRegion string) {
	if p.Region == "" && !strings.Contains(specRegion, "-") {
		c.add(path+".region", "is required, because the spec's region is none of AWS")
	}
	path += ".name"
	region := p.Region
	fill(&region, specRegion)
	name := strings.TrimPrefix(p.Name, "/")
	first := strings.ToLower(name)
	arn := "arn:" + PartitionOf(region) + ":ssm:" + region + ":111122223333:parameter/" + name
	switch levels := strings.Count(name, "/") + 1; {
	case strings.HasPrefix(first, "aws"), strings.HasPrefix(first, "ssm"):
		c.add(path, "%q begins with %s, which AWS keeps for itself", p.Name, name[:3])
	case levels > 15:
		c.add(path, "has %d levels; a parameter has at most 15", levels)
	case len(arn) > 1011:
		c.add(path, "is %d characters too long: together with its ARN a parameter's name has at most 1011", len(arn)-1011)
	}
}
