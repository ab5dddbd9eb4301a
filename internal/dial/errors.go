package dial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"google.golang.org/grpc/codes"
)

// UnreachableError is a Temporal frontend that does not answer.
type UnreachableError struct {
	Address string
	Err     error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("cannot reach Temporal at %s: start one with `linkwright-dev up`, or say where it is with "+
		"--address, TEMPORAL_ADDRESS or a --profile; if it wants TLS, set TEMPORAL_TLS=true or a tls section in the profile (%v)", e.Address, e.Err)
}

func (e *UnreachableError) Unwrap() error { return e.Err }

// TLSError is a Temporal frontend and a client that do not trust each other, or do not both speak TLS.
type TLSError struct {
	Address string
	// What Temporal did, and what to set.
	What, Remedy string
	Err          error
}

func (e *TLSError) Error() string {
	return fmt.Sprintf("Temporal at %s %s: %s (%v)", e.Address, e.What, e.Remedy, e.Err)
}

func (e *TLSError) Unwrap() error { return e.Err }

// DeniedError is a Temporal frontend that refuses this client's key or certificate.
type DeniedError struct {
	Address, Namespace string
	Err                error
}

func (e *DeniedError) Error() string {
	return fmt.Sprintf("Temporal at %s does not let this client into namespace %s: set TEMPORAL_API_KEY (api_key in the profile), "+
		"or the client certificate, to one that may use it (%v)", e.Address, e.Namespace, e.Err)
}

func (e *DeniedError) Unwrap() error { return e.Err }

// Explain turns the server's answer, or its silence, into an error that says what to do; nil when the trouble is
// neither with the way there nor with who is asking.
func Explain(address, namespace string, err error) error {
	switch serviceerror.ToStatus(err).Code() {
	case codes.Unavailable, codes.DeadlineExceeded:
		return &UnreachableError{Address: address, Err: err}
	case codes.PermissionDenied, codes.Unauthenticated:
		return &DeniedError{Address: address, Namespace: namespace, Err: err}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &UnreachableError{Address: address, Err: err}
	}
	return nil
}

// tlsError says which end of a handshake did not like the other.
func tlsError(address string, err error) error {
	var (
		untrusted *tls.CertificateVerificationError
		nobody    x509.UnknownAuthorityError
		wrongName x509.HostnameError
		plain     tls.RecordHeaderError
		refused   *refusedError
	)
	e := &TLSError{Address: address, Err: err}
	switch {
	case errors.As(err, &nobody):
		e.What = "shows a certificate of an unknown CA"
		e.Remedy = "set TEMPORAL_TLS_SERVER_CA_CERT_PATH (tls.server_ca_cert_path in the profile) to the file of its CA"
	case errors.As(err, &wrongName):
		e.What = "shows a certificate for another name"
		e.Remedy = "correct the address, or set TEMPORAL_TLS_SERVER_NAME (tls.server_name in the profile) to a name in the certificate"
	case errors.As(err, &untrusted):
		e.What = "shows a certificate that is not valid"
		e.Remedy = "have it renewed, or check this machine's clock"
	case errors.As(err, &plain):
		e.What = "speaks no TLS"
		e.Remedy = "correct the address, or set TEMPORAL_TLS=false (tls.disabled in the profile)"
	case errors.As(err, &refused):
		e.What = "wants a client certificate, or another than this one"
		e.Remedy = "set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH (tls.client_cert_path and tls.client_key_path " +
			"in the profile) to one that it trusts"
	default:
		e.What = "broke the TLS handshake off"
		e.Remedy = "check the address and the certificates"
	}
	return e
}
