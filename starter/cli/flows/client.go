package flows

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/log"
)

// answerWithin is how long a flow has to answer an update: long enough for a worker that has just been
// started, short enough for a person at a prompt.
const answerWithin = 20 * time.Second

// Options are connection settings that override what the profile and the environment say; all are optional.
type Options struct {
	// ConfigFile is a Temporal client configuration; default TEMPORAL_CONFIG_FILE, then the user's temporal.toml.
	ConfigFile string
	// Profile in that file; default TEMPORAL_PROFILE, then "default".
	Profile string
	// Address of the Temporal frontend as host:port; default TEMPORAL_ADDRESS, then localhost:7233.
	Address string
	// Namespace of the flows; default TEMPORAL_NAMESPACE, then "default".
	Namespace string
}

// Client speaks with the flows of one Temporal namespace.
type Client struct {
	temporal           client.Client
	address, namespace string
}

// New speaks with flows through a Temporal client that is already there; the caller closes it. Address and
// namespace are what the client was made with; they stand in error messages.
func New(temporal client.Client, address, namespace string) *Client {
	return &Client{temporal: temporal, address: address, namespace: namespace}
}

// Dial reaches Temporal as the standard client configuration says: temporal.toml profiles, TEMPORAL_*
// variables, then the options, each overriding the one before.
func Dial(ctx context.Context, o Options) (*Client, error) {
	opts, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{
		ConfigFilePath:    o.ConfigFile,
		ConfigFileProfile: o.Profile,
		// A person reads what the flows answer, so payloads that a codec server can decode are decoded.
		IncludeRemoteCodec: true,
	})
	if err != nil {
		return nil, fmt.Errorf("read the Temporal client configuration: %w", err)
	}
	opts.HostPort = first(o.Address, opts.HostPort, client.DefaultHostPort)
	opts.Namespace = first(o.Namespace, opts.Namespace, client.DefaultNamespace)
	opts.Logger = log.NewStructuredLogger(slog.New(slog.DiscardHandler))
	temporal, err := client.DialContext(ctx, opts)
	if err != nil {
		return nil, dialError(ctx, opts.HostPort, err)
	}
	return New(temporal, opts.HostPort, opts.Namespace), nil
}

// Close lets the connection go.
func (c *Client) Close() { c.temporal.Close() }

func dialError(ctx context.Context, address string, err error) error {
	var unavailable *serviceerror.Unavailable
	var late *serviceerror.DeadlineExceeded
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &unavailable), errors.As(err, &late), errors.Is(err, context.DeadlineExceeded):
		return &UnreachableError{Address: address, Err: err}
	}
	return fmt.Errorf("connect to Temporal at %s: %w", address, err)
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
