package stack

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// writeAWSConfig writes a configuration for the AWS CLI and the SDKs, with a profile for each account's first
// user: `AWS_CONFIG_FILE=… aws --profile consumer ec2 describe-vpc-endpoints`.
func (s *Stack) writeAWSConfig() error {
	var b strings.Builder
	b.WriteString("# The users of the simulated cloud. Written anew at each start.\n")
	for _, a := range s.world.Accounts {
		if len(a.Users) == 0 {
			continue
		}
		region := "us-east-1"
		if regions := slices.Sorted(maps.Keys(a.Regions)); len(regions) > 0 {
			region = regions[0]
		}
		fmt.Fprintf(&b, "\n[profile %s]\naws_access_key_id = %s\naws_secret_access_key = %s\nregion = %s\nendpoint_url = %s\n",
			a.Name, a.Users[0].AccessKey, a.Users[0].SecretKey, region, s.Cloud.URL())
	}
	s.AWSConfig = filepath.Join(s.Dir, "aws-config")
	if err := os.WriteFile(s.AWSConfig, []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("write the AWS configuration: %w", err)
	}
	return nil
}
