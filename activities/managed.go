package activities

import (
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
)

// managers are the tools that mark what they manage with a tag of their own. A name that ends in * stands for all tags
// whose names begin like it. Terraform leaves no mark: it keeps what is its own in its state.
var managers = []struct{ tag, tool string }{
	{"aws:cloudformation:stack-name", "CloudFormation"},
	{"kubernetes.io/cluster/*", "a Kubernetes cluster"},
	{"kubernetes.io_cluster.*", "a Kubernetes cluster"}, // on Azure, whose tags have no slashes
	{"elbv2.k8s.aws/cluster", "the AWS Load Balancer Controller"},
	{"service.k8s.aws/stack", "the AWS Load Balancer Controller"},
	{"api.openshift.com/*", "OpenShift Cluster Manager"},
	{"hive.openshift.io/*", "OpenShift Hive"},
	{"hypershift.openshift.io/*", "HyperShift"},
	{"k8s-azure-*", "the cloud controller of a Kubernetes cluster"},
	{"aks-managed-*", "AKS"},
}

// ManagedBy says which other tool manages something with these tags, and by which of them that is known:
// "CloudFormation (tag aws:cloudformation:stack-name: network)". It is empty when no tag says so.
func ManagedBy(tags map[string]string) string {
	names := make([]string, 0, len(tags))
	for name := range tags {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, m := range managers {
		prefix, many := strings.CutSuffix(m.tag, "*")
		for _, name := range names {
			lower := strings.ToLower(name) // Azure keeps the case of names, and does not tell by it
			if lower == m.tag || many && strings.HasPrefix(lower, prefix) {
				return m.tool + " (tag " + strings.TrimSuffix(name+": "+tags[name], ": ") + ")"
			}
		}
	}
	return ""
}

// ManagedElsewhere is the problem of something that is to be taken over, and that another tool manages. The section of
// the spec has the field that allows it.
func ManagedElsewhere(what, tool, section string) link.Problem {
	return link.Problem{
		Reason:  link.ReasonNotOurs,
		Message: what + " is managed by " + tool,
		Remedy:  "let that tool go of it first; or set " + section + ".allowManaged, when it changes nothing about it any more",
	}
}

// LeftToOwner is why an import leaves something out that belongs to a flow.
func LeftToOwner(owner Owner) string { return "it belongs to Linkwright's flow " + string(owner) }

// LeftToTool is why an import leaves something out that another tool manages.
func LeftToTool(tool string) string { return "it is managed by " + tool }

// TakenFromTool is the remark on a spec for something that another tool manages.
func TakenFromTool(tool string) string {
	return "managed by " + tool + ": apply this only when that tool changes nothing about it any more"
}
