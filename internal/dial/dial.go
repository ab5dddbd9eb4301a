// Package dial reaches Temporal for all programs of Linkwright alike: as the standard client configuration and
// the flags say, with payloads encrypted when there is a key file, and with errors that say what to set.
package dial

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/pflag"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/envconfig"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc"

	"github.com/linkwright/linkwright/internal/sealed"
)

// Options are settings that override what the profile and the environment say; all are optional.
type Options struct {
	// ConfigFile is a Temporal client configuration; default TEMPORAL_CONFIG_FILE, then the user's temporal.toml.
	ConfigFile string
	// Profile in that file; default TEMPORAL_PROFILE, then "default".
	Profile string
	// Address of the Temporal frontend as host:port; default TEMPORAL_ADDRESS, then localhost:7233.
	Address string
	// Namespace of the flows; default TEMPORAL_NAMESPACE, then "default".
	Namespace string
	// KeyFile holds the encryption keys; default LINKWRIGHT_ENCRYPTION_KEYS, then none.
	KeyFile string
	// Log receives what the SDK has to say; nil drops it.
	Log *slog.Logger
	// Metrics receives what the SDK and the workflows measure; nil drops it.
	Metrics client.MetricsHandler
	// Interceptors stand between the program and the client, and the workers that are made with it.
	Interceptors []interceptor.ClientInterceptor
}

// AddFlags adds the flags that every program has.
func (o *Options) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Address, "address", "", "Temporal frontend, host:port (default: TEMPORAL_ADDRESS, the profile, localhost:7233)")
	flags.StringVar(&o.Namespace, "namespace", "", "Temporal namespace (default: TEMPORAL_NAMESPACE, the profile, default)")
	flags.StringVar(&o.Profile, "profile", "", "profile of the Temporal client configuration (default: TEMPORAL_PROFILE, default)")
	flags.StringVar(&o.ConfigFile, "config", "", "Temporal client configuration file (default: TEMPORAL_CONFIG_FILE, the user's temporal.toml)")
	AddKeyFlag(flags, &o.KeyFile)
}

// AddKeyFlag adds the flag that names the key file.
func AddKeyFlag(flags *pflag.FlagSet, file *string) {
	flags.StringVar(file, sealed.Flag, "", "key file with which to encrypt what Temporal keeps (default: "+sealed.Variable+", not encrypted)")
}

// Connection is a client of Temporal, and what it was made with.
type Connection struct {
	Client             client.Client
	Address, Namespace string
	// Converter encodes what is sent, and decodes what is read.
	Converter converter.DataConverter
}

// ForCaller reaches Temporal for a program that starts flows and reads what they answer. When the profile names
// a codec endpoint, that one encrypts and decrypts.
func ForCaller(ctx context.Context, o Options) (*Connection, error) {
	options, keys, err := o.load(true)
	if err != nil {
		return nil, err
	}
	switch {
	case options.DataConverter == nil:
		options = sealed.ForCaller(options, keys)
	case keys != nil:
		return nil, errTwoCodecs
	default:
		options.FailureConverter = temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{DataConverter: options.DataConverter})
	}
	return reach(ctx, options)
}

// ForWorker reaches Temporal for a worker. It uses no codec endpoint, which would be asked for every payload.
func ForWorker(ctx context.Context, o Options) (*Connection, error) {
	options, keys, err := o.load(false)
	if err != nil {
		return nil, err
	}
	return reach(ctx, sealed.ForWorker(options, keys))
}

var errTwoCodecs = errors.New("the profile names a codec endpoint, and there is a key file as well (--" + sealed.Flag + " or " +
	sealed.Variable + "): use one of them")

func (o Options) load(remoteCodec bool) (client.Options, *sealed.Keys, error) {
	options, err := envconfig.LoadClientOptions(envconfig.LoadClientOptionsRequest{
		ConfigFilePath: o.ConfigFile, ConfigFileProfile: o.Profile, IncludeRemoteCodec: remoteCodec,
	})
	if err != nil {
		return client.Options{}, nil, fmt.Errorf("read the Temporal client configuration: %w", err)
	}
	keys, err := sealed.Load(o.KeyFile)
	if err != nil {
		return client.Options{}, nil, err
	}
	options.HostPort = first(o.Address, options.HostPort, client.DefaultHostPort)
	options.Namespace = first(o.Namespace, options.Namespace, client.DefaultNamespace)
	logger := o.Log
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	options.Logger = log.NewStructuredLogger(logger)
	options.MetricsHandler, options.Interceptors = o.Metrics, o.Interceptors
	return options, keys, nil
}

func reach(ctx context.Context, options client.Options) (*Connection, error) {
	seen := &handshakes{}
	if config := options.ConnectionOptions.TLS; config != nil {
		options.ConnectionOptions.DialOptions = append(options.ConnectionOptions.DialOptions,
			grpc.WithTransportCredentials(seen.watch(config)))
	}
	reached, err := client.DialContext(ctx, options)
	if err == nil {
		return &Connection{reached, options.HostPort, options.Namespace, options.DataConverter}, nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	explained := Explain(options.HostPort, options.Namespace, err)
	var unreachable *UnreachableError
	switch {
	case errors.As(explained, &unreachable) && seen.failure() != nil:
		return nil, tlsError(options.HostPort, seen.failure())
	case explained != nil:
		return nil, explained
	}
	return nil, fmt.Errorf("connect to Temporal at %s: %w", options.HostPort, err)
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
