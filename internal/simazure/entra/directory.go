// Package entra is the simulated Microsoft Entra ID: tenants with their applications, and the endpoints at which an
// application proves who it is and gets an access token. What a token then allows, package rbac tells.
package entra

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simcloud"
)

// Tenant is a directory.
type Tenant struct {
	ID   string
	Name string // also found in the place of the id
}

// Application is an app registration together with its service principals: one in its home tenant, and one in every
// other tenant in which it has been consented to.
type Application struct {
	Name     string
	ClientID string
	Home     string // tenant id
	// Principals are the object ids of the service principals, by tenant.
	Principals map[string]string
	// Secrets, Certificates and Federated are what it can prove itself with.
	Secrets      []string
	Certificates []*x509.Certificate
	Federated    []Federated
	// IdentitySecret, when not empty, opens the managed identity endpoint for it.
	IdentitySecret string
}

// Federated is a federated identity credential: tokens of another issuer stand for the application (Microsoft Entra
// Workload ID, "Workload identity federation"). The issuer's key is given here; nothing is fetched from it.
type Federated struct {
	Issuer, Subject, Audience string
	Key                       crypto.PublicKey
}

// Directory is all of Entra.
type Directory struct {
	Clock        *simcloud.Clock
	Tenants      []*Tenant
	Applications []*Application
	// Lifetime is for how long an access token holds. It is not scaled: clients compare it with their own clock.
	Lifetime time.Duration
	// Audiences are the resources that tokens are given for.
	Audiences []string
	key       *ecdsa.PrivateKey
}

// NewKey makes the key that tokens are signed with.
func (d *Directory) NewKey() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	d.key = key
	return err
}

// Key is that key, to be kept with a snapshot.
func (d *Directory) Key() ([]byte, error) { return x509.MarshalPKCS8PrivateKey(d.key) }

// SetKey goes on with a key that was kept.
func (d *Directory) SetKey(der []byte) error {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return fmt.Errorf("read the key of tokens: %w", err)
	}
	own, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return errors.New("the key of tokens is of another kind")
	}
	d.key = own
	return nil
}

// tenant finds a tenant by its id or name.
func (d *Directory) tenant(name string) (*Tenant, bool) {
	for _, t := range d.Tenants {
		if strings.EqualFold(t.ID, name) || strings.EqualFold(t.Name, name) {
			return t, true
		}
	}
	return nil, false
}

// application finds an application by its client id.
func (d *Directory) application(clientID string) (*Application, bool) {
	for _, a := range d.Applications {
		if strings.EqualFold(a.ClientID, clientID) {
			return a, true
		}
	}
	return nil, false
}

// callerIn is the application's service principal in a tenant.
func (a *Application) callerIn(tenant string) (arm.Caller, bool) {
	object, ok := a.Principals[tenant]
	return arm.Caller{Tenant: tenant, ObjectID: object, AppID: a.ClientID}, ok
}

// certificate finds one by a thumbprint of an assertion's header, in whichever alphabet of base64 it is written. Entra
// names certificates by their SHA-1 thumbprints, and of late by SHA-256 ones.
func (a *Application) certificate(sha1Thumbprint, sha256Thumbprint string) (*x509.Certificate, bool) {
	for _, c := range a.Certificates {
		short, long := sha1.Sum(c.Raw), sha256.Sum256(c.Raw)
		if sameThumbprint(sha1Thumbprint, short[:]) || sameThumbprint(sha256Thumbprint, long[:]) {
			return c, true
		}
	}
	return nil, false
}

func sameThumbprint(written string, sum []byte) bool {
	plain := strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(written)
	return plain == base64.RawURLEncoding.EncodeToString(sum)
}

// ParseCertificate reads one in PEM.
func ParseCertificate(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("not a certificate in PEM")
	}
	return x509.ParseCertificate(block.Bytes)
}

// ParsePublicKey reads one in PEM.
func ParsePublicKey(text string) (crypto.PublicKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "PUBLIC KEY" {
		return nil, errors.New("not a public key in PEM")
	}
	return x509.ParsePKIXPublicKey(block.Bytes)
}
