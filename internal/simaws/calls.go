package simaws

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Call is one request that the cloud answered.
type Call struct {
	Time      time.Time `json:"time"`
	RequestID string    `json:"requestId"`
	Account   string    `json:"account"`   // twelve digits, "" when the caller is unknown
	Principal string    `json:"principal"` // ARN
	Region    string    `json:"region"`
	Service   string    `json:"service"`
	Action    string    `json:"action"`
	Status    int       `json:"status"` // HTTP; 0 when the answer was withheld
	Error     string    `json:"error,omitempty"`
	// Fault is what struck the call, if anything did.
	Fault Effect `json:"fault,omitempty"`
	// Names are what the call said about resources: ids, ARNs, names.
	Names []string `json:"names,omitempty"`
}

// CallCount is how many calls of one kind there were.
type CallCount struct {
	Account   string `json:"account"`
	Service   string `json:"service"`
	Action    string `json:"action"`
	Throttled bool   `json:"throttled"`
	Count     int    `json:"count"`
}

// keptCalls is how many calls the log remembers one by one; the counts know of all.
const keptCalls = 100_000

// callLog remembers what was asked of the cloud.
type callLog struct {
	mu     sync.Mutex
	calls  []Call
	counts map[CallCount]int // by everything but Count
}

// record writes a call down, of which the answer and the fault are known.
func (c *Cloud) record(call Call, r *sim.Request, service sim.Service) {
	call.Time, call.RequestID = c.world.Clock.Now(), r.ID
	call.Account, call.Principal, call.Region = r.Caller.AccountID, r.Caller.ARN, r.Region
	if service != nil {
		call.Service, call.Action, call.Names = service.Name(), r.Action, r.Names()
	}
	c.calls.add(call)
}

func (l *callLog) add(call Call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.calls) >= keptCalls {
		l.calls = slices.Delete(l.calls, 0, keptCalls/2)
	}
	l.calls = append(l.calls, call)
	if l.counts == nil {
		l.counts = map[CallCount]int{}
	}
	l.counts[CallCount{Account: call.Account, Service: call.Service, Action: call.Action, Throttled: isThrottle(call.Error)}]++
}

func (l *callLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls, l.counts = nil, nil
}

// Calls are the calls that the log still remembers, oldest first.
func (c *Cloud) Calls() []Call {
	c.calls.mu.Lock()
	defer c.calls.mu.Unlock()
	return slices.Clone(c.calls.calls)
}

// CallCounts are the numbers of all calls since the start, by account, service, action and whether they were
// throttled.
func (c *Cloud) CallCounts() []CallCount {
	c.calls.mu.Lock()
	defer c.calls.mu.Unlock()
	var counts []CallCount
	for kind, n := range c.calls.counts {
		kind.Count = n
		counts = append(counts, kind)
	}
	slices.SortFunc(counts, func(a, b CallCount) int {
		throttledLast := 0
		if a.Throttled != b.Throttled {
			throttledLast = -1
			if a.Throttled {
				throttledLast = 1
			}
		}
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Action, b.Action), throttledLast)
	})
	return counts
}

// CallsSince is what was called between two counts, the earlier one first.
func CallsSince(before, after []CallCount) []CallCount {
	earlier := map[CallCount]int{}
	for _, c := range before {
		n := c.Count
		c.Count = 0
		earlier[c] = n
	}
	var made []CallCount
	for _, c := range after {
		key := c
		key.Count = 0
		if c.Count -= earlier[key]; c.Count > 0 {
			made = append(made, c)
		}
	}
	return made
}
