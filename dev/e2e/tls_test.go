package e2e

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
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// behindMutualTLS puts a proxy before a Temporal frontend that speaks TLS and lets in only who shows a
// certificate, and returns a client configuration with one.
func behindMutualTLS(t *testing.T, frontend string) (config string) {
	t.Helper()
	dir := t.TempDir()
	// One certificate is its own authority, and both the proxy's and the clients'.
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "linkwright"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	config = filepath.Join(dir, "temporal.toml")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	pair, err := tls.X509KeyPair(cert, private)
	if err != nil {
		t.Fatal(err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(cert)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients, NextProtos: []string{"h2"},
	})
	if err != nil {
		t.Fatal(err)
	}
	relay(t, listener, frontend)
	for path, content := range map[string][]byte{certFile: cert, keyFile: private, config: fmt.Appendf(nil,
		"[profile.default]\naddress = %q\n[profile.default.tls]\nserver_ca_cert_path = %q\nclient_cert_path = %q\nclient_key_path = %q\n",
		listener.Addr(), certFile, certFile, keyFile)} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return config
}

// relay passes what arrives at a listener on to an address, and back, until the test ends.
func relay(t *testing.T, listener net.Listener, address string) {
	var all sync.WaitGroup
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context())) // workers stop after the test
	pass := func(in net.Conn) {
		defer in.Close()
		out, err := net.Dial("tcp", address)
		if err != nil {
			return // Temporal is gone already
		}
		defer out.Close()
		ended := make(chan struct{}, 2)
		for to, from := range map[net.Conn]net.Conn{in: out, out: in} {
			go func() {
				_, _ = io.Copy(to, from) // that either side hangs up is how it ends
				ended <- struct{}{}
			}()
		}
		select {
		case <-ended:
		case <-ctx.Done():
		}
	}
	all.Go(func() {
		for {
			in, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				all.Go(func() { pass(in) })
			}
		}
	})
	t.Cleanup(func() {
		cancel()
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
		all.Wait()
	})
}
