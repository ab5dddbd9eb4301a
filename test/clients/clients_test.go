// Package clients lets the clients that people use, Terraform with its AWS provider, the AWS CLI and the Azure CLI,
// unmodified, see the simulated clouds: what they do there must work, and what they say of it must be true. It runs the built
// linkwright-dev and whatever clients are installed; run it by `make test-clients`, or the quick part of it by
// `make test`.
package clients

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/linkwright/linkwright/test/lab"
)

// bin names the environment variable for the folder of the binaries.
const bin = "LINKWRIGHT_BIN"

// scale is how many times faster than AWS the cloud changes.
const scale = 600

func startCloud(ctx context.Context, t *testing.T, o lab.Options) *lab.Cloud {
	t.Helper()
	// By this look go test knows that a result from its cache is about this very binary.
	if _, err := os.Stat(filepath.Join(os.Getenv(bin), "linkwright-dev")); os.Getenv(bin) == "" || err != nil {
		t.Fatalf("there is no linkwright-dev in the folder %s=%q: run `make test` or `make test-clients`, which build it and say where it is",
			bin, os.Getenv(bin))
	}
	o.Bin, o.Dir, o.Scale = os.Getenv(bin), t.TempDir(), scale
	cloud, err := lab.StartCloud(ctx, o)
	if err != nil {
		t.Fatalf("%v\n%s", err, o.LogTail("cloud"))
	}
	t.Cleanup(func() {
		if err := cloud.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the end of the cloud's log:\n%s", o.LogTail("cloud"))
		}
	})
	return cloud
}
