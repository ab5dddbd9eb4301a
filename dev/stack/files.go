package stack

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
)

//go:embed specs.yaml.tmpl
var specs string

// writeFiles writes the accounts file that the worker reads, and, in the demo's world, specs to apply.
func (s *Stack) writeFiles() error {
	s.Accounts = filepath.Join(s.Dir, "accounts.yaml")
	if err := os.WriteFile(s.Accounts, s.accountsFile(), 0o600); err != nil {
		return fmt.Errorf("write the accounts file: %w", err)
	}
	if err := s.writeAWSConfig(); err != nil {
		return err
	}
	if s.options.World != nil {
		return nil
	}
	s.Specs = filepath.Join(s.Dir, "payments.yaml")
	var b strings.Builder
	if err := template.Must(template.New("specs").Parse(specs)).Execute(&b, s.surroundings()); err != nil {
		return fmt.Errorf("write the specs: %w", err)
	}
	if err := os.WriteFile(s.Specs, []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("write the specs: %w", err)
	}
	return nil
}

// accountsFile names every account of the world that has a role to assume. The request buckets are refilled as much
// faster as everything else in the cloud.
func (s *Stack) accountsFile() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "# The accounts of the simulated cloud. Written anew at each start.\nlimits: {scale: %v}\naccounts:\n", s.Cloud.Scale())
	for _, a := range s.world.Accounts {
		for _, role := range a.Roles {
			fmt.Fprintf(&b, "  %s:\n    aws:\n      accountID: %q\n      roleARN: arn:aws:iam::%s:role/%s\n      externalID: %s\n      endpoint: %s\n",
				a.Name, a.ID, a.ID, role.Name, role.AgreedID(), s.Cloud.URL())
			break
		}
	}
	return []byte(b.String())
}

// surroundings are the ids that the demo's specs need.
type surroundings struct {
	LoadBalancer, VPC, SecurityGroup, TargetGroup string
	Subnets                                       []string
}

func (s *Stack) surroundings() surroundings {
	return surroundings{
		LoadBalancer:  s.ID("provider", "load-balancer", "istio-ingressgateway"),
		VPC:           s.ID("consumer", "vpc", "internet"),
		SecurityGroup: s.ID("consumer", "security-group", "internet/endpoints"),
		TargetGroup:   s.ID("consumer", "target-group", "payments"),
		Subnets: []string{
			s.ID("consumer", "subnet", "internet/internet-a"), s.ID("consumer", "subnet", "internet/internet-b"), s.ID("consumer", "subnet", "internet/internet-c"),
		},
	}
}

// ID is that of a resource which the world file made; empty when it made none of that name.
func (s *Stack) ID(account, kind, name string) string {
	for _, r := range s.Cloud.Resources() {
		if r.Account == account && r.Kind == kind && r.Name == name {
			return r.ID
		}
	}
	return ""
}
