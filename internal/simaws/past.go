package simaws

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// past is what a replica that lags behind knows: the answers given before, and the cloud as it began.
type past struct {
	mu      sync.Mutex
	answers map[question]answered
	// beginning is the state at the start, and services what is made of it when it is first asked.
	beginning []byte
	services  map[string]sim.Service
}

// question is a hash of who asked what.
type question [sha256.Size]byte

type answered struct {
	response sim.Response
	err      error
}

func questionOf(r *sim.Request, service sim.Service) question {
	return sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%s %s\n%s",
		r.Caller.AccountID, r.Region, service.Name(), r.Action, r.HTTP.Method, r.HTTP.URL.RequestURI(), r.Body))
}

// remember keeps the answer to a read, should a rule want it back.
func (p *past) remember(r *sim.Request, service sim.Service, response sim.Response, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answers == nil {
		p.answers = map[question]answered{}
	}
	p.answers[questionOf(r, service)] = answered{response, err}
}

func (p *past) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers = nil
}

// answer is the one that was given to the same question before; a new question is put to the beginning.
func (p *past) answer(c *Cloud, r *sim.Request, service sim.Service) (sim.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before, ok := p.answers[questionOf(r, service)]; ok {
		return before.response, before.err
	}
	if p.services == nil {
		world := &sim.World{Clock: c.world.Clock, Accounts: c.world.Accounts, Quotas: c.world.Quotas}
		services := c.newServices(world).byName
		if err := restore(services, p.beginning); err != nil {
			return sim.Response{}, err
		}
		p.services = services
	}
	c.world.Lock()
	defer c.world.Unlock()
	return p.services[service.Name()].Handle(r)
}
