package route53

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// propagation is how long a change stays PENDING: Route 53 says that changes "generally propagate to all
// Route 53 name servers within 60 seconds" (ChangeResourceRecordSets); half of that is typical.
const propagation = 30 * time.Second

// Zone is a hosted zone.
type Zone struct {
	ID              string // "Z…"
	AccountID       string
	Partition       string
	Name            string // canonical
	CallerReference string
	Comment         *string // nil when the zone was made without a configuration
	Private         bool
	Associations    []Association // of a private zone; at least one stands
	Authorized      []VPC         // VPCs of other accounts that may be associated with it
	NameServers     []string
	Number          int // higher for the newer zone
	Tags            map[string]string
	// Versions are the zone's contents, the newest last: what the API lists. DNS answers from the newest
	// version that has propagated; older ones are dropped.
	Versions []Version
}

// Version is a zone's contents after one change.
type Version struct {
	Serial  int       // counts the zone's versions
	LiveAt  time.Time // when the name servers have it
	Records []RecordSet
}

// Change is one accepted change and when it will be INSYNC.
type Change struct {
	ID        string // "C…"
	AccountID string // of whoever asked for it
	ZoneOwner string // the account of the zone
	Comment   string
	Submitted time.Time
	InsyncAt  time.Time
}

// records are the zone's contents as the API shows them, in the order of ListResourceRecordSets.
func (z *Zone) records() []RecordSet { return z.Versions[len(z.Versions)-1].Records }

// publish makes records the zone's contents, which DNS shows from liveAt on.
func (z *Zone) publish(records []RecordSet, now, liveAt time.Time) {
	serial := 1
	if n := len(z.Versions); n > 0 {
		serial = z.Versions[n-1].Serial + 1
	}
	z.Versions = append(z.Versions, Version{Serial: serial, LiveAt: liveAt, Records: records})
	z.settle(now)
}

// settle drops the versions that a later one has replaced on the name servers.
func (z *Zone) settle(now time.Time) {
	for len(z.Versions) > 1 && !now.Before(z.Versions[1].LiveAt) {
		z.Versions = z.Versions[1:]
	}
}

// live is the version that the name servers answer from; false before the first has propagated.
func (z *Zone) live(now time.Time) (Version, bool) {
	z.settle(now)
	v := z.Versions[0]
	return v, !now.Before(v.LiveAt)
}

// zone finds a zone of the caller by its id, with or without "/hostedzone/".
func (s *Service) zone(c call, id string) (*Zone, error) {
	z, err := s.anyZone(id)
	if err == nil && z.AccountID != c.Caller.AccountID {
		return nil, foreign(c)
	}
	return z, err
}

// anyZone finds a zone of whatever account.
func (s *Service) anyZone(id string) (*Zone, error) {
	z, ok := s.state.Zones[strings.TrimPrefix(id, "/hostedzone/")]
	if !ok {
		return nil, &sim.Error{Status: http.StatusNotFound, Code: "NoSuchHostedZone",
			Message: fmt.Sprintf("No hosted zone found with ID: %s", id)}
	}
	return z, nil
}

// foreign refuses what is another account's.
func foreign(c call) error {
	return &sim.Error{Status: http.StatusForbidden, Code: "AccessDenied",
		Message: fmt.Sprintf("User: %s is not authorized to access this resource", c.Caller.ARN)}
}

// acceptChange notes that the caller changed something about a zone, PENDING until it has propagated.
func (s *Service) acceptChange(c call, z *Zone, comment string) Change {
	now := s.world.Clock.Now()
	change := Change{
		ID: newID(c, "C"), AccountID: c.Caller.AccountID, ZoneOwner: z.AccountID, Comment: comment,
		Submitted: now, InsyncAt: s.world.Clock.In(propagation),
	}
	s.state.Changes[change.ID] = change
	return change
}

// newID returns an id such as Z0123456789ABCDEF0123.
func newID(c call, prefix string) string { return prefix + strings.ToUpper(c.Hex(20)) }

// The name servers of Route 53 are ns-0 to ns-2047, a quarter of them in each of four top-level domains.
var nameServerDomains = []string{"com", "net", "org", "co.uk"}

// nameServers returns four name servers, one in each domain. Those of private zones are always the same,
// because nobody asks them.
func nameServers(private bool) []string {
	var servers []string
	for i, domain := range nameServerDomains {
		n := 0
		if !private {
			n = rand.IntN(512)
		}
		servers = append(servers, fmt.Sprintf("ns-%d.awsdns-%02d.%s", i*512+n, n/8, domain))
	}
	return servers
}

// apexRecords are the NS and SOA record sets that Route 53 makes with a zone
// (Route 53 Developer Guide, "NS and SOA records that Amazon Route 53 creates for a public hosted zone").
func apexRecords(z *Zone) []RecordSet {
	var servers []string
	for _, server := range z.NameServers {
		servers = append(servers, server+".")
	}
	soa := servers[0] + " awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
	return []RecordSet{
		{Name: z.Name, Type: "NS", TTL: 172800, Values: servers},
		{Name: z.Name, Type: "SOA", TTL: 900, Values: []string{soa}},
	}
}
