package faults

import (
	"fmt"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simazure"
	"github.com/linkwright/linkwright/internal/simcloud"
	"github.com/linkwright/linkwright/internal/simcloud/glob"
)

// stage is what people have asked for.
type stage int

const (
	applied stage = iota
	approved
	withdrawn
)

func (s stage) String() string { return [...]string{"apply", "approve", "withdraw"}[s] }

// call is a cloud call of a link's life, numbered among those of its kind since people last asked for something.
type call struct {
	Stage   stage
	Account string // its name
	Service string
	Action  string
	Nth     int // from 1
	// Endpoint and EndpointService tell whether it named a resource of the link that was there then.
	Endpoint, EndpointService bool
	// Connected tells whether an endpoint was there then, or on its way.
	Connected bool
}

// signIn reports whether the call is for credentials, which a worker that has them makes no more.
func (c call) signIn() bool { return c.Service == "sts" || c.Service == simazure.Login }

func (c call) String() string {
	return fmt.Sprintf("%s/%s %s:%s #%d", c.Stage, c.Account, c.Service, c.Action, c.Nth)
}

// numbered numbers the calls that were made in a stage. What is being deleted counts as gone.
func (lf *life) numbered(at stage, made []simcloud.Call, names map[string]string) []call {
	var calls []call
	seen := map[string]int{}
	gone := map[string]bool{}
	connected := at != applied
	for _, m := range made {
		kind := strings.Join([]string{m.Account, m.Service, m.Action}, " ")
		seen[kind]++
		connected = connected || m.Action == lf.words.connects
		c := call{Stage: at, Account: names[m.Account], Service: m.Service, Action: m.Action, Nth: seen[kind], Connected: connected}
		for _, name := range m.Names {
			if gone[name] {
				continue
			}
			gone[name] = slices.ContainsFunc(lf.words.deletes, func(action string) bool { return strings.HasPrefix(m.Action, action) })
			c.EndpointService = c.EndpointService || glob.Match(lf.words.service, name)
			c.Endpoint = c.Endpoint || glob.Match(lf.words.endpoint, name)
		}
		calls = append(calls, c)
	}
	return calls
}

// common are the calls of one run that another made too, and what both named at them.
func common(one, other []call) []call {
	var both []call
	for _, c := range one {
		i := slices.IndexFunc(other, func(o call) bool { return o.String() == c.String() })
		if i < 0 {
			continue
		}
		c.Endpoint = c.Endpoint && other[i].Endpoint
		c.EndpointService = c.EndpointService && other[i].EndpointService
		c.Connected = c.Connected || other[i].Connected
		both = append(both, c)
	}
	return both
}
