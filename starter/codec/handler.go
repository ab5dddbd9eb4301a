package codec

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"go.temporal.io/sdk/converter"

	"github.com/linkwright/linkwright/internal/sealed"
)

const (
	// bodyLimit is for the payloads of one event: 2 MB is Temporal's limit for each, in base64.
	bodyLimit = 16 << 20
	// Browsers may remember the answer to a preflight for so many seconds.
	preflightAge = "600"
	// What the Temporal UI sends: the namespace that is looked at, and the tokens of the person who looks.
	namespaceHeader = "X-Namespace"
	headers         = "Content-Type, Authorization, Authorization-Extras, " + namespaceHeader
)

// Config says whom to serve, and what.
type Config struct {
	Keys *sealed.Keys
	// Tokens tells who shows a token; there must be one.
	Tokens Authenticator
	// Origins are the web pages that may ask, such as https://temporal.example.com. Programs have no origin.
	Origins []string
	// Encode lets callers encrypt, too, as the UI does when a person sends a signal or an update.
	Encode bool
	// Log receives who has decrypted how much, and who was refused.
	Log *slog.Logger
}

// NewHandler serves /decode and, if so configured, /encode, as Temporal's UI and command line call them.
func NewHandler(c Config) (http.Handler, error) {
	switch {
	case c.Keys == nil:
		return nil, errors.New("a codec endpoint needs a key file: give it with --" + sealed.Flag + " or " + sealed.Variable)
	case c.Tokens == nil:
		return nil, errors.New("a codec endpoint hands out clear text, so it must know who asks: give --token-file, or --oidc-issuer with --oidc-audience")
	}
	for _, origin := range c.Origins {
		if err := checkOrigin(origin); err != nil {
			return nil, err
		}
	}
	return &handler{c, converter.NewPayloadCodecHTTPHandler(sealed.NewCodec(c.Keys))}, nil
}

// checkOrigin makes sure that an origin is written as browsers write it.
func checkOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.Scheme+"://"+u.Host != origin ||
		strings.Contains(origin, "*") || strings.ToLower(origin) != origin {
		return fmt.Errorf("origin %q is not one: it must be scheme and host, such as https://temporal.example.com, without a path and without *", origin)
	}
	return nil
}

type handler struct {
	Config
	payloads http.Handler
}

// ServeHTTP implements [http.Handler]. Who asks comes first: nothing is read from a stranger.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Origin")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if !h.admit(w, r) {
		return
	}
	if r.Method == http.MethodOptions {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	log := h.Log.With("path", r.URL.Path, "namespace", r.Header.Get(namespaceHeader), "from", r.RemoteAddr)
	who, err := h.authenticate(r)
	if err != nil {
		reason := err
		if because := errors.Unwrap(err); because != nil { // what the stranger is not told
			reason = because
		}
		log.Warn("refused", "error", reason)
		w.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	encode := strings.HasSuffix(r.URL.Path, "/encode")
	if encode && !h.Encode {
		http.Error(w, "this endpoint only decrypts; start it with --encode for signals and updates from the UI", http.StatusForbidden)
		return
	}
	if r.ContentLength > bodyLimit {
		http.Error(w, http.StatusText(http.StatusRequestEntityTooLarge), http.StatusRequestEntityTooLarge)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, bodyLimit)
	log.Info("asked", "who", who, "bytes", r.ContentLength)
	h.payloads.ServeHTTP(w, r)
}

// admit answers what browsers ask before they let a page ask: whether the page's origin may.
func (h *handler) admit(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" && r.Method != http.MethodOptions {
		return true // no browser
	}
	if !slices.Contains(h.Origins, origin) {
		h.Log.Warn("refused", "origin", origin, "from", r.RemoteAddr)
		http.Error(w, fmt.Sprintf("pages of origin %q may not ask; name it with --allow-origin", origin), http.StatusForbidden)
		return false
	}
	w.Header().Set("Access-Control-Allow-Origin", origin)
	w.Header().Set("Access-Control-Allow-Credentials", "true")
	if r.Method == http.MethodOptions {
		w.Header().Set("Access-Control-Allow-Methods", http.MethodPost)
		w.Header().Set("Access-Control-Allow-Headers", headers)
		w.Header().Set("Access-Control-Max-Age", preflightAge)
	}
	return true
}

// authenticate tells who asks.
func (h *handler) authenticate(r *http.Request) (who string, err error) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", errNoToken
	}
	return h.Tokens.Authenticate(r.Context(), token)
}

var errNoToken = errors.New("no token: send Authorization: Bearer …; in the Temporal UI, sign in and choose to pass the access token")
