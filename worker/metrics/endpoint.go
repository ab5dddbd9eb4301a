// Package metrics shows Prometheus what a worker does and how the links stand. What is measured is said where it
// happens: by the SDK, by package accounts for the calls, by package workflows for the phases; only the count of the
// links is taken here.
package metrics

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
)

const (
	// Path is where the metrics are read.
	Path = "/metrics"
	// headerWithin is how long a caller may take to ask.
	headerWithin = 10 * time.Second
)

// Endpoint serves the metrics of one process.
type Endpoint struct {
	// Address is where it listens.
	Address string
	// Meter makes instruments whose measurements are shown.
	Meter metric.Meter

	log    *slog.Logger
	server *http.Server
	works  sync.WaitGroup
}

// Listen begins to serve metrics at a host:port.
func Listen(address string, log *slog.Logger) (*Endpoint, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve metrics: %w", err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	// The scope would be a label of every series, and says nothing that the name does not.
	reader, err := exporter.New(exporter.WithRegisterer(registry), exporter.WithoutScopeInfo(), exporter.WithoutTargetInfo())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("serve metrics: %w", err), listener.Close())
	}
	provider := sdk.NewMeterProvider(sdk.WithReader(reader), sdk.WithView(seconds, drift), sdk.WithCardinalityLimit(seriesLimit))
	mux := http.NewServeMux()
	mux.Handle("GET "+Path, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	e := &Endpoint{
		Address: listener.Addr().String(), Meter: provider.Meter("linkwright"), log: log,
		server: &http.Server{Handler: mux, ReadHeaderTimeout: headerWithin, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)},
	}
	e.works.Go(func() {
		if err := e.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics are served no more", "error", err)
		}
	})
	return e, nil
}

// Handler takes the measurements of the Temporal SDK, and those of workflows.
func (e *Endpoint) Handler() client.MetricsHandler {
	return opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter: e.Meter, UseMonotonicCounters: true,
		OnError: func(err error) { e.log.Error("not measured", "error", err) },
	})
}

// Close ends it, once nothing counts any more.
func (e *Endpoint) Close() error {
	err := e.server.Close()
	e.works.Wait()
	return err
}
