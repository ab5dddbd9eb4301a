package dial

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"

	"google.golang.org/grpc/credentials"
)

// handshakes remembers how a TLS handshake failed. gRPC makes a text of the error, in which nothing can be told
// apart any more; and in TLS 1.3 a server refuses a client's certificate only after the handshake.
type handshakes struct {
	failed atomic.Pointer[error]
}

func (h *handshakes) failure() error {
	if err := h.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// note keeps the first failure.
func (h *handshakes) note(err error) { h.failed.CompareAndSwap(nil, &err) }

// watch returns transport credentials whose handshakes are remembered.
func (h *handshakes) watch(config *tls.Config) credentials.TransportCredentials {
	return &watchedCredentials{credentials.NewTLS(config), h}
}

type watchedCredentials struct {
	credentials.TransportCredentials
	seen *handshakes
}

// ClientHandshake implements [credentials.TransportCredentials].
func (w *watchedCredentials) ClientHandshake(ctx context.Context, authority string, raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := w.TransportCredentials.ClientHandshake(ctx, authority, raw)
	if err != nil {
		if ctx.Err() == nil { // else it was late, or nobody waits any more
			w.seen.note(err)
		}
		return nil, nil, err
	}
	return &watchedConn{Conn: conn, seen: w.seen}, info, nil
}

// Clone implements [credentials.TransportCredentials].
func (w *watchedCredentials) Clone() credentials.TransportCredentials {
	return &watchedCredentials{w.TransportCredentials.Clone(), w.seen}
}

// watchedConn is a connection whose peer may still refuse it.
type watchedConn struct {
	net.Conn
	seen     *handshakes
	answered atomic.Bool
}

func (w *watchedConn) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.answered.Store(true)
	}
	w.judge(err)
	return n, err
}

func (w *watchedConn) Write(p []byte) (int, error) {
	n, err := w.Conn.Write(p)
	w.judge(err)
	return n, err
}

// judge takes a connection that ends before the first answer for refused. Usually a TLS alert says so, but it is
// lost when the peer closes the connection while something is written to it.
func (w *watchedConn) judge(err error) {
	if err != nil && !w.answered.Load() && !errors.Is(err, net.ErrClosed) { // closed by this end, that is
		w.seen.note(&refusedError{err})
	}
}

// refusedError is a connection that the other end broke off after the handshake.
type refusedError struct{ error }

func (e *refusedError) Unwrap() error { return e.error }
