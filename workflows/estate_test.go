package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

type estate struct {
	*bench
	mu    sync.Mutex
	quota int
	// endpoints are the owners of those in each VPC; others than connections have any name.
	endpoints map[string][]string
	// problems are what surveys find wrong with a VPC.
	problems map[string]string
	surveys  int
	refusals []error
	// told are the connections that were told of room, sorted: those that are told at the same moment are in any order.
	told    []string
	hearing sync.Mutex
}

func newEstate(t *testing.T) *estate {
	env, cloud, around := newEnvironment(t)
	e := &estate{
		bench: &bench{TestWorkflowEnvironment: env, t: t, cloud: cloud, around: around},
		quota: 50, endpoints: map[string][]string{}, problems: map[string]string{},
	}
	env.RegisterActivityWithOptions(e.survey, activity.RegisterOptions{Name: "aws.Survey"})
	env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, "linkwright.room", mock.Anything).
		Return(func(_, id, _, _ string, _ any) error {
			e.hearing.Lock()
			defer e.hearing.Unlock()
			e.told = append(e.told, id)
			slices.Sort(e.told)
			return nil
		}).Maybe()
	return e
}

func (e *estate) survey(_ context.Context, req activities.SurveyRequest) (activities.Survey, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.surveys++
	if len(e.refusals) > 0 {
		err := e.refusals[0]
		e.refusals = e.refusals[1:]
		return activities.Survey{}, err
	}
	seen := activities.Survey{Quota: e.quota, QuotaSource: "Service Quotas"}
	for _, vpc := range req.Spec.AWS.VPCs {
		room := activities.VPCRoom{VPC: vpc.VPC, Endpoints: len(e.endpoints[vpc.VPC])}
		for _, owner := range e.endpoints[vpc.VPC] {
			if strings.HasPrefix(owner, "connection/") {
				room.Owners = append(room.Owners, activities.Owner("default-test-namespace/"+owner))
			}
		}
		slices.Sort(room.Owners)
		for _, s := range vpc.Subnets {
			room.Subnets = append(room.Subnets, activities.SubnetRoom{Subnet: s.Subnet, ZoneID: s.ZoneID, Free: 4000})
		}
		if problem := e.problems[vpc.VPC]; problem != "" {
			room.Problems = []string{problem}
		}
		seen.VPCs = append(seen.VPCs, room)
	}
	return seen, nil
}

func estateSpec(vpcs ...string) link.VPCInventorySpec {
	spec := link.VPCInventorySpec{Account: "provider", Region: "eu-central-1", AWS: &link.AWSInventory{}}
	for _, vpc := range vpcs {
		n := strings.TrimPrefix(vpc, "vpc-")
		spec.AWS.VPCs = append(spec.AWS.VPCs, link.InventoryVPC{
			VPC: vpc, SecurityGroups: []string{"sg-" + n}, Subnets: []link.InventorySubnet{
				{ZoneID: "euc1-az1", Subnet: "subnet-" + n + "1"}, {ZoneID: "euc1-az2", Subnet: "subnet-" + n + "2"},
			},
		})
	}
	return spec
}

func (e *estate) open(spec link.VPCInventorySpec) link.Status {
	e.t.Helper()
	e.SetStartWorkflowOptions(clientOptions("vpc-inventory/hub"))
	e.ExecuteWorkflow(workflows.VPCInventory, workflows.VPCInventoryInput{Name: "hub", Spec: spec, By: "ada"})
	return e.result()
}

func (e *estate) continues(in workflows.VPCInventoryInput) link.Status {
	e.t.Helper()
	e.SetStartWorkflowOptions(clientOptions("vpc-inventory/hub"))
	e.SetContinuedExecutionRunID("the run before")
	e.ExecuteWorkflow(workflows.VPCInventory, in)
	return e.result()
}

func (e *estate) shut() {
	e.decide(link.Close, leaveNow, "")
	for _, holder := range e.holders() {
		e.releases(holder)
	}
}

func (e *estate) holders() []string {
	var list []string
	for _, id := range slices.Sorted(maps.Keys(e.around.flows)) {
		if holder, ok := strings.CutSuffix(id, " linkwright.place"); ok {
			list = append(list, holder)
		}
	}
	return list
}

type offered struct {
	Place   *link.Placement  `json:"place"`
	Against []link.Objection `json:"against"`
	err     error
	done    bool
}

func (o *offered) vpc() string {
	if o.Place == nil {
		return ""
	}
	return o.Place.VPC
}

func (e *estate) reserves(holder, full string, zones ...string) *offered {
	o := &offered{}
	e.UpdateWorkflow("linkwright.reserve", "", &testsuite.TestUpdateCallback{
		OnAccept: func() {},
		OnReject: func(err error) { o.err, o.done = err, true },
		OnComplete: func(answer any, err error) {
			o.err, o.done = err, true
			text, fault := json.Marshal(answer)
			if fault == nil {
				fault = json.Unmarshal(text, o)
			}
			if fault != nil {
				e.t.Error(fault)
			}
			if o.Place != nil {
				vpc := o.Place.VPC
				e.around.answers(holder, "linkwright.place", func() any { return map[string]string{"inventory": "hub", "vpc": vpc} })
			}
		},
	}, map[string]any{"holder": holder, "full": full, "zoneIDs": zones})
	return o
}

func (e *estate) releases(holder string) {
	e.around.answers(holder, "linkwright.place", func() any { return map[string]string{} })
	e.SignalWorkflow("linkwright.release", map[string]string{"holder": holder})
}

func (e *estate) terminated(holder string) { delete(e.around.flows, holder+" linkwright.place") }

func shop(n int) string { return fmt.Sprintf("connection/payments/shop-%03d", n) }

func (e *estate) wantRoom(want ...string) {
	e.t.Helper()
	var got []string
	for _, r := range e.status().Room {
		got = append(got, fmt.Sprintf("%s %d/%d %d", r.VPC, r.Endpoints, r.Quota, r.Promised))
	}
	if !slices.Equal(got, want) {
		e.t.Errorf("the room is %q, want %q", got, want)
	}
}
