package link

import (
	"fmt"
	"strings"
)

// Action is what is to become of something in a cloud.
type Action string

const (
	ActionCreate Action = "create"
	ActionChange Action = "change"
	ActionAdopt  Action = "adopt" // it is there already, and a flow begins to look after it
	ActionKeep   Action = "keep"
	ActionDelete Action = "delete"
)

// KnownAfterApply stands for what can only be known once something else is there.
const KnownAfterApply = "(known after apply)"

// PlannedChange is one thing in a cloud, and what is to become of it.
type PlannedChange struct {
	Action Action `json:"action"`
	Kind   string `json:"kind"` // of a [Resource]
	// ID is its id or name; [KnownAfterApply] for what the cloud has yet to name.
	ID      string `json:"id"`
	Account string `json:"account"`
	Region  string `json:"region,omitempty"`
	// Details say what differs, or what it will be like, one line each.
	Details []string `json:"details,omitempty"`
	// TakesOver is true for what the spec names, and what belongs to nobody yet: it gets the ownership tag.
	TakesOver bool `json:"takesOver,omitempty"`
	// Differences are what is to be changed, typed, for those who plan in the same process: Details have their texts.
	Differences []Difference `json:"-"`
	// Problem is what a person has to mend before it can be done.
	Problem *Problem `json:"problem,omitempty"`
}

// Plan is what applying documents would come to.
type Plan struct {
	Documents []DocumentPlan `json:"documents"`
}

// DocumentPlan is what applying one document would come to.
type DocumentPlan struct {
	Kind    Kind   `json:"kind"`
	Service string `json:"service,omitempty"`
	Name    string `json:"name"`
	// Running is true when its flow runs already, and SpecChanges are then the paths of the spec that differ.
	Running     bool     `json:"running"`
	SpecChanges []string `json:"specChanges,omitempty"`
	// Refused is why the flow would not take the spec; nothing else is planned then.
	Refused string          `json:"refused,omitempty"`
	Changes []PlannedChange `json:"changes,omitempty"`
	// Needs are what a person has to do before all is done.
	Needs []Need `json:"needs,omitempty"`
	// Unseen are the parts that could not be planned, and why not.
	Unseen []Problem `json:"unseen,omitempty"`
}

// Need is something that a person has to do.
type Need struct {
	What string `json:"what"`
	How  string `json:"how,omitempty"`
}

// Pending reports whether applying the documents would do anything.
func (p Plan) Pending() bool {
	for _, d := range p.Documents {
		if d.Refused == "" && (!d.Running || len(d.SpecChanges) > 0) {
			return true
		}
		for _, c := range d.Changes {
			if c.Action != ActionKeep {
				return true
			}
		}
	}
	return false
}

// Whole reports whether every part could be planned, and no spec would be refused.
func (p Plan) Whole() bool {
	for _, d := range p.Documents {
		if d.Refused != "" || len(d.Unseen) > 0 {
			return false
		}
	}
	return true
}

// TakenOver lists what belongs to nobody yet and is to be taken over: "vpc-endpoint vpce-0a".
func (p Plan) TakenOver() []string {
	var list []string
	for _, d := range p.Documents {
		for _, c := range d.Changes {
			if c.TakesOver {
				list = append(list, c.Kind+" "+c.ID)
			}
		}
	}
	return list
}

// BeyondAdoption lists what applying the documents would do in a cloud besides taking over what is there as it is, and
// what keeps it from being known.
func (p Plan) BeyondAdoption() []string {
	var list []string
	for _, d := range p.Documents {
		name := strings.TrimPrefix(d.Service+"/"+d.Name, "/")
		if d.Kind == KindEndpointService {
			name = d.Name
		}
		of := fmt.Sprintf(" (%s %s)", d.Kind, name)
		if d.Refused != "" {
			list = append(list, "the spec is refused: "+d.Refused+of)
		}
		for _, u := range d.Unseen {
			list = append(list, "it cannot be looked at: "+u.Message+of)
		}
		for _, c := range d.Changes {
			what := fmt.Sprintf("%s %s", c.Kind, c.ID)
			switch {
			case c.Problem != nil:
				list = append(list, what+": "+c.Problem.Message+of)
			case c.Action == ActionAdopt && len(c.Details) == 0, c.Action == ActionKeep:
			default:
				list = append(list, strings.TrimSuffix(fmt.Sprintf("%s %s: %s", c.Action, what, strings.Join(c.Details, "; ")), ": ")+of)
			}
		}
	}
	return list
}

// Count counts the changes of an action.
func (p Plan) Count(action Action) int {
	n := 0
	for _, d := range p.Documents {
		for _, c := range d.Changes {
			if c.Action == action {
				n++
			}
		}
	}
	return n
}

// Summary counts the changes.
func (p Plan) Summary() string {
	return fmt.Sprintf("Plan: %d to create, %d to change, %d to adopt, %d to delete; %d left alone.",
		p.Count(ActionCreate), p.Count(ActionChange), p.Count(ActionAdopt), p.Count(ActionDelete), p.Count(ActionKeep))
}
