// Package sts simulates the AWS Security Token Service: who am I, and roles assumed for a while. It keeps the
// sessions it has given out; the front door asks it whose a temporary access key is.
package sts

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Service is the simulated STS.
type Service struct {
	world    *sim.World
	protocol query.Protocol
	handlers map[string]query.Handler
	state    State
}

// State is all that STS remembers.
type State struct {
	Sessions map[string]Session // by access key id
}

// Session is an assumed role.
type Session struct {
	Caller  sim.Caller
	Secret  string
	Token   string
	Expires time.Time
	// Policy is the session policy, which limits further what the role may do; "" without one.
	Policy string
	Tags   map[string]string
}

var _ sim.Service = (*Service)(nil)

// New returns an STS for the accounts of world, with no sessions.
func New(world *sim.World) *Service {
	s := &Service{
		world:    world,
		protocol: query.Protocol{Namespace: "https://sts.amazonaws.com/doc/2011-06-15/"},
		state:    State{Sessions: map[string]Session{}},
	}
	s.handlers = map[string]query.Handler{
		"AssumeRole":        s.assumeRole,
		"GetCallerIdentity": s.getCallerIdentity,
	}
	return s
}

// Session finds the session of a temporary access key, expired ones too.
func (s *Service) Session(accessKey string) (Session, bool) {
	session, ok := s.state.Sessions[accessKey]
	return session, ok
}

// Name is STS's name in a credential scope.
func (s *Service) Name() string { return "sts" }

// Action names what r asks for.
func (s *Service) Action(r *sim.Request) (string, bool) { return query.Action(r, s.handlers) }

// Actions implements sim.Service.
func (s *Service) Actions() []string { return slices.Sorted(maps.Keys(s.handlers)) }

// Handle carries r out.
func (s *Service) Handle(r *sim.Request) (sim.Response, error) {
	return s.protocol.Handle(r, s.handlers)
}

// Error writes STS's error body.
func (s *Service) Error(r *sim.Request, err *sim.Error) sim.Response { return s.protocol.Error(r, err) }

// Snapshot returns the sessions.
func (s *Service) Snapshot() (json.RawMessage, error) { return json.Marshal(s.state) }

// Restore takes back what Snapshot returned.
func (s *Service) Restore(snapshot json.RawMessage) error {
	state := State{Sessions: map[string]Session{}}
	if err := json.Unmarshal(snapshot, &state); err != nil {
		return err
	}
	s.state = state
	return nil
}

func (s *Service) getCallerIdentity(r *sim.Request, _ query.Form) (any, error) {
	var result struct {
		ARN     string `xml:"Arn"`
		UserID  string `xml:"UserId"`
		Account string `xml:"Account"`
	}
	result.ARN, result.UserID, result.Account = r.Caller.ARN, r.Caller.UserID, r.Caller.AccountID
	return result, nil
}

// isSession reports whether the caller itself acts under an assumed role.
func isSession(caller sim.Caller) bool { return strings.Contains(caller.ARN, ":assumed-role/") }
