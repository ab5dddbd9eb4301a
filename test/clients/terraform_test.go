package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/linkwright/linkwright/dev/inventory"
	"github.com/linkwright/linkwright/internal/simaws"
	"github.com/linkwright/linkwright/test/lab"
)

// mirrorVariable names the folder that has the AWS provider, laid out as a filesystem mirror of Terraform.
const mirrorVariable = "LINKWRIGHT_TERRAFORM_MIRROR"

// aDeployment bounds Terraform's whole life here. Most of it are waits that the AWS provider has built in.
const aDeployment = 12 * time.Minute

// TestTerraform deploys a whole link, a hub and a route in two accounts, looks whether Terraform then sees it as it wants it, and takes
// it down.
func TestTerraform(t *testing.T) {
	terraform, mirror := findTerraform(t)
	t.Parallel()
	ctx, cancel := context.WithTimeoutCause(t.Context(), aDeployment, fmt.Errorf("Terraform takes longer than %v", aDeployment))
	defer cancel()
	cloud := startCloud(ctx, t, lab.Options{World: filepath.Join("testdata", "world.yaml")})
	tf := newDeployment(ctx, t, terraform, mirror, cloud)

	tf.run(0, "init", "-input=false")
	tf.run(0, "apply", "-auto-approve")
	tf.checkOutputs(cloud)
	tf.run(0, "plan", "-detailed-exitcode") // 2 when there is something to change
	tf.run(0, "destroy", "-auto-approve")

	checkNothingIsLeft(ctx, t, cloud)
	checkCalls(ctx, t, cloud)
}

// findTerraform finds the binary and a mirror that has the AWS provider, or leaves the test out.
func findTerraform(t *testing.T) (binary, mirror string) {
	t.Helper()
	binary, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("Left out Terraform: there is no terraform on the PATH.")
	}
	for _, folder := range mirrors() {
		if found, err := filepath.Glob(filepath.Join(folder, "*", "hashicorp", "aws")); err == nil && len(found) > 0 {
			return binary, folder
		}
	}
	t.Skipf("Left out Terraform: its AWS provider is in none of the folders %s. Name the folder of a filesystem mirror that has it in %s.",
		strings.Join(mirrors(), ", "), mirrorVariable)
	return "", ""
}

// mirrors are the folders in which a provider may lie: the one that is named, those in which Terraform looks by
// itself, and what is installed under /opt.
func mirrors() []string {
	if named := os.Getenv(mirrorVariable); named != "" {
		return []string{named}
	}
	folders := []string{"/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"}
	if home, err := os.UserHomeDir(); err == nil {
		folders = append(folders, filepath.Join(home, ".terraform.d", "plugins"), filepath.Join(home, ".local", "share", "terraform", "plugins"))
	}
	if optional, err := filepath.Glob("/opt/*/registry.terraform.io"); err == nil {
		for _, registry := range optional {
			folders = append(folders, filepath.Dir(registry))
		}
	}
	return folders
}

// deployment is a folder with the configuration, and Terraform in it.
type deployment struct {
	ctx    context.Context
	t      *testing.T
	binary string
	folder string
	env    []string
}

func newDeployment(ctx context.Context, t *testing.T, binary, mirror string, cloud *lab.Cloud) deployment {
	t.Helper()
	d := deployment{ctx: ctx, t: t, binary: binary, folder: t.TempDir()}
	if err := os.CopyFS(d.folder, os.DirFS(filepath.Join("testdata", "terraform"))); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(d.folder, "terraform.rc")
	text := fmt.Sprintf("disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror)
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	user := cloud.User("provider")
	d.env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + d.folder, "TMPDIR=" + t.TempDir(),
		"TF_CLI_CONFIG_FILE=" + settings, "TF_IN_AUTOMATION=true", "TF_INPUT=false",
		"AWS_EC2_METADATA_DISABLED=true",
		"TF_VAR_endpoint=" + cloud.Endpoint,
		"TF_VAR_access_key=" + user.AccessKey, "TF_VAR_secret_key=" + user.SecretKey,
		"TF_VAR_role=" + cloud.Role("consumer"),
	}
	return d
}

// run runs Terraform, which must end with a status.
func (d deployment) run(status int, args ...string) string {
	d.t.Helper()
	began := time.Now()
	cmd := exec.CommandContext(d.ctx, d.binary, append(args, "-no-color")...)
	cmd.Dir, cmd.Env = d.folder, d.env
	cmd.WaitDelay = 10 * time.Second // for the provider to end
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || cmd.ProcessState.ExitCode() != status {
		d.t.Fatalf("terraform %s: %v, want the exit status %d\n…%s\n%s", args[0], err, status, end(stdout.String()), stderr.String())
	}
	d.t.Logf("terraform %s took %v", args[0], time.Since(began).Round(time.Second))
	return stdout.String()
}

// end is the end of a long text.
func end(text string) string { return text[max(0, len(text)-4<<10):] }

// checkOutputs compares what Terraform knows after apply with what the cloud itself says.
func (d deployment) checkOutputs(cloud *lab.Cloud) {
	d.t.Helper()
	var outputs map[string]struct {
		Value any `json:"value"`
	}
	if err := json.Unmarshal([]byte(d.run(0, "output", "-json")), &outputs); err != nil {
		d.t.Fatal(err)
	}
	for name, want := range map[string]string{
		"provider_identity": "arn:aws:iam::111111111111:user/terraform",
		"consumer_identity": "arn:aws:sts::222222222222:assumed-role/Terraform/deployment",
		"endpoint_state":    "available",
	} {
		if got := outputs[name].Value; got != want {
			d.t.Errorf("Terraform's output %s is %v, want %s", name, got, want)
		}
	}
	made, err := cloud.Inventory(d.ctx, "provider", "consumer")
	if err != nil {
		d.t.Fatal(err)
	}
	for _, name := range []string{"endpoint", "service_id"} {
		id := fmt.Sprint(outputs[name].Value)
		if !slices.ContainsFunc(made, func(i inventory.Item) bool { return i.ID == id }) {
			d.t.Errorf("Terraform's %s %s is not in the cloud: %v", name, id, made)
		}
	}
}

// checkNothingIsLeft looks into the accounts, which were empty at the start.
func checkNothingIsLeft(ctx context.Context, t *testing.T, cloud *lab.Cloud) {
	t.Helper()
	accounts := []string{"provider", "consumer"}
	left, err := cloud.Inventory(ctx, accounts...)
	if err != nil || len(left) > 0 {
		t.Errorf("after destroy there is still %v, %v", left, err)
	}
	for _, account := range accounts {
		networks, err := ec2.NewFromConfig(cloud.Admin(account)).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
		if err != nil || len(networks.Vpcs) > 0 {
			t.Errorf("after destroy, %s still has VPCs: %+v, %v", account, networks, err)
		}
		balancers, err := elasticloadbalancingv2.NewFromConfig(cloud.Admin(account)).DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{})
		if err != nil || len(balancers.LoadBalancers) > 0 {
			t.Errorf("after destroy, %s still has load balancers: %+v, %v", account, balancers, err)
		}
	}
}

// checkCalls holds the cloud's log of calls against what a client may see of a cloud that it believes to be AWS: no
// action that there is not, nobody refused, and no failure but of looking for what is gone.
func checkCalls(ctx context.Context, t *testing.T, cloud *lab.Cloud) {
	t.Helper()
	calls, err := cloud.Calls(ctx)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range calls {
		seen[c.Service+":"+c.Action] = true
		if !truthful(c) {
			t.Errorf("the cloud refused %s:%s by %s with %d %s", c.Service, c.Action, c.Principal, c.Status, c.Error)
		}
	}
	for _, action := range []string{
		"sts:GetCallerIdentity", "sts:AssumeRole", "ec2:StartVpcEndpointServicePrivateDnsVerification", "ec2:AcceptVpcEndpointConnections",
		"ec2:AcceptVpcPeeringConnection", "route53:CreateVPCAssociationAuthorization", "route53:AssociateVPCWithHostedZone",
		"acm:RequestCertificate", "wafv2:AssociateWebACL",
	} {
		if !seen[action] {
			t.Errorf("Terraform never called %s; it called %v", action, seen)
		}
	}
}

// truthful reports whether a call succeeded, or failed because what it was about is gone: so a client sees that it
// has been deleted.
func truthful(c simaws.Call) bool {
	gone := strings.HasSuffix(c.Error, "NotFound") || strings.HasPrefix(c.Error, "NoSuch")
	return c.Error == "" && c.Status < http.StatusBadRequest || gone
}
