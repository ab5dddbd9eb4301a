package stack

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/linkwright/linkwright/internal/link"
)

// The scenarios: a world, specs to apply in it, and the story in a few words.
//
//go:embed scenarios
var scenarios embed.FS

// DefaultScenario is the one that runs unless another is asked for.
const DefaultScenario = "payments"

// Scenarios lists the names of the scenarios.
func Scenarios() []string {
	dirs, err := fs.ReadDir(scenarios, "scenarios")
	if err != nil {
		panic(err) // they are part of the program
	}
	var names []string
	for _, d := range dirs {
		names = append(names, d.Name())
	}
	return names
}

// checkScenario makes sure that a scenario exists.
func checkScenario(name string) error {
	if !slices.Contains(Scenarios(), name) {
		return fmt.Errorf("there is no scenario %q; there are %s", name, strings.Join(Scenarios(), ", "))
	}
	return nil
}

func scenarioFile(scenario, name string) []byte {
	data, err := scenarios.ReadFile("scenarios/" + scenario + "/" + name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return data
}

// optionalFile is a file that not every scenario has; nil when this one has none.
func optionalFile(scenario, name string) []byte {
	data, err := scenarios.ReadFile("scenarios/" + scenario + "/" + name)
	if err != nil {
		return nil
	}
	return data
}

// Story tells what the scenario is about, in lines of text; nothing in a world of one's own.
func (s *Stack) Story() []string {
	if s.options.World != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(scenarioFile(s.options.Scenario, "story.txt"))), "\n")
}

// writeSpecs writes the specs of the scenario, with the ids that its world has.
func (s *Stack) writeSpecs() error {
	text := template.New("specs").Funcs(template.FuncMap{"id": func(account, kind, name string) (string, error) {
		id := cmp.Or(s.ID(account, kind, name), s.AzureID(account, kind, name))
		if id == "" {
			return "", fmt.Errorf("account %s has no %s %s", account, kind, name)
		}
		return id, nil
	}})
	s.Specs = filepath.Join(s.Dir, s.options.Scenario+".yaml")
	var b strings.Builder
	if err := template.Must(text.Parse(string(scenarioFile(s.options.Scenario, "specs.yaml.tmpl")))).Execute(&b, nil); err != nil {
		return fmt.Errorf("write the specs: %w", err)
	}
	if err := os.WriteFile(s.Specs, []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("write the specs: %w", err)
	}
	var err error
	s.Example, err = s.example(b.String())
	return err
}

// Example is what people can try in a stack.
type Example struct{ Connection, Account string }

// example finds one: the first connection of the specs, and its account, or else any account there is.
func (s *Stack) example(specs string) (Example, error) {
	var e Example
	for _, a := range s.world.Accounts {
		if len(a.Users) > 0 {
			e.Account = a.Name
		}
	}
	if specs == "" {
		return e, nil
	}
	docs, err := link.Decode(link.File{Name: s.Specs, Data: []byte(specs)})
	if err != nil {
		return e, err
	}
	for _, doc := range docs {
		if c := doc.Connection; c != nil {
			return Example{Connection: c.Spec.Service + "/" + c.Metadata.Name, Account: c.Spec.Account}, nil
		}
	}
	return e, nil
}

// ID is that of a resource which the world file made; empty when it made none of that name.
func (s *Stack) ID(account, kind, name string) string {
	for _, r := range s.Cloud.Resources() {
		if r.Account == account && r.Kind == kind && r.Name == name {
			return r.ID
		}
	}
	return ""
}
