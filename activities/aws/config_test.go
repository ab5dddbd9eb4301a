package aws

import (
	"reflect"
	"testing"

	"go.temporal.io/sdk/testsuite"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/accounts"
	"github.com/linkwright/linkwright/internal/link"
)

// TestRegisterKnowsEveryStepByItsName asks each step of each contract to act in an account that nobody knows: only
// a step that is registered under its name can say so.
func TestRegisterKnowsEveryStepByItsName(t *testing.T) {
	book, err := accounts.Parse("accounts.yaml", []byte(`accounts: {known: {aws: {accountID: "111111111111"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestActivityEnvironment()
	Register(env, Config{Accounts: book}, &ledger{})
	for _, contract := range []reflect.Type{
		reflect.TypeFor[activities.Provider](), reflect.TypeFor[activities.Consumer](), reflect.TypeFor[activities.Ingress](),
		reflect.TypeFor[activities.Inventories](), reflect.TypeFor[activities.Zones](), reflect.TypeFor[activities.Names](),
		reflect.TypeFor[activities.Watcher](), reflect.TypeFor[activities.Planner](), reflect.TypeFor[activities.Auditor](),
	} {
		for i := range contract.NumMethod() {
			step := contract.Method(i)
			t.Run(step.Name, func(t *testing.T) {
				_, err := env.ExecuteActivity(Prefix+step.Name, reflect.Zero(step.Type.In(1)).Interface())
				if p, ok := activities.ProblemOf(err); !ok || p.Reason != link.ReasonUnknownAccount {
					t.Errorf("it answers %v", err)
				}
			})
		}
	}
}
