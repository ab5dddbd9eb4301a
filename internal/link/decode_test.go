package link_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/linkwright/linkwright/internal/link"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const specs = "../../testdata/specs"

// read reads the specs whose paths match a pattern below testdata/specs.
func read(t testing.TB, pattern string) []link.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(specs, pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no specs match %s: %v", pattern, err)
	}
	var files []link.File
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, link.File{Name: filepath.Base(path), Data: data})
	}
	return files
}

// golden compares with the contents of a file, or writes it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is stale; if the change is meant, run: go test ./internal/link -update\n(-file +now)\n%s", path, diff)
	}
}

func TestDecodeTellsEverythingThatIsWrong(t *testing.T) {
	for _, file := range read(t, "bad/*.yaml") {
		t.Run(file.Name, func(t *testing.T) {
			documents, err := link.Decode(file)
			var wrong link.Errors
			if !errors.As(err, &wrong) || documents != nil {
				t.Fatalf("got %d documents and %v, want only link.Errors", len(documents), err)
			}
			golden(t, filepath.Join(specs, "bad", strings.TrimSuffix(file.Name, ".yaml")+".txt"), err.Error()+"\n")
		})
	}
}

func TestWhenFilesDescribeTheSameTheSecondSaysWhereTheFirstIs(t *testing.T) {
	data := read(t, "good/by-hand.yaml")[0].Data
	_, err := link.Decode(link.File{Name: "a.yaml", Data: data}, link.File{Name: "b.yaml", Data: data})
	const want = "b.yaml:6:9: metadata.name: EndpointService payments is described already at a.yaml:3"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

// Lists of mappings with lists in them are the one place where aliases multiply.
func TestWhenAliasesMultiplyReadingEnds(t *testing.T) {
	const many = 2000
	subnets := strings.Repeat("{zoneID: euc1-az1, subnet: subnet-1}, ", many)
	vpcs := "&vpc {vpc: vpc-1, subnets: [" + subnets + "]}" + strings.Repeat(", *vpc", many)
	_, err := link.Decode(link.File{Name: "bomb.yaml", Data: []byte("apiVersion: linkwright/v1\nkind: VPCInventory\nmetadata: {name: hub}\n" +
		"spec: {account: hub, region: eu-central-1, aws: {vpcs: [" + vpcs + "]}}\n")})
	var wrong link.Errors
	if !errors.As(err, &wrong) {
		t.Fatalf("got %v", err)
	}
	if len(wrong) != 1 || !strings.Contains(wrong[0].Message, "longer than a spec may be") {
		t.Errorf("got %d errors, the first of which is: %v", len(wrong), wrong[0])
	}
}

func TestDecodeReadsGoodSpecs(t *testing.T) {
	documents, err := link.Decode(read(t, "good/*.yaml")...)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range documents {
		got = append(got, d.File+" "+d.ID())
	}
	want := []string{
		"adopted.yaml EndpointService invoices",
		"adopted.yaml Connection invoices/shop",
		"azure-existing.yaml EndpointService billing",
		"azure-existing.yaml Connection ledger/partner",
		"azure.yaml EndpointService orders",
		"azure.yaml Connection orders/shop",
		"by-hand.yaml EndpointService payments",
		"central-ingress.yaml EndpointService eks-services",
		"central-ingress.yaml Connection eks-services/internet",
		"central-route.yaml EndpointService shop",
		"central-route.yaml Connection shop/internet",
		"central-route.yaml Connection ledger/internet",
		"four-eyes.yaml EndpointService ledger",
		"govcloud.yaml Connection status-page/hub",
		"hub.yaml VPCInventory hub",
		"hub.yaml EndpointService blue",
		"hub.yaml EndpointService green",
		"hub.yaml EndpointService red",
		"hub.yaml Connection blue/hub",
		"hub.yaml Connection green/hub",
		"hub.yaml Connection red/hub",
		"inventory.yaml VPCInventory small",
		"minimal.yaml EndpointService minimal",
		"minimal.yaml Connection minimal/minimal",
		"open-to-everyone.yaml EndpointService status-page",
		"takeover.yaml Connection payments/legacy",
		"wildcard-private-dns.yaml EndpointService triggermesh",
		"wildcard-private-dns.yaml Connection triggermesh/orders",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
