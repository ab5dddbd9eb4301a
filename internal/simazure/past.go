package simazure

import (
	"crypto/sha256"
	"fmt"
	"sync"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// past is what a replica that lags behind knows: the answers given before, and the cloud as it began.
type past struct {
	mu      sync.Mutex
	answers map[question]answered
	// beginning is the state at the start, and parts what is made of it when it is first asked.
	beginning []byte
	parts     *parts
}

// question is a hash of who asked what.
type question [sha256.Size]byte

type answered struct {
	response arm.Response
	err      error
}

func questionOf(r *arm.Request) question {
	return sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s %s?%s\n%s", r.Caller.Tenant, r.Caller.ObjectID, r.Method, r.Path, r.Query.Encode(), r.Body))
}

// remember keeps the answer to a read, should a rule want it back.
func (p *past) remember(r *arm.Request, response arm.Response, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answers == nil {
		p.answers = map[question]answered{}
	}
	p.answers[questionOf(r)] = answered{response, err}
}

func (p *past) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers = nil
}

// answer is the one that was given to the same question before; a new question is put to the beginning.
func (p *past) answer(c *Cloud, r *arm.Request) (arm.Response, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if before, ok := p.answers[questionOf(r)]; ok {
		return before.response, before.err
	}
	if p.parts == nil {
		made, err := c.newParts(c.parts.world.Subscriptions)
		if err != nil {
			return arm.Response{}, err
		}
		if _, err := made.restore(p.beginning); err != nil {
			return arm.Response{}, err
		}
		p.parts = made
	}
	p.parts.world.Lock()
	defer p.parts.world.Unlock()
	p.parts.settle()
	route, params, err := arm.Find(p.parts.routes, r.Method, r.Path)
	if err != nil {
		return arm.Response{}, err
	}
	again := *r
	again.Route, again.Params = route, params
	return route.Do(&again)
}
