package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/linkwright/linkwright/internal/link"
	"github.com/linkwright/linkwright/workflows"
)

func TestMistake16ConnectionsOfAPrincipalThatWasRemovedGoUnmentioned(t *testing.T) {
	c := newCounter(t)
	apply := func(principals ...string) {
		spec := paymentsSpec()
		spec.AWS.AllowedPrincipals = principals
		c.decide(link.Apply, workflows.ApplyServiceRequest{Spec: spec, By: "ada"}, "")
	}
	wants := func(ok bool, message string) {
		t.Helper()
		if got, told := c.status().Condition(link.ConsumersAllowed); !told || got.OK != ok || !strings.Contains(got.Message, message) {
			t.Errorf("condition = %+v, want %t and %q", got, ok, message)
		}
	}
	c.at(time.Hour, func() { c.joins("shop", "222222222222", "vpce-1") })
	c.at(2*time.Hour, func() {
		if got, told := c.status().Condition(link.ConsumersAllowed); told {
			t.Errorf("before anybody is dropped, it shows %+v", got)
		}
		apply("arn:aws:iam::333333333333:role/Other")
	})
	c.at(3*time.Hour, func() {
		wants(false, "linkwright reject payments/shop")
		apply("arn:aws:iam::222222222222:user/shop")
	})
	c.at(4*time.Hour, func() {
		wants(true, "")
		apply()
	})
	c.at(5*time.Hour, func() {
		wants(false, "222222222222")
		c.leaves("shop")
	})
	c.at(6*time.Hour, func() {
		wants(true, "")
		c.withdraw()
	})
	c.publish(paymentsSpec())
}
