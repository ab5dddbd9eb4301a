package azure

import (
	"reflect"
	"slices"
	"testing"

	"go.temporal.io/sdk/testsuite"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
)

// TestRegisterKnowsEveryStepByItsName asks each step of each contract to act in an account that nobody knows: it says
// so, or that there is no such thing in Azure, or nothing where there is nothing to do.
func TestRegisterKnowsEveryStepByItsName(t *testing.T) {
	book, err := accounts.Parse("accounts.yaml", []byte(`accounts: {known: {aws: {accountID: "111111111111"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestActivityEnvironment()
	Register(env, Config{Accounts: book}, &ledger{})
	idle := []string{"LocateService", "LookUpService", "AuthorizeVPC", "DeauthorizeVPC"}
	for _, contract := range []reflect.Type{
		reflect.TypeFor[activities.Provider](), reflect.TypeFor[activities.Consumer](), reflect.TypeFor[activities.HostedZones](),
		reflect.TypeFor[activities.Watcher](), reflect.TypeFor[activities.Planner](), reflect.TypeFor[activities.Operations](),
		reflect.TypeFor[activities.Zones](), reflect.TypeFor[activities.Names](), reflect.TypeFor[activities.Ingress](),
		reflect.TypeFor[activities.Inventories](), reflect.TypeFor[activities.Peerings](), reflect.TypeFor[activities.Auditor](),
	} {
		for i := range contract.NumMethod() {
			step := contract.Method(i)
			t.Run(step.Name, func(t *testing.T) {
				_, err := env.ExecuteActivity(Prefix+step.Name, reflect.Zero(step.Type.In(1)).Interface())
				p, _ := activities.ProblemOf(err)
				if known := p.Reason == link.ReasonUnknownAccount || p.Reason == link.ReasonInvalidRequest; known == slices.Contains(idle, step.Name) || !known && err != nil {
					t.Errorf("it answers %v", err)
				}
			})
		}
	}
}
