package simcloud

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// newControl is that of a cloud with one service, in one account.
func newControl(t *testing.T) *Control {
	cloud := Cloud{
		Account: func(name string) string {
			if name == "provider" || name == "1" {
				return "1"
			}
			return ""
		},
		Actions:    map[string][]string{"network": {"endpoints/read", "endpoints/write"}},
		IsRead:     func(action string) bool { return strings.HasSuffix(action, "/read") },
		IsThrottle: func(code string) bool { return code == "TooMany" },
		Effects:    map[Effect]func(Fault) string{"explode": func(Fault) string { return "" }},
	}
	return NewControl(cloud, NewClock(60), slog.New(slog.NewTextHandler(t.Output(), nil)))
}

func aCall() Call {
	return Call{RequestID: "r", Account: "1", Principal: "user/admin", Service: "network", Action: "endpoints/write", Names: []string{"vnet", "endpoint-1"}}
}

func TestHits(t *testing.T) {
	for _, test := range []struct {
		name  string
		fault Fault
		hits  []bool // of four calls
	}{
		{"when it says nothing of calls, it hits the first", Fault{}, []bool{true, false, false, false}},
		{"when it is for two calls from the second on, it hits those", Fault{Nth: 2, Times: 2}, []bool{false, true, true, false}},
		{"when it is for the account by name, it hits", Fault{Account: "provider"}, []bool{true, false, false, false}},
		{"when it is for a resource, it hits what names one", Fault{Resource: "endpoint-*"}, []bool{true, false, false, false}},
		{"when it is for another resource, it does not hit", Fault{Resource: "zone-*"}, []bool{false, false, false, false}},
		{"when it is for another caller, it does not hit", Fault{Principal: "role/*"}, []bool{false, false, false, false}},
		{"when it is for another action, it does not hit", Fault{Action: "endpoints/read"}, []bool{false, false, false, false}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newControl(t)
			test.fault.Effect = EffectUnavailable
			if _, err := c.Inject(test.fault); err != nil {
				t.Fatal(err)
			}
			var hits []bool
			for range test.hits {
				hits = append(hits, c.Hits(aCall()) != nil)
			}
			if !slices.Equal(hits, test.hits) {
				t.Errorf("got %v, want %v", hits, test.hits)
			}
		})
	}
}

func TestHold(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*Control, context.CancelFunc)
		want error
	}{
		{"when the faults are taken away, the call goes on", func(c *Control, _ context.CancelFunc) { c.ClearFaults() }, nil},
		{"when the client goes away, the call is cut", func(_ *Control, cancel context.CancelFunc) { cancel() }, ErrCut},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newControl(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error)
			go func() {
				done <- c.Hold(ctx, &Rule{FaultState: FaultState{Fault: Fault{Effect: EffectHold}}}, aCall(), true)
			}()
			for len(c.HeldCalls()) == 0 {
				runtime.Gosched()
			}
			if held := c.HeldCalls()[0]; !held.After || held.Action != "endpoints/write" {
				t.Errorf("held: %+v", held)
			}
			test.end(c, cancel)
			if err := <-done; !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestCallCounts(t *testing.T) {
	c := newControl(t)
	c.Record(aCall())
	before := c.CallCounts()
	throttled := aCall()
	throttled.Error = "TooMany"
	c.Record(aCall())
	c.Record(throttled)
	want := []CallCount{
		{Account: "1", Service: "network", Action: "endpoints/write", Count: 1},
		{Account: "1", Service: "network", Action: "endpoints/write", Throttled: true, Count: 1},
	}
	if got := CallsSince(before, c.CallCounts()); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if c.ForgetCalls(); len(c.Calls())+len(c.CallCounts()) > 0 {
		t.Error("calls are remembered that were to be forgotten")
	}
}

func TestEffectsOfOneCloudAlone(t *testing.T) {
	c := newControl(t)
	if _, err := c.Inject(Fault{Effect: "explode"}); err != nil {
		t.Error(err)
	}
	if _, err := c.Inject(Fault{Effect: "emptyPage"}); err == nil || !strings.Contains(err.Error(), `"explode"`) {
		t.Errorf("an effect of another cloud: %v", err)
	}
}
