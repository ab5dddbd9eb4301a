package codec

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Server says where a handler is served.
type Server struct {
	// Listen is host:port; port 0 takes a free one.
	Listen string
	// Cert and Key are the files of a TLS certificate and its key; empty for plain HTTP.
	Cert, Key string
	// PlainHTTP allows plain HTTP beyond loopback, where TLS ends at a proxy before the server.
	PlainHTTP bool
	// Log receives what goes wrong with connections.
	Log *slog.Logger
}

// How long things may take, and how long those that run may go on when the server is stopped.
const (
	headerTimeout = 5 * time.Second
	bodyTimeout   = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	stopTimeout   = 5 * time.Second
	headerLimit   = 64 << 10 // bytes; tokens with many groups are long
)

// Run serves until ctx ends; ready is told the address as soon as it can be called.
func (s Server) Run(ctx context.Context, h http.Handler, ready func(url string)) error {
	host, _, err := net.SplitHostPort(s.Listen)
	switch {
	case err != nil:
		return fmt.Errorf("--listen is %q; it must be host:port: %w", s.Listen, err)
	case (s.Cert == "") != (s.Key == ""):
		return errors.New("--tls-cert and --tls-key belong together: give both")
	case s.Cert == "" && !s.PlainHTTP && !onLoopback(host):
		return fmt.Errorf("--listen is %q, which others can reach: give --tls-cert and --tls-key, or --plain-http if TLS ends at a proxy before it", s.Listen)
	}
	scheme := "http"
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: bodyTimeout, WriteTimeout: bodyTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: headerLimit, ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	if s.Cert != "" {
		cert, err := tls.LoadX509KeyPair(s.Cert, s.Key)
		if err != nil {
			return fmt.Errorf("read the TLS certificate: %w", err)
		}
		scheme, server.TLSConfig = "https", &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	served := make(chan error, 1)
	go func() {
		if server.TLSConfig != nil {
			served <- server.ServeTLS(listener, "", "")
		} else {
			served <- server.Serve(listener)
		}
	}()
	ready(scheme + "://" + listener.Addr().String())
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	return server.Shutdown(stopping)
}
