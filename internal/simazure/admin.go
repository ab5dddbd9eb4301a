package simazure

import (
	"cmp"
	"fmt"
	"io"
	"net/http"

	"github.com/linkwright/linkwright/internal/simazure/arm"
	"github.com/linkwright/linkwright/internal/simazure/privatedns"
)

// routeAdmin adds the paths that Azure does not have: those of every simulated cloud, and
//
//	GET /_linkwright/resources   what the world file made, by name
//	GET /_linkwright/resolve?vnet=ID&name=NAME&type=A  what Azure's resolver answers in a virtual network
//	GET /_linkwright/ca          the certificate authority that clients must trust, in PEM
//	GET /_linkwright/role-assignments   who may do what
//	PUT /_linkwright/role-assignments?principal=OBJECT-ID  gives a service principal other roles: a list of {role, scope},
//	                             or {actions, notActions, scope}; null gives it those of the world file again
func (c *Cloud) routeAdmin(mux *http.ServeMux) {
	c.RouteAdmin(mux)
	mux.HandleFunc("GET /_linkwright/resources", func(w http.ResponseWriter, _ *http.Request) { c.WriteJSON(w, c.Resources()) })
	mux.HandleFunc("GET /_linkwright/ca", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-pem-file")
		if _, err := w.Write(c.CAPEM()); err != nil {
			c.log.Debug("client went away before the answer", "error", err)
		}
	})
	mux.HandleFunc("GET /_linkwright/resolve", func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.Query()
		answer, err := c.Resolve(asked.Get("vnet"), asked.Get("name"), cmp.Or(asked.Get("type"), "A"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.WriteJSON(w, answer)
	})
	mux.HandleFunc("GET /_linkwright/role-assignments", func(w http.ResponseWriter, _ *http.Request) { c.WriteJSON(w, c.RoleAssignments()) })
	mux.HandleFunc("PUT /_linkwright/role-assignments", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err == nil {
			err = c.assignFrom(r.URL.Query().Get("principal"), body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

// Resolve asks Azure's resolver for a name in a virtual network, as a machine in it would.
func (c *Cloud) Resolve(vnet, name, recordType string) (privatedns.Answer, error) {
	c.parts.world.Lock()
	defer c.parts.world.Unlock()
	c.parts.settle()
	if !c.parts.world.Networks(arm.ID(vnet)) {
		return privatedns.Answer{}, fmt.Errorf("there is no virtual network %q", vnet)
	}
	return c.parts.privatedns.Resolve(arm.ID(vnet), name, recordType), nil
}
