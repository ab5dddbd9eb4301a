package entra

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// Answer is what one of Entra's endpoints says.
type Answer struct {
	Status int
	Body   any
	Caller arm.Caller // who asked, as far as that is known
	Code   string     // of an error
}

// Serve answers a request to an endpoint of a tenant. It is false for what is no such endpoint.
func (d *Directory) Serve(r *http.Request, form url.Values, endpoint string) (Answer, bool) {
	path := strings.Trim(r.URL.Path, "/")
	if path == "common/discovery/instance" {
		return Answer{Status: http.StatusOK, Body: discovery(endpoint)}, true
	}
	tenant, rest, _ := strings.Cut(path, "/")
	switch strings.ToLower(rest) {
	case "v2.0/.well-known/openid-configuration", ".well-known/openid-configuration":
		return d.configuration(tenant, endpoint), true
	case "discovery/v2.0/keys", "discovery/keys":
		return Answer{Status: http.StatusOK, Body: d.keys()}, true
	case "oauth2/v2.0/token", "oauth2/token":
		if r.Method != http.MethodPost {
			return d.Failed(refuse(http.StatusBadRequest, "invalid_request", 900561, "The endpoint only accepts POST requests. Received a %s request.", r.Method)), true
		}
		return d.token(tenant, form, endpoint, endpoint+r.URL.Path), true
	}
	return Answer{}, false
}

// IsToken reports whether a path is a token endpoint, at which faults can strike.
func IsToken(path string) bool {
	return strings.HasSuffix(path, "/oauth2/v2.0/token") || strings.HasSuffix(path, "/oauth2/token") || path == IdentityPath
}

// discovery is the instance metadata: the one authority that there is.
func discovery(endpoint string) any {
	host := strings.TrimPrefix(endpoint, "https://")
	return map[string]any{
		"tenant_discovery_endpoint": endpoint + "/common/v2.0/.well-known/openid-configuration", "api-version": "1.1",
		"metadata": []any{map[string]any{"preferred_network": host, "preferred_cache": host, "aliases": []string{host}}},
	}
}

// configuration is a tenant's OpenID Connect metadata.
func (d *Directory) configuration(name, endpoint string) Answer {
	id := name
	if !isAnyTenant(name) {
		tenant, ok := d.tenant(name)
		if !ok {
			return d.Failed(unknownTenant(name))
		}
		id = tenant.ID
	}
	at := endpoint + "/" + id
	return Answer{Status: http.StatusOK, Body: map[string]any{
		"issuer": at + "/v2.0", "authorization_endpoint": at + "/oauth2/v2.0/authorize", "token_endpoint": at + "/oauth2/v2.0/token",
		"device_authorization_endpoint": at + "/oauth2/v2.0/devicecode", "jwks_uri": at + "/discovery/v2.0/keys", "tenant_region_scope": "EU",
		"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt"},
		"response_types_supported":              []string{"code"}, "subject_types_supported": []string{"pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "scopes_supported": []string{"openid"},
	}}
}

// isAnyTenant reports whether a name stands for whichever tenant the user is of.
func isAnyTenant(name string) bool {
	return strings.EqualFold(name, "common") || strings.EqualFold(name, "organizations") || isADFS(name)
}

func (d *Directory) keys() any {
	public, err := d.key.PublicKey.ECDH()
	if err != nil { // a P-256 key always has one
		return map[string]any{"keys": []any{}}
	}
	point := public.Bytes()[1:]
	text := base64.RawURLEncoding.EncodeToString
	return map[string]any{"keys": []any{map[string]string{"kty": "EC", "crv": "P-256", "use": "sig", "x": text(point[:32]), "y": text(point[32:])}}}
}

func (d *Directory) token(tenant string, form url.Values, endpoint, asked string) Answer {
	// Assertions are made out to the token endpoint, whichever name of the tenant the client used.
	caller, audience, err := d.grant(tenant, form, asked)
	var refusal *Error
	if errors.As(err, &refusal) {
		answer := d.Failed(refusal)
		answer.Caller = caller
		return answer
	}
	token, _, err := d.issue(caller, audience)
	if err != nil {
		return d.Failed(refuse(http.StatusInternalServerError, "server_error", 50000, "There was an error issuing a token: %s.", err))
	}
	seconds := int(d.Lifetime / time.Second)
	return Answer{Status: http.StatusOK, Caller: caller, Body: map[string]any{
		"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token,
	}}
}

// Failed is a refusal on the wire.
func (d *Directory) Failed(e *Error) Answer {
	return Answer{Status: e.Status, Code: e.Code(), Body: map[string]any{
		"error": e.OAuth, "error_description": e.Error() + " Trace ID: " + uuid.NewString(), "error_codes": []int{e.Number},
		"timestamp": d.Clock.Now().UTC().Format("2006-01-02 15:04:05Z"), "trace_id": uuid.NewString(), "correlation_id": uuid.NewString(),
	}}
}

// IdentityPath is where the managed identity endpoint is, as App Service has it: what IDENTITY_ENDPOINT points at
// (Azure App Service, "How to use managed identities", "REST endpoint reference").
const IdentityPath = "/msi/token"

// ServeIdentity answers a request to the managed identity endpoint. The identity is the one that IDENTITY_HEADER's
// value stands for; a client_id must be its own.
func (d *Directory) ServeIdentity(r *http.Request) Answer {
	given := []byte(r.Header.Get("X-IDENTITY-HEADER"))
	query := r.URL.Query()
	for _, app := range d.Applications {
		if app.IdentitySecret == "" || subtle.ConstantTimeCompare([]byte(app.IdentitySecret), given) != 1 {
			continue
		}
		if id := query.Get("client_id"); id != "" && !strings.EqualFold(id, app.ClientID) {
			return identityError(http.StatusBadRequest, "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.")
		}
		caller, _ := app.callerIn(app.Home)
		if !d.knows(query.Get("resource")) {
			return identityError(http.StatusBadRequest, "The resource principal named "+query.Get("resource")+" was not found.")
		}
		token, expires, err := d.issue(caller, query.Get("resource"))
		if err != nil {
			return identityError(http.StatusInternalServerError, err.Error())
		}
		return Answer{Status: http.StatusOK, Caller: caller, Body: map[string]any{
			"access_token": token, "expires_on": strconv.FormatInt(expires.Unix(), 10), "resource": query.Get("resource"),
			"token_type": "Bearer", "client_id": app.ClientID,
		}}
	}
	return identityError(http.StatusUnauthorized, "The X-IDENTITY-HEADER is missing or wrong.")
}

func identityError(status int, message string) Answer {
	return Answer{Status: status, Code: "ManagedIdentityError", Body: map[string]any{"statusCode": status, "message": message}}
}
