package e2e

import (
	"fmt"
	"strings"
)

// azureScenesToTake is how many scenes there are in the simulated Azure for tests to take, and azureScenesForEach how
// many there are when each permission is withheld.
const azureScenesToTake, azureScenesForEach = 20, 60

func azureSceneCount() int {
	if *everyPermission {
		return azureScenesForEach
	}
	return azureScenesToTake
}

func azureSceneName(n int) string { return fmt.Sprintf("az%02d", n) }

// azureScenes is the world of the shared simulated Azure. In each tenant, the application "linkwright" has no role yet;
// see [azureScene.grant].
func azureScenes() []byte {
	var b strings.Builder
	b.WriteString("tenants:\n")
	for n := range azureSceneCount() {
		b.WriteString(strings.ReplaceAll(azureSceneWorld, "NAME", azureSceneName(n)))
	}
	return []byte(b.String())
}

// azureSceneWorld is a company with a cluster, and another one with a network, and a subscription of its own for names.
const azureSceneWorld = `
  - name: NAME-inc
    applications: [{name: linkwright, secrets: [NAME-inc-linkwright]}, {name: admin, secrets: [NAME-inc-admin]}]
    assignments: [{principal: admin, role: Owner}]
    subscriptions:
      - name: NAME-provider
        resourceGroups:
          - {name: services, location: westeurope}
          - name: cluster
            location: westeurope
            virtualNetworks:
              - name: main
                addressSpace: [10.240.0.0/16]
                subnets: [{name: nodes, prefix: 10.240.0.0/24}, {name: nat, prefix: 10.240.1.0/24}, {name: spare, prefix: 10.240.2.0/24}]
            loadBalancers:
              - name: internal
                frontends: [{name: api, subnet: main/nodes, address: 10.240.0.42}, {name: other, subnet: main/nodes, address: 10.240.0.43}]
                backendPools: [{name: nodes}]
                rules: [{name: https, frontend: api, backendPool: nodes, port: 443}]
  - name: NAME-ltd
    applications: [{name: linkwright, secrets: [NAME-ltd-linkwright]}, {name: admin, secrets: [NAME-ltd-admin]}]
    assignments: [{principal: admin, role: Owner}]
    subscriptions:
      - name: NAME-consumer
        resourceGroups:
          - name: apps
            location: northeurope
            virtualNetworks:
              - name: spoke
                addressSpace: [10.2.0.0/16]
                subnets: [{name: endpoints, prefix: 10.2.1.0/24}]
      - name: NAME-dns
        resourceGroups:
          - name: names
            location: northeurope
            virtualNetworks: [{name: resolvers, addressSpace: [10.3.0.0/16], subnets: [{name: inbound, prefix: 10.3.0.0/24}]}]
            privateDnsZones: [{name: inside.NAME.example}]
`
