package elbv2

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Rule decides what a listener does with the requests that fulfil its conditions. The rule with the lowest priority
// that applies decides; the default rule, which every listener has, comes last.
type Rule struct {
	Resource
	ListenerARN   string
	Priority      int
	Conditions    []Condition
	Actions       []Action
	ForwardsSince time.Time // when the target groups last changed
}

// maxPriority bounds a rule's priority, which is 1 at the least (Elastic Load Balancing API Reference, CreateRule).
const maxPriority = 50000

// afterAll is where the default rule stands among the priorities.
const afterAll = maxPriority + 1

type wireRule struct {
	ARN        string          `xml:"RuleArn"`
	Priority   string          `xml:"Priority"`
	Conditions []wireCondition `xml:"Conditions>member"`
	Actions    []wireAction    `xml:"Actions>member"`
	IsDefault  bool            `xml:"IsDefault"`

	place int // in a listing
}

type rulesResult struct {
	Rules      []wireRule `xml:"Rules>member"`
	NextMarker string     `xml:"NextMarker,omitempty"`
}

func (rule *Rule) wire() wireRule {
	w := wireRule{ARN: rule.ARN, Priority: strconv.Itoa(rule.Priority), Actions: wireActions(rule.Actions), place: rule.Priority}
	for _, c := range rule.Conditions {
		w.Conditions = append(w.Conditions, c.wire())
	}
	return w
}

// defaultRuleARN is the ARN of the rule that a listener always has.
func (l *Listener) defaultRuleARN() string {
	return strings.Replace(l.ARN, ":listener/", ":listener-rule/", 1) + "/" + l.ARN[len(l.ARN)-16:]
}

func (l *Listener) defaultRule() wireRule {
	return wireRule{ARN: l.defaultRuleARN(), Priority: "default", Actions: wireActions(l.Actions), IsDefault: true, place: afterAll}
}

// rulesOf are a listener's rules by priority, without the default one.
func (s *Service) rulesOf(l *Listener) []*Rule {
	var rules []*Rule
	for _, rule := range s.state.Rules {
		if rule.ListenerARN == l.ARN {
			rules = append(rules, rule)
		}
	}
	slices.SortFunc(rules, func(a, b *Rule) int { return cmp.Compare(a.Priority, b.Priority) })
	return rules
}

// rule looks a rule up that can be changed, which a default rule cannot.
func (s *Service) rule(r *sim.Request, arn string) (*Rule, error) {
	if rule, ok := mine(r, s.state.Rules, arn); ok {
		return rule, nil
	}
	for _, l := range s.state.Listeners {
		if owned(r, l) && l.defaultRuleARN() == arn {
			return nil, sim.Errorf("OperationNotPermitted", "Default rule '%s' cannot be modified", arn)
		}
	}
	return nil, sim.Errorf("RuleNotFound", "One or more rules not found")
}

// readPriority reads the parameter Priority.
func readPriority(f query.Form) (int, error) {
	priority, err := f.Int("Priority")
	if err != nil {
		return 0, err
	}
	if priority == nil || *priority < 1 || *priority > maxPriority {
		return 0, sim.Errorf("ValidationError", "The priority must be a number from 1 to %d", maxPriority)
	}
	return *priority, nil
}

// priorityInUse is the error for a priority that another rule of the listener has.
func priorityInUse(priority int) *sim.Error {
	return sim.Errorf("PriorityInUse", "Priority '%d' is currently in use", priority)
}

// unsimulated refuses what rules can have in AWS and not here.
func unsimulated(f query.Form) error {
	if len(f.Structs("Transforms")) > 0 {
		return sim.Errorf("ValidationError", "Transforms of rules are not simulated")
	}
	return nil
}
