package stack

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// writeFiles writes the accounts file that the worker reads, and, in the world of a scenario, its specs.
func (s *Stack) writeFiles() error {
	s.Accounts = filepath.Join(s.Dir, "accounts.yaml")
	if err := os.WriteFile(s.Accounts, s.accountsFile(), 0o600); err != nil {
		return fmt.Errorf("write the accounts file: %w", err)
	}
	if err := s.writeAWSConfig(); err != nil {
		return err
	}
	if s.options.World != nil {
		var err error
		s.Example, err = s.example("")
		return err
	}
	return s.writeSpecs()
}

// accountsFile names every account of the worlds that Linkwright may act in. The request buckets are refilled as much
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
	b.WriteString(s.azureAccounts())
	return []byte(b.String())
}
