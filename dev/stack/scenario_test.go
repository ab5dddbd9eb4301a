package stack

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/linkwright/linkwright/internal/link"
)

func TestTheSpecsOfEachScenarioFitItsWorld(t *testing.T) {
	for _, name := range Scenarios() {
		t.Run(name, func(t *testing.T) {
			s, err := Start(t.Context(), Options{Scenario: name, NoTemporal: true, DataDir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := s.Stop(context.Background()); err != nil {
					t.Error(err)
				}
			}()
			if len(s.Story()) == 0 {
				t.Error("it tells no story")
			}
			text, err := os.ReadFile(s.Specs)
			if err != nil {
				t.Fatal(err)
			}
			docs, err := link.Decode(link.File{Name: s.Specs, Data: text})
			if err != nil {
				t.Fatal(err)
			}
			accounts := map[string]bool{}
			for _, a := range s.World().Accounts {
				accounts[a.Name] = len(a.Roles) > 0
			}
			inAzure, err := s.AzureAccounts()
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range inAzure {
				accounts[a.Name] = true
			}
			for _, doc := range docs {
				if !accounts[accountOf(doc)] {
					t.Errorf("%s is about the account %q, in which Linkwright may not act", doc.ID(), accountOf(doc))
				}
			}
			if !accounts[s.Example.Account] || !strings.Contains(s.Example.Connection, "/") {
				t.Errorf("the example is %+v", s.Example)
			}
		})
	}
}

func accountOf(doc link.Document) string {
	switch {
	case doc.Service != nil:
		return doc.Service.Spec.Account
	case doc.Inventory != nil:
		return doc.Inventory.Spec.Account
	}
	return doc.Connection.Spec.Account
}

func TestWhenThereIsNoSuchScenarioItSaysWhichThereAre(t *testing.T) {
	_, err := Start(t.Context(), Options{Scenario: "nothing", NoTemporal: true})
	if err == nil || !strings.Contains(err.Error(), strings.Join(Scenarios(), ", ")) {
		t.Errorf("it says %v", err)
	}
}
