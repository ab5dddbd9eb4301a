// Package temporal runs a real Temporal server and its web UI inside the process of `linkwright-dev`
// and of tests: the server's own frontend, history, matching and worker services on SQLite, with
// nothing to install or download, or on a PostgreSQL server that runs already.
//
// It knows nothing of Linkwright's flows: callers say which search attributes they need and connect
// their own workers and clients. It links the whole server, which makes a binary some 200 MB larger,
// so the worker and the command line must not import it. It is no way to run Temporal in production.
package temporal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
)

// Namespace is the one namespace of an embedded server. Closed workflows stay readable for [Retention].
const Namespace = "default"

// Retention is how long the history of a closed workflow is kept.
const Retention = 7 * 24 * time.Hour

// Options says what kind of server to start. The zero value is a server in memory with a UI, both on
// free ports.
type Options struct {
	// DataDir is the folder of the database, made if missing; workflows in it outlive the process,
	// also one that was killed. Only one process may use it at a time. Empty keeps all in memory.
	DataDir string

	// Postgres, in place of DataDir, is the URL of a database of a PostgreSQL server, of version 12 or later:
	// postgres://USER:PASSWORD@HOST:PORT/NAME. A second one, NAME_visibility, is kept beside it; both are made if
	// missing, which the user must be allowed to do.
	Postgres string

	// Port is the loopback port of the gRPC frontend, UIPort that of the web UI; 0 means any free one.
	Port, UIPort int

	// NoUI leaves the web UI out.
	NoUI bool

	// SearchAttributes are the custom search attributes of the namespace, usable in queries and by
	// workflows as soon as Start returns. A server on an older database gains those it lacks.
	SearchAttributes map[string]enumspb.IndexedValueType

	// LongHistory is the number of events after which the server suggests that a workflow continue as new.
	// 0 means the server's default, some thousands; a few dozens let a test see it happen.
	LongHistory int

	// Tokens, by bearer token, names the callers that the server authenticates: what they write into
	// a history bears their name in HistoryEvent.Principal. A caller without a token stays anonymous
	// and may do everything, one with an unknown token is refused. Nil authenticates nobody.
	Tokens map[string]string

	// Logger receives what the server has to say, much of it at level Info. Nil drops it.
	Logger *slog.Logger
}

// Server is a running Temporal server with its UI.
type Server struct {
	engine *engine
	ui     *webUI // nil without one
	logger *slog.Logger
	stop   func() error
}

// Start brings up a server and returns once clients can use it: the frontend answers, the namespace is
// there, its search attributes can be queried, and the UI serves pages. Ending ctx ends the waiting, not
// a server that runs; that is what [Server.Stop] is for.
//
// It fails with [*PortInUseError] when a port that was asked for is taken, with [*DataDirInUseError] when another
// process has the data folder, and with [*PostgresError] when the PostgreSQL database cannot be used.
func Start(ctx context.Context, opts Options) (*Server, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	store, err := openStore(ctx, opts)
	if err != nil {
		return nil, fmt.Errorf("open Temporal's database: %w", err)
	}

	s := &Server{logger: opts.Logger}
	s.stop = sync.OnceValue(s.shutDown)
	if err := s.start(ctx, opts, store); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, opts Options, store store) (err error) {
	if s.engine, err = startEngine(opts, store); err != nil {
		return fmt.Errorf("start the Temporal server: %w", err)
	}
	added, err := s.addSearchAttributes(ctx, opts.SearchAttributes)
	if err != nil {
		return err
	}
	if added {
		// The services cache the namespace, each for itself. A new start is the one moment at
		// which all of them are known to have read it.
		if err := s.restartEngine(opts, store); err != nil {
			return fmt.Errorf("restart the Temporal server for its new search attributes: %w", err)
		}
	}
	if err := s.awaitReady(ctx, opts.SearchAttributes); err != nil {
		return err
	}
	if opts.NoUI {
		return nil
	}
	s.ui, err = startUI(ctx, opts.UIPort, s.Address())
	return err
}

func (s *Server) restartEngine(opts Options, store store) (err error) {
	old := s.engine
	s.engine = nil
	if err := old.stop(); err != nil {
		return err
	}
	s.engine, err = startEngine(opts, store)
	return err
}

// Stop ends the UI and the server and returns when both are down. Calling it again does nothing more.
// Stop clients and workers first: those that still run see their calls fail.
//
// Temporal leaves some of its internal pollers and its database connection to the end of the process. So a
// test package does well to share one server among its tests.
func (s *Server) Stop() error { return s.stop() }

func (s *Server) shutDown() error {
	if s.ui != nil {
		s.ui.stop()
	}
	if s.engine != nil {
		return s.engine.stop()
	}
	return nil
}

// Address is the host:port of the gRPC frontend.
func (s *Server) Address() string { return s.engine.address }

// UIURL is the address of the web UI, empty without one.
func (s *Server) UIURL() string {
	if s.ui == nil {
		return ""
	}
	return s.ui.url
}

// Failed delivers an error when a part of the server breaks down for good while it runs. The only remedy
// is a new process.
func (s *Server) Failed() <-chan error { return s.engine.failed }

// Dial connects a client to the namespace as an anonymous caller; changes alter how.
func (s *Server) Dial(ctx context.Context, changes ...func(client.Options) client.Options) (client.Client, error) {
	opts := s.clientOptions()
	for _, change := range changes {
		opts = change(opts)
	}
	return client.DialContext(ctx, opts)
}

// DialAs connects a client that shows one of [Options].Tokens with every call.
func (s *Server) DialAs(ctx context.Context, token string) (client.Client, error) {
	opts := s.clientOptions()
	opts.Credentials = client.NewAPIKeyStaticCredentials(token)
	opts.ConnectionOptions.TLSDisabled = true // loopback; the SDK would otherwise want TLS beside a token
	return client.DialContext(ctx, opts)
}

func (s *Server) clientOptions() client.Options {
	return client.Options{
		HostPort:  s.Address(),
		Namespace: Namespace,
		Logger:    log.NewStructuredLogger(s.logger),
	}
}
