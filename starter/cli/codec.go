package cli

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/linkwright/linkwright/internal/sealed"
	"github.com/linkwright/linkwright/starter/codec"
)

func (a *app) codec() *cobra.Command {
	var (
		server                      codec.Server
		config                      codec.Config
		tokenFile, issuer, audience string
	)
	cmd := &cobra.Command{
		Use:   "codec",
		Short: "Serve decryption to the Temporal UI",
		Long: `Serve decryption over HTTP to the Temporal UI, so that it shows what is encrypted to those who may see it, until
interrupted. Whoever asks must show a bearer token: a JWT of an OpenID Connect issuer, such as the access token that
the UI passes on, or the token that stands in a file. Web pages may ask only if their origin is named.

It only decrypts, unless --encode is given, which people need who send signals and updates from the UI. Who asks is
logged on standard error.`,
		Example: `  linkwright codec --encryption-keys keys.yaml --listen :8443 --tls-cert cert.pem --tls-key key.pem \
    --allow-origin https://temporal.example.com --oidc-issuer https://login.example.com --oidc-audience temporal
  linkwright codec --encryption-keys keys.yaml --token-file token --allow-origin http://127.0.0.1:8233`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			config.Log = slog.New(slog.NewTextHandler(a.Err, nil))
			server.Log = config.Log
			if config.Keys, err = sealed.Load(a.connection.KeyFile); err != nil {
				return err
			}
			if config.Tokens, err = authenticator(cmd.Context(), tokenFile, issuer, audience); err != nil {
				return err
			}
			handler, err := codec.NewHandler(config)
			if err != nil {
				return err
			}
			return server.Run(cmd.Context(), handler, func(url string) { fmt.Fprintln(a.Out, "serving on", url) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&server.Listen, "listen", "127.0.0.1:8234", "host:port to listen on; port 0 takes a free one")
	flags.StringVar(&server.Cert, "tls-cert", "", "file of the TLS certificate")
	flags.StringVar(&server.Key, "tls-key", "", "file of its key")
	flags.BoolVar(&server.PlainHTTP, "plain-http", false, "listen beyond this machine without TLS, which ends at a proxy before it")
	flags.StringSliceVar(&config.Origins, "allow-origin", nil, "origin whose pages may ask, such as https://temporal.example.com; may be repeated")
	flags.StringVar(&tokenFile, "token-file", "", "file with a bearer token that callers may show")
	flags.StringVar(&issuer, "oidc-issuer", "", "OpenID Connect issuer whose JWTs callers may show")
	flags.StringVar(&audience, "oidc-audience", "", "audience that these JWTs must be for")
	flags.BoolVar(&config.Encode, "encode", false, "encrypt as well, for signals and updates from the UI")
	return cmd
}

// authenticator knows the callers that the flags describe; nil when they describe none.
func authenticator(ctx context.Context, tokenFile, issuer, audience string) (codec.Authenticator, error) {
	var known []codec.Authenticator
	if tokenFile != "" {
		one, err := codec.TokenFile(tokenFile)
		if err != nil {
			return nil, err
		}
		known = append(known, one)
	}
	if issuer != "" || audience != "" {
		one, err := codec.Issuer(ctx, issuer, audience)
		if err != nil {
			return nil, err
		}
		known = append(known, one)
	}
	return codec.Either(known...), nil
}
