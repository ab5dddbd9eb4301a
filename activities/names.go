package activities

import "context"

// Zones is what the owner of a DNS zone does for the proof of a domain.
type Zones interface {
	// EnsureRecord makes the TXT record hold the value, beside whatever values it holds already, and answers
	// once every name server of the zone has it. Pending until then.
	EnsureRecord(context.Context, RecordRequest) (RecordSet, error)
	// RemoveRecord takes the value out of the record, and the record away when nothing else is in it.
	RemoveRecord(context.Context, RecordRequest) error
}

// RecordRequest is about one value of a TXT record in a zone.
type RecordRequest struct {
	Place
	// ZoneID is empty when the zone is to be found by the record's name.
	ZoneID string `json:"zoneID,omitempty"`
	Record Record `json:"record"`
}

// RecordSet is where a record was written.
type RecordSet struct {
	ZoneID   string `json:"zoneID"`
	ZoneName string `json:"zoneName"`
}

// Resolver looks at DNS from where the worker stands.
type Resolver interface {
	// FindRecord looks for the TXT value on the authoritative name servers of its zone. Pending while it is
	// not there and there is hope; blocked with the record to add when it stays away. Servers that cannot be
	// reached from the worker are no failure: the answer says so.
	FindRecord(context.Context, FindRecordRequest) (RecordSighting, error)
}

// FindRecordRequest looks for a record. ByHand says that a person is to add it, which nothing hurries.
type FindRecordRequest struct {
	Record Record `json:"record"`
	ByHand bool   `json:"byHand,omitempty"`
}

// RecordSighting is what was seen of a record.
type RecordSighting struct {
	// Seen is true when every server that answered has the value.
	Seen bool `json:"seen"`
	// Servers are those that were asked.
	Servers []string `json:"servers,omitempty"`
	// Note says why nothing was seen, when the servers could not be reached.
	Note string `json:"note,omitempty"`
}

// Names is what the owner of a parameter store does, so that consumers find a service.
type Names interface {
	// PublishName writes the service's name into the parameter. Blocked when the parameter exists and is not ours.
	PublishName(context.Context, NameRequest) error
	// WithdrawName deletes the parameter when it is ours; nothing happens when it is gone.
	WithdrawName(context.Context, NameRequest) error
	// ReadName reads what a service is called from a parameter. Pending while there is no such parameter; blocked when
	// it stays away, or when it holds something else than the name of a service.
	ReadName(context.Context, ReadNameRequest) (ServiceName, error)
}

// ReadNameRequest names a parameter that holds a service's name.
type ReadNameRequest struct {
	Place
	Parameter string `json:"parameter"`
}

// ServiceName is what the cloud calls a service: com.amazonaws.vpce.….
type ServiceName struct {
	Name string `json:"name"`
}

// NameRequest is about a parameter that holds a service's name.
type NameRequest struct {
	Place
	Owner     Owner  `json:"owner"`
	Parameter string `json:"parameter"`
	Value     string `json:"value,omitempty"`
}
