package workflows_test

import (
	"testing"
	"time"

	"github.com/linkwright/linkwright/activities"
	"github.com/linkwright/linkwright/internal/link"
)

// hindered is what a look answers with until a person has mended it.
func hindered(call string) error {
	return activities.Blocked(link.Problem{
		Reason: link.ReasonMissingPermission, Call: call, Message: "not authorized", Remedy: "allow " + call, RetryAfter: time.Minute,
	}, nil)
}

// The Watch alone would know, and the flow would wait for it and not say why.
func TestWhenConnectionsCannotBeListedTheServiceIsBlockedBeforeItWaits(t *testing.T) {
	c := newCounter(t)
	c.cloud.refuse("ListConnections", hindered("ec2:DescribeVpcEndpointConnections"))
	c.at(30*time.Second, func() {
		if s := c.status(); s.Phase != link.VerifyingDomain || s.Blocked == nil || s.Blocked.Call != "ec2:DescribeVpcEndpointConnections" {
			t.Errorf("%s, blocked %+v", s.Phase, s.Blocked)
		}
	})
	c.at(time.Hour, func() {
		if s := c.status(); s.Phase != link.Serving || s.Blocked != nil {
			t.Errorf("%s, blocked %+v", s.Phase, s.Blocked)
		}
		c.withdraw()
	})
	c.publish(paymentsSpec())
}

func TestWhenAWaitingFlowCannotLookItSaysSo(t *testing.T) {
	for _, step := range []string{"DescribeService", "ListConnections"} {
		t.Run("when the service cannot take the step "+step, func(t *testing.T) {
			c := newCounter(t)
			c.at(time.Hour+5*time.Minute, func() {
				s := c.status()
				if s.Phase != link.Serving || s.Blocked != nil {
					t.Fatalf("%s, blocked %+v", s.Phase, s.Blocked)
				}
				c.cloud.refuse(step, hindered(step), hindered(step), hindered(step))
			})
			var since time.Time
			c.at(time.Hour+20*time.Minute, func() {
				s := c.status()
				if s.Phase != link.Serving || s.Blocked == nil || s.Blocked.Call != step {
					t.Fatalf("%s, blocked %+v", s.Phase, s.Blocked)
				}
				since = s.Blocked.Since
			})
			c.at(time.Hour+35*time.Minute, func() {
				if s := c.status(); s.Blocked == nil || !s.Blocked.Since.Equal(since) || !s.Blocked.NextTry.After(since.Add(20*time.Minute)) {
					t.Errorf("after another look, it is blocked %+v", s.Blocked)
				}
				delete(c.cloud.refusals, step)
				c.decide(link.Retry, link.Decision{By: "ada"}, "")
			})
			c.at(time.Hour+36*time.Minute, func() {
				if s := c.status(); s.Blocked != nil || s.Phase != link.Serving {
					t.Errorf("when told that it is mended, it is %s, blocked %+v", s.Phase, s.Blocked)
				}
				c.withdraw()
			})
			c.publish(paymentsSpec())
		})
	}
	t.Run("when the connection cannot", func(t *testing.T) {
		b := newBench(t)
		b.at(time.Hour+5*time.Minute, func() { b.cloud.refuse("DescribeEndpoint", hindered("ec2:DescribeVpcEndpoints")) })
		b.at(time.Hour+20*time.Minute, func() {
			if s := b.status(); s.Phase != link.AwaitingApproval || s.Blocked == nil || s.Waiting == nil {
				t.Errorf("%s, blocked %+v, waiting %+v", s.Phase, s.Blocked, s.Waiting)
			}
		})
		b.at(time.Hour+50*time.Minute, func() {
			if s := b.status(); s.Blocked != nil {
				t.Errorf("after a look that succeeded, it is blocked %+v", s.Blocked)
			}
			b.decide(link.Disconnect, leaveNow, "")
		})
		b.connect(shopSpec())
	})
}
