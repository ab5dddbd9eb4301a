package flows

import (
	"slices"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
)

func TestParseRefs(t *testing.T) {
	service, connection := link.KindEndpointService, link.KindConnection
	for _, test := range []struct {
		when string
		args []string
		want []Ref
	}{
		{"kind and name are one word", []string{"service/payments"}, []Ref{{service, "payments", "payments"}}},
		{"kind and name are two words", []string{"svc", "payments"}, []Ref{{service, "payments", "payments"}}},
		{"a connection says all", []string{"connection/payments/shop"}, []Ref{{connection, "payments", "shop"}}},
		{"the kind stands first, for several", []string{"connections", "payments/shop", "crm"}, []Ref{{connection, "payments", "shop"}, {connection, "", "crm"}}},
		{"the kind is left out", []string{"payments/shop"}, []Ref{{connection, "payments", "shop"}}},
		{"only a name is given", []string{"shop"}, []Ref{{"", "", "shop"}}},
		{"each says what it is", []string{"endpointservice/payments", "conn/shop"}, []Ref{{service, "payments", "payments"}, {connection, "", "shop"}}},
		{"it is an inventory", []string{"inventory/hub"}, []Ref{{link.KindVPCInventory, "", "hub"}}},
		{"there are several inventories", []string{"inventories", "hub", "hub-2"}, []Ref{{link.KindVPCInventory, "", "hub"}, {link.KindVPCInventory, "", "hub-2"}}},
		{"it is a peering", []string{"peering/hub"}, []Ref{{link.KindVPCPeering, "", "hub"}}},
		{"there is nothing", nil, nil},
		{"there is only a kind", []string{"service"}, nil},
		{"a part is empty", []string{"payments/"}, nil},
		{"a service has two parts", []string{"service/payments/shop"}, nil},
		{"an inventory has two parts", []string{"inventory/payments/shop"}, nil},
		{"there are too many parts", []string{"a/b/c"}, nil},
	} {
		t.Run("when "+test.when, func(t *testing.T) {
			got, err := ParseRefs(test.args)
			if !slices.Equal(got, test.want) || (err != nil) != (test.want == nil) {
				t.Errorf("got %v, %v; want %v", got, err, test.want)
			}
		})
	}
}

func TestWhenAFlowIsNamedByItsWorkflowIDItIsTheSameFlow(t *testing.T) {
	for _, ref := range []Ref{ServiceRef("payments"), ConnectionRef("payments", "shop"), InventoryRef("hub"), PeeringRef("hub")} {
		if got, ok := refOfID(ref.WorkflowID()); !ok || got != ref {
			t.Errorf("%s became %s", ref, got)
		}
	}
	if ref, ok := refOfID("watch/aws/shop/eu-west-1"); ok {
		t.Errorf("a Watch was taken for %s", ref)
	}
}

func TestClosest(t *testing.T) {
	all := []Ref{ServiceRef("payments"), ConnectionRef("payments", "shop"), ConnectionRef("ledger", "shop"), ConnectionRef("ledger", "crm")}
	for _, test := range []struct {
		when string
		ref  Ref
		want []Ref
	}{
		{"a letter is wrong", ServiceRef("paymemts"), []Ref{ServiceRef("payments")}},
		{"the service is wrong", ConnectionRef("billing", "crm"), []Ref{ConnectionRef("ledger", "crm")}},
		{"letters are swapped", ConnectionRef("payments", "shpo"), []Ref{ConnectionRef("payments", "shop")}},
		{"nothing is like it", Ref{Name: "zzzzzz"}, nil},
	} {
		t.Run("when "+test.when, func(t *testing.T) {
			got := closest(test.ref, slices.Clone(all), 3)
			if len(got) == 0 && test.want == nil {
				return
			}
			if len(got) == 0 || test.want == nil || got[0] != test.want[0] {
				t.Errorf("got %v, want %v first", got, test.want)
			}
		})
	}
}

func TestQuery(t *testing.T) {
	for _, test := range []struct {
		when   string
		filter Filter
		want   string
	}{
		{"nothing is asked for, it finds all that run", Filter{},
			"WorkflowType IN ('EndpointService', 'Connection', 'VPCInventory', 'VPCPeering') AND ExecutionStatus = 'Running'"},
		{"inventories are wanted, it finds only those", Filter{Kind: link.KindVPCInventory},
			"WorkflowType = 'VPCInventory' AND ExecutionStatus = 'Running'"},
		{"ended flows are wanted, it leaves out earlier runs", Filter{Kind: link.KindConnection, Ended: true},
			"WorkflowType = 'Connection' AND ExecutionStatus != 'ContinuedAsNew'"},
		{"everything is narrowed, it asks for all of it",
			Filter{Kind: link.KindEndpointService, Service: "payments", Account: "a", Region: "r", Cloud: "aws", Phase: "Serving", Blocked: "QuotaFull"},
			"WorkflowType = 'EndpointService' AND ExecutionStatus = 'Running' AND LinkService = 'payments' AND LinkAccount = 'a' AND " +
				"LinkRegion = 'r' AND LinkCloud = 'aws' AND LinkPhase = 'Serving' AND LinkBlocked = 'QuotaFull'"},
		{"any reason will do, it asks for the blocked", Filter{Blocked: AnyReason},
			"WorkflowType IN ('EndpointService', 'Connection', 'VPCInventory', 'VPCPeering') AND ExecutionStatus = 'Running' AND LinkBlocked IS NOT NULL"},
		{"something has drifted, it asks for that", Filter{Kind: link.KindConnection, Drift: AnyDrift},
			"WorkflowType = 'Connection' AND ExecutionStatus = 'Running' AND LinkDrift IS NOT NULL"},
		{"something waits for people, it asks for that", Filter{Kind: link.KindConnection, Drift: string(link.DriftAsk)},
			"WorkflowType = 'Connection' AND ExecutionStatus = 'Running' AND LinkDrift = 'ask'"},
		{"a value has quotes, it stays one value", Filter{Account: `a' OR 'b' = 'b\`},
			`WorkflowType IN ('EndpointService', 'Connection', 'VPCInventory', 'VPCPeering') AND ExecutionStatus = 'Running' AND LinkAccount = 'a\' OR \'b\' = \'b\\'`},
	} {
		t.Run("when "+test.when, func(t *testing.T) {
			if got := test.filter.query(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
