package link

import "fmt"

// Imported is what there is in accounts, as specs.
type Imported struct {
	Documents []ImportedDocument `json:"documents,omitempty"`
	// LeftOut are the things for which there is no spec, and why not.
	LeftOut []LeftOut `json:"leftOut,omitempty"`
	// More is how many things were seen and are not here, because the answer would have become too large.
	More int `json:"more,omitempty"`
	// Unseen are the accounts that could not be looked at, and why not.
	Unseen []Problem `json:"unseen,omitempty"`
}

// ImportedDocument is the spec of something that is there; one of Service and Connection is set.
type ImportedDocument struct {
	Service    *EndpointService `json:"service,omitempty"`
	Connection *Connection      `json:"connection,omitempty"`
	// Remarks are for whoever applies the spec.
	Remarks []string `json:"remarks,omitempty"`
}

// LeftOut is something that is there, and for which there is no spec.
type LeftOut struct {
	Kind string `json:"kind"` // of a [Resource]
	ID   string `json:"id"`
	// ServiceName is what a service is called by those who connect to it.
	ServiceName string `json:"serviceName,omitempty"`
	Account     string `json:"account"`
	Region      string `json:"region,omitempty"`
	// Owner is the flow that it belongs to, as its ownership tag says; empty when it belongs to none.
	Owner string `json:"owner,omitempty"`
	Why   string `json:"why"`
}

// Summary counts what there is.
func (i Imported) Summary() string {
	services := 0
	for _, d := range i.Documents {
		if d.Service != nil {
			services++
		}
	}
	text := fmt.Sprintf("Import: %d services, %d connections; %d left out.", services, len(i.Documents)-services, len(i.LeftOut))
	if i.More > 0 {
		text += fmt.Sprintf(" %d more did not fit into one answer.", i.More)
	}
	return text
}

// Empty reports whether nothing was found.
func (i Imported) Empty() bool { return len(i.Documents)+len(i.LeftOut)+i.More == 0 }
