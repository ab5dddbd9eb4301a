package rbac

import (
	"testing"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

func TestAllow(t *testing.T) {
	caller := arm.Caller{Tenant: "t", ObjectID: "o"}
	const group = arm.ID("/subscriptions/S/resourceGroups/G")
	endpoint := group + "/providers/Microsoft.Network/privateEndpoints/E"
	give := func(role Role, scope arm.ID) Assignments {
		return Assignments{{Tenant: "t", Principal: "o", Role: role, Scope: scope}}
	}
	network := Role{Actions: []string{"Microsoft.Network/*"}, NotActions: []string{"*/delete"}}
	for _, test := range []struct {
		name    string
		has     Assignments
		action  string
		allowed bool
	}{
		{"when a pattern has the action, it is allowed", give(network, group), "Microsoft.Network/privateEndpoints/write", true},
		{"when the case is another, it is allowed", give(network, "/SUBSCRIPTIONS/s"), "microsoft.network/privateendpoints/WRITE", true},
		{"when it is among the others' actions, it is not allowed", give(network, group), "Microsoft.Network/privateEndpoints/delete", false},
		{"when another role gives it, it is allowed", append(give(network, group), give(Role{Actions: []string{"*"}}, endpoint)...), "Microsoft.Network/privateEndpoints/delete", true},
		{"when the scope is another group, it is not allowed", give(network, "/subscriptions/S/resourceGroups/other"), "Microsoft.Network/privateEndpoints/write", false},
		{"when the principal is of another tenant, it is not allowed", Assignments{{Tenant: "other", Principal: "o", Role: network, Scope: group}}, "Microsoft.Network/privateEndpoints/write", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.has.Allow(caller, test.action, endpoint); got != test.allowed {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestContributorsGiveNoRoles(t *testing.T) {
	role, err := Find("contributor", nil)
	if err != nil {
		t.Fatal(err)
	}
	if role.Allows("Microsoft.Authorization/roleAssignments/write") || !role.Allows("Microsoft.Network/privateEndpoints/write") {
		t.Error("a contributor may do other things than in Azure")
	}
}
