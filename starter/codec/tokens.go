package codec

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/linkwright/linkwright/internal/secretfile"
)

// Authenticator tells who shows a token. Its error goes to the caller, and says no more than a stranger may know.
type Authenticator interface {
	Authenticate(ctx context.Context, token string) (who string, err error)
}

var (
	errUnknownToken = errors.New("the token is not one that is known here")
	errExpired      = errors.New("the token has expired: sign in again")
)

// shortest is how many bytes a token in a file must have at least.
const shortest = 32

// fileToken is the one token of a file, as its digest, so that comparing takes as long for every guess.
type fileToken [sha256.Size]byte

// TokenFile knows whoever has the token that stands in a file.
func TokenFile(path string) (Authenticator, error) {
	data, err := secretfile.Read(path)
	if err != nil {
		return nil, fmt.Errorf("read the token file: %w", err)
	}
	token := bytes.TrimSpace(data)
	if len(token) < shortest || bytes.ContainsAny(token, " \t\r\n") {
		return nil, fmt.Errorf("token file %s: it must hold one token of at least %d characters; make one with: openssl rand -base64 32", path, shortest)
	}
	return fileToken(sha256.Sum256(token)), nil
}

// Authenticate implements [Authenticator].
func (f fileToken) Authenticate(_ context.Context, token string) (string, error) {
	sum := sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(sum[:], f[:]) != 1 {
		return "", errUnknownToken
	}
	return "the token of the token file", nil
}

// issuerTimeout bounds each request to an issuer.
const issuerTimeout = 10 * time.Second

// issuer knows those to whom an OpenID Connect issuer gave a token.
type issuer struct {
	verifier *oidc.IDTokenVerifier
}

// Issuer knows whoever has a JWT that an OpenID Connect issuer signed for an audience. The issuer is asked where
// its keys are now, and for the keys when a token needs one that has not been seen.
func Issuer(ctx context.Context, address, audience string) (Authenticator, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || (u.Scheme != "https" && !(u.Scheme == "http" && onLoopback(u.Hostname()))) {
		return nil, fmt.Errorf("--oidc-issuer is %q; it must be the https:// address of the issuer", address)
	}
	if audience == "" {
		return nil, errors.New("--oidc-audience is missing: name the audience that the tokens must be for, else tokens for any application would do")
	}
	// The context stays with the issuer's keys, and is not to end with the start.
	ctx = oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: issuerTimeout})
	provider, err := oidc.NewProvider(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("ask issuer %s for its configuration: %w", address, err)
	}
	return issuer{provider.VerifierContext(ctx, &oidc.Config{ClientID: audience})}, nil
}

// Authenticate implements [Authenticator].
func (i issuer) Authenticate(ctx context.Context, token string) (string, error) {
	seen, err := i.verifier.Verify(ctx, token)
	var expired *oidc.TokenExpiredError
	switch {
	case errors.As(err, &expired):
		return "", errExpired
	case err != nil:
		return "", &refusal{err}
	}
	return seen.Subject, nil
}

// refusal is a token that does not hold; why is for the log.
type refusal struct{ err error }

func (r *refusal) Error() string { return errUnknownToken.Error() }
func (r *refusal) Unwrap() error { return r.err }

// either knows whom one of several knows; it answers with the last one's error.
type either []Authenticator

// Authenticate implements [Authenticator].
func (e either) Authenticate(ctx context.Context, token string) (who string, err error) {
	for _, one := range e {
		if who, err = one.Authenticate(ctx, token); err == nil {
			return who, nil
		}
	}
	return "", err
}

// Either knows whom one of several knows; nil when there is none.
func Either(some ...Authenticator) Authenticator {
	if len(some) == 0 {
		return nil
	}
	return either(some)
}

func onLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
