package simcloud

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Call is one request that the cloud answered.
type Call struct {
	Time      time.Time `json:"time"`
	RequestID string    `json:"requestId"`
	// Account is the AWS account's id, or the Azure subscription's; "" when it is unknown.
	Account string `json:"account"`
	// Principal is who calls: an ARN in AWS, the client id of an application in Azure.
	Principal string `json:"principal"`
	Region    string `json:"region"`
	Service   string `json:"service"`
	Action    string `json:"action"`
	Status    int    `json:"status"` // HTTP; 0 when the answer was withheld
	Error     string `json:"error,omitempty"`
	// Fault is what struck the call, if anything did.
	Fault Effect `json:"fault,omitempty"`
	// Names are what the call says about resources: ids, ARNs, names.
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

// Record writes down a call that was answered.
func (c *Control) Record(call Call) {
	l := &c.calls
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.calls) >= keptCalls {
		l.calls = slices.Delete(l.calls, 0, keptCalls/2)
	}
	l.calls = append(l.calls, call)
	if l.counts == nil {
		l.counts = map[CallCount]int{}
	}
	throttled := c.cloud.IsThrottle(call.Error)
	l.counts[CallCount{Account: call.Account, Service: call.Service, Action: call.Action, Throttled: throttled}]++
}

// ForgetCalls empties the log, and the counts.
func (c *Control) ForgetCalls() {
	c.calls.mu.Lock()
	defer c.calls.mu.Unlock()
	c.calls.calls, c.calls.counts = nil, nil
}

// Calls are the calls that the log still remembers, oldest first.
func (c *Control) Calls() []Call {
	c.calls.mu.Lock()
	defer c.calls.mu.Unlock()
	return slices.Clone(c.calls.calls)
}

// CallCounts are the numbers of all calls since the start, by account, service, action and whether they were
// throttled.
func (c *Control) CallCounts() []CallCount {
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
