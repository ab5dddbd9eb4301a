package simazure

import (
	"maps"
	"slices"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// EffectFailOperation has the operation that a call starts end in failure, with the rule's Code and Message: it is
// accepted, takes its time, and comes to nothing. Only Azure can have it.
const EffectFailOperation simcloud.Effect = "failOperation"

// Login is the service of calls for a token, and Token their action.
const (
	Login = "login"
	Token = "token/action"
)

// known says what rules and the call log must know of this cloud: its services are the namespaces of providers, and
// its actions what roles name them, without the namespace: "privateEndpoints/write".
func (c *Cloud) known() simcloud.Cloud {
	actions := map[string][]string{Login: {Token}}
	for _, route := range c.parts.routes {
		if !slices.Contains(actions[route.Provider], route.Action) {
			actions[route.Provider] = append(actions[route.Provider], route.Action)
		}
	}
	return simcloud.Cloud{
		Account: c.subscriptionID, Actions: actions, IsRead: arm.IsRead, IsThrottle: isThrottle, Cleared: c.past.forget,
		Effects: map[simcloud.Effect]func(simcloud.Fault) string{
			EffectFailOperation: func(f simcloud.Fault) string {
				if f.Code == "" {
					return "a code"
				}
				return ""
			},
		},
	}
}

// subscriptionID finds a subscription by its id or its name; empty when there is none.
func (c *Cloud) subscriptionID(name string) string {
	for _, key := range slices.Sorted(maps.Keys(c.parts.world.Subscriptions)) {
		if sub := c.parts.world.Subscriptions[key]; sub.ID == name || sub.Name == name {
			return sub.ID
		}
	}
	return ""
}
