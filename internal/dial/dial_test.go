package dial

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// authority is a CA of a test, which writes the certificates that it signs into files.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	path string // of its own certificate
}

// pair is a certificate and its key, as files.
type pair struct{ cert, key string }

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{t: t}
	signed := a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		NotAfter: time.Now().Add(time.Hour),
	})
	a.path = signed.cert
	return a
}

// server signs a certificate for a name, client one for a caller.
func (a *authority) server(name string, until time.Time) pair {
	return a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "temporal"}, DNSNames: []string{name}, NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
}

func (a *authority) client() pair {
	return a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "linkwright"}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
}

// sign signs a certificate; the first one is the authority's own.
func (a *authority) sign(template *x509.Certificate) pair {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	template.NotBefore = time.Now().Add(-2 * time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
	if err != nil {
		a.t.Fatal(err)
	}
	if a.cert == nil {
		if a.cert, err = x509.ParseCertificate(der); err != nil {
			a.t.Fatal(err)
		}
		a.key = key
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	dir := a.t.TempDir()
	p := pair{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	write(a.t, p.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	write(a.t, p.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	return p
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// apiKey is the key that the frontend of the tests wants, when it wants one.
const apiKey = "the-right-key"

// frontend is the little of a Temporal frontend that a client asks at first.
type frontend struct {
	workflowservice.UnimplementedWorkflowServiceServer
	wantsKey bool
}

func (f *frontend) GetSystemInfo(ctx context.Context, _ *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	sent := metadata.ValueFromIncomingContext(ctx, "authorization")
	if f.wantsKey && (len(sent) != 1 || sent[0] != "Bearer "+apiKey) {
		return nil, status.Error(codes.Unauthenticated, "no such key")
	}
	return &workflowservice.GetSystemInfoResponse{}, nil
}

// serve lets a frontend listen until the test ends; nil TLS is none.
func serve(t *testing.T, f *frontend, config *tls.Config) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var options []grpc.ServerOption
	if config != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(config)))
	}
	server := grpc.NewServer(options...)
	workflowservice.RegisterWorkflowServiceServer(server, f)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		// A test that connects to nobody may stop it before it has begun to serve.
		if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// serverTLS shows a certificate, and wants one of an authority when that is not nil.
func serverTLS(t *testing.T, own pair, clients *authority) *tls.Config {
	t.Helper()
	cert, err := tls.LoadX509KeyPair(own.cert, own.key)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	if clients != nil {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		config.ClientCAs.AddCert(clients.cert)
	}
	return config
}

func TestSecureConnections(t *testing.T) {
	ours, others := newAuthority(t, "ours"), newAuthority(t, "others")
	tomorrow := time.Now().Add(24 * time.Hour)
	good, mine, foreign := ours.server("temporal.example.com", tomorrow), ours.client(), others.client()
	mutual := serve(t, &frontend{}, serverTLS(t, good, ours))
	keyed := serve(t, &frontend{wantsKey: true}, serverTLS(t, good, nil))
	expired := serve(t, &frontend{}, serverTLS(t, ours.server("temporal.example.com", time.Now().Add(-time.Hour)), nil))
	plain := serve(t, &frontend{}, nil)

	const name = "TEMPORAL_TLS_SERVER_NAME=temporal.example.com"
	trust := "TEMPORAL_TLS_SERVER_CA_CERT_PATH=" + ours.path
	show := func(p pair) string {
		return "TEMPORAL_TLS_CLIENT_CERT_PATH=" + p.cert + " TEMPORAL_TLS_CLIENT_KEY_PATH=" + p.key
	}
	for _, c := range []struct {
		name, address, environment string
		says                       string // empty when it connects
		kind                       any
	}{
		{"when the certificates fit, it connects", mutual, trust + " " + name + " " + show(mine), "", nil},
		{"when it shows no certificate, it says what to set", mutual, trust + " " + name, "TEMPORAL_TLS_CLIENT_CERT_PATH", new(*TLSError)},
		{"when it shows one of another CA, it says what to set", mutual, trust + " " + name + " " + show(foreign), "TEMPORAL_TLS_CLIENT_CERT_PATH", new(*TLSError)},
		{"when it does not trust the server, it says what to set", mutual, name + " " + show(mine), "TEMPORAL_TLS_SERVER_CA_CERT_PATH", new(*TLSError)},
		{"when it trusts another CA, it says what to set", mutual, "TEMPORAL_TLS_SERVER_CA_CERT_PATH=" + others.path + " " + name + " " + show(mine), "TEMPORAL_TLS_SERVER_CA_CERT_PATH", new(*TLSError)},
		{"when the server has another name, it says what to set", mutual, trust + " " + show(mine), "TEMPORAL_TLS_SERVER_NAME", new(*TLSError)},
		{"when the server's certificate has expired, it says so", expired, trust + " " + name, "not valid: have it renewed", new(*TLSError)},
		{"when the server speaks no TLS, it says what to set", plain, "TEMPORAL_TLS=true", "TEMPORAL_TLS=false", new(*TLSError)},
		{"when only the server speaks TLS, it says what to set", mutual, "", "TEMPORAL_TLS=true", new(*UnreachableError)},
		{"when its certificate is not there, it says which file", mutual, "TEMPORAL_TLS_CLIENT_CERT_PATH=/nowhere/cert.pem TEMPORAL_TLS_CLIENT_KEY_PATH=" + mine.key, "/nowhere/cert.pem", nil},
		{"when the API key is right, it connects", keyed, "TEMPORAL_API_KEY=" + apiKey + " " + trust + " " + name, "", nil},
		{"when the API key is wrong, it says what to set", keyed, "TEMPORAL_API_KEY=guess " + trust + " " + name, "TEMPORAL_API_KEY", new(*DeniedError)},
		{"when it has no API key, it says what to set", keyed, trust + " " + name, "TEMPORAL_API_KEY", new(*DeniedError)},
	} {
		for who, reach := range map[string]func(context.Context, Options) (*Connection, error){"caller": ForCaller, "worker": ForWorker} {
			t.Run(c.name+" as "+who, func(t *testing.T) {
				t.Setenv("TEMPORAL_CONFIG_FILE", filepath.Join(t.TempDir(), "none.toml"))
				for _, setting := range strings.Fields(c.environment) {
					variable, value, _ := strings.Cut(setting, "=")
					t.Setenv(variable, value)
				}
				connection, err := reach(t.Context(), Options{Address: c.address})
				if err == nil {
					connection.Client.Close()
				}
				switch {
				case c.says == "" && err != nil:
					t.Errorf("does not connect: %v", err)
				case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
					t.Errorf("says %v, want %q", err, c.says)
				case c.kind != nil && !errors.As(err, c.kind):
					t.Errorf("the error is a %T, want a %T", err, c.kind)
				}
			})
		}
	}
}

func TestProfile(t *testing.T) {
	ours := newAuthority(t, "ours")
	mine := ours.client()
	address := serve(t, &frontend{}, serverTLS(t, ours.server("temporal.example.com", time.Now().Add(time.Hour)), ours))
	config := filepath.Join(t.TempDir(), "temporal.toml")
	write(t, config, fmt.Appendf(nil, `
[profile.prod]
address = %q
namespace = "links"
[profile.prod.tls]
server_name = "temporal.example.com"
server_ca_cert_path = %q
client_cert_path = %q
client_key_path = %q

[profile.coded]
address = %q
[profile.coded.codec]
endpoint = "http://127.0.0.1:1"
`, address, ours.path, mine.cert, mine.key, address))
	c, err := ForWorker(t.Context(), Options{ConfigFile: config, Profile: "prod"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Client.Close()
	if c.Address != address || c.Namespace != "links" {
		t.Errorf("reached %s in %s", c.Address, c.Namespace)
	}
	keys := filepath.Join(t.TempDir(), "keys.yaml")
	write(t, keys, []byte("encryptWith: a\nkeys:\n- {name: a, key: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=}\n"))
	if _, err := ForCaller(t.Context(), Options{ConfigFile: config, Profile: "coded", KeyFile: keys}); !errors.Is(err, errTwoCodecs) {
		t.Errorf("with a codec endpoint and a key file it says %v", err)
	}
	if _, err := ForWorker(t.Context(), Options{ConfigFile: config, KeyFile: config}); err == nil {
		t.Error("a worker starts with a bad key file")
	}
}
