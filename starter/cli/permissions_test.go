package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

const goodSpecs = "../../testdata/specs/good"

// TestPermissionsGolden compares what is printed with testdata/permissions; go test -update writes it.
func TestPermissionsGolden(t *testing.T) {
	const accounts, azureAccounts = "testdata/permissions/accounts.yaml", "testdata/permissions/azure-accounts.yaml"
	for _, c := range []struct {
		name string // of the golden file
		args []string
	}{
		{"wildcard-private-dns", []string{"-f", goodSpecs + "/wildcard-private-dns.yaml", "--accounts-file", accounts,
			"--worker-arn", "arn:aws:iam::000000000000:role/linkwright-worker", "--namespace", "production"}},
		{"central-ingress", []string{"-f", goodSpecs + "/central-ingress.yaml"}},
		{"takeover", []string{"-f", goodSpecs + "/takeover.yaml"}},
		{"adopted", []string{"-f", goodSpecs + "/adopted.yaml"}},
		{"open-to-everyone", []string{"-f", goodSpecs + "/open-to-everyone.yaml"}},
		{"hub", []string{"-f", goodSpecs + "/hub.yaml", "--accounts-file", accounts}},
		{"inventory", []string{"-f", goodSpecs + "/inventory.yaml"}},
		{"hub-without-inventory", []string{"-f", "testdata/permissions/hub-without-inventory.yaml", "--account", "hub"}},
		{"central-route", []string{"-f", goodSpecs + "/central-route.yaml"}},
		{"by-hand-and-minimal", []string{"-f", goodSpecs + "/by-hand.yaml", "-f", goodSpecs + "/minimal.yaml"}},
		{"all-in-one-account", []string{"-f", "testdata/permissions/one-account.yaml", "--accounts-file", accounts, "-o", "json"}},
		{"account-orders", []string{"-f", goodSpecs + "/wildcard-private-dns.yaml", "--accounts-file", accounts, "--account", "orders"}},
		{"account-orders-trust", []string{"-f", goodSpecs + "/wildcard-private-dns.yaml", "--accounts-file", accounts, "--account", "orders", "--trust"}},
		{"azure", []string{"-f", goodSpecs + "/azure.yaml", "--accounts-file", azureAccounts}},
		{"azure-existing", []string{"-f", goodSpecs + "/azure-existing.yaml"}},
		{"azure-account", []string{"-f", goodSpecs + "/azure.yaml", "--accounts-file", azureAccounts, "--account", "orders", "-o", "json"}},
		{"azure-role-zone", []string{"--role", "zone", "--cloud", "azure"}},
		{"azure-role-importer", []string{"--role", "importer", "--cloud", "azure"}},
		{"role-provider", []string{"--role", "provider"}},
		{"role-parameter", []string{"--role", "parameter"}},
		{"role-dns", []string{"--role", "dns"}},
		{"role-consumer", []string{"--role", "consumer", "--accounts-file", accounts, "--account", "orders"}},
		{"role-inventory", []string{"--role", "inventory"}},
		{"role-zone", []string{"--role", "zone"}},
		{"role-network", []string{"--role", "network"}},
		{"role-ingress", []string{"--role", "ingress"}},
		{"role-peering", []string{"--role", "peering"}},
		{"role-importer", []string{"--role", "importer", "--accounts-file", accounts, "--account", "orders"}},
		{"role-orchestrator", []string{"--role", "orchestrator", "--accounts-file", accounts}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := run(t, nil, "", append([]string{"permissions"}, c.args...)...)
			r.expect(t, ExitOK)
			got := r.out
			if r.err != "" {
				got += "\n[remarks]\n" + r.err
			}
			path := filepath.Join("testdata", "permissions", c.name+".txt")
			wantFile(t, path, got)
		})
	}
}

func TestPermissions(t *testing.T) {
	specs := goodSpecs + "/wildcard-private-dns.yaml"
	run(t, nil, "", "permissions").expect(t, ExitError, "-f", "--role")
	run(t, nil, "", "permissions", "--role", "owner").expect(t, ExitUsage, "must be one of provider, parameter, dns")
	run(t, nil, "", "permissions", "-f", specs, "-o", "yaml").expect(t, ExitUsage, "must be one of text, json")
	run(t, nil, "", "permissions", "-f", specs, "--account", "nobody").expect(t, ExitError, `"nobody"`)
	run(t, nil, "", "permissions", "-f", specs, "--role", "ingress").expect(t, ExitError, `"ingress"`)
	run(t, nil, "", "permissions", "-f", specs, "--role", "orchestrator", "--trust").expect(t, ExitError, "the worker's own identity")
	run(t, nil, "", "permissions", "-f", specs, "--accounts-file", "nowhere.yaml").expect(t, ExitError, "nowhere.yaml")
	run(t, nil, "", "permissions", "-f", specs, "--accounts-file", "testdata/permissions/accounts.yaml", "--account", "nobody").
		expect(t, ExitError, `has no account "nobody"`)
	run(t, nil, "", "permissions", "-f", "../../testdata/specs/bad/names.yaml").expect(t, ExitError, "wrong with the specs")

	run(t, nil, "", "permissions", "--role", "ingress", "--cloud", "azure").expect(t, ExitError, "it can be provider, consumer, zone, importer")
	run(t, nil, "", "permissions", "-f", goodSpecs+"/azure.yaml", "--cloud", "aws").expect(t, ExitError, "nothing of that kind")
	run(t, nil, "", "permissions", "-f", goodSpecs+"/azure.yaml", "--account", "shop", "--trust").expect(t, ExitError, "no trust policy")

	alone := run(t, nil, "", "permissions", "-f", specs, "--account", "platform", "--role", "parameter")
	var policy struct{ Statement []struct{ Sid string } }
	if err := json.Unmarshal([]byte(alone.out), &policy); err != nil || len(policy.Statement) != 1 || policy.Statement[0].Sid != "ParameterKeeps" {
		t.Errorf("one role of one account is not one policy alone (%v):\n%s", err, alone.out)
	}
	if strings.Contains(run(t, nil, "", "permissions", "-f", specs).out, "production") {
		t.Error("the namespace is in policies without --namespace")
	}
}
