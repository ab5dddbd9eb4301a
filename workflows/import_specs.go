package workflows

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// specsOf makes documents of what was found in accounts. An endpoint that leads to a service among them, or to one that
// a flow of the namespace publishes, becomes a connection to that; any other is told what the cloud calls its service.
func specsOf(found []activities.Discovered, namespace string) link.Imported {
	m := maker{services: map[string]serviceKnown{}, taken: map[string]bool{}}
	for _, d := range found {
		m.LeftOut = append(m.LeftOut, d.LeftOut...)
		m.More += d.More
		for _, left := range d.LeftOut {
			if name, ok := strings.CutPrefix(left.Owner, namespace+"/"+EndpointServiceID("")); ok {
				m.taken[name] = true
				m.know(serviceKnown{name: name}, left.ID, left.ServiceName)
			}
		}
	}
	for _, d := range found {
		for _, s := range d.Services {
			m.service(s)
		}
	}
	for _, d := range found {
		for _, e := range d.Endpoints {
			m.connection(e)
		}
	}
	return m.Imported
}

// maker is an import while its documents are made.
type maker struct {
	link.Imported
	// services are those that connections can be to, by what the cloud calls them.
	services map[string]serviceKnown
	// taken are the names of services, and of connections with their service's before them.
	taken map[string]bool
}

// serviceKnown is a service that connections can be to.
type serviceKnown struct {
	name string
	// elsewhere is true for a service that has neither a document nor a flow here.
	elsewhere bool
}

func (m *maker) know(s serviceKnown, called ...string) {
	for _, c := range called {
		m.services[strings.ToLower(c)] = s // Azure does not tell ids by their case
	}
}

func (m *maker) service(s activities.FoundService) {
	name := m.name("", cmp.Or(specName(s.Called), specName(s.ID)))
	doc := link.EndpointService{
		APIVersion: link.APIVersion, Kind: link.KindEndpointService, Metadata: link.Metadata{Name: name}, Spec: s.Spec,
	}
	if err := doc.Validate(); err != nil {
		m.leaveOut(s.Spec.Cloud().ServiceKind(), s.ID, s.Name, s.Spec.Account, s.Spec.Region, err)
		return
	}
	m.know(serviceKnown{name: name}, s.ID, s.Name)
	m.Documents = append(m.Documents, link.ImportedDocument{Service: &doc, Remarks: s.Remarks})
}

func (m *maker) connection(e activities.FoundEndpoint) {
	spec, to := e.Spec, m.serviceOf(e)
	spec.Service = to.name
	if to.elsewhere {
		spec.NameFrom = &link.NameFrom{Name: e.Service}
		if e.ServiceRegion != "" && e.ServiceRegion != spec.Region {
			spec.NameFrom.ServiceRegion = e.ServiceRegion
		}
	}
	name := m.name(to.name+"/", cmp.Or(specName(e.Called), specName(e.ID)))
	doc := link.Connection{
		APIVersion: link.APIVersion, Kind: link.KindConnection, Metadata: link.Metadata{Name: name}, Spec: spec,
	}
	if err := doc.Validate(); err != nil {
		m.leaveOut(spec.Cloud().EndpointKind(), e.ID, e.Service, spec.Account, spec.Region, err)
		return
	}
	m.Documents = append(m.Documents, link.ImportedDocument{Connection: &doc, Remarks: e.Remarks})
}

// serviceOf finds the service that an endpoint leads to, or gives a name to one that is elsewhere.
func (m *maker) serviceOf(e activities.FoundEndpoint) serviceKnown {
	if known, ok := m.services[strings.ToLower(e.Service)]; ok {
		return known
	}
	to := serviceKnown{name: m.name("", specName(shortName(e.Service))), elsewhere: true}
	m.know(to, e.Service)
	return to
}

// shortName is the part of what the cloud calls a service that tells it from others: vpce-svc-0a of
// com.amazonaws.vpce.eu-central-1.vpce-svc-0a, payments of an alias that begins with it, or the last part of a resource
// id.
func shortName(service string) string {
	if strings.HasPrefix(service, "/") {
		return service[strings.LastIndex(service, "/")+1:]
	}
	if strings.HasSuffix(service, ".azure.privatelinkservice") {
		prefix, _, _ := strings.Cut(service, ".")
		return prefix
	}
	return service[strings.LastIndex(service, ".")+1:]
}

// specName turns a text into what can be the name of a document; empty when nothing is left of it.
func specName(text string) string {
	name := strings.Trim(unnamable.ReplaceAllString(strings.ToLower(text), "-"), "-")
	return strings.TrimRight(name[:min(len(name), nameLength)], "-")
}

var unnamable = regexp.MustCompile(`[^a-z0-9]+`)

// nameLength leaves room for a number behind a name.
const nameLength = 58

// name takes a name that nothing else in the space has.
func (m *maker) name(space, wanted string) string {
	name := cmp.Or(wanted, "unnamed")
	for n := 2; m.taken[space+name]; n++ {
		name = fmt.Sprintf("%s-%d", cmp.Or(wanted, "unnamed"), n)
	}
	m.taken[space+name] = true
	return name
}

// leaveOut is for what a spec cannot say.
func (m *maker) leaveOut(kind, id, serviceName, account, region string, err error) {
	m.LeftOut = append(m.LeftOut, link.LeftOut{
		Kind: kind, ID: id, ServiceName: serviceName, Account: account, Region: region,
		Why: "a spec cannot say what it is like: " + strings.ReplaceAll(err.Error(), "\n", "; "),
	})
}
