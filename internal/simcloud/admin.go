package simcloud

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// maxFaults bounds the text of the faults that a request brings.
const maxFaults = 4 << 20

// RouteAdmin adds the paths that every simulated cloud has and no real one, all JSON and for whoever can reach the
// endpoint:
//
//	GET    /_linkwright/calls   the calls that the log remembers
//	DELETE /_linkwright/calls   empties that log, and the counts
//	GET    /_linkwright/counts  how many calls there were of each kind
//	GET    /_linkwright/faults  the faults in force, and how often each has struck
//	POST   /_linkwright/faults  adds a Fault, or several in a list under "faults"
//	DELETE /_linkwright/faults  takes all faults away, and lets the calls go on that they held
//	GET    /_linkwright/held    the calls that faults hold now
func (c *Control) RouteAdmin(mux *http.ServeMux) {
	mux.HandleFunc("GET /_linkwright/calls", func(w http.ResponseWriter, _ *http.Request) { c.WriteJSON(w, c.Calls()) })
	mux.HandleFunc("DELETE /_linkwright/calls", func(w http.ResponseWriter, _ *http.Request) {
		c.ForgetCalls()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /_linkwright/counts", func(w http.ResponseWriter, _ *http.Request) { c.WriteJSON(w, c.CallCounts()) })
	mux.HandleFunc("GET /_linkwright/held", func(w http.ResponseWriter, _ *http.Request) { c.WriteJSON(w, c.HeldCalls()) })
	mux.HandleFunc("GET /_linkwright/faults", func(w http.ResponseWriter, _ *http.Request) { c.WriteJSON(w, c.Faults()) })
	mux.HandleFunc("POST /_linkwright/faults", func(w http.ResponseWriter, r *http.Request) {
		if err := c.injectFrom(http.MaxBytesReader(w, r.Body, maxFaults)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /_linkwright/faults", func(w http.ResponseWriter, _ *http.Request) {
		c.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("/_linkwright/", http.NotFound)
}

// injectFrom reads one fault, or a list of them.
func (c *Control) injectFrom(body io.Reader) error {
	data, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("read the faults: %w", err)
	}
	var wanted struct {
		Fault  `yaml:",inline"`
		Faults []Fault `yaml:"faults"`
	}
	if err := DecodeStrictly(data, &wanted); err != nil {
		return fmt.Errorf("read the faults: %w", err)
	}
	if wanted.Faults == nil {
		wanted.Faults = []Fault{wanted.Fault}
	}
	_, err = c.Inject(wanted.Faults...)
	return err
}

// WriteJSON answers a request for one of these paths.
func (c *Control) WriteJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		c.log.Debug("client went away before the answer", "error", err)
	}
}
