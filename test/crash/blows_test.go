package crash

import (
	"context"
	"fmt"
	"slices"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/starter/cli/flows"
	"github.com/linkwright/linkwright/test/lab"
)

// stage is how far people have brought the link.
type stage int

const (
	nothing stage = iota
	applied
	approved
	withdrawn // asked for; what was ready is being taken down
)

func (s stage) String() string {
	return [...]string{"nothing", "the specs", "the approval", "the withdrawal"}[s]
}

// moment is where a blow falls: while a call is under way, or in a phase in which the flow waits.
type moment struct {
	stage stage
	flow  flows.Ref
	phase link.Phase
	// call is the action that the simulated cloud holds then; empty for any, or for none.
	call string
	// nth, when above 0, is how many calls after the stage's beginning pass before one is held.
	nth int
}

// held reports whether a call is under way at the moment.
func (m moment) held() bool { return m.call != "" || m.nth > 0 }

// phases are the moments of a link's life, in order. Each call is the one by which the phase changes the world.
var phases = []moment{
	{applied, lab.Service, link.Publishing, "CreateVpcEndpointServiceConfiguration", 0},
	{applied, lab.Service, link.VerifyingDomain, "ChangeResourceRecordSets", 0},
	{applied, lab.Service, link.Serving, "", 0},
	{applied, lab.Connection, link.Requesting, "CreateVpcEndpoint", 0},
	{applied, lab.Connection, link.AwaitingApproval, "", 0},
	{approved, lab.Connection, link.Accepting, "AcceptVpcEndpointConnections", 0},
	{approved, lab.Connection, link.EnablingDNS, "ModifyVpcEndpoint", 0},
	{approved, lab.Connection, link.RegisteringTargets, "RegisterTargets", 0},
	{approved, lab.Connection, link.Ready, "", 0},
	{withdrawn, lab.Connection, link.Disconnecting, "DeleteVpcEndpoints", 0},
	{withdrawn, lab.Service, link.Withdrawing, "DeleteVpcEndpointServiceConfigurations", 0},
}

// calls are moments anywhere: the nth call after people have done something.
var calls = []moment{
	{stage: applied, nth: 5},
	{stage: applied, nth: 17},
	{stage: approved, nth: 4},
	{stage: approved, nth: 11},
	{stage: withdrawn, nth: 3},
}

// victim is what a blow kills.
type victim int

const (
	worker victim = iota
	temporal
	both
	database // PostgreSQL, which Temporal keeps its state in; Temporal itself lives on
)

func (v victim) String() string { return [...]string{"worker", "temporal", "both", "database"}[v] }

// blow is a SIGKILL at a moment. With after, the call that is under way has been carried out, and its answer is
// lost; else it never happened.
type blow struct {
	victim victim
	at     moment
	after  bool
}

func (b blow) name() string {
	when := "in " + string(b.at.phase)
	switch {
	case b.at.phase == "":
		when = fmt.Sprintf("%d calls after %s", b.at.nth, b.at.stage)
	case b.at.call != "" && b.after:
		when += " after " + b.at.call
	case b.at.call != "":
		when += " before " + b.at.call
	}
	return fmt.Sprintf("%s killed %s", b.victim, when)
}

// fall kills, and starts again what was killed.
func (b blow) fall(ctx context.Context, l *life) error {
	again := func() error { return l.StartTemporal(ctx) }
	for _, act := range map[victim][]func() error{
		worker:   {l.KillWorker, l.StartWorker},
		temporal: {l.KillTemporal, again},
		both:     {l.KillWorker, l.KillTemporal, again, l.StartWorker},
		database: {func() error { return l.database.Crash(ctx) }},
	}[b.victim] {
		if err := act(); err != nil {
			return err
		}
	}
	return l.Cloud.ClearFaults(ctx)
}

// onPostgres begins the name of a life for which Temporal keeps its state in PostgreSQL, and not in a file.
const onPostgres = "on PostgreSQL"

// lives are the blows that some links suffer, each in order, by the name of the link.
func lives() map[string][]blow {
	if *every {
		return everyBlow()
	}
	all := map[string][]blow{
		"temporal": {{temporal, phases[1], true}, {temporal, phases[4], false}, {temporal, phases[7], true}, {temporal, phases[9], false}},
		"both":     {{both, phases[3], true}, {both, phases[6], false}, {both, phases[10], true}},
		onPostgres: {
			{temporal, phases[0], true}, {temporal, phases[3], true}, {database, phases[4], false},
			{temporal, phases[6], false}, {temporal, phases[8], false}, {temporal, phases[9], true},
		},
	}
	deal(all, "worker", worker, phases, true, 4)
	deal(all, "calls", worker, calls, false, 2)
	return all
}

// throughout are the moments at which a link can be struck one after the other. Serving is none of them: the
// connection makes its request meanwhile, and a call that is to be held then would be missed.
var throughout = slices.DeleteFunc(slices.Clone(phases), func(m moment) bool { return m.phase == link.Serving })

// everyBlow is every phase × every victim × before and after; and Temporal throughout one life, with its state in a
// file, and in PostgreSQL, which crashes in the middle.
func everyBlow() map[string][]blow {
	all := map[string][]blow{}
	for _, after := range []bool{false, true} {
		when := map[bool]string{false: " before", true: " after"}[after]
		deal(all, "temporal throughout"+when, temporal, throughout, after, 1)
		middle := len(throughout) / 2
		deal(all, onPostgres+when, temporal, throughout[:middle], after, 1)
		deal(all, onPostgres+when, database, throughout[middle:middle+1], after, 1)
		deal(all, onPostgres+when, temporal, throughout[middle+1:], after, 1)
	}
	for _, v := range []victim{worker, temporal, both} {
		deal(all, v.String()+" before", v, phases, false, 3)
		deal(all, v.String()+" after", v, phases, true, 3)
		deal(all, v.String()+" at calls", v, calls, true, 2)
	}
	return all
}

// deal spreads a victim's blows over n lives, in the order of the moments.
func deal(all map[string][]blow, name string, v victim, moments []moment, after bool, n int) {
	for i, at := range moments {
		life := fmt.Sprintf("%s %d", name, i%n+1)
		all[life] = append(all[life], blow{v, at, after})
	}
}
