package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/test/lab"
)

// cli is an installed AWS CLI that speaks with a cloud.
type cli struct {
	path    string
	version string // "2.9.19"
	cloud   *lab.Cloud
}

// major is "1" or "2": two programs with one name.
func (c cli) major() string { return strings.SplitN(c.version, ".", 2)[0] }

var cliVersion = regexp.MustCompile(`^aws-cli/(\S+)`)

// findCLIs finds the AWS CLIs on the PATH, one of each major version.
func findCLIs(ctx context.Context, t *testing.T, cloud *lab.Cloud) []cli {
	t.Helper()
	var found []cli
	seen := map[string]bool{}
	for _, folder := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(folder, "aws")
		if _, err := exec.LookPath(path); err != nil {
			continue
		}
		said, err := exec.CommandContext(ctx, path, "--version").CombinedOutput() // version 1 once said it on stderr
		match := cliVersion.FindSubmatch(said)
		if err != nil || match == nil {
			t.Logf("%s is no AWS CLI: %v, %s", path, err, said)
			continue
		}
		c := cli{path: path, version: string(match[1]), cloud: cloud}
		if !seen[c.major()] {
			seen[c.major()], found = true, append(found, c)
		}
	}
	return found
}

// answer is what a CLI said and how it ended.
type answer struct {
	stdout, stderr string
	status         int
}

// run runs the CLI as an account's administrator.
func (c cli) run(ctx context.Context, account string, args ...string) (answer, error) {
	cmd := exec.CommandContext(ctx, c.path, append([]string{"--profile", account, "--endpoint-url", c.cloud.Endpoint, "--output", "json"}, args...)...)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, "AWS_CONFIG_FILE="+c.cloud.Files.AWSConfig, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull, "AWS_PAGER=",
		"AWS_EC2_METADATA_DISABLED=true")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return answer{}, fmt.Errorf("%s %s: %w", c.path, strings.Join(args, " "), err)
	}
	return answer{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}, nil
}

// list runs a CLI that must succeed, and reads its JSON.
func (c cli) list(ctx context.Context, account string, args ...string) (any, error) {
	said, err := c.run(ctx, account, args...)
	if err != nil {
		return nil, err
	}
	if said.status != 0 {
		return nil, fmt.Errorf("aws %s (%s) ended with %d: %s", strings.Join(args, " "), c.version, said.status, said.stderr)
	}
	var read any
	if err := json.Unmarshal([]byte(said.stdout), &read); err != nil {
		return nil, fmt.Errorf("aws %s (%s) said no JSON: %w: %s", strings.Join(args, " "), c.version, err, said.stdout)
	}
	return read, nil
}

// TestCLI compares what each AWS CLI shows of a link with what the SDK has, and what the CLIs show with one another.
func TestCLI(t *testing.T) {
	ctx, cancel := context.WithTimeoutCause(t.Context(), 8*time.Minute, errors.New("the AWS CLIs take longer than eight minutes"))
	t.Cleanup(cancel) // after the tests below, which run side by side
	cloud := startCloud(ctx, t, lab.Options{})
	clis := findCLIs(ctx, t, cloud)
	if len(clis) == 0 {
		t.Skip("Left out the AWS CLI: there is no aws on the PATH.")
	}
	made := builder{ctx, t, cloud}.link()
	for _, l := range listings(ctx, cloud, made) {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			l.compare(ctx, t, clis)
		})
	}
	for _, c := range clis {
		t.Run("version "+c.version, func(t *testing.T) {
			t.Parallel()
			c.behaves(ctx, t, made)
		})
	}
}
