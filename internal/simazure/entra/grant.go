package entra

import (
	"crypto/subtle"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// assertionType is the one kind of client_assertion there is (RFC 7523).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// Error is a refusal of the token endpoint: an OAuth error whose description begins with Entra's own code (Microsoft
// identity platform, "Microsoft Entra authentication and authorization error codes").
type Error struct {
	Status  int
	OAuth   string // "invalid_client"
	Number  int    // of "AADSTS7000215"
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("AADSTS%d: %s", e.Number, e.Message) }

// Code is Entra's own code.
func (e *Error) Code() string { return fmt.Sprintf("AADSTS%d", e.Number) }

func refuse(status int, oauth string, number int, format string, args ...any) *Error {
	return &Error{Status: status, OAuth: oauth, Number: number, Message: fmt.Sprintf(format, args...)}
}

// grant answers a request for a token by the client credentials flow (Microsoft identity platform, "The OAuth 2.0
// client credentials flow"), which is all that a program without a user needs. endpoint is the URL that was asked.
func (d *Directory) grant(tenantName string, form url.Values, endpoint string) (arm.Caller, string, error) {
	tenant, ok := d.tenant(tenantName)
	if isADFS(tenantName) {
		tenant, ok = d.homeOf(form.Get("client_id"))
	}
	if !ok {
		return arm.Caller{}, "", unknownTenant(tenantName)
	}
	if kind := form.Get("grant_type"); kind != "client_credentials" {
		return arm.Caller{}, "", refuse(http.StatusBadRequest, "unsupported_grant_type", 70003, "The app requested an unsupported grant type '%s'.", kind)
	}
	id := form.Get("client_id")
	if id == "" {
		return arm.Caller{}, "", refuse(http.StatusBadRequest, "invalid_request", 900144, "The request body must contain the following parameter: 'client_id'.")
	}
	app, ok := d.application(id)
	var caller arm.Caller
	if ok {
		caller, ok = app.callerIn(tenant.ID)
	}
	if !ok {
		return arm.Caller{}, "", refuse(http.StatusBadRequest, "unauthorized_client", 700016,
			"Application with identifier '%s' was not found in the directory '%s'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.", id, tenant.Name)
	}
	if err := d.prove(app, form, endpoint, tenant); err != nil {
		return caller, "", err
	}
	audience, err := d.audience(form)
	return caller, audience, err
}

// isADFS reports whether a name is that of AD FS, which is in the place of a tenant's where Azure Stack Hub signs in
// without Entra ID (Azure Stack Hub, "Manage Azure Stack Hub with Azure CLI"). Clients that cannot leave out the question
// which authorities Microsoft knows, as the Azure CLI 2.45, do not ask it of those.
func isADFS(name string) bool { return strings.EqualFold(name, "adfs") }

// homeOf is an application's own tenant.
func (d *Directory) homeOf(clientID string) (*Tenant, bool) {
	app, ok := d.application(clientID)
	if !ok {
		return nil, false
	}
	return d.tenant(app.Home)
}

func unknownTenant(name string) *Error {
	return refuse(http.StatusBadRequest, "invalid_request", 90002,
		"Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.", name)
}

// prove checks what the application gives for a proof of who it is.
func (d *Directory) prove(app *Application, form url.Values, endpoint string, tenant *Tenant) error {
	switch {
	case form.Has("client_assertion"):
		if form.Get("client_assertion_type") != assertionType {
			return refuse(http.StatusBadRequest, "invalid_request", 900144, "The request body must contain the following parameter: 'client_assertion_type'.")
		}
		return d.assert(app, form.Get("client_assertion"), endpoint, tenant)
	case form.Has("client_secret"):
		given := []byte(form.Get("client_secret"))
		if !slices.ContainsFunc(app.Secrets, func(s string) bool { return subtle.ConstantTimeCompare([]byte(s), given) == 1 }) {
			return refuse(http.StatusUnauthorized, "invalid_client", 7000215,
				"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'.", app.ClientID)
		}
		return nil
	}
	return refuse(http.StatusUnauthorized, "invalid_client", 7000218, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
}

// assert checks a signed assertion: of a certificate when its header names one, of another issuer otherwise.
func (d *Directory) assert(app *Application, assertion, endpoint string, tenant *Tenant) error {
	var read jwt.RegisteredClaims
	unverified, _, err := jwt.NewParser().ParseUnverified(assertion, &read)
	if err != nil {
		return refuse(http.StatusUnauthorized, "invalid_client", 50027, "JWT token is invalid or malformed.")
	}
	text := func(name string) string { s, _ := unverified.Header[name].(string); return s }
	if text("x5t") != "" || text("x5t#S256") != "" {
		return d.assertByCertificate(app, assertion, endpoint, text("x5t"), text("x5t#S256"))
	}
	for _, f := range app.Federated {
		if f.Issuer != read.Issuer || f.Subject != read.Subject || !slices.Contains(read.Audience, f.Audience) {
			continue
		}
		_, err := jwt.Parse(assertion, func(*jwt.Token) (any, error) { return f.Key, nil }, jwt.WithTimeFunc(d.Clock.Now), jwt.WithExpirationRequired(),
			jwt.WithValidMethods([]string{"RS256", "PS256", "ES256", "EdDSA"}))
		if err != nil {
			return refuse(http.StatusUnauthorized, "invalid_client", 700027, "The certificate with identifier used to sign the client assertion is not registered on application, or the assertion has expired: %s.", err)
		}
		return nil
	}
	if len(app.Federated) == 0 {
		return refuse(http.StatusUnauthorized, "invalid_client", 70025, "The client '%s' has no configured federated identity credentials.", app.ClientID)
	}
	return refuse(http.StatusUnauthorized, "invalid_request", 700213,
		"No matching federated identity record found for presented assertion subject '%s'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion, in the tenant %s.", read.Subject, tenant.ID)
}

// assertByCertificate checks an assertion that the application has signed itself (Microsoft identity platform,
// "Microsoft identity platform application authentication certificate credentials").
func (d *Directory) assertByCertificate(app *Application, assertion, endpoint, short, long string) error {
	certificate, ok := app.certificate(short, long)
	if !ok {
		return refuse(http.StatusUnauthorized, "invalid_client", 700027,
			"The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found., Thumbprint of key used by client: '%s']", strings.TrimSpace(short+" "+long))
	}
	_, err := jwt.Parse(assertion, func(*jwt.Token) (any, error) { return certificate.PublicKey, nil },
		jwt.WithValidMethods([]string{"RS256", "PS256"}), jwt.WithTimeFunc(d.Clock.Now), jwt.WithExpirationRequired(),
		jwt.WithIssuer(app.ClientID), jwt.WithSubject(app.ClientID), jwt.WithAudience(endpoint))
	switch {
	case err != nil:
		return refuse(http.StatusUnauthorized, "invalid_client", 700024, "Client assertion is not within its valid time range, or not valid otherwise: %s.", err)
	case d.Clock.Now().After(certificate.NotAfter):
		return refuse(http.StatusUnauthorized, "invalid_client", 1000502, "The provided certificate is not within its specified validity window.")
	}
	return nil
}

// audience is the resource that a token is asked for: a scope "RESOURCE/.default", or a resource in the first version
// of the endpoint. Scopes of OpenID Connect, which clients add by habit, mean nothing without a user.
func (d *Directory) audience(form url.Values) (string, error) {
	audience := form.Get("resource")
	if audience == "" {
		for _, scope := range strings.Fields(form.Get("scope")) {
			if resource, ok := strings.CutSuffix(scope, "/.default"); ok {
				audience = resource
			}
		}
	}
	if audience == "" {
		return "", refuse(http.StatusBadRequest, "invalid_scope", 1002012,
			"The provided value for scope %s is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).", form.Get("scope"))
	}
	if !d.knows(audience) {
		return "", refuse(http.StatusBadRequest, "invalid_resource", 500011,
			"The resource principal named %s was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.", audience)
	}
	return audience, nil
}
