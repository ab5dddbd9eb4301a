package temporal

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	server "go.temporal.io/server/temporal"
)

const (
	clusterName   = "active"
	historyShards = 4 // fixed for the life of a database

	mainStore       = "main"
	visibilityStore = "visibility"

	// bootAttempts bounds how often the server is started anew because another process took one of
	// its free ports before it could.
	bootAttempts = 5
)

// engine is one run of the Temporal server's four services in this process.
type engine struct {
	server  server.Server
	address string
	failed  <-chan error
}

func startEngine(opts Options, store store) (*engine, error) {
	for attempt := 1; ; attempt++ {
		ports, err := pickPorts("Temporal frontend", opts.Port, len(server.DefaultServices))
		if err != nil {
			return nil, err
		}
		e, err := bootEngine(opts, store, ports)
		if errors.Is(err, syscall.EADDRINUSE) && attempt < bootAttempts {
			continue
		}
		return e, err
	}
}

// bootEngine starts the services on the given ports, the frontend on the first.
func bootEngine(opts Options, store store, ports []int) (*engine, error) {
	hosts := map[primitives.ServiceName]static.Hosts{}
	for i, service := range server.DefaultServices {
		hosts[primitives.ServiceName(service)] = static.SingleLocalHost(loopback(ports[i]))
	}
	logger := newServerLogger(opts.Logger)
	options := []server.ServerOption{
		server.ForServices(server.DefaultServices),
		server.WithConfig(serverConfig(store, ports)),
		server.WithDynamicConfigClient(dynamicConfig(opts)),
		server.WithStaticHosts(hosts),
		server.WithLogger(logger),
	}
	options = append(options, authentication(opts.Tokens)...)

	built, err := buildServer(logger, options) // binds the ports
	if err != nil {
		return nil, err
	}
	if err := built.Start(); err != nil {
		return nil, err
	}
	return &engine{server: built, address: loopback(ports[0]), failed: logger.failed}, nil
}

// buildServer turns a call of the logger's Fatal, by which the server reports a taken port, into an error.
func buildServer(logger *serverLogger, options []server.ServerOption) (_ server.Server, err error) {
	logger.building.Store(true)
	defer logger.building.Store(false)
	defer func() {
		switch value := recover().(type) {
		case nil:
		case fatal:
			err = value
		default:
			panic(value)
		}
	}()
	return server.NewServer(options...)
}

func (e *engine) stop() error {
	if err := e.server.Stop(); err != nil {
		return fmt.Errorf("stop the Temporal server: %w", err)
	}
	return nil
}

func serverConfig(store store, ports []int) *config.Config {
	services := map[string]config.Service{}
	for i, service := range server.DefaultServices {
		services[service] = config.Service{RPC: config.RPC{GRPCPort: ports[i], BindOnIP: loopbackIP}}
	}
	return &config.Config{
		Services: services,
		Persistence: config.Persistence{
			DefaultStore:     mainStore,
			VisibilityStore:  visibilityStore,
			NumHistoryShards: historyShards,
			DataStores:       map[string]config.DataStore{mainStore: {SQL: store.main}, visibilityStore: {SQL: store.visibility}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: loopback(ports[0])},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		PublicClient:        config.PublicClient{HostPort: loopback(ports[0])},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: config.ArchivalDisabled},
			Visibility: config.VisibilityArchival{State: config.ArchivalDisabled},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: config.ArchivalDisabled},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: config.ArchivalDisabled},
		}},
	}
}

// dynamicConfig differs from the server's defaults where those are made for a cluster under load and would
// make one person's laptop wait, and where Linkwright wants a feature that is off by default.
func dynamicConfig(opts Options) dynamicconfig.Client {
	config := dynamicconfig.StaticClient{
		// Each shard's queues look for work at most 20 times a second by default, and timers may fire up
		// to a second late.
		dynamicconfig.TransferProcessorMaxPollRPS.Key():   2000,
		dynamicconfig.TimerProcessorMaxPollRPS.Key():      2000,
		dynamicconfig.VisibilityProcessorMaxPollRPS.Key(): 2000,
		dynamicconfig.OutboundProcessorMaxPollRPS.Key():   2000,
		dynamicconfig.TimerProcessorMaxTimeShift.Key():    "1ms",

		// A caller that waits for a workflow's end asks again every second, not every 20: now and then
		// the end of a very short workflow is missed by the first question.
		dynamicconfig.HistoryLongPollExpirationInterval.Key(): "1s",

		// Lists for a command line and a UI, not 10 a second for all together.
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): 100,

		// One partition makes rate limits of a task queue exact, and fairness with them.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
		dynamicconfig.MatchingEnableFairness.Key():              true,

		// Who sent a decision stands in the history; see Options.Tokens.
		dynamicconfig.EnablePrincipalPropagation.Key(): true,

		// No word of this laptop to anyone.
		dynamicconfig.EnableServerVersionCheck.Key(): false,
	}
	if opts.LongHistory > 0 {
		config[dynamicconfig.HistoryCountSuggestContinueAsNew.Key()] = opts.LongHistory
	}
	return config
}

const loopbackIP = "127.0.0.1"

func loopback(port int) string { return net.JoinHostPort(loopbackIP, strconv.Itoa(port)) }
