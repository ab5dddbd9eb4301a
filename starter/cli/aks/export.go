package aks

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/linkwright/linkwright/internal/link"
)

// Export turns a spec into annotations, for a cluster whose cloud controller is to make the private link service and
// look after it. What no annotation can say is refused.
func Export(spec link.EndpointServiceSpec) (map[string]string, error) {
	azure := spec.Azure
	switch {
	case azure == nil:
		return nil, errors.New("spec.azure is missing: only private link services are made from annotations")
	case azure.PrivateLinkService != "":
		return nil, errors.New("spec.azure.privateLinkService names one that is there already, so there is nothing to annotate")
	}
	var wrong []error
	for _, field := range []struct {
		name string
		set  bool
	}{
		{"accessMode", azure.AccessMode == link.AccessRestricted}, {"tags", len(azure.Tags) > 0}, {"allowReplacement", azure.AllowReplacement},
	} {
		if field.set {
			wrong = append(wrong, fmt.Errorf("spec.azure.%s: there is no annotation for it", field.name))
		}
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	notes := map[string]string{internalBalancer: "true", create: "true", group: azure.ResourceGroup}
	note := func(key, value string) {
		if value != "" {
			notes[key] = value
		}
	}
	note(name, azure.Name)
	if azure.NAT != nil {
		if in, ok := link.ParseAzureID(azure.NAT.Subnet); ok {
			note(subnet, in.Name())
		}
		note(addresses, strings.Join(azure.NAT.Addresses, " "))
		count := len(azure.NAT.Addresses)
		if azure.NAT.Count != nil {
			count = int(*azure.NAT.Count)
		}
		note(addressCount, strconv.Itoa(max(count, 1)))
	}
	note(fqdns, strings.Join(azure.FQDNs, " "))
	note(visibility, strings.Join(azure.Visibility, " "))
	note(autoApproval, strings.Join(azure.AutoApproval, " "))
	if azure.ProxyProtocol {
		note(proxyProtocol, "true")
	}
	return notes, nil
}

// Patch writes annotations as kubectl patch --patch-file takes them.
func Patch(annotations map[string]string) ([]byte, error) {
	return yaml.Marshal(map[string]any{"metadata": map[string]any{"annotations": annotations}})
}
