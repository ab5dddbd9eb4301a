// Package traces exports what flows and their steps do as OpenTelemetry traces, over OTLP/gRPC, when the standard
// OTEL_EXPORTER_OTLP_* variables say where to. A trace begins where a flow is started or told something, on the command
// line or by another flow, and goes on through the steps in whatever process takes them.
package traces

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.temporal.io/sdk/contrib/opentelemetry"
	"go.temporal.io/sdk/interceptor"
)

// flushWithin is how long the end of a process waits for a collector to take the last spans.
const flushWithin = 3 * time.Second

// Traces are those of one process; nil where none are exported.
type Traces struct {
	provider *sdk.TracerProvider
	traced   interceptor.Interceptor
}

// Start begins to export, if the environment says where to. What sends the traces may be given another name by
// OTEL_SERVICE_NAME; all else that OTLP needs is read from the environment, too.
func Start(ctx context.Context, program, version string) (*Traces, error) {
	if cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT")) == "" {
		return nil, nil
	}
	exporter, err := otlptracegrpc.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("export traces: %w", err)
	}
	about, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", program), attribute.String("service.version", version)), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("export traces: %w", err)
	}
	t := &Traces{provider: sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(about))}
	// Queries only look, and are made all the time.
	t.traced, err = opentelemetry.NewTracingInterceptor(opentelemetry.TracerOptions{
		Tracer: t.provider.Tracer("linkwright"), DisableQueryTracing: true,
	})
	if err != nil {
		return nil, fmt.Errorf("export traces: %w", err)
	}
	return t, nil
}

// Interceptors have a client, and the workers that are made with it, traced.
func (t *Traces) Interceptors() []interceptor.ClientInterceptor {
	if t == nil {
		return nil
	}
	return []interceptor.ClientInterceptor{t.traced}
}

// Stop exports what is left, if the collector takes it soon.
func (t *Traces) Stop() error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), flushWithin)
	defer cancel()
	if err := t.provider.Shutdown(ctx); err != nil {
		return fmt.Errorf("export the last traces: %w", err)
	}
	return nil
}
