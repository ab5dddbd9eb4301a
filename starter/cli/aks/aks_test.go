package aks_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/aks"
)

const network = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-orders/providers/Microsoft.Network/virtualNetworks/orders"

func surroundings() aks.Surroundings {
	return aks.Surroundings{
		Account: "orders", Region: "westeurope", NodeResourceGroup: "MC_orders", VirtualNetwork: network, Subnet: "nodes",
		Subscription: "00000000-0000-0000-0000-000000000001",
	}
}

// services are those of a file that ask for a private link service.
func services(t *testing.T, file string) []aks.Service {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	found, err := aks.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestReadFindsTheServicesThatAskForAPrivateLinkService(t *testing.T) {
	var names []string
	for _, s := range services(t, "services.yaml") {
		names = append(names, s.String())
	}
	if want := []string{"orders/bare", "orders/full"}; !cmp.Equal(names, want) {
		t.Errorf("found %v, want %v", names, want)
	}
}

func TestImportTakesWhatTheAnnotationsSayAndTheirDefaults(t *testing.T) {
	found := services(t, "services.yaml")
	bare, full := found[0], found[1]
	adopting := surroundings()
	adopting.Adopt = true
	for _, c := range []struct {
		name    string
		service aks.Service
		in      aks.Surroundings
		want    link.AzureEndpointService
	}{
		{"when nothing is said, the defaults are those of the cloud controller", bare, surroundings(), link.AzureEndpointService{
			ResourceGroup: "MC_orders", Name: "pls-a0a1b2c3d4e5f67890a1b2c3d4e5f678",
			Frontends: &link.AzureFrontends{Kubernetes: &link.AzureKubernetesFrontend{ResourceGroup: "MC_orders", UID: "0a1b2c3d-4e5f-6789-0a1b-2c3d4e5f6789"}},
			NAT:       &link.AzureNAT{Subnet: network + "/subnets/nodes", Count: new(int32(1))},
		}},
		{"when all is said, it is taken over", full, surroundings(), link.AzureEndpointService{
			ResourceGroup: "rg-links", Name: "orders",
			Frontends:  &link.AzureFrontends{Kubernetes: &link.AzureKubernetesFrontend{ResourceGroup: "MC_orders", Address: "10.240.0.42"}},
			NAT:        &link.AzureNAT{Subnet: network + "/subnets/nat", Count: new(int32(3)), Addresses: []string{"10.240.1.4", "10.240.1.5"}},
			Visibility: []string{"00000000-0000-0000-0000-000000000002", "00000000-0000-0000-0000-000000000003"}, AutoApproval: []string{"00000000-0000-0000-0000-000000000002"},
			ProxyProtocol: true, FQDNs: []string{"orders.k.example.com", "api.k.example.com"},
		}},
		{"when the private link service has a name, it is adopted by it", full, adopting, link.AzureEndpointService{
			PrivateLinkService: "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-links/providers/Microsoft.Network/privateLinkServices/orders",
		}},
		{"when it has none, it is adopted by that of the frontend", bare, adopting, link.AzureEndpointService{
			PrivateLinkService: "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/MC_orders/providers/Microsoft.Network/privateLinkServices/pls-a0a1b2c3d4e5f67890a1b2c3d4e5f678",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, err := aks.Import(c.service, c.in)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&c.want, doc.Spec.Azure); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestImportSaysWhatIsWrong(t *testing.T) {
	wanted := map[string][]string{
		"public":    {"azure-load-balancer-internal", "azure-disable-load-balancer-floating-ip"},
		"node-port": {`spec.type: is "NodePort"`},
		"counts":    {`ip-address-count: "9" is not a number from 1 to 8`},
		"addresses": {"lists 2 addresses, but", `"10.240.1" is not an IPv4 address`},
		"commas":    {"separated by blanks"},
		"stranger":  {"00000000-0000-0000-0000-000000000003 is not among visibility"},
		"unborn":    {"kubectl get service -o yaml"},
		"nowhere":   {"names no subnet"},
	}
	for _, s := range services(t, "wrong.yaml") {
		t.Run(s.Metadata.Name, func(t *testing.T) {
			in := surroundings()
			if s.Metadata.Name == "nowhere" {
				in.Subnet = ""
			}
			_, err := aks.Import(s, in)
			if err == nil {
				t.Fatal("it is taken for good")
			}
			for _, want := range wanted[s.Metadata.Name] {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("it says %q, want %q in it", err, want)
				}
			}
			delete(wanted, s.Metadata.Name)
		})
	}
	if len(wanted) > 0 {
		t.Errorf("not among the Services: %v", wanted)
	}
}

func TestExportSaysWhatImportHasRead(t *testing.T) {
	full := services(t, "services.yaml")[1]
	doc, err := aks.Import(full, surroundings())
	if err != nil {
		t.Fatal(err)
	}
	annotations, err := aks.Export(doc.Spec.WithDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(full.Metadata.Annotations, annotations); diff != "" {
		t.Error(diff)
	}
}

func TestExportRefusesWhatNoAnnotationCanSay(t *testing.T) {
	for name, c := range map[string]struct {
		spec link.EndpointServiceSpec
		want string
	}{
		"when it is on AWS":              {link.EndpointServiceSpec{AWS: &link.AWSEndpointService{}}, "spec.azure is missing"},
		"when it is there already":       {link.EndpointServiceSpec{Azure: &link.AzureEndpointService{PrivateLinkService: "/x"}}, "nothing to annotate"},
		"when it has tags":               {link.EndpointServiceSpec{Azure: &link.AzureEndpointService{Tags: map[string]string{"a": "b"}}}, "spec.azure.tags"},
		"when access is restricted":      {link.EndpointServiceSpec{Azure: &link.AzureEndpointService{AccessMode: link.AccessRestricted}}, "spec.azure.accessMode"},
		"when replacement is let happen": {link.EndpointServiceSpec{Azure: &link.AzureEndpointService{AllowReplacement: true}}, "spec.azure.allowReplacement"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := aks.Export(c.spec); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it says %v, want %q in it", err, c.want)
			}
		})
	}
}
