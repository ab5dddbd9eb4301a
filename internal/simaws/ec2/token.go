package ec2

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"strings"

	"github.com/linkwright/linkwright/internal/simaws/query"
	"github.com/linkwright/linkwright/internal/simaws/sim"
)

// Token remembers what a client token stood for.
type Token struct {
	Request  string // hash of the request's parameters
	Resource string // id of what it made
}

// maxClientToken is the length of a client token (EC2 API Reference, "Ensuring idempotency").
const maxClientToken = 64

// madeBefore finds what an earlier request with the same client token made, "" when there is none, or when
// it exists no longer. A token that comes back with other parameters is an error.
func (s *Service) madeBefore(r *sim.Request, f query.Form) (string, error) {
	token := f.String("ClientToken")
	if len(token) > maxClientToken {
		return "", sim.Errorf("InvalidParameterValue", "Client token exceeds the maximum length of %d characters", maxClientToken)
	}
	used, ok := s.state.Tokens[tokenKey(r, token)]
	if token == "" || !ok || s.state.resource(used.Resource) == nil {
		return "", nil
	}
	if used.Request != parameters(r) {
		return "", sim.Errorf("IdempotentParameterMismatch", "The client token %s was used before with different parameters.", token)
	}
	return used.Resource, nil
}

// remember notes what a request with a client token made.
func (s *Service) remember(r *sim.Request, f query.Form, id string) {
	if token := f.String("ClientToken"); token != "" {
		s.state.Tokens[tokenKey(r, token)] = Token{Request: parameters(r), Resource: id}
	}
}

func tokenKey(r *sim.Request, token string) string {
	return strings.Join([]string{r.Caller.AccountID, r.Region, r.Action, token}, "/")
}

// parameters is a hash of all parameters of a request but the token itself.
func parameters(r *sim.Request) string {
	form := maps.Clone(r.Form)
	form.Del("ClientToken")
	sum := sha256.Sum256([]byte(form.Encode()))
	return hex.EncodeToString(sum[:])
}
