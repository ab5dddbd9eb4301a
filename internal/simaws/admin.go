package simaws

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// routeAdmin adds the paths that AWS does not have, all JSON and for whoever can reach the endpoint:
//
//	GET    /_linkwright/calls      the calls that the log remembers
//	DELETE /_linkwright/calls      empties that log, and the counts
//	GET    /_linkwright/counts     how many calls there were of each kind
//	GET    /_linkwright/resources  what the world file made, by name
//	GET    /_linkwright/faults     the faults in force, and how often each has struck
//	POST   /_linkwright/faults     adds a Fault, or several in a list under "faults"
//	DELETE /_linkwright/faults     takes all faults away, and lets the calls go on that they held
//	GET    /_linkwright/held       the calls that faults hold now
//	GET    /_linkwright/resolve?vpc=ID&name=NAME&type=A  what the VPC's resolver answers
//	GET    /_linkwright/policies   the policies of all users and roles
//	PUT    /_linkwright/policies?principal=ARN      gives a user or role other policies: a list of them, or null for
//	                                                permission to do everything
//	PUT    /_linkwright/trust-policy?principal=ARN  gives a role another trust policy
func (c *Cloud) routeAdmin(mux *http.ServeMux) {
	mux.HandleFunc("GET /_linkwright/calls", func(w http.ResponseWriter, _ *http.Request) { c.writeJSON(w, c.Calls()) })
	mux.HandleFunc("DELETE /_linkwright/calls", func(w http.ResponseWriter, _ *http.Request) {
		c.calls.clear()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /_linkwright/counts", func(w http.ResponseWriter, _ *http.Request) { c.writeJSON(w, c.CallCounts()) })
	mux.HandleFunc("GET /_linkwright/held", func(w http.ResponseWriter, _ *http.Request) { c.writeJSON(w, c.HeldCalls()) })
	mux.HandleFunc("GET /_linkwright/resources", func(w http.ResponseWriter, _ *http.Request) { c.writeJSON(w, c.Resources()) })
	mux.HandleFunc("GET /_linkwright/faults", func(w http.ResponseWriter, _ *http.Request) { c.writeJSON(w, c.Faults()) })
	mux.HandleFunc("POST /_linkwright/faults", func(w http.ResponseWriter, r *http.Request) {
		if err := c.injectFrom(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /_linkwright/faults", func(w http.ResponseWriter, _ *http.Request) {
		c.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /_linkwright/resolve", func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.Query()
		answer, err := c.Resolve(asked.Get("vpc"), asked.Get("name"), cmp.Or(asked.Get("type"), "A"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.writeJSON(w, answer)
	})
	c.routePolicies(mux)
	mux.HandleFunc("/_linkwright/", http.NotFound)
}

// injectFrom reads one fault, or a list of them.
func (c *Cloud) injectFrom(body io.Reader) error {
	data, err := io.ReadAll(body)
	if err != nil {
		return fmt.Errorf("read the faults: %w", err)
	}
	var wanted struct {
		Fault  `yaml:",inline"`
		Faults []Fault `yaml:"faults"`
	}
	if err := decodeStrictly(data, &wanted); err != nil {
		return fmt.Errorf("read the faults: %w", err)
	}
	if wanted.Faults == nil {
		wanted.Faults = []Fault{wanted.Fault}
	}
	_, err = c.Inject(wanted.Faults...)
	return err
}

func (c *Cloud) writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		c.log.Debug("client went away before the answer", "error", err)
	}
}
