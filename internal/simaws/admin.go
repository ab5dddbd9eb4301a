package simaws

import (
	"cmp"
	"net/http"
)

// routeAdmin adds the paths that AWS does not have: those of every simulated cloud, and
//
//	GET  /_linkwright/resources  what the world file made, by name
//	GET  /_linkwright/resolve?vpc=ID&name=NAME&type=A  what the VPC's resolver answers
//	GET  /_linkwright/policies   the policies of all users and roles
//	PUT  /_linkwright/policies?principal=ARN      gives a user or role other policies: a list of them, or null for
//	                                              permission to do everything
//	PUT  /_linkwright/trust-policy?principal=ARN  gives a role another trust policy
func (c *Cloud) routeAdmin(mux *http.ServeMux) {
	c.RouteAdmin(mux)
	mux.HandleFunc("GET /_linkwright/resources", func(w http.ResponseWriter, _ *http.Request) { c.WriteJSON(w, c.Resources()) })
	mux.HandleFunc("GET /_linkwright/resolve", func(w http.ResponseWriter, r *http.Request) {
		asked := r.URL.Query()
		answer, err := c.Resolve(asked.Get("vpc"), asked.Get("name"), cmp.Or(asked.Get("type"), "A"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		c.WriteJSON(w, answer)
	})
	c.routePolicies(mux)
}
