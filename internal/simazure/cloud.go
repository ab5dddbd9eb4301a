// Package simazure is a simulated Azure: a real HTTPS endpoint that unmodified clients (the SDKs, the Azure CLI) use as
// they would use Azure, with as many tenants and subscriptions as its world file names. This package is its front door
// and what stands around the providers: tokens, roles, throttling, the call log, injected faults, the world file. What
// each provider does lives in the package of its name; what they share, in arm.
package simazure

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simazure/entra"
	"github.com/linkwright/linkwright/internal/simazure/network"
	"github.com/linkwright/linkwright/internal/simazure/privatedns"
	"github.com/linkwright/linkwright/internal/simazure/rbac"
	"github.com/linkwright/linkwright/internal/simazure/resources"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// Config says what cloud to make.
type Config struct {
	World WorldFile
	// Listen is the address of the HTTPS endpoint; empty means a free port of 127.0.0.1.
	Listen string
	// Scale, when above zero, takes the place of the world file's.
	Scale float64
	// Snapshot, when not empty, is an earlier cloud's Snapshot to go on from: with its certificates, so that clients
	// trust it still. The world file then gives the tenants and options alone; its infrastructure is in the snapshot.
	Snapshot []byte
	// Faults are in force from the start; the building of the infrastructure they leave alone.
	Faults []simcloud.Fault
	Log    *slog.Logger // nil means slog.Default()
}

// Cloud is a simulated cloud.
type Cloud struct {
	*simcloud.Control
	config    Config
	log       *slog.Logger
	clock     *simcloud.Clock
	directory *entra.Directory
	parts     *parts
	limiter   *limiter
	past      past
	authority authority
	resources []Resource
	// given are the role assignments of the world file, and changed those that took their place, by object id.
	given   rbac.Assignments
	changed map[string][]rbac.Assignment

	http    *http.Server
	address net.Addr
	served  chan error
	closed  bool
}

// parts are the providers of one world.
type parts struct {
	world      *arm.World
	resources  *resources.Service
	network    *network.Service
	privatedns *privatedns.Service
	providers  map[string]arm.Provider // by name
	routes     []arm.Route
}

// New makes a cloud of config. It does nothing until it is started.
func New(config Config) (*Cloud, error) {
	identities, err := config.World.read()
	if err != nil {
		return nil, err
	}
	c := &Cloud{config: config, log: config.Log, given: identities.assignments, changed: map[string][]rbac.Assignment{}}
	if c.log == nil {
		c.log = slog.Default()
	}
	c.clock = simcloud.NewClock(config.scale())
	c.directory = &entra.Directory{
		Clock: c.clock, Tenants: identities.tenants, Applications: identities.applications, Lifetime: config.World.tokenLifetime(),
		Audiences: []string{"https://management.core.windows.net/", "https://management.azure.com/"},
	}
	if c.parts, err = c.newParts(identities.subscriptions); err != nil {
		return nil, err
	}
	c.limiter = newLimiter(c.clock, config.World.Throttling)
	known := c.known()
	c.Control = simcloud.NewControl(known, c.clock, c.log)
	if err := known.Check(config.Faults); err != nil {
		return nil, err
	}
	if len(config.Snapshot) > 0 {
		return c, c.restore(config.Snapshot)
	}
	if c.authority, err = newAuthority(); err != nil {
		return nil, err
	}
	return c, c.directory.NewKey()
}

// scale is how many times faster than Azure the cloud changes.
func (c Config) scale() float64 {
	switch {
	case c.Scale > 0:
		return c.Scale
	case c.World.Scale > 0:
		return c.World.Scale
	}
	return 1
}

// newParts fills a world with providers in which there is nothing yet.
func (c *Cloud) newParts(subscriptions map[string]*arm.Subscription) (*parts, error) {
	limits, err := c.config.World.Limits.Over()
	if err != nil {
		return nil, fmt.Errorf("world file: %w", err)
	}
	world := &arm.World{Clock: c.clock, Subscriptions: subscriptions, Limits: limits}
	p := &parts{world: world, providers: map[string]arm.Provider{}, resources: resources.New(world)}
	networks, zones, err := c.config.World.durations()
	if err != nil {
		return nil, err
	}
	p.network, p.privatedns = network.New(world, networks), privatedns.New(world, zones)
	p.resources.Join(p.network)
	p.resources.Join(p.privatedns)
	for _, provider := range []arm.Provider{p.resources, p.network, p.privatedns} {
		p.providers[provider.Name()] = provider
		p.routes = append(p.routes, provider.Routes()...)
	}
	return p, nil
}

// settle brings about what operations have come to that are over. It runs with the world locked.
func (p *parts) settle() {
	p.world.Settle(func(op *arm.Operation) { p.providers[op.Provider].Finish(op) })
}

// Start builds the world file's infrastructure and opens the endpoint. The cloud then serves until Close.
func (c *Cloud) Start(ctx context.Context) error {
	listen := c.config.Listen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen for Azure requests on %s: %w", listen, err)
	}
	c.address = listener.Addr()
	c.directory.Audiences = append(c.directory.Audiences, c.URL())
	tls, err := c.authority.serverConfig()
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := c.begin(); err != nil {
		return errors.Join(err, listener.Close())
	}
	// A connection can be cut only where each request has its own, which is in HTTP/1.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	c.served = make(chan error, 1)
	c.http = &http.Server{
		Handler: c.handler(), TLSConfig: tls, Protocols: protocols, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(c.log.Handler(), slog.LevelDebug),
	}
	go func() { c.served <- c.http.ServeTLS(listener, "", "") }()
	return nil
}

// begin builds the world file's infrastructure, or goes on with what was restored.
func (c *Cloud) begin() (err error) {
	if len(c.config.Snapshot) == 0 {
		if err := c.build(); err != nil {
			return fmt.Errorf("build the world file's infrastructure: %w", err)
		}
	}
	if c.past.beginning, err = c.Snapshot(); err != nil {
		return err
	}
	_, err = c.Inject(c.config.Faults...)
	return err
}

// Close stops serving. Closing again does nothing.
func (c *Cloud) Close(ctx context.Context) error {
	if c.closed {
		return nil
	}
	c.closed = true
	c.ClearFaults()
	if c.http == nil {
		return nil
	}
	failed := c.http.Shutdown(ctx)
	if err := <-c.served; !errors.Is(err, http.ErrServerClosed) {
		failed = errors.Join(failed, err)
	}
	return failed
}

// URL is the endpoint of Azure Resource Manager and of Entra alike: "https://127.0.0.1:4567".
func (c *Cloud) URL() string { return "https://" + c.address.String() }

// CAPEM is the certificate authority that clients of the cloud must trust.
func (c *Cloud) CAPEM() []byte { return c.authority.Certificate }

// Scale is how many times faster than Azure the cloud changes.
func (c *Cloud) Scale() float64 { return c.clock.Scale }

// snapshot is a cloud at rest.
type snapshot struct {
	Providers   map[string]json.RawMessage
	Operations  arm.Operations
	Resources   []Resource
	Assignments map[string][]rbac.Assignment
	Authority   authority
	TokenKey    []byte
}

// Snapshot returns everything that the cloud remembers, for Config.Snapshot. It holds the cloud's private keys.
func (c *Cloud) Snapshot() ([]byte, error) {
	c.parts.world.Lock()
	defer c.parts.world.Unlock()
	key, err := c.directory.Key()
	if err != nil {
		return nil, err
	}
	s := snapshot{
		Providers: map[string]json.RawMessage{}, Operations: c.parts.world.Operations, Resources: c.resources,
		Assignments: c.changed, Authority: c.authority, TokenKey: key,
	}
	for name, provider := range c.parts.providers {
		if s.Providers[name], err = provider.Snapshot(); err != nil {
			return nil, fmt.Errorf("snapshot of %s: %w", name, err)
		}
	}
	return json.Marshal(s)
}

func (c *Cloud) restore(data []byte) error {
	s, err := c.parts.restore(data)
	if err != nil {
		return err
	}
	c.resources, c.authority = s.Resources, s.Authority
	if s.Assignments != nil {
		c.changed = s.Assignments
	}
	return c.directory.SetKey(s.TokenKey)
}

// restore gives the providers the state that a snapshot has of them.
func (p *parts) restore(data []byte) (s snapshot, err error) {
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("read the snapshot: %w", err)
	}
	p.world.Operations = s.Operations
	for name, state := range s.Providers {
		provider, ok := p.providers[name]
		if !ok {
			return s, fmt.Errorf("the snapshot holds a provider that this cloud does not have: %s", name)
		}
		if err := provider.Restore(state); err != nil {
			return s, fmt.Errorf("restore %s: %w", name, err)
		}
	}
	return s, nil
}
