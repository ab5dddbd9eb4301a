// Package simaws is a simulated AWS cloud: real HTTP endpoints and a real DNS server that unmodified clients
// (the SDKs, the AWS CLI, Terraform's provider) use as they would use AWS, with as many accounts as its world
// file names. This package is its front door and what stands around the services: authentication, request
// buckets, the call log, injected faults, the world file. What each service does lives in the package of its
// name; what they share, in sim.
package simaws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/linkwright/linkwright/internal/simaws/acm"
	"github.com/linkwright/linkwright/internal/simaws/dns"
	"github.com/linkwright/linkwright/internal/simaws/ec2"
	"github.com/linkwright/linkwright/internal/simaws/elbv2"
	"github.com/linkwright/linkwright/internal/simaws/iam"
	"github.com/linkwright/linkwright/internal/simaws/route53"
	"github.com/linkwright/linkwright/internal/simaws/servicequotas"
	"github.com/linkwright/linkwright/internal/simaws/sim"
	"github.com/linkwright/linkwright/internal/simaws/ssm"
	"github.com/linkwright/linkwright/internal/simaws/sts"
	"github.com/linkwright/linkwright/internal/simaws/wafv2"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// Config says what cloud to make.
type Config struct {
	World WorldFile
	// Listen is the address of the HTTP endpoint; empty means a free port of 127.0.0.1.
	Listen string
	// DNSPort is the port of the DNS server on 127.0.0.1, UDP and TCP; 0 takes a free one.
	DNSPort uint16
	// Scale, when above zero, takes the place of the world file's.
	Scale float64
	// Snapshot, when not empty, is an earlier cloud's Snapshot to go on from. The world file then gives the
	// accounts and options alone: its infrastructure is in the snapshot.
	Snapshot []byte
	// Faults are in force from the start; the building of the infrastructure they leave alone.
	Faults []Fault
	Log    *slog.Logger // nil means slog.Default()
}

// Cloud is a simulated cloud.
type Cloud struct {
	*simcloud.Control
	config    Config
	log       *slog.Logger
	world     *sim.World
	services  map[string]sim.Service // by signing name
	sts       *sts.Service
	iam       *iam.Service
	ec2       *ec2.Service
	route53   *route53.Service
	acm       *acm.Service
	wafv2     *wafv2.Service
	limiter   *limiter // nil without request buckets
	past      past
	resources []Resource

	permissions map[string]sim.Permissions // that the services' actions need, by signing name
	building    bool                       // the world file's infrastructure is being built, which policies and buckets do not bind

	http    *http.Server
	dns     *dns.Server
	address net.Addr
	served  chan error
	closed  bool
}

// New makes a cloud of config. It does nothing until it is started.
func New(config Config) (*Cloud, error) {
	accounts, err := config.World.read()
	if err != nil {
		return nil, err
	}
	file := config.World
	scale := config.Scale
	if scale == 0 {
		scale = file.Scale
	}
	if scale <= 0 {
		scale = 1
	}
	c := &Cloud{config: config, log: config.Log, permissions: map[string]sim.Permissions{}}
	if c.log == nil {
		c.log = slog.Default()
	}
	c.world = &sim.World{Clock: simcloud.NewClock(scale), Accounts: accounts}
	if c.world.Quotas, err = file.quotas(); err != nil {
		return nil, err
	}
	if file.RequestBuckets.Enabled {
		c.limiter = newLimiter(c.world.Clock, file.RequestBuckets.limits())
	}
	made := c.newServices(c.world)
	c.services, c.sts, c.iam, c.ec2, c.route53 = made.byName, made.sts, made.iam, made.ec2, made.route53
	c.acm, c.wafv2 = made.acm, made.wafv2
	for name, service := range c.services {
		c.permissions[name] = service.Permissions()
		if err := checkPermissions(service); err != nil {
			return nil, err
		}
	}
	known := c.control()
	c.Control = simcloud.NewControl(known, c.world.Clock, c.log)
	if err := errors.Join(c.checkWorldPolicies(), known.Check(config.Faults)); err != nil {
		return nil, err
	}
	if len(config.Snapshot) > 0 {
		if err := c.restore(config.Snapshot); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// services are those of one world.
type services struct {
	byName  map[string]sim.Service // by signing name
	sts     *sts.Service
	iam     *iam.Service
	ec2     *ec2.Service
	route53 *route53.Service
	acm     *acm.Service
	wafv2   *wafv2.Service
}

// newServices fills a world with services in which there is nothing yet.
func (c *Cloud) newServices(world *sim.World) services {
	file := c.config.World
	made := services{
		byName: map[string]sim.Service{}, sts: sts.New(world), iam: iam.New(world), route53: route53.New(world),
		acm: acm.New(world), wafv2: wafv2.New(world),
	}
	made.ec2 = ec2.New(world, ec2.Options{
		LookupTXT:        c.lookupTXT,
		ReverifyEach:     time.Duration(file.ReverifyEach),
		AcceptanceWithin: time.Duration(file.AcceptanceWithin),
		HiddenFor:        time.Duration(file.HiddenFor),
		SparsePages:      file.SparsePages,
	})
	for _, service := range []sim.Service{
		made.sts, made.iam, made.ec2, elbv2.New(world), made.acm, made.wafv2, made.route53, servicequotas.New(world), ssm.New(world),
	} {
		made.byName[service.Name()] = service
	}
	return made
}

// lookupTXT asks the cloud's own DNS server, which stands for the public DNS.
func (c *Cloud) lookupTXT(ctx context.Context, name string) ([]string, error) {
	if c.dns == nil {
		return nil, errors.New("the DNS server is not running")
	}
	return dns.Resolver{Server: c.dns.Addr()}.LookupTXT(ctx, name)
}

// Start opens the endpoints and builds the world file's infrastructure, which the call log forgets. The cloud
// then serves until Close.
func (c *Cloud) Start(ctx context.Context) error {
	server, err := dns.Listen(c.config.DNSPort, c.publicNames(), c.log)
	if err != nil {
		return err
	}
	c.dns = server
	listen := c.config.Listen
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", listen)
	if err != nil {
		return errors.Join(fmt.Errorf("listen for AWS requests on %s: %w", listen, err), c.Close(ctx))
	}
	c.address = listener.Addr()
	c.served = make(chan error, 1)
	c.http = &http.Server{Handler: c.handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { c.served <- c.http.Serve(listener) }()
	if err := c.begin(ctx); err != nil {
		return errors.Join(err, c.Close(ctx))
	}
	return nil
}

// begin builds the world file's infrastructure, or goes on with what was restored.
func (c *Cloud) begin(ctx context.Context) (err error) {
	if len(c.config.Snapshot) > 0 {
		c.ec2.Resume()
	} else if err := c.build(ctx); err != nil {
		return fmt.Errorf("build the world file's infrastructure: %w", err)
	}
	c.ForgetCalls()
	if c.past.beginning, err = c.Snapshot(); err != nil {
		return err
	}
	_, err = c.Inject(c.config.Faults...)
	return err
}

// Close stops serving and ends what is under way. Closing again does nothing.
func (c *Cloud) Close(ctx context.Context) error {
	if c.closed {
		return nil
	}
	c.closed = true
	c.ClearFaults()
	var failed error
	if c.http != nil {
		failed = c.http.Shutdown(ctx)
		if err := <-c.served; !errors.Is(err, http.ErrServerClosed) {
			failed = errors.Join(failed, err)
		}
	}
	c.ec2.Close()
	if c.dns != nil {
		failed = errors.Join(failed, c.dns.Close(ctx))
	}
	return failed
}

// URL is the endpoint of all services: "http://127.0.0.1:4566".
func (c *Cloud) URL() string { return "http://" + c.address.String() }

// Scale is how many times faster than AWS the cloud changes.
func (c *Cloud) Scale() float64 { return c.world.Clock.Scale }

// DNSAddr is where the DNS server listens.
func (c *Cloud) DNSAddr() netip.AddrPort { return c.dns.Addr() }

// snapshot is a cloud at rest.
type snapshot struct {
	Services  map[string]json.RawMessage
	Resources []Resource
}

// Snapshot returns everything that the cloud remembers, for Config.Snapshot.
func (c *Cloud) Snapshot() ([]byte, error) {
	c.world.Lock()
	defer c.world.Unlock()
	s := snapshot{Services: map[string]json.RawMessage{}, Resources: c.resources}
	for name, service := range c.services {
		state, err := service.Snapshot()
		if err != nil {
			return nil, fmt.Errorf("snapshot of %s: %w", name, err)
		}
		s.Services[name] = state
	}
	return json.Marshal(s)
}

func (c *Cloud) restore(data []byte) error {
	var s snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("read the snapshot: %w", err)
	}
	c.resources = s.Resources
	if err := restore(c.services, data); err != nil {
		return err
	}
	return c.iam.Apply()
}

// restore gives services the state that a snapshot has of them.
func restore(services map[string]sim.Service, data []byte) error {
	var s snapshot
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("read the snapshot: %w", err)
	}
	for name, state := range s.Services {
		service, ok := services[name]
		if !ok {
			return fmt.Errorf("the snapshot holds a service that this cloud does not have: %s", name)
		}
		if err := service.Restore(state); err != nil {
			return fmt.Errorf("restore %s: %w", name, err)
		}
	}
	return nil
}
