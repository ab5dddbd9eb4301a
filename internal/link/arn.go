package link

import "strings"

// arn is an Amazon Resource Name, arn:partition:service:region:account:resource (AWS General Reference,
// "Amazon Resource Names"). Region and account are empty where the service has none.
type arn struct {
	partition, service, region, account, resource string
}

func parseARN(s string) (arn, bool) {
	parts := strings.SplitN(s, ":", 6)
	strange := strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
	if len(parts) != 6 || parts[0] != "arn" || strange {
		return arn{}, false
	}
	a := arn{partition: parts[1], service: parts[2], region: parts[3], account: parts[4], resource: parts[5]}
	return a, a.partition != "" && a.service != "" && a.resource != "" && (a.account == "" || isAccountID(a.account))
}

// elbARN reads the ARN of something of Elastic Load Balancing: loadbalancer/net/NAME/ID or
// targetgroup/NAME/ID, which is the prefix and two more parts (Service Authorization Reference, "Actions,
// resources, and condition keys for Elastic Load Balancing V2").
func elbARN(s, prefix string) (arn, bool) {
	a, ok := parseARN(s)
	name, id, _ := strings.Cut(strings.TrimPrefix(a.resource, prefix), "/")
	return a, ok && a.service == "elasticloadbalancing" && a.region != "" && a.account != "" &&
		strings.HasPrefix(a.resource, prefix) && name != "" && id != "" && !strings.Contains(id, "/")
}

// isAccountID: an AWS account id is twelve digits (AWS Account Management Guide, "View AWS account
// identifiers").
func isAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// PartitionOf is the partition that a region belongs to: a group of regions that share neither accounts nor
// credentials with any other (AWS General Reference, "Amazon Resource Names", and the partitions.json that
// the AWS SDKs carry).
func PartitionOf(region string) string {
	for _, p := range []struct{ regions, partition string }{
		{"cn-", "aws-cn"},
		{"us-gov-", "aws-us-gov"},
		{"eusc-", "aws-eusc"},
		{"us-isob-", "aws-iso-b"},
		{"us-isof-", "aws-iso-f"},
		{"eu-isoe-", "aws-iso-e"},
		{"us-iso-", "aws-iso"},
	} {
		if strings.HasPrefix(region, p.regions) {
			return p.partition
		}
	}
	return "aws"
}
