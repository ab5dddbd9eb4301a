package activities_test

import (
	"testing"

	"github.com/linkwright/linkwright/activities"
)

func TestManagedBy(t *testing.T) {
	for _, c := range []struct {
		name, tag, value, want string
	}{
		{"when nobody has marked it, nobody manages it", "team", "payments", ""},
		{"when Linkwright has marked it, no other tool manages it", activities.OwnerTag, "default/x", ""},
		{"when it is of a CloudFormation stack, it says of which", "aws:cloudformation:stack-name", "network",
			"CloudFormation (tag aws:cloudformation:stack-name: network)"},
		{"when a cluster has marked it, it says which", "kubernetes.io/cluster/blue-x7f", "owned", "a Kubernetes cluster (tag kubernetes.io/cluster/blue-x7f: owned)"},
		{"when the AWS Load Balancer Controller has, it says so", "service.k8s.aws/stack", "orders/api", "the AWS Load Balancer Controller (tag service.k8s.aws/stack: orders/api)"},
		{"when Hive has, it says so", "hive.openshift.io/private-link", "true", "OpenShift Hive (tag hive.openshift.io/private-link: true)"},
		{"when a tag has no value, it says just its name", "k8s-azure-service", "", "the cloud controller of a Kubernetes cluster (tag k8s-azure-service)"},
		{"when a tag of Azure is in another case, it is the same", "K8s-Azure-Cluster-Name", "aks", "the cloud controller of a Kubernetes cluster (tag K8s-Azure-Cluster-Name: aks)"},
		{"when a name only resembles one, it is another", "kubernetes.io/clusters", "x", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := activities.ManagedBy(map[string]string{c.tag: c.value, "Name": "api"}); got != c.want {
				t.Errorf("it is managed by %q, want %q", got, c.want)
			}
		})
	}
}
