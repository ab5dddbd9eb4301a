package link

import "fmt"

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
