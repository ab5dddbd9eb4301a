package entra

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"github.com/linkwright/linkwright/internal/simazure/arm"
)

// claims are those of an access token (Microsoft identity platform, "Access token claims reference").
type claims struct {
	jwt.RegisteredClaims
	AppID    string `json:"appid"`
	ObjectID string `json:"oid"`
	TenantID string `json:"tid"`
	Type     string `json:"idtyp"`
	Version  string `json:"ver"`
}

// issue signs an access token. Entra signs with RSA; to clients a token is opaque.
func (d *Directory) issue(caller arm.Caller, audience string) (token string, expires time.Time, err error) {
	now := d.Clock.Now()
	expires = now.Add(d.Lifetime)
	signed, err := jwt.NewWithClaims(jwt.SigningMethodES256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			ID: uuid.NewString(), Issuer: "https://sts.windows.net/" + caller.Tenant + "/", Subject: caller.ObjectID, Audience: jwt.ClaimStrings{audience},
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
		AppID: caller.AppID, ObjectID: caller.ObjectID, TenantID: caller.Tenant, Type: "app", Version: "1.0",
	}).SignedString(d.key)
	return signed, expires, err
}

// Identify finds out who stands behind an Authorization header's token, in the words in which Azure Resource Manager
// refuses the others.
func (d *Directory) Identify(header string) (arm.Caller, error) {
	token, isBearer := strings.CutPrefix(header, "Bearer ")
	if header == "" || !isBearer {
		return arm.Caller{}, &arm.Error{
			Status: http.StatusUnauthorized, Code: "AuthenticationFailed", Message: "Authentication failed. The 'Authorization' header is missing.",
			Challenge: `Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description="The authentication failed because of missing 'Authorization' header."`,
		}
	}
	var read claims
	_, err := jwt.ParseWithClaims(token, &read, func(*jwt.Token) (any, error) { return &d.key.PublicKey, nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithTimeFunc(d.Clock.Now), jwt.WithExpirationRequired())
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return arm.Caller{}, Expired(read.ExpiresAt.Time, d.Clock.Now())
	case err != nil:
		return arm.Caller{}, refused("InvalidAuthenticationToken", "The access token is invalid.")
	case !slices.ContainsFunc(read.Audience, d.knows):
		return arm.Caller{}, refused("InvalidAuthenticationTokenAudience", fmt.Sprintf(
			"The access token has been obtained for wrong audience or resource '%s'. It should exactly match with one of the allowed audiences '%s'.",
			strings.Join(read.Audience, ","), strings.Join(d.Audiences, "','")))
	}
	return arm.Caller{Tenant: read.TenantID, ObjectID: read.ObjectID, AppID: read.AppID}, nil
}

// Expired is Azure Resource Manager's refusal of a token whose time is over.
func Expired(at, now time.Time) *arm.Error {
	const form = "1/2/2006 3:04:05 PM"
	return refused("ExpiredAuthenticationToken", fmt.Sprintf(
		"The access token expiry UTC time '%s' is earlier than current UTC time '%s'.", at.UTC().Format(form), now.UTC().Format(form)))
}

// WrongTenant is Azure Resource Manager's refusal of a token that another tenant than the subscription's has issued.
func WrongTenant(have, want string) *arm.Error {
	return refused("InvalidAuthenticationTokenTenant", fmt.Sprintf(
		"The access token is from the wrong issuer 'https://sts.windows.net/%s/'. It must match the tenant 'https://sts.windows.net/%s/' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/%s' to get the token.",
		have, want, want))
}

func refused(code, message string) *arm.Error {
	return &arm.Error{
		Status: http.StatusUnauthorized, Code: code, Message: message,
		Challenge: fmt.Sprintf(`Bearer authorization_uri="https://login.windows.net/", error="invalid_token", error_description=%q`, message),
	}
}

// knows reports whether tokens are given for a resource.
func (d *Directory) knows(audience string) bool {
	return slices.ContainsFunc(d.Audiences, func(known string) bool { return strings.TrimRight(known, "/") == strings.TrimRight(audience, "/") })
}
