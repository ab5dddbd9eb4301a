package demo

import (
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
)

// cast are the documents of a scenario.
type cast []link.Document

// act is what is applied together, and has arrived before the next one begins.
type act struct {
	documents []link.Document
	goal      string
}

// acts are two: whoever reads a service's name from a parameter comes once the parameter is there.
func (c cast) acts() []act {
	first, second := act{goal: "every link to become ready"}, act{goal: "those who read a parameter to become ready"}
	for _, doc := range c {
		if byParameter(doc) {
			second.documents = append(second.documents, doc)
		} else {
			first.documents = append(first.documents, doc)
		}
	}
	if len(second.documents) == 0 {
		return []act{first}
	}
	return []act{first, second}
}

func byParameter(doc link.Document) bool {
	return doc.Connection != nil && doc.Connection.Spec.NameFrom != nil
}

// exit is what is taken down together.
type exit struct {
	what string
	refs []flows.Ref
}

// exits are those who know a service by its parameter alone, then the services, which take their connections down first,
// then the inventories, which nobody holds a place of any more.
func (c cast) exits() []exit {
	all := []exit{
		{what: "the connections by parameter, which no service here knows of"},
		{what: "the services, their connections first"},
		{what: "the inventories"},
	}
	for _, doc := range c {
		ref := flows.RefOfDocument(doc)
		switch {
		case byParameter(doc):
			all[0].refs = append(all[0].refs, ref)
		case doc.Service != nil:
			all[1].refs = append(all[1].refs, ref)
		case doc.Inventory != nil:
			all[2].refs = append(all[2].refs, ref)
		}
	}
	var left []exit
	for _, e := range all {
		if len(e.refs) > 0 {
			left = append(left, e)
		}
	}
	return left
}

// connections are the specs of connections.
func (c cast) connections() []link.Connection {
	var all []link.Connection
	for _, doc := range c {
		if doc.Connection != nil {
			all = append(all, *doc.Connection)
		}
	}
	return all
}

// privateName is the name of a service's own domain.
func (c cast) privateName(service string) string {
	for _, doc := range c {
		if doc.Service != nil && doc.Service.Metadata.Name == service && doc.Service.Spec.PrivateDNS() != nil {
			return doc.Service.Spec.PrivateDNS().Name
		}
	}
	return ""
}

// account is that of a connection.
func (c cast) account(ref flows.Ref) string {
	for _, one := range c.connections() {
		if one.Spec.Service == ref.Service && one.Metadata.Name == ref.Name {
			return one.Spec.Account
		}
	}
	return ref.Name
}
