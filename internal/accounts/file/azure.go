package file

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Azure is an Azure subscription and how to act in it.
type Azure struct {
	TenantID       string          `yaml:"tenantID"`
	SubscriptionID string          `yaml:"subscriptionID"`
	Cloud          string          `yaml:"cloud"`
	Credential     AzureCredential `yaml:"credential"`
	Endpoint       string          `yaml:"endpoint"`
	Authority      string          `yaml:"authority"`
	CAFile         string          `yaml:"caFile"`
	Limits         *AzureLimits    `yaml:"limits"`
}

// AzureCredential is one way to sign in to Microsoft Entra ID.
type AzureCredential struct {
	WorkloadIdentity  *WorkloadIdentity  `yaml:"workloadIdentity"`
	ManagedIdentity   *ManagedIdentity   `yaml:"managedIdentity"`
	ClientSecret      *ClientSecret      `yaml:"clientSecret"`
	ClientCertificate *ClientCertificate `yaml:"clientCertificate"`
	AzureCLI          *AzureCLI          `yaml:"azureCLI"`
}

// WorkloadIdentity is an application that trusts the tokens of a cluster's service account.
type WorkloadIdentity struct {
	ClientID  string `yaml:"clientID"`
	TokenFile string `yaml:"tokenFile"`
}

// ManagedIdentity is one that Azure gives to what the worker runs on.
type ManagedIdentity struct {
	ClientID string `yaml:"clientID"`
}

// ClientSecret is an application with a password.
type ClientSecret struct {
	ClientID string `yaml:"clientID"`
	Secret   Secret `yaml:"secret"`
}

// ClientCertificate is an application with a certificate and its private key, in PEM or PKCS#12.
type ClientCertificate struct {
	ClientID    string `yaml:"clientID"`
	Certificate Secret `yaml:"certificate"`
	Password    Secret `yaml:"password"`
	SendChain   bool   `yaml:"sendChain"`
}

// AzureCLI is whoever has signed in to the Azure CLI.
type AzureCLI struct{}

// Secret says where a secret is read: in an environment variable, or in a file.
type Secret struct {
	Env  string `yaml:"env"`
	File string `yaml:"file"`
}

// UnmarshalYAML implements [yaml.Unmarshaler]: what is wrong is said without what stands there, which may be a secret.
func (s *Secret) UnmarshalYAML(node *yaml.Node) error {
	wrong := func(at *yaml.Node) error {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: not {env: NAME} or {file: PATH}, which say where a secret is read; no secret stands in this file", at.Line)}}
	}
	if node.Kind != yaml.MappingNode {
		return wrong(node)
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, v := node.Content[i], node.Content[i+1]
		switch {
		case v.Kind != yaml.ScalarNode:
			return wrong(v)
		case key.Value == "env":
			s.Env = v.Value
		case key.Value == "file":
			s.File = v.Value
		default:
			return wrong(key)
		}
	}
	return nil
}

// AzureLimits say how much of Azure's request buckets this worker may use; see [Limits].
type AzureLimits struct {
	Share *float64 `yaml:"share"`
	Scale *float64 `yaml:"scale"`
}

// Limits are these as those of any cloud.
func (l *AzureLimits) Limits() *Limits {
	if l == nil {
		return nil
	}
	return &Limits{Share: l.Share, Scale: l.Scale}
}

// AzureIdentity tells one subscription of Azure, or of a simulated cloud, from another, whatever it is called here.
type AzureIdentity struct{ cloud, id, endpoint string }

// Identity of the account; account names may share one, and with it Azure's request buckets.
func (a *Azure) Identity() AzureIdentity { return AzureIdentity{a.Cloud, a.SubscriptionID, a.Endpoint} }

// SignIn is who signs in where, and with what: accounts that agree in it share one credential.
type SignIn struct {
	TenantID, Cloud, Authority, CAFile string
	// Kind is the name of the credential's section: "workloadIdentity".
	Kind                string
	ClientID, TokenFile string
	Secret, Password    Secret
	SendChain           bool
}

// SignIn of the account.
func (a *Azure) SignIn() SignIn {
	in := SignIn{TenantID: a.TenantID, Cloud: a.Cloud, Authority: a.Authority, CAFile: a.CAFile, Kind: a.Credential.kinds()[0]}
	switch c := a.Credential; {
	case c.WorkloadIdentity != nil:
		in.ClientID, in.TokenFile = c.WorkloadIdentity.ClientID, c.WorkloadIdentity.TokenFile
	case c.ManagedIdentity != nil:
		in.ClientID = c.ManagedIdentity.ClientID
	case c.ClientSecret != nil:
		in.ClientID, in.Secret = c.ClientSecret.ClientID, c.ClientSecret.Secret
	case c.ClientCertificate != nil:
		in.ClientID, in.Secret = c.ClientCertificate.ClientID, c.ClientCertificate.Certificate
		in.Password, in.SendChain = c.ClientCertificate.Password, c.ClientCertificate.SendChain
	}
	return in
}

// kinds are the sections that a credential has.
func (c AzureCredential) kinds() []string {
	var kinds []string
	for _, section := range []struct {
		name string
		set  bool
	}{
		{"workloadIdentity", c.WorkloadIdentity != nil}, {"managedIdentity", c.ManagedIdentity != nil},
		{"clientSecret", c.ClientSecret != nil}, {"clientCertificate", c.ClientCertificate != nil}, {"azureCLI", c.AzureCLI != nil},
	} {
		if section.set {
			kinds = append(kinds, section.name)
		}
	}
	return kinds
}

// The clouds of Azure (Azure documentation, "Sovereign clouds").
var azureClouds = []string{"public", "government", "china"}

var guidPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// setDefaults fills in the cloud, and the authority of a cloud that is called by another URL; ids are in lower case.
func (a *Azure) setDefaults() {
	a.TenantID, a.SubscriptionID = strings.ToLower(a.TenantID), strings.ToLower(a.SubscriptionID)
	if a.Cloud == "" {
		a.Cloud = "public"
	}
	if a.Authority == "" {
		a.Authority = a.Endpoint
	}
}

func (c *checker) azure(a *Azure, path ...string) {
	at := func(fields ...string) []string { return append(slices.Clone(path), fields...) }
	c.guid(a.TenantID, at("tenantID")...)
	c.guid(a.SubscriptionID, at("subscriptionID")...)
	if !slices.Contains(azureClouds, a.Cloud) {
		c.wrong(fmt.Sprintf("not one of the clouds %v: %q", azureClouds, a.Cloud), at("cloud")...)
	}
	c.httpsURL(a.Endpoint, at("endpoint")...)
	if a.Authority != a.Endpoint {
		c.httpsURL(a.Authority, at("authority")...)
	}
	c.limits(a.Limits.Limits(), at("limits")...)
	if kinds := a.Credential.kinds(); len(kinds) != 1 {
		c.wrong(fmt.Sprintf("needs exactly one of workloadIdentity, managedIdentity, clientSecret, clientCertificate and azureCLI; it has %v", kinds), at("credential")...)
		return
	}
	switch one := a.Credential; {
	case one.WorkloadIdentity != nil && one.WorkloadIdentity.ClientID != "":
		c.guid(one.WorkloadIdentity.ClientID, at("credential", "workloadIdentity", "clientID")...)
	case one.ManagedIdentity != nil && one.ManagedIdentity.ClientID != "":
		c.guid(one.ManagedIdentity.ClientID, at("credential", "managedIdentity", "clientID")...)
	case one.ClientSecret != nil:
		c.guid(one.ClientSecret.ClientID, at("credential", "clientSecret", "clientID")...)
		c.secret(one.ClientSecret.Secret, at("credential", "clientSecret", "secret")...)
	case one.ClientCertificate != nil:
		c.guid(one.ClientCertificate.ClientID, at("credential", "clientCertificate", "clientID")...)
		c.secret(one.ClientCertificate.Certificate, at("credential", "clientCertificate", "certificate")...)
		if p := one.ClientCertificate.Password; p != (Secret{}) {
			c.secret(p, at("credential", "clientCertificate", "password")...)
		}
	}
}

func (c *checker) guid(s string, path ...string) {
	if !guidPattern.MatchString(strings.ToLower(s)) {
		c.wrong(fmt.Sprintf("not a GUID such as 00000000-0000-0000-0000-000000000001: %q", s), path...)
	}
}

func (c *checker) secret(s Secret, path ...string) {
	if (s.Env == "") == (s.File == "") {
		c.wrong("needs exactly one of env, the name of an environment variable, and file, a path", path...)
	}
}

// httpsURL: credentials are sent over TLS alone.
func (c *checker) httpsURL(s string, path ...string) {
	if u, err := url.Parse(s); s != "" && (err != nil || u.Host == "" || u.Scheme != "https") {
		c.wrong("not an https URL", path...)
	}
}
