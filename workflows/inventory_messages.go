package workflows

import (
	"fmt"
	"strings"

	"github.com/linkwright/linkwright/internal/link"
)

// What connections and inventories say to one another. A place is promised by the answer to an update, so that it is
// counted before anybody can act on it; see docs/decisions/0015.
const (
	reserveUpdate = "linkwright.reserve" // Connection → VPCInventory: reservation, answered with a promise
	releaseSignal = "linkwright.release" // Connection → VPCInventory: release
	roomSignal    = "linkwright.room"    // VPCInventory → Connection: roomFound
)

// placeQuery is answered by a connection with the place that it holds: placeHeld.
const placeQuery = "linkwright.place"

// inventoryQuery is answered by an inventory with its spec, to peerings.
const inventoryQuery = "linkwright.inventory"

// reservation asks for a place for one endpoint. Whoever holds one already is given the same one again.
type reservation struct {
	Holder string `json:"holder"` // workflow id of the connection
	// ZoneIDs are the availability zones in which the service can be reached; empty for all.
	ZoneIDs []string `json:"zoneIDs,omitempty"`
	// Full is the VPC of the place that the holder was given before, which has turned out to be full.
	Full string `json:"full,omitempty"`
}

// promise is a place for one endpoint, or why there is none. A holder without a place is told when there may be one.
type promise struct {
	// Place is nil when no VPC has room.
	Place *link.Placement `json:"place,omitempty"`
	// Against is what speaks against each VPC that was not chosen.
	Against []link.Objection `json:"against,omitempty"`
}

// release gives a place back.
type release struct {
	Holder string `json:"holder"`
}

// roomFound tells a connection that waits for a place to ask again.
type roomFound struct {
	Inventory string `json:"inventory"`
}

// placeHeld is the place that a connection holds; empty when it holds none.
type placeHeld struct {
	Inventory string `json:"inventory,omitempty"`
	VPC       string `json:"vpc,omitempty"`
}

// maxZones is how many zones a reservation may name; no region has as many.
const maxZones = 64

func (r reservation) check() error {
	if !strings.HasPrefix(r.Holder, "connection/") {
		return fmt.Errorf("%.100q is no connection", r.Holder)
	}
	if len(r.ZoneIDs) > maxZones {
		return fmt.Errorf("it names %d zones; it may name %d", len(r.ZoneIDs), maxZones)
	}
	if err := fit(maxName, r.ZoneIDs...); err != nil {
		return err
	}
	return fit(2*maxID, r.Holder, r.Full)
}

func (r release) check() error { return fit(2*maxID, r.Holder) }

func (r roomFound) check() error { return fit(maxName, r.Inventory) }
