package faults

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws"
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
}

func (c call) String() string {
	return fmt.Sprintf("%s/%s %s:%s #%d", c.Stage, c.Account, c.Service, c.Action, c.Nth)
}

// numbered numbers the calls that were made in a stage. What is being deleted counts as gone.
func numbered(at stage, made []simaws.Call, names map[string]string) []call {
	var calls []call
	seen := map[string]int{}
	gone := map[string]bool{}
	for _, m := range made {
		kind := strings.Join([]string{m.Account, m.Service, m.Action}, " ")
		seen[kind]++
		c := call{Stage: at, Account: names[m.Account], Service: m.Service, Action: m.Action, Nth: seen[kind]}
		for _, name := range m.Names {
			if gone[name] {
				continue
			}
			gone[name] = strings.HasPrefix(m.Action, "DeleteVpcEndpoint")
			c.EndpointService = c.EndpointService || isLike(anEndpointService, name)
			c.Endpoint = c.Endpoint || isLike(anEndpoint, name)
		}
		calls = append(calls, c)
	}
	return calls
}

// isLike reports whether a name is like a pattern of ids, as the cloud's fault rules have it. The endpoint's own DNS name,
// which an alias record has, begins like its id, and is none.
func isLike(pattern, name string) bool {
	like, err := path.Match(pattern, name)
	return like && err == nil
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
		both = append(both, c)
	}
	return both
}
