package workflows

import (
	"fmt"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// vpcRoom is what one VPC of an inventory has to offer. An endpoint counts once, however it is known:
//
//	seen by the survey   promised here   counts as
//	yes                  no              one endpoint, whoever made it
//	yes                  yes             one endpoint
//	no                   yes             one endpoint, and one address in each subnet of its place
type vpcRoom struct {
	link.InventoryVPC
	// known is false for a VPC that no survey has looked at yet, and problems are what the survey found wrong with it.
	known    bool
	problems []string
	// used are the endpoints that count, and promised the places that connections hold.
	used, promised int
	// quota is how many endpoints the VPC may have; kept of them are kept free. refused is how many it had when the
	// cloud would not make another one; -1 when it always did.
	quota, kept, refused int
	// free are the addresses that can be promised, by subnet.
	free map[string]int
}

// rooms is what the VPCs of a spec have to offer, in its order. The owner of a promise is its holder in the namespace.
func rooms(spec link.VPCInventorySpec, seen activities.Survey, held promises, refused map[string]int, namespace string) []vpcRoom {
	var list []vpcRoom
	byVPC := map[string]int{}
	for i, vpc := range spec.AWS.VPCs {
		r := vpcRoom{InventoryVPC: vpc, quota: seen.Quota, kept: int(spec.AWS.KeepFree.Endpoints), refused: -1, free: map[string]int{}}
		if n, ok := refused[vpc.VPC]; ok {
			r.refused = n
		}
		if found, ok := surveyOf(seen, vpc.VPC); ok {
			r.known, r.problems, r.used = true, found.Problems, found.Endpoints
			for _, subnet := range found.Subnets {
				r.free[subnet.Subnet] = subnet.Free - int(spec.AWS.KeepFree.Addresses)
			}
		}
		byVPC[vpc.VPC] = i
		list = append(list, r)
	}
	//workflowcheck:ignore (sums do not depend on the order)
	for holder, p := range held {
		i, ok := byVPC[p.VPC]
		if !ok {
			continue // the VPC has left the spec
		}
		list[i].promised++
		if !hasEndpoint(seen, p.VPC, ownerIn(namespace, holder)) {
			list[i].take(p.Subnets)
		}
	}
	return list
}

// take counts an endpoint that no survey has seen yet.
func (r *vpcRoom) take(subnets []string) {
	r.used++
	for _, subnet := range subnets {
		r.free[subnet]--
	}
}

// subnets are those that lie in some of the zones, or all when no zones are named.
func (r *vpcRoom) subnets(zones []string) []string {
	var list []string
	for _, s := range r.Subnets {
		if len(zones) == 0 || slices.Contains(zones, s.ZoneID) {
			list = append(list, s.Subnet)
		}
	}
	return list
}

// fits finds the subnets for one more endpoint that is to stand in some of the zones; none when it does not fit.
func (r *vpcRoom) fits(zones []string) []string {
	if len(r.problems) > 0 || !r.known || r.used >= r.quota-r.kept || r.refused >= 0 && r.used >= r.refused {
		return nil
	}
	return slices.DeleteFunc(r.subnets(zones), func(s string) bool { return r.free[s] <= 0 })
}

// against is what speaks against one more endpoint that is to stand in some of the zones, and does not fit.
func (r *vpcRoom) against(zones []string) string {
	within := r.subnets(zones)
	switch {
	case len(r.problems) > 0:
		return strings.Join(r.problems, "; ")
	case !r.known:
		return "it has not been looked at yet"
	case len(within) == 0:
		return "it has no subnet in the service's zones: " + strings.Join(zones, ", ")
	case r.used >= r.quota-r.kept:
		return r.usage() + keptFree(r.kept)
	case r.refused >= 0 && r.used >= r.refused:
		return fmt.Sprintf("%s, but the cloud would make no more than %d", r.usage(), r.refused)
	}
	return "no addresses are left in " + strings.Join(within, ", ")
}

func (r *vpcRoom) usage() string { return fmt.Sprintf("%d of %d endpoints used", r.used, r.quota) }

func keptFree(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and %d are to be kept free", n)
}

// choice is the VPC for an endpoint, or none.
type choice struct {
	// at is the place of the VPC in the list; -1 for none.
	at      int
	subnets []string
	why     string
	against []objection
}

// objection is what speaks against a VPC.
type objection struct{ vpc, reason string }

// emptiest finds the VPC for an endpoint that is to stand in some of the zones: of those in which it fits the one with
// the fewest endpoints, the first of several; -1 for none. It says how many there are in which it fits.
func emptiest(list []vpcRoom, zones []string) (at int, subnets []string, fitting int) {
	at = -1
	for i := range list {
		fit := list[i].fits(zones)
		if len(fit) == 0 {
			continue
		}
		fitting++
		if at < 0 || list[i].used < list[at].used {
			at, subnets = i, fit
		}
	}
	return at, subnets, fitting
}

// choose finds the emptiest VPC, and says why.
func choose(list []vpcRoom, zones []string) choice {
	at, subnets, fitting := emptiest(list, zones)
	best := choice{at: at, subnets: subnets}
	for i := range list {
		var reason string
		switch {
		case i == at:
			continue
		case len(list[i].fits(zones)) == 0:
			reason = list[i].against(zones)
		case list[i].used == list[at].used:
			reason = list[i].usage() + ", as many, and it stands later in the spec"
		default:
			reason = list[i].usage() + ", which is more"
		}
		best.against = append(best.against, objection{list[i].VPC, clip(reason, maxObjection)})
	}
	switch fitting {
	case 0:
	case 1:
		best.why = list[at].usage() + ", the only one with room"
	default:
		best.why = list[at].usage() + ", the fewest"
	}
	return best
}

// maxObjection is how long the reason against a VPC may be, in bytes.
const maxObjection = 300

// surveyOf is what a survey says of a VPC.
func surveyOf(seen activities.Survey, vpc string) (activities.VPCRoom, bool) {
	i := slices.IndexFunc(seen.VPCs, func(r activities.VPCRoom) bool { return r.VPC == vpc })
	if i < 0 {
		return activities.VPCRoom{}, false
	}
	return seen.VPCs[i], true
}

// hasEndpoint reports whether a survey saw an endpoint of an owner in a VPC.
func hasEndpoint(seen activities.Survey, vpc string, owner activities.Owner) bool {
	found, _ := surveyOf(seen, vpc)
	_, ok := slices.BinarySearch(found.Owners, owner)
	return ok
}

// forget takes the endpoint of an owner, which is no longer there, out of what a survey saw.
func forget(seen activities.Survey, vpc string, owner activities.Owner) {
	for i, found := range seen.VPCs {
		if at, ok := slices.BinarySearch(found.Owners, owner); found.VPC == vpc && ok {
			seen.VPCs[i].Owners = slices.Delete(found.Owners, at, at+1)
			seen.VPCs[i].Endpoints--
		}
	}
}

// ownerIn is how the ownership tag calls a flow.
func ownerIn(namespace, workflowID string) activities.Owner {
	return activities.Owner(namespace + "/" + workflowID)
}
