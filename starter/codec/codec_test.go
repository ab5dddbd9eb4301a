package codec

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/linkwright/linkwright/internal/sealed"
)

const (
	ui       = "https://temporal.example.com"
	stranger = "https://evil.example.com"
	audience = "temporal"
	words    = "the shop may use payments"
)

// provider is an OpenID Connect issuer, as far as a verifier of tokens needs one.
type provider struct {
	*httptest.Server
	key *rsa.PrivateKey
}

func newProvider(t *testing.T) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key}
	answer := func(value func() any) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if err := json.NewEncoder(w).Encode(value()); err != nil {
				t.Error(err)
			}
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", answer(func() any {
		return map[string]any{"issuer": p.URL, "jwks_uri": p.URL + "/keys", "id_token_signing_alg_values_supported": []string{"RS256"}}
	}))
	mux.HandleFunc("/keys", answer(func() any {
		return map[string]any{"keys": []any{map[string]string{
			"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "one",
			"n": encode(key.N.Bytes()), "e": encode(big.NewInt(int64(key.E)).Bytes()),
		}}}
	}))
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// token signs a JWT; changes alter its header and its claims.
func (p *provider) token(t *testing.T, key *rsa.PrivateKey, changes map[string]any) string {
	t.Helper()
	header := map[string]any{"alg": "RS256", "kid": "one", "typ": "JWT"}
	claims := map[string]any{"iss": p.URL, "aud": audience, "sub": "ada", "exp": time.Now().Add(time.Hour).Unix()}
	for name, value := range changes {
		if name == "alg" {
			header[name] = value
		} else {
			claims[name] = value
		}
	}
	h, err := json.Marshal(header)
	if err != nil {
		t.Fatal(err)
	}
	c, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed := encode(h) + "." + encode(c)
	if header["alg"] == "none" {
		return signed + "."
	}
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + encode(signature)
}

func newKeys(t *testing.T) *sealed.Keys {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.yaml")
	if err := sealed.AddKey(path, "first"); err != nil {
		t.Fatal(err)
	}
	keys, err := sealed.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func tokenFile(t *testing.T, token string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// endpoint is a running server.
type endpoint struct {
	t    *testing.T
	url  string
	keys *sealed.Keys
	log  *bytes.Buffer
}

func start(t *testing.T, encode bool, tokens ...Authenticator) *endpoint {
	t.Helper()
	e := &endpoint{t: t, keys: newKeys(t), log: new(bytes.Buffer)}
	log := slog.New(slog.NewTextHandler(e.log, nil))
	h, err := NewHandler(Config{Keys: e.keys, Tokens: Either(tokens...), Origins: []string{ui}, Encode: encode, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	addresses, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- Server{Listen: "127.0.0.1:0", Log: log}.Run(ctx, h, func(url string) { addresses <- url })
	}()
	select {
	case e.url = <-addresses:
	case err := <-ended:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return e
}

// call sends a request as the UI does, and returns the answer with its body.
func (e *endpoint) call(method, path, origin, authorization string, body []byte) (*http.Response, string) {
	e.t.Helper()
	r, err := http.NewRequestWithContext(e.t.Context(), method, e.url+path, bytes.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(namespaceHeader, "default")
	for name, value := range map[string]string{"Origin": origin, "Authorization": authorization} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		e.t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return answer, string(text)
}

func payloads(t *testing.T, keys *sealed.Keys) []byte {
	t.Helper()
	plain, err := converter.GetDefaultDataConverter().ToPayloads(words)
	if err != nil {
		t.Fatal(err)
	}
	if plain.Payloads, err = sealed.NewCodec(keys).Encode(plain.Payloads); err != nil {
		t.Fatal(err)
	}
	data, err := protojson.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWhoMayDecrypt(t *testing.T) {
	p := newProvider(t)
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	issuer, err := Issuer(t.Context(), p.URL, audience)
	if err != nil {
		t.Fatal(err)
	}
	const static = "0123456789abcdef0123456789abcdef"
	file, err := TokenFile(tokenFile(t, static))
	if err != nil {
		t.Fatal(err)
	}
	e := start(t, false, file, issuer)
	body := payloads(t, e.keys)
	for _, c := range []struct {
		name, origin, authorization string
		status                      int
	}{
		{"when it is the UI with a token of the issuer, it may", ui, "Bearer " + p.token(t, p.key, nil), 200},
		{"when the token is for several audiences, it may", ui, "Bearer " + p.token(t, p.key, map[string]any{"aud": []string{"other", audience}}), 200},
		{"when it is a program with the token of the file, it may", "", "Bearer " + static, 200},
		{"when the scheme is written small, it may", ui, "bearer " + static, 200},
		{"when there is no token, it may not", ui, "", 401},
		{"when the token is empty, it may not", ui, "Bearer ", 401},
		{"when it is no bearer token, it may not", ui, "Basic " + static, 401},
		{"when the token is another, it may not", ui, "Bearer " + static + "0", 401},
		{"when the token has expired, it may not", ui, "Bearer " + p.token(t, p.key, map[string]any{"exp": time.Now().Add(-time.Minute).Unix()}), 401},
		{"when the token never expires, it may not", ui, "Bearer " + p.token(t, p.key, map[string]any{"exp": nil}), 401},
		{"when the token holds only later, it may not", ui, "Bearer " + p.token(t, p.key, map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}), 401},
		{"when the token is for another audience, it may not", ui, "Bearer " + p.token(t, p.key, map[string]any{"aud": "other"}), 401},
		{"when the token is of another issuer, it may not", ui, "Bearer " + p.token(t, p.key, map[string]any{"iss": "https://login.evil.example.com"}), 401},
		{"when another key signed the token, it may not", ui, "Bearer " + p.token(t, foreign, nil), 401},
		{"when nobody signed the token, it may not", ui, "Bearer " + p.token(t, p.key, map[string]any{"alg": "none"}), 401},
		{"when the page is another, it may not, whoever looks at it", stranger, "Bearer " + static, 403},
		{"when the page is sandboxed, it may not", "null", "Bearer " + static, 403},
		{"when the page only begins like the UI, it may not", ui + ".evil.example.com", "Bearer " + static, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, text := e.call(http.MethodPost, "/decode?preserveStorageRefs=true", c.origin, c.authorization, body)
			if answer.StatusCode != c.status {
				t.Fatalf("answers %d %s", answer.StatusCode, text)
			}
			if readable := strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(`"`+words+`"`))); readable != (c.status == 200) {
				t.Errorf("answers %q", text)
			}
			allowed := answer.Header.Get("Access-Control-Allow-Origin")
			if want := c.origin; (c.status != 403 && allowed != want) || (c.status == 403 && allowed != "") {
				t.Errorf("lets pages of %q read the answer", allowed)
			}
			if answer.Header.Get("Cache-Control") != "no-store" || answer.Header.Get("Vary") != "Origin" {
				t.Errorf("the answer may be kept: %v", answer.Header)
			}
		})
	}
	if log := e.log.String(); !strings.Contains(log, "who=ada") || !strings.Contains(log, "namespace=default") ||
		strings.Contains(log, static) || strings.Contains(log, words) {
		t.Errorf("the log is\n%s", log)
	}
}

func TestPreflight(t *testing.T) {
	file, err := TokenFile(tokenFile(t, strings.Repeat("x", shortest)))
	if err != nil {
		t.Fatal(err)
	}
	e := start(t, false, file)
	answer, _ := e.call(http.MethodOptions, "/decode", ui, "", nil)
	if answer.StatusCode != http.StatusNoContent || answer.Header.Get("Access-Control-Allow-Origin") != ui ||
		answer.Header.Get("Access-Control-Allow-Credentials") != "true" || answer.Header.Get("Access-Control-Allow-Methods") != "POST" {
		t.Errorf("answers the UI %d %v", answer.StatusCode, answer.Header)
	}
	for _, header := range []string{"Authorization", "Content-Type", "X-Namespace", "Authorization-Extras"} {
		if !strings.Contains(answer.Header.Get("Access-Control-Allow-Headers"), header) {
			t.Errorf("the UI may not send %s", header)
		}
	}
	for _, origin := range []string{stranger, "null", ""} {
		answer, _ := e.call(http.MethodOptions, "/decode", origin, "", nil)
		for name := range answer.Header {
			if strings.HasPrefix(name, "Access-Control") {
				t.Errorf("answers %q with %s", origin, name)
			}
		}
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("answers %q with %d", origin, answer.StatusCode)
		}
	}
}

func TestWhatIsServed(t *testing.T) {
	token := strings.Repeat("x", shortest)
	file, err := TokenFile(tokenFile(t, token))
	if err != nil {
		t.Fatal(err)
	}
	only, both := start(t, false, file), start(t, true, file)
	for _, c := range []struct {
		name         string
		at           *endpoint
		method, path string
		body         []byte
		status       int
		says         string
	}{
		{"when encrypting is off, it is refused", only, "POST", "/encode", payloads(t, nil), 403, "--encode"},
		{"when encrypting is on, it encrypts", both, "POST", "/encode", payloads(t, nil), 200, base64.StdEncoding.EncodeToString([]byte("binary/encrypted"))},
		{"when a key is missing, it names it", only, "POST", "/decode", payloads(t, both.keys), 400, `encrypted with key "first.`},
		{"when it is not encrypted, it comes back as it is", only, "POST", "/decode", payloads(t, nil), 200, "data"},
		{"when it is no JSON, it is refused", only, "POST", "/decode", []byte("<xml/>"), 400, ""},
		{"when it is too long, it is refused", only, "POST", "/decode", bytes.Repeat([]byte(" "), bodyLimit+1), 413, ""},
		{"when it is not asked for by POST, there is nothing", only, "GET", "/decode", nil, 404, ""},
		{"when it is another path, there is nothing", only, "POST", "/", nil, 404, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, text := c.at.call(c.method, c.path, ui, "Bearer "+token, c.body)
			if answer.StatusCode != c.status || !strings.Contains(text, c.says) {
				t.Errorf("answers %d %.300s, want %d with %q", answer.StatusCode, text, c.status, c.says)
			}
		})
	}
	var sent commonpb.Payloads
	_, text := both.call("POST", "/encode", ui, "Bearer "+token, payloads(t, nil))
	if err := protojson.Unmarshal([]byte(text), &sent); err != nil {
		t.Fatal(err)
	}
	back, err := sealed.NewCodec(both.keys).Decode(sent.Payloads)
	if err != nil || string(back[0].Data) != `"`+words+`"` {
		t.Errorf("what it encrypts reads %v, %v", back, err)
	}
}

func TestBadConfigurations(t *testing.T) {
	keys := newKeys(t)
	known := fileToken{}
	for _, c := range []struct {
		name   string
		config Config
		says   string
	}{
		{"when there are no keys, it does not start", Config{Tokens: known}, "--encryption-keys"},
		{"when nobody is known, it does not start", Config{Keys: keys, Tokens: Either()}, "--token-file"},
		{"when all pages may ask, it does not start", Config{Keys: keys, Tokens: known, Origins: []string{"*"}}, "without *"},
		{"when all pages of a domain may ask, it does not start", Config{Keys: keys, Tokens: known, Origins: []string{"https://*.example.com"}}, "without *"},
		{"when an origin has a path, it does not start", Config{Keys: keys, Tokens: known, Origins: []string{ui + "/"}}, "without a path"},
		{"when an origin is null, it does not start", Config{Keys: keys, Tokens: known, Origins: []string{"null"}}, "scheme and host"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := NewHandler(c.config); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("says %v, want %q", err, c.says)
			}
		})
	}
	never := func(string) { t.Error("it serves") }
	for _, c := range []struct {
		server Server
		says   string
	}{
		{Server{Listen: "0.0.0.0:0"}, "--tls-cert"},
		{Server{Listen: ":0"}, "--tls-cert"},
		{Server{Listen: "127.0.0.1:0", Cert: "cert.pem"}, "--tls-key"},
		{Server{Listen: "nonsense"}, "--listen"},
		{Server{Listen: "127.0.0.1:0", Cert: "/nowhere", Key: "/nowhere"}, "/nowhere"},
	} {
		c.server.Log = slog.New(slog.DiscardHandler)
		if err := c.server.Run(t.Context(), http.NotFoundHandler(), never); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v says %v, want %q", c.server, err, c.says)
		}
	}
	for _, token := range []string{"", "short", strings.Repeat("x", 16) + " " + strings.Repeat("x", 16)} {
		if _, err := TokenFile(tokenFile(t, token)); err == nil || !strings.Contains(err.Error(), "openssl rand") {
			t.Errorf("a token file with %q says %v", token, err)
		}
	}
	p := newProvider(t)
	for _, c := range []struct{ issuer, audience, says string }{
		{p.URL, "", "--oidc-audience"},
		{"http://login.example.com", audience, "https://"},
		{"", audience, "--oidc-issuer"},
		{p.URL + "/other", audience, "configuration"},
	} {
		if _, err := Issuer(t.Context(), c.issuer, c.audience); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("issuer %q says %v, want %q", c.issuer, err, c.says)
		}
	}
}
