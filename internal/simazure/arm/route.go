package arm

import (
	"net/http"
	"strings"
)

// Route is one operation of the REST API.
type Route struct {
	// Provider is the resource provider's namespace: "Microsoft.Network".
	Provider string
	// Action is the operation as roles name it, without the provider: "privateEndpoints/write". Faults and the call log
	// know the operation by it.
	Action string
	// Free needs no permission: whoever has a token of the tenant may do it.
	Free   bool
	Method string
	Path   string // "/subscriptions/{subscription}/providers/…"; words in braces stand for any text
	Do     func(*Request) (Response, error)
}

// Permission is the action that a role must have: "Microsoft.Network/privateEndpoints/write".
func (rt *Route) Permission() string { return rt.Provider + "/" + rt.Action }

// IsRead reports whether an action only looks.
func IsRead(action string) bool { return strings.HasSuffix(action, "/read") }

// IsDelete reports whether an action deletes.
func IsDelete(action string) bool { return strings.HasSuffix(action, "/delete") }

// match reports whether a path is the route's, and what stands for its words. Paths have no case.
func (rt *Route) match(path string) (map[string]string, bool) {
	want, have := strings.Split(strings.Trim(rt.Path, "/"), "/"), strings.Split(strings.Trim(path, "/"), "/")
	if len(want) != len(have) {
		return nil, false
	}
	params := map[string]string{}
	for i, word := range want {
		switch {
		case strings.HasPrefix(word, "{"):
			if have[i] == "" {
				return nil, false
			}
			params[strings.Trim(word, "{}")] = have[i]
		case !strings.EqualFold(word, have[i]):
			return nil, false
		}
	}
	return params, true
}

// Find is the route of a request, with what stands for its words.
func Find(routes []Route, method, path string) (*Route, map[string]string, error) {
	known := false
	for i := range routes {
		params, ok := routes[i].match(path)
		if !ok {
			continue
		}
		if routes[i].Method == method {
			return &routes[i], params, nil
		}
		known = true
	}
	if known {
		return nil, nil, &Error{Status: http.StatusMethodNotAllowed, Code: "HttpMethodNotSupported", Message: "The HTTP method '" + method + "' is not supported at scope '" + path + "'."}
	}
	return nil, nil, &Error{
		Status: http.StatusNotFound, Code: "InvalidResourceType",
		Message: "The simulated Azure has nothing at '" + path + "'.",
	}
}
