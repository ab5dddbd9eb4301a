package simaws

import (
	"encoding/json"
	"net/http"
)

// routeAdmin adds the paths that AWS does not have, all JSON and for whoever can reach the endpoint:
//
//	GET    /_linkwright/calls      the calls that the log remembers
//	GET    /_linkwright/counts     how many calls there were of each kind
//	GET    /_linkwright/resources  what the world file made, by name
//	POST   /_linkwright/faults     adds a Fault
//	DELETE /_linkwright/faults     takes all faults away, and lets the calls go on that they held
//	GET    /_linkwright/held       the calls that faults hold now
func (c *Cloud) routeAdmin(mux *http.ServeMux) {
	mux.HandleFunc("GET /_linkwright/calls", func(w http.ResponseWriter, _ *http.Request) { c.writeJSON(w, c.Calls()) })
	mux.HandleFunc("GET /_linkwright/counts", func(w http.ResponseWriter, _ *http.Request) { c.writeJSON(w, c.CallCounts()) })
	mux.HandleFunc("GET /_linkwright/held", func(w http.ResponseWriter, _ *http.Request) { c.writeJSON(w, c.HeldCalls()) })
	mux.HandleFunc("GET /_linkwright/resources", func(w http.ResponseWriter, _ *http.Request) { c.writeJSON(w, c.Resources()) })
	mux.HandleFunc("POST /_linkwright/faults", func(w http.ResponseWriter, r *http.Request) {
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		decoder.DisallowUnknownFields()
		var f Fault
		if err := decoder.Decode(&f); err != nil {
			http.Error(w, "the fault cannot be read: "+err.Error(), http.StatusBadRequest)
			return
		}
		c.Inject(f)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("DELETE /_linkwright/faults", func(w http.ResponseWriter, _ *http.Request) {
		c.ClearFaults()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("/_linkwright/", http.NotFound)
}

func (c *Cloud) writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		c.log.Debug("client went away before the answer", "error", err)
	}
}
