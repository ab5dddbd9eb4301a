package temporal

import (
	"context"
	"errors"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/config"
	server "go.temporal.io/server/temporal"
)

// principalType is the type of the principals that Options.Tokens names.
const principalType = "token"

var errUnknownToken = errors.New("unknown bearer token")

// callers authenticates by bearer token and lets everybody do everything. The server asks it twice for each
// call: as claim mapper, whose token it is; as authorizer, which principal to write into the history.
type callers map[string]string

var (
	_ authorization.ClaimMapper = callers(nil)
	_ authorization.Authorizer  = callers(nil)
)

func authentication(tokens map[string]string) []server.ServerOption {
	if tokens == nil {
		return []server.ServerOption{
			server.WithAuthorizer(authorization.NewNoopAuthorizer()),
			server.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return authorization.NewNoopClaimMapper() }),
		}
	}
	return []server.ServerOption{
		server.WithAuthorizer(callers(tokens)),
		server.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return callers(tokens) }),
	}
}

// GetClaims is not called for a caller without a token.
func (c callers) GetClaims(info *authorization.AuthInfo) (*authorization.Claims, error) {
	name, ok := c[strings.TrimPrefix(info.AuthToken, "Bearer ")]
	if !ok {
		return nil, errUnknownToken
	}
	return &authorization.Claims{Subject: name, AuthType: principalType}, nil
}

// Authorize allows the call; claims are nil for a caller without a token.
func (c callers) Authorize(_ context.Context, claims *authorization.Claims, _ *authorization.CallTarget) (authorization.Result, error) {
	result := authorization.Result{Decision: authorization.DecisionAllow}
	if claims != nil {
		result.Principal = &commonpb.Principal{Type: claims.AuthType, Name: claims.Subject}
	}
	return result, nil
}
